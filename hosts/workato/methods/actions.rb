# frozen_string_literal: true

# Actions: one method per operation of the manifest. None knows an action by its key.
{
  # The state of one run of a step: the validated connection, and what it learns about the provider.
  open_run: lambda do |given|
    definition = call('definition')
    definition['actions'].each_value { |action| action['fields'] = definition['fields'][action['fields']] }
    connection = call('read_connection', definition, given)
    rate = connection['requestsPerMinute']
    burst = [1, ((rate || 0) / 30.0).floor].max
    # The burst is a part of the requests per minute; the rest is spread over the whole minute.
    spacing = rate.nil? ? 0 : 60_000.0 / (rate - burst + 1)
    {
      'definition' => definition, 'connection' => connection, 'baseUrl' => connection['baseUrl'],
      'limiter' => { 'spacingInMs' => spacing, 'burstInMs' => spacing * (burst - 1), 'dueAt' => 0,
                     'pausedUntil' => 0 },
      'shapes' => {}, 'confirmed' => [], 'capabilities' => nil
    }
  end,

  # Validates a connection, and applies its defaults.
  read_connection: lambda do |definition, given|
    schema = definition['connection']
    schemas = definition['schemas']
    input = call('plain', given).slice(*schema['properties'].keys).reject { |_, value| value.nil? || value == '' }
    input = call('coerce', schemas, schema, input)
    problems = call('problems_of', schemas, schema, input)
    problems += call('base_url_problems', input) if problems.empty?
    unprintable = problems.empty? && input['token'].match?(/[^\x21-\x7e]/)
    problems << call('problem', 'token', 'tokenCharacter') if unprintable
    unless problems.empty?
      call('fail_with_problems', problems.map { |one| one.merge('path' => "connection.#{one['path']}") })
    end
    presets = schema['properties'].transform_values { |one| call('schema_at', schemas, one)['default'] }.compact
    url = input['baseUrl'].strip
    path = ::URI.parse(url).path.sub(%r{/+\z}, '')
    presets.merge(input).merge('baseUrl' => "#{call('origin_of', url)}#{path}")
  end,

  base_url_problems: lambda do |input|
    refuse = ->(name) { [call('problem', 'baseUrl', name)] }
    no_url = refuse.call('notAUrl')
    begin
      uri = ::URI.parse(input['baseUrl'].strip)
    rescue ::StandardError
      uri = nil
    end
    next no_url if uri.nil? || uri.scheme.nil?
    next refuse.call('notHttps') unless %w[http https].include?(uri.scheme.downcase)
    next no_url if uri.host.to_s.empty?
    next refuse.call('hasCredentials') unless uri.userinfo.nil?
    next refuse.call('hasQuery') unless uri.query.nil? && uri.fragment.nil?

    loopback = uri.host.match?(/\A(localhost|\[::1\]|127(\.\d{1,3}){3})\z/i)
    next [] if uri.scheme.casecmp('https').zero? || loopback || input['allowPlainHttp'] == true

    refuse.call('plainHttp')
  end,

  # Tests the connection: reads the configuration, or, if the provider has none, a list of one user.
  test_connection: lambda do |connection|
    call('as_job_error', lambda {
      run = call('open_run', connection)
      begin
        call('send_scim', run, { 'method' => 'GET', 'path' => '/ServiceProviderConfig' })['body'] || {}
      rescue ::StandardError => e
        raise unless %w[not_found unsupported forbidden provider_fault].include?(call('failure_of', e)['code'])

        resource = run['definition']['resources'].values.first
        answer = call('ask_list', run,
                      { 'method' => 'GET', 'path' => resource['endpoint'], 'query' => { 'count' => '1' } })
        { 'totalResults' => call('read_list', answer['body'])['total'] }
      end
    })
  end,

  # Runs an action by its key. No match returns an empty hash, because the output of a step cannot be null.
  run_action: lambda do |connection, key, input, form|
    call('as_job_error', lambda {
      run = call('open_run', connection)
      action = run['definition']['actions'][key]
      call('do_action', run, action, call('read_input', run, action, input, form)) || {}
    })
  end,

  # The input in the format of the action's schema. @raise invalid_input
  read_input: lambda do |run, action, given, form|
    schemas = run['definition']['schemas']
    schema = call('schema_with_extensions', run, action, given, form)
    input = call('coerce', schemas, schema, call('plain', given))
    input = call('without_empty_groups', schemas, schema, input)
    problems = call('problems_of', schemas, schema, input)
    call('fail_with_problems', problems) unless problems.empty?
    input
  end,

  # A provider's own extensions, which the form has read from its /Schemas, are under their URIs; from then on the
  # run knows them.
  schema_with_extensions: lambda do |run, action, given, form|
    schema = call('schema_at', run['definition']['schemas'], action['input'])
    next schema unless action['takesResource'] && given.is_a?(::Hash)

    resource = call('resource_of', run, action)

    known = schema['properties']
    own = given.keys.map(&:to_s).select { |name| name.match?(/\Aurn:/i) && !known.key?(name) }
    resource['extensions'] |= own
    own.each { |id| resource['extensionAttributes'][id] ||= [] }
    schema.merge('properties' => known.merge(own.to_h { |id| [id, call('schema_of_group', form, id)] }))
  end,

  # The types in such a group, as the form has them.
  schema_of_group: lambda do |form, id|
    group = (form || []).find { |field| field['name'] == id } || {}
    types = { 'boolean' => 'boolean', 'integer' => 'integer', 'number' => 'number', 'date_time' => 'string' }
    properties = (group['properties'] || []).to_h do |field|
      type = types[field['type'].to_s]
      [field['name'], type.nil? ? {} : { 'type' => type, 'nullable' => true }]
    end
    { 'type' => 'object', 'properties' => properties }
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
    projection = call('projection_of', input)
    found = if reference.key?('id')
              call('read_by_id', run, resource, reference['id'], projection)
            else
              call('find_referenced', run, resource, reference, projection)
            end
    call('fail_not_found', resource, reference) if found.nil? && action['operation']['onMissing'] == 'fail'
    found
  end,

  do_search: lambda do |run, action, input|
    resource = call('resource_of', run, action)
    equalities = action['fields'].select { |field| field['attribute'] && input.key?(field['key']) }
                                 .map { |field| { 'path' => field['attribute'], 'value' => input[field['key']] } }
    limit = input['limit'] || call('default_of', action, 'limit')
    size = input['pageSize'] || call('default_of', action, 'pageSize') || 100
    query = {
      'filter' => call('search_filter', equalities, input['filter']), 'sortBy' => input['sortBy'],
      'sortOrder' => input['sortOrder'], 'attributes' => input['attributes'],
      'excludedAttributes' => input['excludedAttributes'], 'count' => [size, limit].compact.min
    }
    found = []
    unfit = 0
    total = 0
    truncated = false
    call('read_pages', run, resource, query, lambda { |page|
      fitting = call('only_fitting', resource, page['resources'], equalities)
      unfit += page['resources'].length - fitting.length
      taken = limit.nil? ? fitting : fitting.first(limit - found.length)
      found.concat(taken)
      truncated = found.length == limit && (taken.length < fitting.length || !page['last'])
      # A provider that ignores the filter counts every resource: then only the matching results are known.
      total = unfit.positive? ? found.length : page['total']
      truncated
    })
    { 'totalResults' => total, 'truncated' => truncated, 'resources' => found }
  end,

  default_of: lambda do |action, key|
    field = action['fields'].find { |one| one['key'] == key }
    field && field['default']
  end,

  search_filter: lambda do |equalities, raw|
    printed = equalities.empty? ? nil : call('print_equalities', equalities)
    next printed if raw.nil?

    begin
      call('parse_filter', raw)
    rescue ::ArgumentError => e
      example = call('text_of', 'problems', 'searchExample')
      call('fail_with_problems',
           [call('problem', 'filter', 'notAFilter', { 'reason' => e.message, 'example' => example })])
    end
    printed.nil? ? raw : "#{printed} and (#{raw})"
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
  end,

  # --- changing one resource

  # Finds the resource of a reference. A reference by ID needs no request.
  find_target: lambda do |run, resource, input|
    reference = input[resource['reference']]
    call('find_target_or_none', run, resource, reference) || call('fail_not_found', resource, reference)
  end,

  find_target_or_none: lambda do |run, resource, reference|
    next { 'id' => reference['id'] } if reference.key?('id')

    found = call('find_referenced', run, resource, reference, {})
    found && call('target_of', found)
  end,

  target_of: lambda do |found|
    { 'id' => found['id'], 'version' => (found['meta'] || {})['version'] }
  end,

  # Sends a change, with If-Match if a version is known (RFC 7644 §3.14), and returns the changed resource. A
  # version that was looked up here is looked up again if it is stale: after a lost response, the retry is stale,
  # too.
  send_change: lambda do |run, resource, target, change|
    wanted = change['ifVersion']
    # A client can strip characters that are invalid in a header, and the change would then ignore the version.
    strippable = wanted&.match?(/[^\x20-\x7e]/)
    call('fail_with_problems', [call('problem', 'ifVersion', 'versionCharacter')]) if strippable
    version = wanted || target['version']
    races = 0
    loop do
      request = change.reject { |name, _| name == 'ifVersion' }
      path = call('resource_path', resource, target['id'])
      answer = call('send_scim', run, request.merge('path' => path, 'ifMatch' => version))
      # RFC 7644 §3.5.2 allows a 204; then the resource is read.
      break call('must_read', run, resource, target['id']) if answer['body'].nil?

      break call('normalize', run, resource, answer['body'])
    rescue ::StandardError => e
      details = call('failure_of', e)
      call('confirm_service', run, resource) if details['code'] == 'not_found'
      raise e unless details['code'] == 'precondition_failed'

      call('fail_on_version', details, e) unless wanted.nil?
      call('fail_on_races', details) if races == 3
      races += 1
      version = call('target_of', call('must_read', run, resource, target['id']))['version']
    end
  end,

  fail_on_version: lambda do |details, problem|
    raise problem unless details['attempts'] > 1

    # It can be stale because of this change, whose first response was lost.
    text = call('error_text', 'versionChangedByRequest')
    next_step = "#{text['nextStep']} #{call('text_of', 'parts', 'unknownOutcome')}"
    call('fail_with', 'precondition_failed', details.merge(text, 'nextStep' => next_step))
  end,

  fail_on_races: lambda do |details|
    call('fail_as', 'conflict', 'lostRace', {}, details)
  end,

  do_patch: lambda do |run, action, input|
    resource = call('resource_of', run, action)
    change = call('patch_change', call('patch_operations', run, action, input))
    target = call('find_target', run, resource, input)
    changed = call('send_change', run, resource, target, change.merge('ifVersion' => input['ifVersion']))
    call('verify', resource, action, changed)
    changed
  end,

  # Operations that set or remove are idempotent; `add` is not always.
  patch_change: lambda do |operations|
    {
      'method' => 'PATCH', 'body' => call('patch_body', operations),
      'repeatable' => operations.none? { |one| one['op'] == 'add' }
    }
  end,

  patch_body: lambda do |operations|
    { 'schemas' => ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], 'Operations' => operations }
  end,

  patch_operations: lambda do |run, action, input|
    templates = action['operation']['operations']
    unless templates == 'given'
      presets = action['fields'].select { |field| field.key?('default') }
                                .to_h { |field| [field['key'], field['default']] }
      next call('fill_template', templates, action['operation']['maps'] || {}, presets.merge(input))
    end
    given = call('given_attributes', action, call('resource_of', run, action), input)
    changes = call('given_to_operations', given)
    call('fail_with_problems', [call('problem', '', 'nothingToChange')]) if changes.empty?
    changes
  end,

  # Several products return 200 for `active: false` and leave the user active.
  verify: lambda do |resource, action, changed|
    (action['operation']['verify'] || {}).each do |path, wanted|
      values = call('values_at', changed, call('json_path_of', resource, path))
      next if values.empty? || values == [wanted]

      call('fail_as', 'provider_fault', 'notApplied', { 'path' => path, 'value' => ::JSON.generate(values[0]) })
    end
  end,

  do_replace: lambda do |run, action, input|
    resource = call('resource_of', run, action)
    target = call('find_target', run, resource, input)
    body = call('to_resource', resource, call('given_attributes', action, resource, input))
    call('send_change', run, resource, target,
         { 'method' => 'PUT', 'body' => body.merge('id' => target['id']), 'ifVersion' => input['ifVersion'] })
  end,

  do_delete: lambda do |run, action, input|
    resource = call('resource_of', run, action)
    target = call('find_target_or_none', run, resource, input[resource['reference']])
    next { 'id' => nil, 'deleted' => true, 'alreadyGone' => true } if target.nil?

    begin
      call('send_scim', run, { 'method' => 'DELETE', 'path' => call('resource_path', resource, target['id']) })
      { 'id' => target['id'], 'deleted' => true, 'alreadyGone' => false }
    rescue ::StandardError => e
      details = call('failure_of', e)
      raise unless details['code'] == 'not_found'

      call('confirm_service', run, resource)
      # After a lost response, this step most likely deleted it.
      { 'id' => target['id'], 'deleted' => true, 'alreadyGone' => details['attempts'] == 1 }
    end
  end,

  # PATCH of a group's members, in chunks. All members are looked up before the first change.
  do_members: lambda do |run, action, input|
    resource = call('resource_of', run, action)
    group = call('find_target', run, resource, input)
    ids = call('find_members', run, action, input)
    size = action['operation']['chunkSize']
    path = call('resource_path', resource, group['id'])
    ids.each_slice(size).with_index do |chunk, at|
      operations = call('member_operations', action['operation']['change'], chunk)
      begin
        # Membership is a set: adding a member or removing a non-member changes nothing, so this is safe to retry.
        call('send_scim', run, { 'method' => 'PATCH', 'path' => path, 'body' => call('patch_body', operations),
                                 'repeatable' => true })
      rescue ::StandardError => e
        details = call('failure_of', e)
        raise if at.zero? || details.empty?

        values = { 'done' => at * size, 'total' => ids.length, 'message' => details['message'] }
        call('fail_as', details['code'], 'membersPartlyDone', values, details)
      end
    end
    { 'id' => group['id'], 'members' => ids.map { |id| { 'value' => id } },
      'requests' => (ids.length / size.to_f).ceil }
  end,

  member_operations: lambda do |change, ids|
    next [{ 'op' => 'add', 'path' => 'members', 'value' => ids.map { |id| { 'value' => id } } }] if change == 'add'

    # RFC 7644 §3.5.2.2: a "remove" of `members` without a filter would empty the group, so the path names each member.
    ids.map { |id| { 'op' => 'remove', 'path' => "members[value eq #{::JSON.generate(id)}]" } }
  end,

  find_members: lambda do |run, action, input|
    field = action['fields'].find { |one| one['kind'] == 'references' }
    resource = run['definition']['resources'][field['resource']]
    references = input[field['key']]
    targets = references.map { |reference| call('find_target_or_none', run, resource, reference) }
    missing = references.each_index.select { |at| targets[at].nil? }.map { |at| references[at] }
    unless missing.empty?
      names = missing.first(10).map { |reference| call('print_reference', reference) }
      count = { 'count' => missing.length }
      in_all = missing.length > names.length ? call('text_of', 'parts', 'inAll', count) : ''
      references = "#{names.join(call('text_of', 'parts', 'orReference'))}#{in_all}"
      call('fail_as', 'not_found', 'membersNotFound',
           { 'resource' => resource['title'].downcase, 'references' => references })
    end
    targets.map { |target| target['id'] }.uniq
  end,

  # --- creating

  # POST of a new resource. It is never retried without a lookup of the previous attempt.
  do_create: lambda do |run, action, input|
    creation = call('creation_of', run, action, input)
    case action['operation']['onConflict']
    when 'return'
      call('find_existing', creation) || call('create_or', creation, ->(existing) { existing })
    when 'update'
      update = ->(existing) { call('update_existing', creation, existing) }
      existing = call('find_existing', creation)
      existing.nil? ? call('create_or', creation, update) : update.call(existing)
    else call('create', creation)
    end
  end,

  creation_of: lambda do |run, action, input|
    resource = call('resource_of', run, action)
    given = call('given_attributes', action, resource, input)
    body = call('to_resource', resource, given)
    # The data to find out, after a lost response, whether it was processed.
    identity = resource['uniqueKeys'].map do |path|
      { 'path' => path, 'value' => call('values_at', body, call('json_path_of', resource, path)).first }
    end
    identity = identity.find { |one| one['value'].is_a?(::String) }
    started = run['maybeSentSince'] || call('now_in_ms')
    { 'run' => run, 'resource' => resource, 'given' => given, 'body' => body, 'identity' => identity,
      'startedAt' => started }
  end,

  create: lambda do |creation|
    run = creation['run']
    resource = creation['resource']
    look_up = creation['identity'] && ->(deadline_at) { call('look_for_own', creation, deadline_at) }
    begin
      answer = call('send_scim', run, { 'method' => 'POST', 'path' => resource['endpoint'],
                                        'body' => creation['body'], 'lookUp' => look_up })
      next call('read_created', creation, answer) if answer['body'].nil?

      call('normalize', run, resource, answer['body'])
    rescue ::StandardError => e
      details = call('failure_of', e)
      # The lookup ran before the provider completed the lost attempt: its user is now the conflict.
      maybe_own = details['code'] == 'conflict' && (details['attempts'] > 1 || run['maybeSentSince'])
      own = maybe_own ? call('look_for_own', creation, nil) : nil
      raise e if own.nil?

      own['body']
    end
  end,

  # Creates it, unless it exists in the meantime: then `otherwise` handles the existing resource.
  create_or: lambda do |creation, otherwise|
    call('create', creation)
  rescue ::StandardError => e
    existing = call('failure_of', e)['code'] == 'conflict' ? call('find_existing', creation) : nil
    raise e if existing.nil?

    otherwise.call(existing)
  end,

  # The existing resource with the name of the new one.
  find_existing: lambda do |creation|
    identity = creation['identity']
    next nil if identity.nil?

    found = call('look_up', creation['run'], creation['resource'], identity, {})['found']
    next found[0] if found.length < 2

    call('fail_as', 'conflict', 'ambiguousIdentity', identity.merge('count' => found.length))
  end,

  # Sets the given values that differ; sends nothing if none do.
  update_existing: lambda do |creation, existing|
    identity = creation['identity'] || {}
    given = creation['given'].reject { |one| one['path'] == identity['path'] }
    operations = call('without_no_ops', call('given_to_operations', given), creation['resource'], existing)
    next existing if operations.empty?

    call('send_change', creation['run'], creation['resource'], call('target_of', existing),
         call('patch_change', operations))
  end,

  # Finds the resource that this create can have created: it has the same name, and is not older than the first attempt.
  look_for_own: lambda do |creation, deadline_at|
    next nil if creation['identity'].nil?

    looked = call('look_up', creation['run'], creation['resource'], creation['identity'],
                  { 'deadlineAt' => deadline_at })
    own = looked['found'].find { |one| call('own?', creation, one, looked['clockAheadInMs']) }
    own && { 'status' => 201, 'headers' => {}, 'body' => own, 'attempts' => 1 }
  end,

  own?: lambda do |creation, one, clock_ahead|
    sent = creation['body']['externalId']
    next false if !sent.nil? && !one['externalId'].nil? && one['externalId'] != sent

    created_at = call('time_in_ms', (one['meta'] || {})['created'])
    # `Date` has whole seconds, and a response takes some time. Without a creation
    # time, the name is the only evidence.
    created_at.nil? || created_at >= creation['startedAt'] + clock_ahead - 3_000
  end,

  # RFC 7644 §3.3 requires the resource in the response; some providers send only its location. Without both, it is
  # looked up, and must be new: an empty response can be from a proxy that forwarded nothing.
  read_created: lambda do |creation, answer|
    run = creation['run']
    location = call('redirect_target', run, '', answer).to_s
    id = answer['headers']['location'].to_s.empty? ? '' : call('last_segment', location.sub(/[?#].*/, ''))
    created = id.empty? ? nil : call('read_by_id', run, creation['resource'], id, {})
    next created unless created.nil?

    own = call('look_for_own', creation, nil)
    next own['body'] unless own.nil?

    call('fail_as', 'provider_fault', 'creationUnclear')
  end
}
