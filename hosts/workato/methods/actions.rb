# frozen_string_literal: true

# Actions: one method for each operation of the manifest's language. None knows an action by its key.
{
  # What one run of a step works with: the checked connection, and what it learns of the provider on the way.
  open_run: lambda do |given|
    definition = call('definition')
    definition['actions'].each_value { |action| action['fields'] = definition['fields'][action['fields']] }
    connection = call('read_connection', definition, given)
    rate = connection['requestsPerMinute']
    burst = [1, ((rate || 0) / 30.0).floor].max
    # The burst is a part of the minute's requests, so that the rest of them is spread over the whole minute.
    spacing = rate.nil? ? 0 : 60_000.0 / (rate - burst + 1)
    {
      'definition' => definition, 'connection' => connection, 'baseUrl' => connection['baseUrl'],
      'limiter' => { 'spacingInMs' => spacing, 'burstInMs' => spacing * (burst - 1), 'dueAt' => 0,
                     'pausedUntil' => 0 },
      'shapes' => {}, 'confirmed' => [], 'capabilities' => nil
    }
  end,

  # Checks a connection, and fills in its defaults.
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

  # Whether the connection works: the configuration is read, or, where the provider has none, a list of one user.
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

  # Runs an action by its key; nothing found is an empty hash, since a step has no null.
  run_action: lambda do |connection, key, input, form|
    call('as_job_error', lambda {
      run = call('open_run', connection)
      action = run['definition']['actions'][key]
      call('do_action', run, action, call('read_input', run, action, input, form)) || {}
    })
  end,

  # The input as the action's schema wants it. @raise invalid_input
  read_input: lambda do |run, action, given, form|
    schemas = run['definition']['schemas']
    schema = call('schema_with_extensions', run, action, given, form)
    input = call('coerce', schemas, schema, call('plain', given))
    input = call('without_empty_groups', schemas, schema, input)
    problems = call('problems_of', schemas, schema, input)
    call('fail_with_problems', problems) unless problems.empty?
    input
  end,

  # A provider's own extensions, which the form has read from its /Schemas, come under their URIs; from then on the
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

  # What the form knows of the types in such a group.
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
      # A provider that ignores the filter counts everyone: then only what was read and fits is known.
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

  # What a provider says of itself (RFC 7644 §4); what it does not say is nil, or an empty list.
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

  # RFC 7644 §4 has these as lists; some providers answer a bare array.
  list_of: lambda do |body|
    next [] if body.nil?

    (body.is_a?(::Array) ? body : call('read_list', body)['resources']).select { |one| one.is_a?(::Hash) }
  end,

  # Any SCIM request, for what no other operation does.
  do_request: lambda do |run, _action, input|
    answer = call('send_scim', run, {
      'method' => input['method'] || 'GET', 'path' => call('check_path', run, input['path']),
      'query' => call('check_query', input['query'] || {}), 'body' => input['body']
    })
    headers = answer['headers'].reject { |name, _| name == 'set-cookie' }
    { 'status' => answer['status'], 'headers' => headers, 'body' => answer['body'] }
  end,

  # The token goes with the request, so the path must stay below the base URL: also where dots are spelled `%2e`.
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

  # Finds the resource that an input names; by ID it asks nobody.
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

  # Sends a change, with If-Match when a version is known (RFC 7644 §3.14), and gives the resource as it then is. A
  # version that was only looked up here is looked up again when it is stale: a lost response makes the repeat stale
  # too.
  send_change: lambda do |run, resource, target, change|
    wanted = change['ifVersion']
    # A client may strip what no header can hold, and the change would then be made whatever the version is.
    strippable = wanted&.match?(/[^\x20-\x7e]/)
    call('fail_with_problems', [call('problem', 'ifVersion', 'versionCharacter')]) if strippable
    version = wanted || target['version']
    races = 0
    loop do
      request = change.reject { |name, _| name == 'ifVersion' }
      path = call('resource_path', resource, target['id'])
      answer = call('send_scim', run, request.merge('path' => path, 'ifMatch' => version))
      # RFC 7644 §3.5.2 lets a provider answer 204; then the resource is read.
      break call('must_read', run, resource, target['id']) if answer['body'].nil?

      break call('normalise', run, resource, answer['body'])
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

    # It may be stale because of this very change, whose first answer was lost.
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

  # Those that set or remove leave the same when they are sent twice; `add` may not.
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

  # Several products have been seen to answer 200 to `active: false` and to leave the user active.
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
      # After a lost response it was most likely this step that deleted it.
      { 'id' => target['id'], 'deleted' => true, 'alreadyGone' => details['attempts'] == 1 }
    end
  end,

  # PATCH of a group's members, in chunks. Everyone is found before anything is changed.
  do_members: lambda do |run, action, input|
    resource = call('resource_of', run, action)
    group = call('find_target', run, resource, input)
    ids = call('find_members', run, action, input)
    size = action['operation']['chunkSize']
    path = call('resource_path', resource, group['id'])
    ids.each_slice(size).with_index do |chunk, at|
      operations = call('member_operations', action['operation']['change'], chunk)
      begin
        # Membership is a set: adding who is in it, or removing who is not, changes nothing, so this may be repeated.
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

    # RFC 7644 §3.5.2.2: a "remove" of bare `members` would empty the group, so each one is named in the path.
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

  # POST of a new resource, which is never repeated without a look whether the previous one was done.
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
    # What tells, after a lost response, whether it was done.
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

      call('normalise', run, resource, answer['body'])
    rescue ::StandardError => e
      details = call('failure_of', e)
      # The look came before the provider was done with the attempt that was lost: its user is in our way now.
      maybe_own = details['code'] == 'conflict' && (details['attempts'] > 1 || run['maybeSentSince'])
      own = maybe_own ? call('look_for_own', creation, nil) : nil
      raise e if own.nil?

      own['body']
    end
  end,

  # Creates it, unless someone was faster: then `otherwise` is done with what is there.
  create_or: lambda do |creation, otherwise|
    call('create', creation)
  rescue ::StandardError => e
    existing = call('failure_of', e)['code'] == 'conflict' ? call('find_existing', creation) : nil
    raise e if existing.nil?

    otherwise.call(existing)
  end,

  # What is there under the name that the new one would have.
  find_existing: lambda do |creation|
    identity = creation['identity']
    next nil if identity.nil?

    found = call('look_up', creation['run'], creation['resource'], identity, {})['found']
    next found[0] if found.length < 2

    call('fail_as', 'conflict', 'ambiguousIdentity', identity.merge('count' => found.length))
  end,

  # Sets what was given where it differs; nothing is sent when nothing does.
  update_existing: lambda do |creation, existing|
    identity = creation['identity'] || {}
    given = creation['given'].reject { |one| one['path'] == identity['path'] }
    operations = call('without_no_ops', call('given_to_operations', given), creation['resource'], existing)
    next existing if operations.empty?

    call('send_change', creation['run'], creation['resource'], call('target_of', existing),
         call('patch_change', operations))
  end,

  # Looks for what this creation may have made: it has the same name, and is no older than the first attempt.
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
    # `Date` counts whole seconds, and a response takes a while to come. A provider that does not say when it was
    # created leaves nothing to go by but the name.
    created_at.nil? || created_at >= creation['startedAt'] + clock_ahead - 3_000
  end,

  # RFC 7644 §3.3 wants the resource in the response; some providers only say where it is. Where nothing does, it is
  # looked for, and must be new: an empty answer may be that of a proxy which has sent nothing on.
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
