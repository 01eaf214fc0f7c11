# frozen_string_literal: true

# Actions: one method per operation of the manifest. None knows an action by its key.
{
  # The state of one run of a step: the validated connection, and what it learns about the provider.
  open_run: lambda do |given|
    definition = call('definition')
    definition['actions'].each_value { |action| action['fields'] = definition['fields'][action['fields']] }
    connection, auth, profile = call('read_connection', definition, given)
    preset = profile['preset']
    rate = connection['requestsPerMinute']
    burst = [1, ((rate || 0) / 30.0).floor].max
    # The burst is a part of the requests per minute; the rest is spread over the whole minute.
    spacing = rate.nil? ? 0 : 60_000.0 / (rate - burst + 1)
    {
      'definition' => definition, 'connection' => connection, 'baseUrl' => connection['baseUrl'],
      # Access tokens that an error can show.
      'auth' => auth, 'tokens' => [given['access_token']].compact, 'patterns' => {},
      'limiter' => { 'spacingInMs' => spacing, 'burstInMs' => spacing * (burst - 1), 'dueAt' => 0,
                     'pausedUntil' => 0 },
      'shapes' => {}, 'confirmed' => [], 'habits' => {}, 'preset' => preset,
      'noticed' => call('noticed_at_first', definition['resources'].values, preset['changes'])
    }
  end,

  # Validates a connection, and applies its defaults. Returns it with its method.
  read_connection: lambda do |definition, given|
    plain = call('plain', given)
    schema = definition['connection']
    input = call('coerce', definition['schemas'], schema, call('filled', plain, schema))
    auth = call('given_auth', definition, plain)
    problems = call('problems_of', definition['schemas'], schema, input)
    problems += call('auth_shape_problems', definition, auth)
    problems = call('base_url_problems', input) + call('auth_problems', definition, auth, input) if problems.empty?
    unless problems.empty?
      call('fail_with_problems', problems.map { |one| one.merge('path' => "connection.#{one['path']}") })
    end
    profile = call('profile_of', definition, input, auth)
    url = input['baseUrl'].strip
    path = ::URI.parse(url).path.sub(%r{/+\z}, '')
    preset = call('presets_of', definition, schema).merge(profile['defaults'], input)
    [preset.merge('baseUrl' => "#{call('origin_of', url)}#{path}"),
     call('presets_of', definition, definition['auth'][auth['type']]).merge(auth), profile]
  end,

  presets_of: lambda do |definition, schema|
    schema['properties'].transform_values { |one| call('schema_at', definition['schemas'], one)['default'] }.compact
  end,

  base_url_problems: lambda do |input|
    query = ->(uri) { uri.query.nil? && uri.fragment.nil? ? nil : 'hasQuery' }
    name = call('url_problem', input['baseUrl'], 'notAUrl', input, query)
    name.nil? ? [] : [call('problem', 'baseUrl', name)]
  end,

  # Tests the connection: reads the configuration, or, if the provider returns none, a list of one user.
  test_connection: lambda do |connection|
    call('as_job_error', lambda {
      run = call('open_run', connection)
      configuration = call('read_configuration', run)
      next configuration unless configuration.nil?

      resource = run['definition']['resources'].values.first
      answer = call('ask_list', run,
                    { 'method' => 'GET', 'path' => resource['endpoint'], 'query' => { 'count' => '1' } })
      { 'totalResults' => call('read_list', answer['body'])['total'] }
    })
  end,

  # The configuration of the provider; nil if it has none. A response without any of its parts proves nothing: a service
  # that is not SCIM can accept the request, too.
  read_configuration: lambda do |run|
    body = call('send_scim', run, { 'method' => 'GET', 'path' => '/ServiceProviderConfig' })['body']
    parts = %w[patch bulk filter changePassword sort etag authenticationSchemes]
    body if body.is_a?(::Hash) && parts.any? { |name| body.key?(name) }
  rescue ::StandardError => e
    raise unless %w[not_found unsupported forbidden provider_fault].include?(call('failure_of', e)['code'])
  end,

  # Runs an action by its key. No match returns an empty hash, because the output of a step cannot be null. An action
  # that may take longer than one run of its step is given what the last run left, and returns its turn.
  run_action: lambda do |connection, key, input, continue = nil|
    call('as_job_error', lambda {
      run = call('open_run', connection)
      action = run['definition']['actions'][key]
      # One deadline covers one action; in an action of several turns, each part has its own.
      kept = continue.nil? ? nil : call('unsealed', continue)
      kept.nil? ? run['deadlineAt'] = call('deadline_from_now', run) : call('begin_turn', run, kept)
      plain, dry = call('take_dry_run', run, action, input)
      given = call('read_input', run, action, plain)
      turn = if dry then { 'output' => call('dry_run', run, action, given) }
             elsif kept.nil? then { 'output' => call('do_action', run, action, given) || {} }
             else
               call("turn_of_#{action['operation']['type']}", run, action, given, kept)
             end
      turn = turn.merge('output' => call('with_field_names', turn['output'])) if turn.key?('output')
      turn = turn.merge('continue' => call('sealed', turn['continue'])) if turn.key?('continue')
      kept.nil? ? turn['output'] : turn
    })
  end,

  # The input in the format of the action's schema. @raise invalid_input
  read_input: lambda do |run, action, given|
    schemas = run['definition']['schemas']
    schema = call('schema_with_extensions', run, action, given)
    input = call('coerce', schemas, schema, call('without_blanks', action, schema, call('plain', given)))
    input = call('without_empty_groups', schemas, schema, input)
    problems = call('problems_of', schemas, schema, input)
    call('fail_with_problems', problems) unless problems.empty?
    input
  end,

  # A blank setting of a trigger is not given. A condition is checked: without it, the trigger would report every event.
  without_blank_settings: lambda do |trigger, given|
    given.reject { |field, value| trigger['settings'].include?(field) && value.to_s.strip.empty? }
  end,

  # Blank values of attributes are not given: a field of an HR system that is empty must not fail the job, or clear a
  # value. Required values are checked, and so is what selects resources: without a blank condition, a search would find
  # everybody.
  without_blanks: lambda do |action, schema, given|
    next given if !given.is_a?(::Hash) || ['search', nil].include?((action['operation'] || {})['type'])

    fields = action['fields'].select { |field| field['attribute'] || field['kind'] }.to_h { |one| [one['key'], one] }
    given.each_with_object({}) do |(field, value), all|
      name = call('attribute_name', schema['properties'].keys, field)
      next all[field] = value unless fields.key?(name) || name.match?(/\Aurn[:_]/i)

      named = fields.key?(name) && fields[name]['identifies'] && value.is_a?(::Array)
      filled = named ? value.map { |item| call('filled_name', item) } : call('without_blank_parts', value)
      if filled != '' then all[field] = filled
      elsif Array(schema['required']).include?(name) then all[field] = value
      end
    end
  end,

  # An item that names a member, without its blank parts. One that has no others comes from a lookup that found nobody:
  # it is checked, since the list without it would remove a member, or add too few.
  filled_name: lambda do |item|
    filled = call('without_blank_parts', item)
    filled == '' ? item : filled
  end,

  # A value without the blank parts in it; an empty string if it has no others.
  without_blank_parts: lambda do |value|
    case value
    when ::String then value.strip.empty? ? '' : value
    when ::Array
      kept = value.map { |item| call('without_blank_parts', item) } - ['']
      kept.empty? && !value.empty? ? '' : kept
    when ::Hash
      kept = value.transform_values { |item| call('without_blank_parts', item) }.reject { |_, item| item == '' }
      # An email address without an address is omitted, whatever its type.
      lost = value.key?('value') && !kept.key?('value')
      next value if lost && !(kept.keys - %w[type primary display]).empty?

      lost || (kept.empty? && !value.empty?) ? '' : kept
    else value
    end
  end,

  # The schema of the input, with the provider's own extensions that are in it, which the run then knows.
  schema_with_extensions: lambda do |run, action, given|
    schema = call('schema_at', run['definition']['schemas'], action['input'])
    next schema unless action['takesResource'] && given.is_a?(::Hash)

    resource = call('resource_of', run, action)
    known = schema['properties']
    own = given.keys.map(&:to_s).grep(/\Aurn[:_]/i)
               .reject { |name| known.key?(call('attribute_name', known.keys, name)) }
    extensions = own.empty? ? [] : call('own_extensions', run, resource)
    extensions.each do |extension|
      resource['extensions'] |= [extension['id']]
      resource['extensionAttributes'][extension['id']] ||= extension['attributes']
    end
    schema.merge('properties' => known.merge(extensions.to_h { |one| [one['id'], call('schema_of_extension', one)] }))
  end,

  schema_of_extension: lambda do |extension|
    { 'type' => 'object', 'properties' => extension['attributes'].to_h do |attribute|
      type = { 'boolean' => 'boolean', 'integer' => 'integer', 'decimal' => 'number', 'dateTime' => 'string' }
             .fetch(attribute['type'], nil)
      [attribute['name'], type.nil? || attribute['multiValued'] ? {} : { 'type' => type, 'nullable' => true }]
    end }
  end,

  do_action: lambda do |run, action, input|
    call("do_#{action['operation']['type']}", run, action, input)
  end,

  resource_of: lambda do |run, action|
    run['definition']['resources'][action['operation']['resource']]
  end,

  # --- reading

  do_read: lambda do |run, action, input|
    resource = call('resource_of', run, action)
    reference = input[resource['reference']]
    projection = input.slice('attributes', 'excludedAttributes')
    found = reference['id'] ? reference : call('find_referenced', run, resource, reference, projection)
    # Lists show groups without their members, or with some of them.
    whole = reference['id'] || call('wants_members?', resource, projection)
    found = call('read_by_id', run, resource, found['id'], projection) if found && whole
    call('fail_not_found', resource, reference) if found.nil? && action['operation']['onMissing'] == 'fail'
    found
  end,

  wants_members?: lambda do |resource, projection|
    names = ->(list) { list.any? { |name| name.match?(/(\A|:)members(\.|\z)/i) } }
    resource['attributes'].any? { |attribute| attribute['name'] == 'members' } &&
      (projection['attributes'].nil? || names.call(projection['attributes'])) &&
      !names.call(projection['excludedAttributes'] || [])
  end,

  default_of: lambda do |action, key|
    field = action['fields'].find { |one| one['key'] == key }
    field && field['default']
  end,

  # The discovery data of a provider (RFC 7644 §4); missing parts are nil or an empty list.
  do_discover: lambda do |run, _action, _input|
    config, types, schemas = %w[/ServiceProviderConfig /ResourceTypes /Schemas].map do |path|
      call('ask_discovery', run, path)
    end
    call('fail_as', 'unsupported', 'nothingDiscovered') if config.nil? && types.nil? && schemas.nil?
    {
      'serviceProviderConfig' => config.is_a?(::Hash) ? config : nil,
      'resourceTypes' => call('list_of', types), 'schemas' => call('list_of', schemas)
    }
  end,

  ask_discovery: lambda do |run, path|
    call('send_scim', run, { 'method' => 'GET', 'path' => path })['body']
  rescue ::StandardError => e
    raise unless %w[not_found unsupported].include?(call('failure_of', e)['code'])
  end,

  # RFC 7644 §4 defines these as lists; some providers return a bare array.
  list_of: lambda do |body|
    next [] if body.nil?

    (body.is_a?(::Array) ? body : call('read_list', body)['resources']).select { |one| one.is_a?(::Hash) }
  end,

  # Any SCIM request, for everything that no other operation covers.
  do_request: lambda do |run, _action, input|
    answer = call('send_scim', run, {
      'method' => input['method'] || 'GET', 'path' => call('check_path', run, input['path']),
      'query' => call('check_query', input['query'] || {}), 'body' => input['body']
    })
    headers = answer['headers'].reject { |name, _| name == 'set-cookie' }
    { 'status' => answer['status'], 'headers' => headers, 'body' => answer['body'] }
  end,

  # The request contains the token, so the path must stay below the base URL, even if dots are spelled `%2e`.
  check_path: lambda do |run, path|
    kept = []
    path.split('/', -1).drop(1).each do |segment|
      dots = segment.gsub(/%2e/i, '.')
      if dots == '..' then kept.empty? ? (break kept = nil) : kept.pop
      elsif dots != '.' then kept << segment
      end
    end
    base = ::URI.parse(run['baseUrl']).path
    next "/#{kept.join('/')}" if path.start_with?('/') && !kept.nil? && !path.match?(/[?#\\]/) && !base.nil?

    call('fail_with_problems', [call('problem', 'path', 'pathOutside')])
  end,

  check_query: lambda do |query|
    odd = query.reject { |_, value| value.is_a?(::String) || value.is_a?(::Numeric) || [true, false].include?(value) }
    unless odd.empty?
      call('fail_with_problems', odd.keys.map { |name| call('problem', "query.#{name}", 'notAQueryValue') })
    end
    query.transform_values { |value| value.is_a?(::Numeric) ? call('print_number', value) : value.to_s }
  end
}
