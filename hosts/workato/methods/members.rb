# frozen_string_literal: true

# Members of groups. Membership is a set: adding a member, or removing a non-member, changes nothing.
{
  # PATCH of a group's members, in chunks. All members are looked up before the first change.
  do_members: lambda do |run, action, input|
    resource = call('resource_of', run, action)
    size, kind = action['operation'].values_at('chunkSize', 'change')
    call('require_members_given', action, input) if kind == 'set'
    group = call('find_target', run, resource, input)
    ids = call('find_members', run, action, input)
    next call('set_exactly', run, resource, group['id'], ids, size) if kind == 'set'

    requests = call('change_members', run, resource, group['id'], kind, ids, size)
    { 'id' => group['id'], 'members' => ids.map { |id| { 'value' => id } }, 'requests' => requests }
  end,

  # An empty list is most often the result of a lookup that failed, so that it removes everybody only if that is allowed.
  require_members_given: lambda do |action, input|
    key = call('members_field', action)['key']
    next if !(input[key] || []).empty? || input['allowEmpty'] == true

    call('fail_with_problems', [call('problem', key, 'noMembers')])
  end,

  members_field: lambda do |action|
    action['fields'].find { |one| one['kind'] == 'references' }
  end,

  # Adds and removes members until a group has exactly the given ones. Additions come first, so that no one loses access
  # who keeps it. A group whose members are not shown, or perhaps not all of them, is not changed.
  set_exactly: lambda do |run, resource, group_id, ids, chunk_size|
    group, whole = call('read_members', run, resource, group_id, 'membersNotComparable')
    held = call('by_folded_id', call('member_ids', group))
    call('fail_as', 'unsupported', 'membersMaybeCut', { 'count' => held.length }) unless whole
    wanted = call('by_folded_id', ids)
    added = wanted.reject { |folded, _| held.key?(folded) }.values
    removed = held.reject { |folded, _| wanted.key?(folded) }.values
    requests = call('change_members', run, resource, group_id, 'add', added, chunk_size, true) +
               call('change_members', run, resource, group_id, 'remove', removed, chunk_size, true)
    # Some providers replace all members by the added ones.
    call('confirm_members', run, resource, group_id, wanted.values, removed) if requests.positive?
    { 'id' => group_id, 'added' => added.map { |id| { 'value' => id } },
      'removed' => removed.map { |id| { 'value' => id } },
      'unchanged' => held.length - removed.length, 'requests' => requests }
  end,

  confirm_members: lambda do |run, resource, group_id, wanted, removed|
    current = call('must_read', run, resource, group_id)
    call('require_members', run, resource, current, 'add', wanted)
    call('require_members', run, resource, current, 'remove', removed)
  end,

  # IDs by their folded form: some providers show them in another case.
  by_folded_id: lambda do |ids|
    (ids || []).to_h { |id| [call('fold_case', id), id] }
  end,

  find_members: lambda do |run, action, input|
    field = call('members_field', action)
    resource = run['definition']['resources'][field['resource']]
    references = input[field['key']] || []
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

  # The default for the largest number of members in one request.
  chunk_size: -> { 100 },

  # Adds members to a group or removes them (`kind` is 'add' or 'remove'), in chunks, and returns the number of
  # requests. If the provider rejects a chunk, the group is read, and members for whom the change already holds are
  # omitted. Then the chunk is halved, down to one member per request. `read_later`: the caller reads the group
  # afterwards, so that a response that shows nothing needs no proof here. `kept`: the IDs of those who were members
  # before, and must stay; `on_lost` is given the error if they do not.
  change_members: lambda do |run, resource, group_id, kind, ids, chunk_size = call('chunk_size'), read_later = false,
                             kept = [], on_lost = nil|
    noticed = run['noticed']
    changing = { 'run' => run, 'resource' => resource, 'groupId' => group_id, 'kind' => kind, 'pending' => ids,
                 'unproved' => [], 'confirmed' => [], 'total' => ids.length, 'read' => false,
                 'lasting' => kept.dup, 'onLost' => on_lost,
                 'byPut' => kind == 'remove' && noticed['rejectsFilterPaths'] }
    requests = 0
    until changing['pending'].empty?
      requests += 1
      if changing['byPut'] || call('without_patch?', run, resource)
        group = call('put_patched', run, resource, { 'id' => group_id },
                     { 'operations' => call('member_operations', kind, changing['pending']) })
        # Without PATCH, only members that are shown can be removed.
        hidden = kind == 'remove' && call('hides_members?', run, resource, group)
        call('fail_as', 'unsupported', 'membersHidden') if hidden
        break
      end
      chunk = changing['pending'].first([chunk_size, noticed['membersPerRequest']].compact.min)
      call('send_members', changing, chunk)
    end
    unproved, confirmed = changing.values_at('unproved', 'confirmed')
    call('confirm_change_of_members', changing) if unproved.any? || (confirmed.any? && !read_later)
    requests
  end,

  # Reads the group, and compares it with what was changed. A group can show its members from before for a moment.
  confirm_change_of_members: lambda do |changing|
    run, resource, kind, unproved = changing.values_at('run', 'resource', 'kind', 'unproved')
    next if unproved.empty? && kind == 'add' && run['noticed']['hidesMembers']

    ids = unproved + changing['confirmed']
    read = ->(before) { call('read_changed_group', changing, before) }
    group = call('read_until', read, lambda { |shown|
      unproved.any? || shown.nil? || (call('wrong_members', shown, kind, ids) || (kind == 'add' ? ids : [])).empty?
    })
    next if group.nil?

    call('require_lasting', changing, group) if call('require_members', run, resource, group, kind, ids)
  end,

  # Requires that a group, which shows its members, still has those who must stay: some providers replace all members by
  # those of one request.
  require_lasting: lambda do |changing, group|
    lost = call('lost_members', changing, group)
    call('fail_as', 'provider_fault', 'membersLost', { 'ids' => call('list_some', lost) }) unless lost.empty?
  rescue ::StandardError => e
    raise if changing['onLost'].nil? || call('failure_of', e).empty?

    changing['onLost'].call(e)
  end,

  lost_members: lambda do |changing, group|
    run, resource, lasting = changing.values_at('run', 'resource', 'lasting')
    lost = call('wrong_members', group, 'add', lasting) || []
    lost.empty? || call('can_be_hidden?', run, resource, group, lost.first) ? [] : lost
  end,

  # Whether a user can be a member of a group that shows others only.
  can_be_hidden?: lambda do |run, resource, group, id|
    next true if call('hidden_member?', run, resource, group, id)

    size = call('member_count', group)
    call('may_be_cut?', size) && !call('shows_larger?', run, resource, size)
  end,

  # A provider that confirms a change by its status, and whose group cannot be read, is believed.
  read_changed_group: lambda do |changing, before|
    call('read_by_id', *changing.values_at('run', 'resource', 'groupId'))
  rescue ::StandardError => e
    raise unless changing['unproved'].empty? && !call('failure_of', e).empty?

    before
  end,

  # Sends one chunk, and removes it from the pending members. A rejection decides how to continue.
  send_members: lambda do |changing, chunk|
    run, resource, group_id, kind = changing.values_at('run', 'resource', 'groupId', 'kind')
    answer = call('send_scim', run, {
      'method' => 'PATCH', 'path' => call('resource_path', resource, group_id), 'repeatable' => true,
      'body' => call('patch_body', call('member_operations', kind, chunk))
    })
    evidence = call('evidence_of_members', changing, chunk, answer)
    changing[evidence].concat(chunk) unless evidence.nil?
    changing['lasting'].concat(chunk) if kind == 'add'
    changing['pending'] = changing['pending'].drop(chunk.length)
  rescue ::StandardError => e
    details = call('failure_of', e)
    call('fail_half_done', changing, e) unless call('rejection?', details)
    if details['code'] == 'unsupported'
      # Some providers do not support a path to one member, but still add members by PATCH.
      changing['byPut'] = true
      call('note_without_patch', run, resource, kind == 'add')
    else
      call('reduce_members', changing, chunk, e)
    end
  end,

  # Leaves out the members for whom the change already holds; without such members, halves the chunk.
  reduce_members: lambda do |changing, chunk, problem|
    pending = changing['pending']
    unless changing['read']
      changing['read'] = true
      group = call('read_by_id', changing['run'], changing['resource'], changing['groupId'])
      raise problem if group.nil?

      changing['pending'] = call('without_holding', changing, group, problem)
    end
    next if changing['pending'].length < pending.length

    call('fail_on_last_member', changing, problem) if chunk.length == 1
    changing['run']['noticed']['membersPerRequest'] = (chunk.length / 2.0).ceil
  end,

  # A 404 does not mean that the group is missing, which was read.
  fail_on_last_member: lambda do |changing, problem|
    begin
      call('fail_if_there', changing['resource'], changing['groupId'], call('failure_of', problem))
    rescue ::StandardError => e
      problem = e
    end
    call('fail_half_done', changing, problem)
  end,

  # The pending members without those for whom the change holds already.
  without_holding: lambda do |changing, group, problem|
    kind, pending = changing.values_at('kind', 'pending')
    held = call('member_ids', group)
    missing = call('ids_without', pending, held || [])
    open = kind == 'add' ? missing : pending - missing
    next held.nil? ? pending : open if kind == 'add' || open.length == pending.length

    # A member that is not shown may still be in the group, unless the provider says that it is not.
    said = call('says_no_member?', call('failure_of', problem))
    raise problem unless said || !call('may_hide?', changing['run'], changing['resource'], group)

    open
  end,

  # Whether a rejection of a removal from a group that exists says that the member is not in it (RFC 7644 Table 9).
  says_no_member?: lambda do |details|
    details['status'] == 404 || details['scimType'] == 'noTarget'
  end,

  # Whether a group may have members that it does not show.
  may_hide?: lambda do |run, resource, group|
    size = call('member_count', group)
    next !call('shows_larger?', run, resource, size) if call('may_be_cut?', size)

    size.zero? && call('hides_members?', run, resource, group)
  end,

  fail_half_done: lambda do |changing, problem|
    details = call('failure_of', problem)
    done = changing['total'] - changing['pending'].length
    raise problem if details.empty? || done.zero?

    values = { 'done' => done, 'total' => changing['total'], 'message' => details['message'] }
    call('fail_as', details['code'], 'membersPartlyDone', values, details)
  end,

  member_operations: lambda do |kind, ids|
    next [{ 'op' => 'add', 'path' => 'members', 'value' => ids.map { |id| { 'value' => id } } }] if kind == 'add'

    # RFC 7644 §3.5.2.2: a "remove" of `members` without a filter would empty the group, so each path names a member.
    ids.map { |id| { 'op' => 'remove', 'path' => "members[value eq #{::JSON.generate(id)}]" } }
  end,

  # What is left to prove after a response: 'confirmed' if its status alone shows the change (RFC 7644 §3.5.2: a 204
  # contains nothing, and is a success), 'unproved' if nothing does, nil if its body does.
  evidence_of_members: lambda do |changing, ids, answer|
    next 'confirmed' if answer['status'] == 204

    shown = call('shown_resource', *changing.values_at('run', 'resource', 'groupId'), answer['body'])
    wrong = shown && call('wrong_members', shown, changing['kind'], ids)
    wrong == [] && call('wrong_members', shown, 'add', changing['lasting']).empty? ? nil : 'unproved'
  end,

  # The members that a group should have or should not have; nil if it does not show its members.
  wrong_members: lambda do |group, kind, ids|
    held = call('member_ids', group)
    missing = held && call('ids_without', ids, held)
    kind == 'add' || missing.nil? ? missing : ids - missing
  end,

  # Requires that a group shows the added members, and not the removed ones; false if the provider does not show the
  # members, or not all of them, so that nothing can be compared.
  require_members: lambda do |run, resource, group, kind, ids|
    wrong = call('wrong_members', group, kind, ids)
    next false if wrong.nil? && kind == 'remove'

    if kind == 'add' && !ids.empty? && call('hides_members?', run, resource, group)
      run['noticed']['hidesMembers'] = true
      next false
    end

    missing = wrong || ids
    next true if missing.empty?

    next false if kind == 'add' && wrong && call('can_be_hidden?', run, resource, group, missing.first)

    name = kind == 'add' ? 'membersNotAdded' : 'membersNotRemoved'
    call('fail_as', 'provider_fault', name, { 'ids' => call('list_some', missing) })
  end,

  # Whether a group looks without members because its provider shows none: no other group has any either.
  hides_members?: lambda do |run, resource, group|
    (call('member_ids', group) || []).empty? && !call('shows_members?', run, resource, group)
  end,

  # Whether any of the first groups shows members, next to one that does not.
  shows_members?: lambda do |run, resource, group|
    run['noticed']['showsMembers'] || !call('shown_member', run, resource, group).nil?
  end,

  # A member of one of the first groups of the list; nil if none of them shows any. `empty`: a group that was read
  # without members.
  shown_member: lambda do |run, resource, empty = {}|
    listed = call('first_page', run, resource)
    with = ->(group) { !group.nil? && call('member_count', group).positive? }
    # Lists can hide the members that a group shows when it is read by ID.
    others = listed.reject { |group| group['id'] == empty['id'] }.first(5)
    read = -> { others.lazy.map { |group| call('read_by_id', run, resource, group['id']) }.find(&with) }
    group = listed.find(&with) || read.call
    next nil if group.nil?

    # Groups that are all without members may get some, so that only the proof is kept.
    run['noticed']['showsMembers'] = true
    { 'groupId' => group['id'], 'member' => call('member_ids', group).first }
  end,

  # Whether a filter finds a group by a member that the group does not show: some providers show only the first 100.
  hidden_member?: lambda do |run, resource, group, member|
    search = { 'run' => run, 'resource' => resource }
    finds = lambda { |value|
      equality = { 'path' => 'members.value', 'value' => value }
      all = call('ask_equal', search, equality, { 'excludedAttributes' => ['members'] })['all']
      all.any? { |one| one['id'] == group['id'] }
    }
    # A provider that ignores the filter finds the group by a member that nobody is, too.
    finds.call(member) && !finds.call(call('unused_value'))
  rescue ::StandardError => e
    # No answer is no proof, and the missing member is the error to report.
    raise if call('failure_of', e).empty?

    false
  end,

  # The IDs of the members of a group; nil if it does not show its members, or not the ID of each.
  member_ids: lambda do |group|
    members = group['members']
    next nil unless members.is_a?(::Array)

    ids = members.map { |member| call('item_value', member) }
    ids.any?(&:nil?) ? nil : ids.map(&:to_s)
  end,

  # The IDs of a list that are not in another one, whatever their case.
  ids_without: lambda do |ids, others|
    folded = others.to_h { |id| [call('fold_case', id), true] }
    ids.reject { |id| folded.key?(call('fold_case', id)) }
  end,

  # Whether operations replace the whole list of members, which some providers reject.
  sets_members?: lambda do |operations|
    operations.any? { |one| one['path'] == 'members' && one['op'] != 'add' }
  end,

  # The group whose members are set by their differences, because the provider rejects the whole list; nil if the change
  # is sent as it is: only members who are shown can be compared, and otherwise the provider decides.
  compared_members: lambda do |run, resource, target, change|
    stated = run['noticed']['setsMembersByDifference'] && change['ifVersion'].nil?
    next nil unless stated && call('sets_members?', change['operations'])

    current = call('read_by_id', run, resource, target['id'])
    current.nil? || (call('member_ids', current) || []).empty? ? nil : current
  end,

  # Makes a change that sets the whole list of members: by their differences, after all other operations.
  set_members_and_others: lambda do |run, resource, target, change, current, rejection = nil|
    remaining = call('remaining_operations', change['operations'], resource, current)
    next current if remaining.empty?

    others = remaining.reject { |one| one['path'] == 'members' }
    wanted = change.merge('operations' => others)
    changed = others.empty? ? current : call('send_patch', run, resource, target, wanted)
    next changed unless call('sets_members?', remaining)

    call('set_members', run, resource, current, remaining, rejection)
  end,

  # Sets the members of a group by adding and removing. `rejection`: of the whole list, if it was sent.
  set_members: lambda do |run, resource, current, operations, rejection|
    held = call('member_ids', current)
    call('fail_unset', resource, current, rejection) if held.nil?

    run['noticed']['setsMembersByDifference'] = true
    setting = operations.select { |one| one['path'] == 'members' }
    wanted = setting.flat_map { |one| call('member_ids', { 'members' => one['value'] }) || [] }
    surplus = call('ids_without', held.uniq, wanted)
    size = call('chunk_size')
    call('change_members', run, resource, current['id'], 'add', call('ids_without', wanted, held), size, true)
    call('change_members', run, resource, current['id'], 'remove', surplus, size, true)
    group = call('read_by_id', run, resource, current['id'])
    call('fail_unset', resource, current, rejection) if group.nil?

    shown = call('require_members', run, resource, group, 'add', wanted)
    # Members whom a group does not show cannot be removed.
    call('fail_unset', resource, current, rejection) if held.empty? && !shown
    call('require_members', run, resource, group, 'remove', surplus)
    group
  end,

  fail_unset: lambda do |resource, current, rejection|
    raise rejection unless rejection.nil?

    call('fail_not_found', resource, { 'id' => current['id'] })
  end
}
