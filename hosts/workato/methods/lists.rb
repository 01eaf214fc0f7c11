# frozen_string_literal: true

# Lists and lookups: finding one resource, and reading all pages of a list.
{
  # A list always exists, even if it is empty: 404 means that there is no SCIM service.
  ask_list: lambda do |run, request|
    call('send_scim', run, request)
  rescue ::StandardError => e
    details = call('failure_of', e)
    raise unless details['code'] == 'not_found'

    call('fail_as', 'provider_fault', 'listMissing', {}, details)
  end,

  # `attributes` and `excludedAttributes` as query parameters (RFC 7644 §3.9).
  projection_of: lambda do |input|
    %w[attributes excludedAttributes].each_with_object({}) do |name, query|
      query[name] = input[name].join(',') if input[name].is_a?(::Array) && !input[name].empty?
    end
  end,

  # Finds the one resource of a reference other than by ID; nil if there is none.
  find_referenced: lambda do |run, resource, reference, projection|
    way, value = reference.first
    refused = nil
    named = resource['lookupKeys'].find { |one| one['key'] == way }
    found = named['attributes'].each do |path|
      looked = call('look_up', run, resource, { 'path' => path, 'value' => value }, { 'query' => projection })
      break { 'one' => call('only_one', looked['found'], resource, reference) }
    rescue ::StandardError => e
      details = call('failure_of', e)
      # RFC 7644 Table 9; some providers answer 501 to a filter they do not know.
      raise unless details['scimType'] == 'invalidFilter' || details['code'] == 'unsupported'

      refused = e
    end
    raise refused unless found.is_a?(::Hash)

    found['one']
  end,

  only_one: lambda do |found, resource, reference|
    next found[0] if found.length < 2

    ids = found.first(5).map { |one| one['id'] }.join(', ')
    call('fail_as', 'conflict', 'ambiguous', {
      'count' => found.length, 'resource' => resource['title'].downcase,
      'reference' => call('print_reference', reference), 'ids' => "#{ids}#{found.length > 5 ? ', …' : ''}"
    })
  end,

  print_reference: lambda do |reference|
    reference.map { |way, value| "#{way} \"#{value}\"" }.join(', ')
  end,

  fail_not_found: lambda do |resource, reference|
    call('fail_as', 'not_found', 'notFound',
         { 'resource' => resource['title'].downcase, 'reference' => call('print_reference', reference) })
  end,

  # Requests the resources with a value, and compares the results again. Returns those that match, and how far the
  # provider's clock is ahead of ours, according to its Date.
  look_up: lambda do |run, resource, equality, options|
    all, answer = call('ask_equal', run, resource, equality, options)
    fitting = call('only_fitting', resource, all, [equality])
    shown = fitting.any? { |one| call('fits?', resource, one, [equality]) }
    ignored = !all.empty? && !shown &&
              (fitting.empty? || call('ignores_filters?', run, resource, equality, options))
    if ignored
      values = equality.merge('resource' => resource['title'].downcase)
      call('fail_as', 'provider_fault', 'filterIgnored', values, { 'attempts' => answer['attempts'] })
    end
    answered_at = call('time_in_ms', answer['headers']['date'])
    { 'found' => fitting, 'clockAheadInMs' => answered_at.nil? ? 0 : answered_at - call('now_in_ms') }
  end,

  ask_equal: lambda do |run, resource, equality, options|
    answer = call('ask_list', run, {
      'method' => 'GET',
      'path' => resource['endpoint'],
      'query' => { 'filter' => call('print_equalities', [equality]) }.merge(options['query'] || {}),
      'deadlineAt' => options['deadlineAt']
    })
    list = call('read_list', answer['body'])
    [list['resources'].map { |one| call('normalize', run, resource, one) }, answer]
  end,

  # Whether a value that no resource has finds one. Called if no result shows the attribute: a provider
  # that filters by attributes that it does not return can be trusted, one that returns every resource cannot.
  ignores_filters?: lambda do |run, resource, equality, options|
    nobody = { 'path' => equality['path'], 'value' => "nobody-#{call('now_in_ms')}@rolecall.invalid" }
    all, = call('ask_equal', run, resource, nobody, options)
    !all.empty?
  end,

  # Verifies that a 404 is about the resource, not about the URL, where every resource would look deleted.
  confirm_service: lambda do |run, resource|
    next if run['confirmed'].include?(resource['name'])

    begin
      answer = call('ask_list', run,
                    { 'method' => 'GET', 'path' => resource['endpoint'], 'query' => { 'count' => '1' } })
      call('read_list', answer['body'])
    rescue ::StandardError => e
      # A service that rejects the list with another error exists.
      raise unless %w[forbidden invalid_input unsupported].include?(call('failure_of', e)['code'])
    end
    run['confirmed'] << resource['name']
  end,

  # Reads a resource by its ID; nil if it does not exist.
  read_by_id: lambda do |run, resource, id, projection|
    request = { 'method' => 'GET', 'path' => call('resource_path', resource, id), 'query' => projection }
    call('normalize', run, resource, call('send_scim', run, request)['body'])
  rescue ::StandardError => e
    raise unless call('failure_of', e)['code'] == 'not_found'

    call('confirm_service', run, resource)
    nil
  end,

  must_read: lambda do |run, resource, id|
    call('read_by_id', run, resource, id, {}) || call('fail_not_found', resource, { 'id' => id })
  end
}
