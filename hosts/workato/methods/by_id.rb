# frozen_string_literal: true

# Reading by ID during a poll: what lists hide, such as members, and whether a missing resource is gone.
{
  # Finds out whether a listed resource can be read by ID: only then does a 404 prove that one is gone.
  check_list: lambda do |poll, resources|
    sample = resources.max_by.with_index { |one, at| [Array(one['members']).length, -at] }
    result = call('ask_by_id', poll, sample['id'])
    poll['canReadById'] = result.is_a?(::Hash) unless result.is_a?(::Integer)
  end,

  # A user whose `active` disappeared from the list may have been deactivated: reading by ID may show it.
  complete_active: lambda do |poll, listed|
    before = (poll['cursor'] || {})['activeNotShown'] || []
    asked = 0
    listed.map do |one|
      next one unless one['active'].nil? && call('active_known?', poll, one['id'])

      shown = nil
      unless before.include?(one['id']) || asked >= 20
        asked += 1
        shown = call('ask_by_id', poll, one['id'])
      end
      next shown if shown.is_a?(::Hash) && !shown['active'].nil?

      poll['activeNotShown'] << one['id']
      one
    end
  end,

  active_known?: lambda do |poll, id|
    entry = poll['entries'][id]
    at = poll['tracker']['columns'].index { |column| column['path'] == 'active' }
    !entry.nil? && !at.nil? && !call('parse_entry', entry)[at].nil?
  end,

  # Reads the members that the list hides. Known groups whose members are shown nowhere are omitted: what is known of
  # them stays.
  complete_members: lambda do |poll, listed|
    next listed if listed.empty? || !poll['resource']['retainedAttributes'].include?('members')

    call('probe_members', poll, listed) unless poll['membersShownIn'] == 'by_id'
    listed.map do |group|
      before = poll['entries'][group['id']]
      by_id = poll['membersShownIn'] == 'by_id'
      next group unless by_id || call('lacks_members?', poll, group, before)

      result = call('ask_by_id', poll, group['id'])
      next result if result.is_a?(::Hash)

      (by_id || call('member_keys', group).empty?) && !before.nil? ? nil : group
    end.compact
  end,

  # A list may omit members: before they are reported to have left, the group is read by ID.
  lacks_members?: lambda do |poll, group, before|
    next false if before.nil?

    !call('ids_without', call('keys_of_members', poll['tracker'], before), call('member_keys', group)).empty?
  end,

  member_keys: lambda do |group|
    (group['members'].is_a?(::Array) ? group['members'] : []).map { |item| call('key_of_item', item) }
  end,

  # Compares the list with groups that are read by ID, until one shows more members than the list does.
  probe_members: lambda do |poll, listed|
    largest = listed.max_by.with_index { |one, at| [call('member_keys', one).uniq.length, -at] }
    size = call('member_keys', largest).uniq.length
    if size.positive?
      # A list can be cut at a number of members that no group had so far.
      cut = size > poll['mostMembersListed'] && call('shows_more?', poll, largest)
      poll['membersShownIn'] = cut ? 'by_id' : 'list'
      poll['mostMembersListed'] = [size, poll['mostMembersListed']].max unless cut
      next
    end
    next if poll['membersShownIn'] == 'list'

    # Of groups without members in the list, the ones that changed last are the most likely to have some.
    candidates = listed.each_with_index.sort_by { |one, at| [-(call('last_modified', one) || 0), at] }.map(&:first)
    shown = candidates.first(20).any? { |group| call('shows_more?', poll, group) }
    poll['membersShownIn'] = shown ? 'by_id' : 'unseen'
  end,

  shows_more?: lambda do |poll, group|
    result = call('ask_by_id', poll, group['id'])
    result.is_a?(::Hash) && !(call('member_keys', result) - call('member_keys', group)).empty?
  end,

  # What the provider says about one ID, asked once per poll: the resource, "absent", or the status of a response that
  # does not say (0 without one). A resource that cannot be read holds up no other.
  ask_by_id: lambda do |poll, id|
    known = poll['byId'][id]
    next known unless known.nil?

    result = call('result_by_id', poll, id)
    poll['byId'][id] = result if poll['byId'].length < 32
    result
  end,

  result_by_id: lambda do |poll, id|
    found = call('get_by_id', poll, id)
    poll['unreadable'][id] = 0 if found.is_a?(::Integer) && poll['unreadable'].length < 100
    next found unless found.is_a?(::Hash)

    call('require_same_id', found, id)
    poll['spelledIds'][id] = found['id']
    # Some providers return an ID in another case than lists have it, which is the one that is known here.
    found.merge('id' => id)
  end,

  # Replaces listed resources whose copies contradict each other by what a GET by ID shows: only that says which copy
  # is right. A resource that cannot be read is omitted, so that it stays as it is known.
  replace_contradictory: lambda do |poll, page|
    page['resources'].filter_map do |one|
      next one unless page['contradictory'].include?(one['id'])

      result = call('ask_by_id', poll, one['id'])
      result.is_a?(::Hash) ? result : nil
    end
  end,

  get_by_id: lambda do |poll, id|
    # Some providers answer 500 to an ID that they do not have, which would be retried until the deadline.
    deadline = call('now_in_ms') + (poll['unreadable'].empty? ? 10_000 : 2_000)
    path = call('resource_path', poll['resource'], id)
    answer = call('send_scim', poll['run'], { 'method' => 'GET', 'path' => path, 'deadlineAt' => deadline })
    call('normalize', poll['run'], poll['resource'], answer['body'])
  rescue ::StandardError => e
    details = call('failure_of', e)
    next 'absent' if details['code'] == 'not_found'
    raise if details.empty? || %w[auth rate_limited].include?(details['code'])
    raise if details['status'].nil? && details['code'] != 'provider_fault'

    details['status'].to_i
  end,

  # How a few listed resources read by ID: without one that does not get a 404, a 404 proves nothing.
  try_listed: lambda do |poll|
    if poll['listed'].empty?
      next 'unreadable' if poll['canReadById'].nil?

      next poll['canReadById'] ? 'found' : 'absent'
    end
    best = 'absent'
    poll['listed'].each do |id|
      result = call('ask_by_id', poll, id)
      best = 'unreadable' if result.is_a?(::Integer) && best == 'absent'
      best = 'found' if result.is_a?(::Hash)
      break if best == 'found'
    end
    poll['canReadById'] = best == 'found' unless best == 'unreadable'
    best
  end,

  # Learns what the provider says about an unknown ID. This counts only while no resource is missing: in an outage, it
  # can say the same about all that its list lacks.
  learn_unknown_id: lambda do |poll|
    next if poll['listed'].empty? || !poll['unknownIdStatus'].nil? || poll['canReadById'] != true

    status = call('status_of_unused', poll, poll['listed'].first)
    # These statuses say that the provider is busy or down, not that an ID is unknown.
    poll['unknownIdStatus'] = status unless [nil, 408, 425, 429, 502, 503, 504].include?(status)
  end,

  status_of_unused: lambda do |poll, id|
    result = call('get_by_id', poll, call('unused_id', id))
    next 404 if result == 'absent'

    result.is_a?(::Integer) && result.positive? ? result : nil
  rescue ::StandardError => e
    # It is not worth a failed poll: the next full read tries again.
    raise if call('failure_of', e).empty?

    nil
  end,

  # Whether a status other than 404 proves that a missing resource is gone: the provider said it about unknown IDs before,
  # says it now, and three full reads in a row lacked the resource.
  gone_by_habit?: lambda do |poll, id, result|
    next false unless result.is_a?(::Integer)

    count = ((poll['cursor'] || {})['unreadable'] || {})[id].to_i + 1
    poll['unreadable'][id] = count if poll['unreadable'].key?(id)
    next false unless result.positive? && result == poll['unknownIdStatus'] && count >= 3

    call('status_of_unused', poll, id) == result
  end,

  # An ID of the same form that hardly any resource has: providers may treat IDs of another form differently.
  unused_id: lambda do |id|
    alphabets = %w[0123456789 abcdef ghijklmnopqrstuvwxyz ABCDEF GHIJKLMNOPQRSTUVWXYZ]
    # Of short IDs there are so few that another one may well exist.
    id.ljust(12, id).gsub(/[0-9a-zA-Z]/) do |sign|
      alphabet = alphabets.find { |letters| letters.include?(sign) }
      alphabet[rand * alphabet.length]
    end
  end
}
