# frozen_string_literal: true

# The groups of a user, and the members of a group. None are reported only on evidence: providers hide the groups of
# users, the members of groups in lists or everywhere, and the members after the first ones.
{
  do_list_groups: lambda do |run, action, input|
    users = call('resource_of', run, action)
    groups = run['definition']['resources'][action['operation']['groups']]
    user = call('must_read', run, users, call('find_target', run, users, input)['id'])
    found = call('groups_of_user', run, users, user, groups)
    call('fail_as', 'unsupported', 'groupsUnproved', call('unproved_values', users, found)) if found['unproved']
    { 'id' => user['id'] }.merge(found)
  end,

  do_list_members: lambda do |run, action, input|
    resource = call('resource_of', run, action)
    group, whole = call('read_members', run, resource, call('find_target', run, resource, input)['id'])
    members = (group['members'] || []).map { |one| call('shown_item', one) }
    { 'id' => group['id'], 'members' => members.uniq { |one| call('fold_case', one['value']) },
      'truncated' => !whole }
  end,

  # An item as it is shown: its ID, and its name and type if the provider shows them.
  shown_item: lambda do |item|
    item = { 'value' => item } unless item.is_a?(::Hash)
    texts = item.slice('display', 'type').select { |_, value| value.is_a?(::String) }
    { 'value' => item['value'].to_s }.merge(texts)
  end,

  # Reads a group that shows its members. Returns it, and whether it shows all of them.
  read_members: lambda do |run, resource, id, when_hidden = 'membersHidden'|
    group = call('must_read', run, resource, id)
    size = call('member_count', group)
    unidentified = group['members'].is_a?(::Array) && call('member_ids', group).nil?
    hidden = unidentified || (size.zero? && call('hides_members?', run, resource, group))
    call('fail_as', 'unsupported', when_hidden) if hidden
    [group, !call('may_be_cut?', size) || call('shows_larger?', run, resource, size)]
  end,

  member_count: lambda do |group|
    (call('member_ids', group) || []).uniq.length
  end,

  # Whether a number of members can be a limit of the provider, which is a round number.
  may_be_cut?: lambda do |size|
    size.positive? && (size % 50).zero?
  end,

  # Whether a group of the list shows more members than a number, which is then no limit of the provider.
  shows_larger?: lambda do |run, resource, size|
    call('first_page', run, resource).any? { |group| call('member_count', group) > size }
  end,

  first_page: lambda do |run, resource|
    found = []
    call('read_pages', run, resource, { 'count' => call('chunk_size') }, lambda { |page|
      found = page['resources']
      true
    })
    found
  end,

  # Finds the groups of a user who was read by ID, with what shows them, and the groups that may have the user without
  # showing it (`unproved`). A user without `groups` may be in none, or the provider may not show them. Returns nil if
  # the run has no time left: then `search` has what was found, for the next one.
  groups_of_user: lambda do |run, users, user, groups, search = {}|
    unless search.key?('listed')
      part = call('part_of_turn', run)
      found = call('groups_without_list', part, users, user, groups)
      next found unless found.nil?

      search.merge!(call('list_groups_for', part, groups, user['id']))
    end
    call('read_unclear', run, groups, user['id'], search) ? call('groups_in_list', run, search) : nil
  end,

  # The groups of a user as the users or a filter show them; nil if neither proves anything.
  groups_without_list: lambda do |run, users, user, groups|
    shown = call('groups_shown', user)
    run['noticed']['showsGroups'] ||= !shown.empty?
    next { 'groups' => shown, 'evidence' => 'user' } if run['noticed']['showsGroups']

    found = call('groups_by_filter', run, users, groups, user['id'])
    next { 'groups' => found.map { |one| call('as_group_of_user', one) }, 'evidence' => 'filter' } unless found.nil?

    run['noticed']['showsGroups'] = call('first_page', run, users).any? { |one| !call('groups_shown', one).empty? }
    run['noticed']['showsGroups'] ? { 'groups' => [], 'evidence' => 'user' } : nil
  end,

  groups_shown: lambda do |user|
    groups = user['groups'].is_a?(::Array) ? user['groups'] : []
    groups.map { |one| call('shown_item', one) }.reject { |one| one['value'].empty? }
  end,

  as_group_of_user: lambda do |group|
    { 'value' => group['id'], 'display' => group['displayName'], 'type' => 'direct' }.compact
  end,

  # The groups with a member, by a filter; nil if the filter of the provider proves nothing.
  groups_by_filter: lambda do |run, users, groups, member|
    works = run['noticed']['filters'][groups['name']]
    next nil if works['members.value'] == false

    found = call('ask_for_member', run, groups, member)
    next found if found.nil? || works['members.value']

    # Providers that do not know the attribute return no group, or every group.
    known = found.empty? ? call('shown_member', run, groups) || call('filtered_member', run, users, groups) : nil
    next nil if found.empty? && known.nil?

    is_found = known.nil? || (call('ask_for_member', run, groups, known['member']) || []).any? do |one|
      call('same_id?', one['id'], known['groupId'])
    end
    works['members.value'] = is_found && call('ask_for_member', run, groups, call('unused_value')) == []
    works['members.value'] ? found : nil
  end,

  # One of the first users whom the filter finds in a group: then it can find, where nothing else shows a member.
  filtered_member: lambda do |run, users, groups|
    asked = call('first_page', run, users).first(10).lazy.map do |user|
      group = (call('ask_for_member', run, groups, user['id']) || []).first
      group && { 'groupId' => group['id'], 'member' => user['id'] }
    end
    asked.find(&:itself)
  end,

  # What a filter by member returns; nil if the provider rejects it, or does not return all that it announces.
  ask_for_member: lambda do |run, groups, value|
    equality = { 'path' => 'members.value', 'value' => value }
    # Groups can have thousands of members.
    projection = { 'excludedAttributes' => ['members'] }
    answer = call('ask_equal', { 'run' => run, 'resource' => groups }, equality, projection)
    next answer['all'] unless answer['short']

    found = []
    query = { 'filter' => call('print_equalities', [equality]), 'count' => call('chunk_size') }.merge(projection)
    call('read_pages', run, groups, query, lambda { |page|
      found.concat(page['resources'])
      false
    })
    found
  rescue ::StandardError => e
    details = call('failure_of', e)
    list = details['code'] == 'provider_fault' && details['status'] != 404
    raise unless list || call('filter_rejected?', details)
  end,

  # All groups, each as much as is needed of it, and those of which the list does not show whether they have the member.
  list_groups_for: lambda do |run, groups, member|
    all, unreadable = call('all_groups', run, groups)
    listed = all.map { |group| call('group_seen', group, member) }
    shown = listed.any? { |group| group['size'].positive? }
    run['noticed']['showsMembers'] ||= shown
    inside, others = listed.partition { |group| group['inside'] }
    unclear = others.select { |group| !shown || call('may_be_cut?', group['size']) }
    { 'listed' => inside, 'unclear' => unclear.map { |group| group['id'] }, 'read' => [], 'unreadable' => unreadable }
  end,

  group_seen: lambda do |group, member|
    inside = (call('member_ids', group) || []).any? { |id| call('same_id?', id, member) }
    group.slice('id', 'displayName').merge('size' => call('member_count', group), 'inside' => inside)
  end,

  # Reads the groups by ID whose members the list does not show. Returns whether all of them were read.
  read_unclear: lambda do |run, groups, member, search|
    while call('turn_left?', run) && !search['unclear'].empty?
      group = call('read_by_id', call('part_of_turn', run), groups, search['unclear'].first)
      search['read'] << call('group_seen', group, member) unless group.nil?
      search['unclear'].shift
    end
    search['unclear'].empty?
  end,

  # The groups with a member, out of all groups.
  groups_in_list: lambda do |run, search|
    listed, read, unreadable = search.values_at('listed', 'read', 'unreadable')
    # Groups that were seen with members may all have become empty since.
    hidden = !run['noticed']['showsMembers'] && !read.empty? && read.all? { |group| group['size'].zero? }
    inside, others = read.partition { |group| group['inside'] }
    open = hidden ? read : others.select { |group| call('may_be_cut?', group['size']) }
    found = (listed + inside).map { |group| call('as_group_of_user', group) }
    reason = call('unproved_reason', unreadable, hidden, open.first)
    unproved = reason && { 'groups' => open.map { |group| call('as_group_of_user', group) },
                           'unreadable' => unreadable, 'reason' => reason }
    { 'groups' => found, 'evidence' => 'list', 'unproved' => unproved }.compact
  end,

  # Why nothing proves which groups a user is in, as a clause; nil if the groups prove it.
  unproved_reason: lambda do |unreadable, hidden, cut|
    next call('text_of', 'parts', 'groupsUnreadable', { 'count' => unreadable }) if unreadable.positive?
    next call('text_of', 'parts', 'membersNotShown') if hidden
    next nil if cut.nil?

    call('text_of', 'parts', 'membersMayBeCut', { 'id' => cut['id'], 'count' => cut['size'] })
  end,

  # All groups, and the number of those that cannot be read.
  all_groups: lambda do |run, groups|
    all = []
    unreadable = 0
    call('read_pages', run, groups, { 'count' => call('chunk_size') }, lambda { |page|
      all.concat(page['resources'])
      unreadable = page['unreadable']
      false
    })
    [all, unreadable]
  end,

  unproved_values: lambda do |users, found|
    { 'resource' => users['title'].downcase, 'reason' => found['unproved']['reason'] }
  end
}
