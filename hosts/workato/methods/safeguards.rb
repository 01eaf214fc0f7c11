# frozen_string_literal: true

# The safeguards of a poll: it holds too many losses at once, and a list without any known resource. An attribute
# that vanishes from everybody at once is no longer shown to this token, and keeps its values.
{
  # The most losses of one kind in one poll: what the input says, or the larger of 20 and 10% of what is known; in a
  # small directory, half of that, and never all of three or more.
  mass_change_limit: lambda do |given, known, floor = 20|
    next given unless given.nil?

    few = [floor, [3, (known / 2.0).ceil].max].min
    limit = [few, (known * 0.1).floor].max
    known < 3 ? limit : [limit, known - 1].min
  end,

  # An event that takes something away, with the snapshot entries before and after.
  loss_of: lambda do |event, difference|
    event.slice('type', 'subject', 'changes').merge(difference.slice('before', 'after'))
  end,

  # Nothing is reported if more is lost at once than the limits allow.
  guard: lambda do |poll, losses|
    counted = {}
    losses.each do |loss|
      subject = loss['subject']
      name = subject['userName'] || subject['displayName'] || subject['id']
      call('losses_of', poll, loss).each do |kind, count, text|
        all = (counted[kind] ||= { 'count' => 0, 'names' => [] })
        all['count'] += count
        all['names'] << "#{name} (#{text})"
      end
    end
    exceeded = counted.map do |kind, all|
      members = kind == 'membersLost'
      known = members ? all['count'] + call('count_members', poll) : poll['known']
      limit = call('mass_change_limit', poll['massChangeLimit'], known, members ? 50 : 20)
      resource = poll['resource']['title'].downcase
      all.merge('kind' => kind, 'known' => known, 'limit' => limit, 'resource' => resource)
    end
    exceeded.select! { |all| all['count'] > all['limit'] }
    next if exceeded.empty?

    names = exceeded.flat_map { |all| all['names'] }
    rest = names.length - 10
    affected = names.first(10).join(', ')
    affected += call('text_of', 'parts', 'andMore', { 'count' => rest }) if rest.positive?
    call('fail_as', 'mass_change_blocked', 'massChangeBlocked', {
      'changes' => exceeded.map { |all| call('text_of', 'parts', all['kind'], all) }.join(' '),
      'affected' => affected, 'needed' => exceeded.map { |all| all['count'] }.max
    })
  end,

  # The kinds of losses of an event, with their number and what changes.
  losses_of: lambda do |poll, loss|
    next [['accessLost', 1, 'known → deleted']] if loss['type'] == 'delete'
    next [['accessLost', 1, 'active → inactive']] if loss['type'] == 'deactivate'

    changes = loss['changes']
    roles = poll['resource']['roles'].map { |path| call('role_lost', path, changes) }.compact
    members = changes.count { |change| change['path'].start_with?('members[') && change['to'].nil? }
    had, has = %w[before after].map { |side| call('members_in', poll, loss[side]) }
    [
      roles.empty? ? nil : ['rolesLost', 1, roles.join(', ')],
      members.zero? ? nil : ['membersLost', members, "members: #{had} → #{has}"]
    ].compact
  end,

  # A role that was removed, or is now empty. A role in place of another is not lost.
  role_lost: lambda do |path, changes|
    own = changes.select { |change| change['path'] == path || change['path'].start_with?("#{path}[") }
    next nil if own.empty? || own.any? { |change| ![nil, '', []].include?(change['to']) }

    values = own.map { |change| change['from'].is_a?(::Hash) ? change['from']['value'] : change['from'] }
    "#{path.split(':').last}: #{values.join(', ')} → none"
  end,

  members_in: lambda do |poll, entry|
    entry.nil? ? 0 : call('changes_of_loss', poll['tracker'], entry).length
  end,

  count_members: lambda do |poll|
    poll['entries'].values.sum { |entry| call('members_in', poll, entry) }
  end,

  # Holds a list without any of the known resources: an empty list of users is always held; a few groups can be
  # deleted together, and one user can be created again.
  guard_directory: lambda do |poll, listed, familiar|
    known = poll['known']
    accounts = poll['resource']['attributes'].any? { |attribute| attribute['name'] == 'active' }
    fewest = accounts ? 2 : 3
    fewest = 1 if accounts && listed.zero?
    next if familiar.positive? || known < fewest || known <= poll['massChangeLimit'].to_i

    values = { 'resource' => poll['resource']['title'].downcase, 'known' => known, 'listed' => listed }
    call('fail_as', 'mass_change_blocked', listed.zero? ? 'directoryEmptied' : 'directoryReplaced', values)
  end,

  # A read of changes proves nothing about the resources that it does not show. Compares what it held back, or returns
  # the reason for a full read.
  compare_held_changes: lambda do |poll|
    before = poll['hiddenBefore']
    next 'attributes_reappeared' if before.keys.any? { |path| poll['tracker']['shown'].key?(path) }

    lost = poll['held'].values.flat_map { |held| held['lost'].keys }
    open = lost.any? { |path| !poll['tracker']['shown'].key?(path) && !before.key?(path) }
    next 'attributes_vanished' if open

    call('compare_held', poll, before)
    nil
  end,

  # Judges and compares what a full read held back.
  judge_held: lambda do |poll|
    poll['held'].values.flat_map { |held| held['lost'].keys }.uniq.each do |path|
      losers = poll['held'].values.select { |held| held['lost'].key?(path) }
      next if poll['tracker']['shown'].key?(path) || !call('hidden?', poll, path, losers)

      poll['hidden'][path] = poll['hidden'][path].to_i + losers.length
    end
    call('compare_held', poll, poll['hidden'])
  end,

  # Whether an attribute that no resource shows any more is hidden, and was not removed.
  hidden?: lambda do |poll, path, losers|
    next true if poll['hiddenBefore'].key?(path) || poll['hidden'].key?(path)

    times = losers.map { |held| call('last_modified', held['resource']) }
    polled_at = poll['stampsUnreliable'] ? nil : poll['cursor']['polledAtInMs']
    # Without timestamps, it must be gone from three resources, or from both of two.
    next losers.length >= [3, [2, poll['known']].max].min if polled_at.nil? || times.include?(nil)

    # Timestamps explain the loss if most of the resources may have been modified since the last poll.
    from = polled_at - [poll['lookBackInMs'], 1_500].max
    modified = times.count { |time| time >= from }
    losers.sum { |held| held['lost'][path] } >= 2 && modified * 2 <= losers.length
  end,

  # Compares the resources that were held back. Hidden attributes keep their values.
  compare_held: lambda do |poll, hidden|
    poll['held'].each do |id, held|
      before = poll['entries'][id]
      one = held['resource']
      after = call('entry_of', poll['tracker'], one, poll['fits'].call(one) != false, before)
      kept = held['lost'].keys.select { |path| hidden.key?(path) }
      after = call('with_values_of', poll['tracker'], before, after, kept) unless kept.empty?
      next if after == before

      call('settle', poll, { 'id' => id, 'before' => before, 'after' => after, 'resource' => one })
    end
    poll['held'].clear
  end
}
