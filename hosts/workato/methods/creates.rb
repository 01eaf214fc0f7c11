# frozen_string_literal: true

# Creates: POST of a new resource. It is never retried without a lookup of the previous attempt.
{
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

  # What an existing resource is found by, if it is not the unique value.
  match_of: lambda do |resource, body, key|
    path = ((resource['lookupKeys'].find { |one| one['key'] == key } || {})['attributes'] || [])[0]
    next nil if path.nil? || resource['uniqueKeys'].include?(path)

    value = call('values_at', body, call('json_path_of', resource, path)).first
    next { 'key' => key, 'path' => path, 'value' => value } if value.is_a?(::String) && !value.empty?

    call('fail_with_problems', [call('problem', key, 'matchMissing')])
  end,

  find_match: lambda do |creation|
    resource, match = creation.values_at('resource', 'match')
    searched = call('search_referenced', creation['run'], resource, { match['key'] => match['value'] }, {})
    unproved = searched['one'].nil? && !searched['proved']
    values = match.slice('path', 'value').merge('resource' => resource['title'].downcase)
    # Nothing else would keep a second resource with this value from being created.
    call('fail_as', 'unsupported', 'matchUnproved', values) if unproved
    searched['one']
  end,

  creation_of: lambda do |run, action, input|
    resource = call('resource_of', run, action)
    creation = call('open_creation', run, resource, call('given_attributes', action, resource, input))
    creation.merge('match' => call('match_of', resource, creation['body'], input['matchBy']))
  end,

  open_creation: lambda do |run, resource, given|
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

  # Creates the resource. A group with many members, or with rejected members, is created first and filled afterwards.
  create: lambda do |creation|
    ids = (call('member_ids', creation['body']) || []).uniq
    most = creation['run']['noticed']['membersPerRequest'] || call('chunk_size')
    next call('create_and_fill', creation, ids) if ids.length > most

    begin
      call('confirm_created', creation, call('post', creation, creation['body']), ids)
    rescue ::StandardError => e
      raise e if ids.empty? || call('failure_of', e)['code'] != 'invalid_input'

      call('create_and_fill', creation, ids)
    end
  end,

  create_and_fill: lambda do |creation, ids|
    body = creation['body'].reject { |name, _| name == 'members' }
    call('fill_created', creation, call('post', creation, body), ids)
  end,

  fill_created: lambda do |creation, created, ids|
    run = creation['run']
    resource = creation['resource']
    begin
      call('change_members', run, resource, created['id'], 'add', ids, call('chunk_size'), true)
    rescue ::StandardError => e
      details = call('failure_of', e)
      raise e if details.empty?

      call('fail_as', details['code'], 'createdWithoutMembers', {
        'resource' => resource['title'].downcase, 'id' => created['id'], 'message' => details['message']
      }, details)
    end
    group = call('read_filled', run, resource, created['id'])
    next created.merge('members' => ids.map { |id| { 'value' => id } }) if group.nil?

    shown = !call('hides_members?', run, resource, group) &&
            call('require_members', run, resource, group, 'add', ids)
    shown ? group : group.reject { |name, _| name == 'members' }
  end,

  # The members were added, so that a failed read is no error.
  read_filled: lambda do |run, resource, id|
    call('read_by_id', run, resource, id)
  rescue ::StandardError
    nil
  end,

  # What decides about access: roles, and whether the user is active.
  decisive_operations: lambda do |resource, given|
    call('given_to_operations', given.select { |one| ['active', *resource['roles']].include?(one['path']) })
  end,

  # Compares the created resource with what decides about access, members included.
  confirm_created: lambda do |creation, created, ids|
    run = creation['run']
    resource = creation['resource']
    wanted = call('decisive_operations', resource, creation['given'])
    open = ->(one) { wanted.find { |operation| call('outcome_of', operation, resource, one) == 'open' } }
    lacking = ->(one) { !(call('wrong_members', one, 'add', ids) || []).empty? }
    next created if open.call(created).nil? && !lacking.call(created)

    one = call('read_by_id', run, resource, created['id']) || created
    call('require_done', resource, open.call(one), one)
    lacking.call(one) ? call('fill_created', creation, one, ids) : one
  end,

  # The resource that a creation made, whose response came with others.
  confirm_answer: lambda do |creation, answer|
    created = call('require_new', creation, call('read_created', creation, answer), answer)
    call('confirm_created', creation, created, (call('member_ids', creation['body']) || []).uniq)
  end,

  post: lambda do |creation, body|
    run = creation['run']
    look_up = creation['identity'] && ->(deadline_at) { call('look_for_own', creation, deadline_at) }
    answer = call('send_scim', run, { 'method' => 'POST', 'path' => creation['resource']['endpoint'],
                                      'body' => body, 'lookUp' => look_up })
    call('require_new', creation, call('read_created', creation, answer), answer)
  rescue ::StandardError => e
    details = call('failure_of', e)
    # The lookup ran before the provider completed the lost attempt: its user is now the conflict.
    maybe_own = details['code'] == 'conflict' && (details['attempts'] > 1 || run['maybeSentSince'])
    own = maybe_own ? call('find_created', creation, run) : nil
    raise e if own.nil?

    own
  end,

  # Creates it, unless it exists in the meantime: then `otherwise` handles the existing resource.
  create_or: lambda do |creation, otherwise|
    call('create', creation)
  rescue ::StandardError => e
    existing = call('failure_of', e)['code'] == 'conflict' ? call('find_existing', creation) : nil
    if existing.nil? && creation['match']
      call('fail_if_taken', creation['run'], creation['resource'], nil, creation['given'], e)
    end
    raise e if existing.nil?

    otherwise.call(existing)
  end,

  # The existing resource with the name of the new one.
  find_existing: lambda do |creation|
    next call('find_match', creation) if creation['match']

    path, value = (creation['identity'] || {}).values_at('path', 'value')
    next nil if path.nil?

    found = call('find_by_value', creation['run'], creation['resource'], [path], value)['found']
    next found[0] if found.length < 2

    call('fail_as', 'conflict', 'ambiguousIdentity', creation['identity'].merge('count' => found.length))
  end,

  # Sets the given values that differ; sends nothing if none do.
  update_existing: lambda do |creation, existing|
    resource = creation['resource']
    matched = creation['match'] || creation['identity'] || {}
    given = creation['given'].reject { |one| one['path'] == matched['path'] }
    operations = call('remaining_operations', call('given_to_operations', given), resource, existing)
    next existing if operations.empty?

    call('patch_resource', creation['run'], resource, call('target_of', existing),
         { 'operations' => operations, 'before' => existing })
  end,

  # After a lost response: the resource that this create has created, in place of the response.
  look_for_own: lambda do |creation, deadline_at|
    own = call('find_created', creation, creation['run'].merge('deadlineAt' => deadline_at))
    own && { 'status' => 201, 'headers' => {}, 'body' => own, 'attempts' => 1 }
  end,

  # `Date` has whole seconds, and a response takes some time: a resource can look this much older than its create.
  clock_tolerance: -> { 3_000 },

  # The earliest time, by the clock of the provider, at which a create can have created a resource.
  earliest_creation: lambda do |started, now_there|
    started + now_there - call('now_in_ms') - call('clock_tolerance')
  end,

  # RFC 7644 §3.3 has status 201 for a creation. Some providers answer 200 with the resource that has the unique value
  # already.
  require_new: lambda do |creation, created, answer|
    created_at = call('time_in_ms', (created['meta'] || {})['created'])
    answered_at = call('time_in_ms', answer['headers']['date']) || call('now_in_ms')
    next created if answer['status'] == 201 || created_at.nil?
    next created if created_at >= call('earliest_creation', creation['startedAt'], answered_at)

    values = { 'resource' => creation['resource']['title'].downcase, 'id' => created['id'] }
    call('fail_as', 'conflict', 'createdEarlier', values, { 'status' => answer['status'] })
  end,

  # Finds the resource that this create can have created: it has the same name, and is not older than the first
  # attempt by the provider's clock. Without a reliable creation time, it can be someone else's.
  find_created: lambda do |creation, run|
    resource, identity, started = creation.values_at('resource', 'identity', 'startedAt')
    next nil if identity.nil?

    looked = call('find_by_value', run, resource, [identity['path']], identity['value'])
    now_there = looked['answeredAt'] || call('now_in_ms')
    earliest = call('earliest_creation', started, now_there)
    sent = creation['body']['externalId']
    candidates = looked['found'].select { |one| sent.nil? || [nil, sent].include?(one['externalId']) }
    candidates.find do |one|
      created_at = call('time_in_ms', (one['meta'] || {})['created'])
      # Created after the provider's own time: that time is from a cache.
      unreliable = created_at.nil? || created_at > now_there + call('clock_tolerance')
      call('fail_maybe_created', resource, identity, one) if unreliable
      created_at >= earliest
    end
  end,

  fail_maybe_created: lambda do |resource, identity, one|
    values = { 'resource' => resource['title'].downcase, 'id' => one['id'] }
    call('fail_as', 'conflict', 'createdByOthers', values.merge(identity))
  end,

  # RFC 7644 §3.3 requires the resource in the response; some providers send only its location, or another object.
  # Without both, it is looked up, and must be new: an empty response can be from a proxy that forwarded nothing.
  read_created: lambda do |creation, answer|
    run = creation['run']
    body = answer['body']
    if body.is_a?(::Hash) && ![nil, ''].include?(body['id'])
      next call('require_own', creation, call('normalize', run, creation['resource'], body))
    end

    location = call('redirect_target', run, '', answer).to_s
    id = answer['headers']['location'].to_s.empty? ? '' : call('last_segment', location.sub(/[?#].*/, ''))
    created = id.empty? ? nil : call('read_by_id', run, creation['resource'], id)
    next call('require_own', creation, created) unless created.nil?

    call('find_created', creation, run) || call('fail_as', 'provider_fault', 'creationUnclear')
  end,

  require_own: lambda do |creation, created|
    identity = creation['identity']
    resource = creation['resource']
    next created if identity.nil? || call('fits?', resource, created, [identity]) != false

    values = { 'resource' => resource['title'].downcase, 'id' => created['id'] }
    call('fail_as', 'provider_fault', 'createdOther', values.merge(identity))
  end
}
