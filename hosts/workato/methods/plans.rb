# frozen_string_literal: true

# Plans: what has to change at the provider so that its users are as desired. Nothing is changed. A list that takes
# longer than one run of the step goes on in the next one, with what was read in `continue`.
{
  # One run of the operation: its output, or what the next run continues with.
  turn_of_plan: lambda do |run, _action, input, continue|
    sync = call('open_sync', run)
    options = call('plan_options', input)
    state = call('read_rows', sync, call('plan_text', 'theDesiredState'), input['users'], call('plan_map', input))
    groups = call('groups_to_go_on', continue) || call('read_synced_groups', sync, state, options)
    sync['owner'] = call('open_owner', sync, options['ownedBy'], groups['ownerIds'])
    matching = call('open_matching', sync, call('prepare_state', state, groups['index'], sync['owner']), options)
    matching['read'] = call('read_to_go_on', continue['read']) if continue.key?('read')
    matching['protecting'].merge!(continue['protecting'] || {})
    reading = call('open_reading', run, sync['users'], { 'count' => 1000 })
    call('go_on_reading', reading, continue['reading']) if continue.key?('reading')
    unless call('read_some_users', run, matching, reading)
      next_turn = call('next_turn', run, continue, call('kept_of_plan', groups, matching, reading))
      next next_turn || call('fail_as', 'unsupported', 'planTooLong', { 'count' => matching['read']['count'] })
    end
    call('settle_contradictory', matching)
    made = call('make_plan', sync, state, matching, groups, options)
    parts = made.slice('counts', 'unchanged', 'untouchable', 'changes', 'holds', 'problems', 'notes')
    { 'output' => { 'planId' => made['id'] }.merge(parts, 'plan' => ::JSON.generate(made)) }
  end,

  # The resource types that a plan is about, recognized by their attributes, and the paths that were read.
  open_sync: lambda do |run|
    having = lambda { |name|
      run['definition']['resources'].values.find { |one| one['attributes'].any? { |own| own['name'] == name } }
    }
    users = having.call('userName')
    call('fail_as', 'unsupported', 'noUserType') if users.nil?
    { 'run' => run, 'users' => users, 'groups' => having.call('members'), 'paths' => {}, 'owner' => nil }
  end,

  plan_options: lambda do |input|
    groups = input['groups']
    options = input.slice('neverTouch', 'missing', 'createGroups', 'safetyLimit')
    options['ownedBy'] = call('parse_ownership', input['ownedBy']) if input.key?('ownedBy')
    options['matchBy'] = [input['matchBy']] if input.key?('matchBy')
    # `all` alone is every group; a group of that name can still be named in a list with others.
    options['groups'] = groups == ['all'] ? 'all' : groups unless groups.nil?
    options
  end,

  plan_map: lambda do |input|
    next {} if input['map'].nil?

    problem = call('map_problem', input['map'])
    call('fail_with_problems', [{ 'path' => 'map', 'message' => problem }]) unless problem.nil?
    input['map']
  end,

  # --- groups

  # Reads the groups that a desired state names, with their members. No request is sent if it names none.
  read_synced_groups: lambda do |sync, state, options|
    scope = options['groups'] || 'named'
    listed_names = scope.is_a?(::Array) ? scope : []
    named = call('group_names_in', state['users'], options['ownedBy'])
    needed = !named.empty? || scope == 'all' || !listed_names.empty?
    next call('synced_groups', [], [], nil, []) unless needed

    call('fail_as', 'unsupported', 'noGroupType') if sync['groups'].nil?
    listed = call('list_groups', sync)
    known = call('index_groups', listed)
    call('require_groups', known, listed_names, options)
    wanted = (named.values + listed_names).map { |name| call('find_synced_group', known, name) }.compact
    wanted = listed if scope == 'all'
    wanted = wanted.uniq { |group| group['id'] }
    full = wanted.map { |group| call('read_synced_group', sync, group['id']) }.compact
    created = options['createGroups'] ? named.values.reject { |name| call('find_synced_group', known, name) } : []
    created = created.map { |name| { 'displayName' => name, 'memberIds' => {} } }
    by_id = full.to_h { |group| [group['id'], group] }
    unread = wanted.reject { |group| by_id.key?(group['id']) }
    all = (listed - unread).map { |group| by_id[group['id']] || group } + created
    notes = call('hidden_members_note', sync, full) + call('group_notes', 'unreadableGroups', unread) +
            call('group_notes', 'membersWithoutId', full.select { |group| group['hasUnknownMembers'] })
    owner = (options['ownedBy'] || {})['kind'] == 'group' ? options['ownedBy']['value'] : nil
    call('synced_groups', all, full + created, owner, notes)
  end,

  # The groups as a plan needs them: all, those whose memberships are set, and the members of the one that owns users.
  synced_groups: lambda do |all, managed, owner, notes|
    index = call('index_groups', all)
    owning = owner && call('find_synced_group', index, owner)
    { 'all' => all, 'index' => index, 'managed' => managed, 'owner' => owner, 'notes' => notes,
      'ownerIds' => owning ? owning['memberIds'] : {} }
  end,

  # A note about groups; none without groups.
  group_notes: lambda do |text, groups|
    next [] if groups.empty?

    [call('plan_text', text, { 'groups' => call('list_some', groups.map { |group| group['displayName'] }) })]
  end,

  # The names of groups in the desired state, by their folded form.
  group_names_in: lambda do |users, ownership|
    names = users.flat_map { |user| user['groups'] || [] }
    names << ownership['value'] if ownership && ownership['kind'] == 'group'
    names.each_with_object({}) { |name, all| all[call('fold_case', name)] ||= name }
  end,

  list_groups: lambda do |sync|
    groups = []
    # A group can have thousands of members, and each group that matters is read by itself.
    query = { 'count' => 100, 'excludedAttributes' => ['members'] }
    call('read_pages', sync['run'], sync['groups'], query, lambda { |page|
      groups.concat(page['resources'].map { |group| call('managed_group', group, {}) })
      false
    })
    groups
  end,

  # @raise invalid_input if an option names a group that cannot be used
  require_groups: lambda do |known, names, options|
    problems = names.map { |name| call('group_problem', known, name) }.compact.map do |reason|
      { 'path' => 'groups', 'message' => call('plan_text', 'unusableGroup', { 'reason' => reason }) }
    end
    owned_by = options['ownedBy'] || {}
    if owned_by['kind'] == 'group' && !options['createGroups']
      reason = call('group_problem', known, owned_by['value'])
      message = reason && call('plan_text', 'noOwnerGroup', { 'reason' => reason })
      problems << { 'path' => 'ownedBy.group', 'message' => message } unless reason.nil?
    end
    call('fail_with_problems', problems) unless problems.empty?
  end,

  # Lists may omit members, so that each group is read by itself; nil for one that cannot be read.
  read_synced_group: lambda do |sync, id|
    group = call('read_by_id', sync['run'], sync['groups'], id)
    next nil if group.nil?

    ids = call('member_ids', group)
    # Some providers show an ID in another case than in a list.
    managed = call('managed_group', group.merge('id' => id), (ids || []).to_h { |one| [one, true] })
    managed.merge('hasUnknownMembers' => ids.nil? && group['members'].is_a?(::Array))
  end,

  managed_group: lambda do |group, member_ids|
    name = group['displayName'].is_a?(::String) ? group['displayName'] : group['id']
    named = { 'id' => group['id'], 'displayName' => name, 'memberIds' => member_ids }
    group['externalId'].is_a?(::String) ? named.merge('externalId' => group['externalId']) : named
  end,

  hidden_members_note: lambda do |sync, full|
    next [] if full.empty? || full.any? { |group| !group['memberIds'].empty? }

    hidden = call('hides_members?', sync['run'], sync['groups'], full[0].slice('id'))
    hidden ? [call('plan_text', 'hiddenMembers')] : []
  end,

  # --- users, in one or more runs of the step

  # Reads pages of users until the list ends, or until the run has no time left. Returns whether the list ended.
  read_some_users: lambda do |run, matching, reading|
    loop do
      page = call('next_page', reading)
      page['resources'].each { |user| call('add_user', matching, user) }
      matching['read']['copies'].concat(page['repeated'].select { |copy| call('contradicts?', matching, copy) })
      break true if page['last']
      break false unless call('turn_left?', run)
    end
  end,

  kept_of_plan: lambda do |groups, matching, reading|
    managed = groups['managed'].map { |one| groups['all'].index { |group| group.equal?(one) } }
    plain = %w[count sortBy sortKeys cursors position previous total prefetched pages restarts stale staleLimit]
    passed = reading['pass'].reject { |name, _| %w[whyUnreadable repeated].include?(name) }
    # Each entry comes once in most lists, so that the IDs are kept once as well.
    passed = passed.reject { |name, _| name == 'order' } if passed['order'] == reading['ids'].keys
    read = matching['read'].merge('others' => matching['read']['others'].map { |user| call('pack_user', user) })
    read['candidates'] = read['candidates'].transform_values do |candidates|
      candidates.map { |one| [call('pack_user', one['actual']), one['by'], *[one['changes']].reject(&:empty?)] }
    end
    listed = { 'ids' => reading['ids'].keys, 'pass' => passed }
    { 'read' => read, 'protecting' => matching['protecting'],
      'groups' => groups.slice('all', 'owner', 'notes').merge('managed' => managed),
      'reading' => reading.slice(*plain).merge(listed) }
  end,

  # What was read of users, in few characters.
  pack_user: lambda do |user|
    names = %w[isOwned isUntouchable active userName externalId managerId]
    kept = user.key?('active') ? user.values_at(*names) : user.merge('active' => '').values_at(*names)
    kept.pop while kept.last.nil?
    [user['id'], *kept.map { |value| { true => 1, false => 0 }.fetch(value, value) }]
  end,

  unpack_user: lambda do |packed|
    id, owned, untouchable, active, *names = packed
    user = { 'id' => id, 'isOwned' => owned == 1, 'isUntouchable' => untouchable == 1 }
    user['active'] = active == 1 unless active == ''
    user.merge(%w[userName externalId managerId].zip(names).to_h.compact)
  end,

  read_to_go_on: lambda do |kept|
    candidates = kept['candidates'].transform_values do |packed|
      packed.map do |user, by, changes|
        { 'actual' => call('unpack_user', user), 'by' => by, 'changes' => changes || [] }
      end
    end
    kept.merge('candidates' => candidates, 'others' => kept['others'].map { |user| call('unpack_user', user) })
  end,

  groups_to_go_on: lambda do |continue|
    all, managed, owner, notes = (continue['groups'] || {}).values_at('all', 'managed', 'owner', 'notes')
    all && call('synced_groups', all, managed.map { |at| all[at] }, owner, notes)
  end,

  go_on_reading: lambda do |reading, kept|
    pass = { 'order' => kept['ids'].dup, 'whyUnreadable' => nil }.merge(kept['pass'])
    reading.merge!(kept, 'ids' => kept['ids'].to_h { |id| [id, true] }, 'pass' => pass)
  end,

  # --- the plan

  make_plan: lambda do |sync, given, matching, groups, options|
    state = matching['state']
    matched = call('finish_matching', matching)
    read = matching['read']
    owned_active = read['ownedActive'] + (read['showsActive'] ? 0 : read['ownedSilent'])
    built = call('build_changes', matching, matched, options)
    missing, others = built['changes'].partition do |change|
      !change.key?('row') && %w[deactivate delete].include?(change['kind'])
    end
    # Who leaves altogether does so last: until then, nothing else depends on it.
    changes = others + call('plan_memberships', built, groups) + missing
    ordered = call('add_hints', changes, read['hints'], state['users'])
    held = call('hold_changes', call('hold_input', sync, matched, groups, options, owned_active)
                                .merge('changes' => ordered))
    witnesses = call('witnesses_of', read['witnesses'], held['changes'])
    changed = held['changes'].map { |change| change['row'] }.compact.to_h { |row| [row, true] }
    problems = state['problems'] + matched['problems'] + built['problems']
    call('with_plan_id', {
      'version' => 1, 'createdAt' => call('print_time', call('now_in_ms')), 'baseUrl' => sync['run']['baseUrl'],
      'source' => state['source'],
      'read' => { 'desired' => given['users'].length + given['unusable'].length, 'users' => read['count'],
                  'owned' => read['owned'], 'witnesses' => witnesses },
      'counts' => call('count_changes', held['changes']),
      'unchanged' => built['usable'].count { |match| !changed.key?(match['desired']['row']) },
      'untouchable' => built['untouchable'], 'changes' => held['changes'], 'holds' => held['holds'],
      'problems' => problems.sort_by.with_index { |one, at| [one['rows'][0] || 0, at] },
      'notes' => [*state['notes'], *call('attribute_notes', matched['matches']), *call('active_note', matched),
                  *groups['notes'], *matched['notes'], *built['notes'],
                  *call('ownership_notes', matched, read, options['ownedBy']),
                  *call('unused_patterns', matching, options), *call('witness_note', witnesses, held['changes'])]
    })
  end,

  witness_note: lambda do |witnesses, changes|
    proved = !witnesses.empty? || changes.none? { |change| call('needs_witnesses?', change) }
    proved ? [] : [call('plan_text', 'noWitnesses')]
  end,

  # What the safeguard compares changes with: how much is known, and how much of it the desired state describes.
  hold_input: lambda do |sync, matched, groups, options, owned_active|
    users = matched['matches'].map { |match| match['actual'] }.compact
    active = ->(user) { user['isOwned'] && user.fetch('active', !matched['showsActive']) }
    maybe = matched['others'].count { |user| active.call(user) && matched['unclear'].key?(user['id']) }
    {
      'resource' => sync['users'], 'limits' => { 'number' => options['safetyLimit'] }, 'matched' => users.length,
      'known' => { 'users' => [owned_active, users.length].max, 'roles' => users.length,
                   'members' => groups['managed'].sum { |group| group['memberIds'].length } },
      'ownedActive' => owned_active, 'described' => users.count(&active) + maybe,
      'unplaced' => matched['unplaced']
    }
  end,

  # The ID of a plan is a hash of everything else in it.
  with_plan_id: lambda do |plan|
    plan.merge('id' => call('id_of_plan', plan))
  end,

  id_of_plan: lambda do |plan|
    "plan-#{call('hold_hash', ::JSON.generate(plan.reject { |name, _| name == 'id' }.sort_by(&:first)))}"
  end
}
