# frozen_string_literal: true

# The provider as it would be after the requests of a dry run. Changing requests are answered as RFC 7644 says, and
# not sent. Later reads show their result.
{
  # Answers a request that only reads.
  read_predicted: lambda do |run, state, request|
    resource, id = call('predicted_target', run, request['path'])
    predictions = resource.nil? ? {} : call('predictions_of', state, resource)
    if id.nil?
      answer = call('send_scim', run, request)
      filter = (request['query'] || {})['filter']
      list = answer['body']
      list = call('adjust_list', resource, list, filter, predictions) unless predictions.empty?
      next answer.merge('body' => call('with_memberships', state, list))
    end
    cause = state['unpredictable'][request['path']]
    call('fail_as', 'unsupported', 'dryRunEnds', cause, { 'unpredictable' => true }) unless cause.nil?
    prediction = predictions[id]
    call('fail_absent') if prediction && prediction['after'].nil?
    answer = prediction ? call('predicted_answer', 200, prediction['after']) : call('send_scim', run, request)
    answer.merge('body' => call('with_memberships', state, answer['body']))
  end,

  # A user, or a list of users, with the groups that they would be in.
  with_memberships: lambda do |state, body|
    next body unless body.is_a?(::Hash)

    if body['Resources'].is_a?(::Array)
      next body.merge('Resources' => body['Resources'].map { |one| call('with_memberships', state, one) })
    end
    next body unless body['groups'].is_a?(::Array)

    changed = state['predictions'].values.flat_map(&:to_a).select do |_, one|
      call('member_ids', one['before'] || one['after'])
    end
    left = body['groups'].reject { |group| changed.any? { |id, _| id == call('item_value', group) } }
    joined = changed.select { |_, one| (call('member_ids', one['after'] || {}) || []).include?(body['id'].to_s) }
    body.merge('groups' => left + joined.map { |id, _| { 'value' => id } })
  end,

  # Answers a request that changes something, and records what it changes.
  predict_change: lambda do |run, state, recording, request|
    body = request['body']
    bulk = request['path'] == '/Bulk' && body.is_a?(::Hash) && body['Operations'].is_a?(::Array)
    unless bulk
      call('load_for', run, state, recording, request)
      next call('apply_predicted', run, state, recording, request)
    end
    parts = body['Operations'].grep(::Hash).map do |one|
      at = one['bulkId'].to_s[/\Arow(\d+)\z/, 1].to_i
      [one['bulkId'], call('recording_of_row', recording, at),
       { 'method' => one['method'], 'path' => one['path'].to_s, 'body' => one['data'] }]
    end
    parts.each { |_, row, part| call('load_for', run.merge('deadlineAt' => nil), state, row, part) }
    answers = parts.map do |bulk_id, row, part|
      { 'bulkId' => bulk_id }.merge(call('answer_of_part', run, state, row, part))
    end
    call('predicted_answer', 200, { 'Operations' => answers })
  end,

  # The answer to one operation of a bulk request.
  answer_of_part: lambda do |run, state, recording, request|
    answer = call('apply_predicted', run, state, recording, request)
    id = answer['status'] == 201 ? "/#{call('encode_segment', answer['body']['id'])}" : ''
    { 'method' => request['method'], 'status' => answer['status'].to_s,
      'location' => "#{run['baseUrl']}#{request['path']}#{id}" }
  rescue ::StandardError => e
    details = call('failure_of', e)
    raise if details.empty?

    { 'method' => request['method'], 'status' => (details['status'] || 400).to_s }
  end,

  # Reads what the prediction of a request depends on.
  load_for: lambda do |run, state, recording, request|
    resource, id = call('predicted_target', run, request['path'])
    next if resource.nil? || call('predictions_of', state, resource).key?(id)

    body = request['body']
    if id.nil?
      values = body.is_a?(::Hash) ? call('unique_values', resource, body) : []
      values.each { |one| call('load_owner', run, state, resource, one) }
    else
      call('load_found', run, state, resource, id)
    end
    named = ::JSON.generate(body || '').include?('"members')
    hidden = named && call('hides_members_of?', run, state, resource, id)
    call('note_unknown', recording, call('dry_text', 'membersHidden')) if hidden
  end,

  hides_members_of?: lambda do |run, state, resource, id|
    found = id.nil? ? { 'one' => { 'id' => '' } } : state['found'][[resource['name'], id]]
    !found['one'].nil? && call('hides_members?', run, resource, found['one'])
  end,

  # What the provider has for an ID: the resource, its absence, or why it cannot be read.
  load_found: lambda do |run, state, resource, id|
    state['found'][[resource['name'], id]] ||= begin
      request = { 'method' => 'GET', 'path' => call('resource_path', resource, id), 'attemptsOn500' => 1 }
      one = call('normalize', run, resource, call('send_scim', run, request)['body'])
      call('require_same_id', one, id)
      { 'one' => one }
    rescue ::StandardError => e
      details = call('failure_of', e)
      # A provider may reject reads of some users, and still change them.
      raise unless details['code'] == 'not_found' || call('says_nothing_of_all?', details)

      { details['code'] == 'not_found' ? 'absent' : 'unreadable' => e }
    end
  end,

  # Whether the provider answered, and the answer says nothing about the connection as a whole.
  says_nothing_of_all?: lambda do |details|
    !details.empty? && !%w[auth rate_limited].include?(details['code']) &&
      (!details['status'].nil? || details['code'] == 'provider_fault')
  end,

  # The values of a new resource that the provider requires to be unique (RFC 7643 §2.2).
  unique_values: lambda do |resource, body|
    keys = resource['uniqueKeys'].select { |path| (call('attribute_at', resource, path) || {})['unique'] }
    keys.flat_map do |path|
      values = call('values_at', body, call('json_path_of', resource, path)).grep(::String)
      values.map { |value| { 'path' => path, 'value' => value } }
    end
  end,

  # Who has a unique value: an ID, nobody, or why it cannot be found out.
  load_owner: lambda do |run, state, resource, unique|
    path, value = unique.values_at('path', 'value')
    state['owners'][[resource['name'], path, call('fold_case', value)]] ||= begin
      one = call('find_by_value', run, resource, [path], value)['found'].first
      # A list can still show who was deleted.
      found = one.nil? ? { 'absent' => true } : call('load_found', run, state, resource, one['id'])
      { 'id' => found.key?('absent') ? nil : one['id'] }
    rescue ::StandardError => e
      raise unless call('says_nothing_of_all?', call('failure_of', e))

      { 'error' => e }
    end
  end,

  apply_predicted: lambda do |run, state, recording, request|
    resource, id = call('predicted_target', run, request['path'])
    if !resource.nil? && id.nil? == (request['method'] == 'POST')
      next call('predict_create', run, state, recording, resource, request['body']) if id.nil?

      next call('predict_one', run, state, recording, resource, id, request)
    end
    call('note_unknown', recording, call('dry_text', 'unpredictable', request.slice('method', 'path')))
    call('predicted_answer', 200, nil)
  end,

  predict_create: lambda do |run, state, recording, resource, body|
    given = body.is_a?(::Hash) ? body : {}
    call('unique_values', resource, given).each do |one|
      call('require_free', state, recording, resource, one)
    end
    id = call('new_placeholder', state, resource['name'])
    created = call('normalize', run, resource, call('replaced', resource, {}, given).merge('id' => id))
    call('predictions_of', state, resource)[id] = { 'before' => nil, 'after' => created }
    subject = { 'kind' => 'create', 'resource' => resource['name'], 'id' => id,
                'name' => call('shown_name', resource, created) }
    call('record_changes', run, recording, resource, subject, { 'id' => id }, created)
    call('secrets_in', given, call('secret_attributes', run['definition']['resources'])).each do |path|
      recording['changes'] << subject.merge('path' => path, 'from' => nil, 'to' => '[secret]')
    end
    call('predicted_answer', 201, created)
  end,

  predict_one: lambda do |run, state, recording, resource, id, request|
    target = request.slice('method', 'path')
    prediction = call('predictions_of', state, resource)[id]
    found = prediction.nil? ? state['found'][[resource['name'], id]] : { 'one' => prediction['after'] }
    raise found['absent'] if found['absent']

    call('fail_absent') if found['one'].nil? && !found['unreadable']
    if found['unreadable']
      reason = call('what_happened', found['unreadable'])
      values = target.merge('resource' => resource['title'].downcase, 'reason' => reason)
      next call('give_up', state, recording, target, call('dry_text', 'unreadable', values))
    end

    before = found['one']
    subject = { 'kind' => 'update', 'resource' => resource['name'], 'id' => id,
                'name' => call('shown_name', resource, before) }
    if request['method'] == 'DELETE'
      recording['changes'] << subject.merge('kind' => 'delete', 'path' => nil, 'from' => nil, 'to' => nil)
      call('predictions_of', state, resource)[id] = { 'before' => before, 'after' => nil }
      next call('predicted_answer', 204, nil)
    end
    after = call('changed_by', run, resource, before, request)
    next call('give_up', state, recording, target, call('dry_text', 'notApplicable', target)) if after.nil?

    if prediction && prediction['before'].nil?
      recording['notes'] |= [call('dry_text', 'maybeVersion', { 'method' => request['method'], 'placeholder' => id })]
    end
    if prediction && request['method'] == 'PUT'
      recording['notes'] |= [call('dry_text', 'maybeAdded', request.slice('path'))]
    end
    meta = after['meta']
    if meta.is_a?(::Hash) && meta['version']
      after = after.merge('meta' => meta.merge('version' => call('new_placeholder', state, 'Version')))
    end
    deleted = run['preset']['deletesInactive'] && before['active'] != false && after['active'] == false
    recording['notes'] |= [call('dry_text', 'deactivationDeletes')] if deleted
    call('predictions_of', state, resource)[id] = { 'before' => before, 'after' => deleted ? nil : after }
    call('record_changes', run, recording, resource, subject, before, after)
    call('secrets_in', request['body'], call('secret_attributes', run['definition']['resources'])).each do |path|
      recording['changes'] << subject.merge('path' => path, 'from' => nil, 'to' => '[secret]')
      call('note_unknown', recording, call('dry_text', 'secret', { 'path' => path }))
    end
    deleted ? call('predicted_answer', 204, nil) : call('predicted_answer', 200, after)
  end,

  # What happened, without what to do next.
  what_happened: lambda do |problem|
    details = call('failure_of', problem)
    details['message'].delete_suffix(" #{details['nextStep']}")
  end,

  # The resource after a PATCH or PUT; nil if RFC 7644 has the request rejected.
  changed_by: lambda do |run, resource, before, request|
    body = request['body']
    if request['method'] == 'PUT'
      next nil unless body.is_a?(::Hash)

      replaced = call('replaced', resource, before, body).merge('id' => before['id'])
      next call('normalize', run, resource, replaced)
    end
    operations = call('incoming_operations', resource, body)
    operations && call('normalize', run, resource, call('apply_operations', operations, resource, before))
  rescue ::StandardError => e
    raise unless call('failure_of', e)['code'] == 'invalid_input'

    nil
  end,

  # The operations in the body of a PATCH; nil if it has none, or one that must be rejected.
  incoming_operations: lambda do |resource, body|
    given = body.is_a?(::Hash) ? body['Operations'] : nil
    next nil unless given.is_a?(::Array) && !given.empty? && given.all?(::Hash)

    operations = given.flat_map do |one|
      op = one['op'].to_s.downcase
      path = one['path'].to_s.strip
      next [one.merge('op' => op, 'path' => path)] unless path.empty? && one['value'].is_a?(::Hash)

      # Without a path, the members of the value are the paths. Unknown ones are ignored.
      known = one['value'].reject { |name, _| %w[schemas meta].include?(name) }
                          .select { |name, _| call('attribute_at', resource, name) }
      known.map { |name, value| { 'op' => op, 'path' => name, 'value' => value } }
    end
    rejected = operations.any? do |one|
      attribute = call('attribute_at', resource, one['path']) || {}
      removes = one['op'] == 'remove' || one['value'].nil?
      !%w[add remove replace].include?(one['op']) || attribute['mutability'] == 'readOnly' ||
        (removes && attribute['required'])
    end
    next nil if rejected

    # What a provider never returns is not a part of the resource.
    operations.reject { |one| (call('attribute_at', resource, one['path']) || {})['returned'] == 'never' }
  end,

  # A resource after a PUT: what the body has, and what only the provider sets.
  replaced: lambda do |resource, before, body|
    attribute_of = ->(name) { call('attributes_named', resource, nil, [name])[0] || {} }
    own = before.select { |name, _| attribute_of.call(name)['mutability'] == 'readOnly' }
    given = body.reject do |name, _|
      attribute = attribute_of.call(name)
      attribute['mutability'] == 'readOnly' || attribute['returned'] == 'never'
    end
    given.merge(own)
  end,

  # What follows depends on a state that cannot be known.
  give_up: lambda do |state, recording, target, note|
    state['unpredictable'][target['path']] = target
    call('note_unknown', recording, note)
    call('predicted_answer', 204, nil)
  end,

  require_free: lambda do |state, recording, resource, unique|
    path, value = unique.values_at('path', 'value')
    predictions = call('predictions_of', state, resource)
    owner = state['owners'][[resource['name'], path, call('fold_case', value)]] || {}
    unless owner['error'].nil?
      reason = call('what_happened', owner['error'])
      call('note_unknown', recording, call('dry_text', 'uniquenessUnknown', unique.merge('reason' => reason)))
    end
    keys = call('json_path_of', resource, path)
    kept = !owner['id'].nil? && !predictions.key?(owner['id'])
    taken = predictions.values.any? do |one|
      shown = one['after'].nil? ? [] : call('values_at', one['after'], keys).grep(::String)
      shown.any? { |other| call('fold_case', other) == call('fold_case', value) }
    end
    next unless kept || taken

    call('fail_as', 'conflict', 'conflict', { 'detail' => '' },
         { 'status' => 409, 'scimType' => 'uniqueness', 'attempts' => 1 })
  end,

  fail_absent: lambda do
    call('fail_as', 'not_found', 'resourceNotFound', { 'detail' => '' }, { 'status' => 404, 'attempts' => 1 })
  end,

  predictions_of: lambda do |state, resource|
    state['predictions'][resource['name']] ||= {}
  end,

  new_placeholder: lambda do |state, name|
    "{new#{name}##{state['count'] += 1}}"
  end,

  predicted_answer: lambda do |status, body|
    { 'status' => status, 'headers' => {}, 'body' => body, 'attempts' => 1 }
  end,

  # The resource type that a path is about, and the ID, if it has one.
  predicted_target: lambda do |run, path|
    run['definition']['resources'].each_value do |resource|
      endpoint = resource['endpoint']
      break [resource, nil] if [endpoint, "#{endpoint}/.search"].include?(path)

      rest = path.start_with?("#{endpoint}/") ? path.delete_prefix("#{endpoint}/") : ''
      break [resource, call('last_segment', rest)] unless rest.empty? || rest.include?('/')
    end.then { |found| found.is_a?(::Array) ? found : [nil, nil] }
  end,

  # The username of a user, or the name of a group; nil if the provider does not show it.
  shown_name: lambda do |resource, one|
    path = resource['lookupKeys'].flat_map { |key| key['attributes'] }.find { |name| name != 'id' }
    name = path && call('values_at', one, call('json_path_of', resource, path)).first
    name.is_a?(::String) ? name : nil
  end,

  # A list as it would be after the predicted changes. Resources that would come or go do so only in a list with a
  # filter, which fits on one page: elsewhere, they would shift the pages after it.
  adjust_list: lambda do |resource, body, filter, predictions|
    next body unless body.is_a?(::Hash) && body['Resources'].is_a?(::Array)

    tree = filter && call('parse_filter', filter)
    fits = ->(one) { !tree.nil? && !one.nil? && call('matches?', tree, one, resource, nil) }
    shown = []
    adjusted = body['Resources'].flat_map do |entry|
      id = entry.is_a?(::Hash) ? entry['id'].to_s : ''
      prediction = predictions[id]
      next [entry] if prediction.nil?

      shown << id
      # A provider that ignores the filter lists what did not match before, either.
      fits.call(prediction['before']) && !fits.call(prediction['after']) ? [] : [prediction['after'] || entry]
    end
    newcomers = predictions.reject { |id, one| shown.include?(id) || !fits.call(one['after']) }
    listed = adjusted + newcomers.values.map { |one| one['after'] }
    grown = listed.length - body['Resources'].length
    total = body['totalResults']
    counted = total.to_s.match?(/\A\d+\z/) ? { 'totalResults' => total.to_i + grown } : {}
    body.merge('Resources' => listed).merge(counted)
  end,

  record_changes: lambda do |run, recording, resource, subject, before, after|
    secrets = call('secret_attributes', run['definition']['resources'])
    call('differences_made', resource, before, after).each do |one|
      values = one.slice('from', 'to').transform_values { |value| call('mask_secrets', value, secrets) }
      recording['changes'] << subject.merge(one, values) unless secrets.include?(call('last_name_of', one['path']))
    end
  end,

  # What a change makes of a resource. What providers add by themselves is not a change: read-only attributes, such as
  # the name of a manager, and the parts of items that a request omits.
  differences_made: lambda do |resource, before, after|
    call('differences_of', resource, before, after).flat_map do |one|
      path, from, to = one.values_at('path', 'from', 'to')
      attribute = call('attribute_at', resource, path)
      next [] if (attribute || {})['mutability'] == 'readOnly'

      if from.is_a?(::Array) && to.is_a?(::Array)
        operation = { 'op' => 'replace', 'path' => path, 'value' => to }
        next call('outcome_of', operation, resource, before) == 'holds' ? [] : [one]
      end
      given = call('without_derived', to, attribute)
      given == call('without_derived', from, attribute) ? [] : [one.merge('to' => given)]
    end
  end,

  # A complex value without what follows from the rest of it, such as the name of a manager.
  without_derived: lambda do |value, attribute|
    next value unless value.is_a?(::Hash)

    value.reject do |name, _|
      sub = call('sub_attribute', attribute, name) || {}
      sub['mutability'] == 'readOnly' || %w[$ref display].include?(name)
    end
  end,

  # What differs between two versions of a resource: one difference for each attribute, for each sub-attribute of
  # `name` and other complex attributes, and for each member.
  differences_of: lambda do |resource, before, after|
    ((before.keys | after.keys) - %w[id schemas meta]).flat_map do |name|
      extension = resource['extensions'].include?(name)
      attribute = call('attributes_named', resource, nil, [name])[0] || {}
      from = before[name]
      to = after[name]
      if from == to then []
      elsif name == 'members' then call('differing_members', from, to)
      elsif extension || (attribute['type'] == 'complex' && !attribute['multiValued'])
        call('differing_parts', "#{name}#{extension ? ':' : '.'}", from, to)
      else
        [{ 'path' => name, 'from' => from, 'to' => to }]
      end
    end
  end,

  differing_parts: lambda do |prefix, from, to|
    old, new = [from, to].map { |one| one.is_a?(::Hash) ? one : {} }
    parts = (old.keys | new.keys).reject { |part| old[part] == new[part] }
    parts.map { |part| { 'path' => "#{prefix}#{part}", 'from' => old[part], 'to' => new[part] } }
  end,

  differing_members: lambda do |from, to|
    old, new = [from, to].map do |list|
      items = list.is_a?(::Array) ? list.grep(::Hash).select { |item| item['value'].is_a?(::String) } : []
      items.to_h { |item| [item['value'], item] }
    end
    ((old.keys - new.keys) + (new.keys - old.keys)).map do |value|
      { 'path' => "members[value eq #{::JSON.generate(value)}]", 'from' => old[value], 'to' => new[value] }
    end
  end
}
