# frozen_string_literal: true

# The safeguards of a poll: it holds too many losses in a day, and a list without any known resource. An attribute
# that vanishes from everybody at once is no longer shown to this token, and keeps its values.
{
  # The most losses of one kind in a day: the larger of the number and the share. In a small directory, the default number
  # is half of what is known, and the limit never all of three or more.
  loss_limit: lambda do |kind, known, limits|
    number = limits['number']
    share = (known.to_i * (limits['percent'] || (number.nil? ? 10 : 0))) / 100
    next [number, share].max unless number.nil?

    most = kind == 'members' ? 50 : 20
    next most / 2 if known.nil?

    limit = [[most, [3, (known / 2.0).ceil].max].min, share].max
    known < 3 ? limit : [limit, known - 1].min
  end,

  loss_kinds: lambda do
    %w[users roles members groups]
  end,

  # The functions on losses that polls and events from sources share.
  losses: lambda do
    # include event_losses
    { 'of' => losses_of_event, 'count' => count_losses, 'key' => loss_key, 'id' => hold_id, 'hash' => hold_hash }
  end,

  # Whether a value says nothing: absent, empty text, or an empty list.
  nothing?: lambda do |value|
    [nil, '', []].include?(value)
  end,

  hold_hash: lambda do |text|
    call('losses')['hash'].call(text)
  end,

  count_losses: lambda do |losses|
    call('losses')['count'].call(losses)
  end,

  # The losses of at least the past 24 hours, each with its hour, its number, and how many were known then.
  in_past_day: lambda do |losses, now|
    losses.to_a.select { |hour, _| hour >= (now / 3_600_000) - 24 }
  end,

  # The limits that these losses exceed, with those that were reported already.
  exceeded_limits: lambda do |poll, counts|
    known = call('known_for', poll, counts)
    exceeded = call('loss_kinds').select { |kind| counts.key?(kind) }.map do |kind|
      past = call('in_past_day', poll['recentLosses'][kind], poll['startedAt'])
      earlier = past.sum { |_, count, _| count }
      most_known = [known[kind].to_i, *past.map(&:last)].max
      most_known = nil if most_known.zero?
      { 'kind' => kind, 'count' => earlier + counts[kind], 'earlier' => earlier, 'known' => most_known,
        'limit' => call('loss_limit', kind, most_known, poll['limits']) }
    end
    exceeded.select { |one| one['count'] > one['limit'] }
  end,

  # Memberships are counted only if it matters.
  known_for: lambda do |poll, counts|
    past = call('in_past_day', poll['recentLosses']['members'], poll['startedAt'])
    members = counts['members'].to_i + past.sum { |_, count, _| count }
    poll['members'] ||= call('count_members', poll) if members > (poll['limits']['number'] || 2)
    { 'users' => poll['known'], 'roles' => poll['known'], 'groups' => poll['known'], 'members' => poll['members'] }
  end,

  # Adds losses to those of the past day, and drops older ones.
  add_losses: lambda do |poll, counts|
    known = call('known_for', poll, counts)
    hour = poll['startedAt'] / 3_600_000
    call('loss_kinds').each_with_object({}) do |kind, recent|
      past = call('in_past_day', poll['recentLosses'][kind], poll['startedAt'])
      if counts.key?(kind)
        same = past.find { |one, _| one == hour } || [hour, 0, 0]
        past = past.reject { |one, _| one == hour }
        past += [[hour, same[1] + counts[kind], [same[2], known[kind].to_i].max]]
      end
      recent[kind] = past unless past.empty?
    end
  end,

  # The losses of an event: what a user or group had, and what is left.
  losses_of: lambda do |poll, event, difference|
    sizes = -> { %w[before after].map { |side| call('members_in', poll, difference[side]) } }
    call('losses')['of'].call(event, call('guarded_resource', poll['resource']), sizes)
  end,

  guarded_resource: lambda do |resource|
    resource.merge('accounts' => resource['attributes'].any? { |attribute| attribute['name'] == 'active' })
  end,

  members_in: lambda do |poll, entry|
    entry.nil? ? 0 : call('keys_of_members', poll['tracker'], entry).length
  end,

  # The known memberships, with those that are lost.
  count_members: lambda do |poll|
    losing = poll['losses'].map { |loss| loss['subject']['id'] }
    before = (poll['cursor'] || {})['entries'].to_h.slice(*losing)
    poll['entries'].merge(before).values.sum { |entry| call('members_in', poll, entry) }
  end,

  # A loss as it is held.
  held_loss: lambda do |loss|
    loss.merge('key' => call('losses')['key'].call(loss))
  end,

  # Losses without those that were approved.
  not_approved: lambda do |poll, losses|
    next [] if poll['directoryApproved']
    next losses if poll['approved'].empty?

    losses.reject { |loss| poll['approved'].include?(call('held_loss', loss)['key']) }
  end,

  # The losses of a poll that are held: all of a kind, if more than the limit would be lost in a day; with the reasons.
  hold_losses: lambda do |poll|
    losses = call('not_approved', poll, poll['losses'] + poll['heldMissing'])
    excess = call('exceeded_limits', poll, call('count_losses', losses))
    kinds = excess.map { |one| one['kind'] }
    held = losses.select { |loss| kinds.include?(loss['kind']) }.map { |loss| call('held_loss', loss) }
    { 'losses' => held, 'reasons' => excess.map { |one| call('describe_excess', poll['resource'], one) } }
  end,

  describe_excess: lambda do |resource, excess|
    kind, known, earlier = excess.values_at('kind', 'known', 'earlier')
    part = { 'roles' => 'rolesLost', 'members' => 'membersLost' }.fetch(kind, 'accessLost')
    call('text_of', 'parts', part, {
      'count' => excess['count'], 'limit' => excess['limit'], 'resource' => resource['title'].downcase,
      'of' => known.nil? ? '' : call('text_of', 'parts', 'ofKnown', { 'known' => known }),
      'earlier' => earlier.zero? ? '' : call('text_of', 'parts', 'reportedEarlier', { 'count' => earlier })
    })
  end,

  # Nothing is reported while losses are held.
  fail_held: lambda do |held|
    names = held['losses'].first(10).map do |loss|
      "#{loss['subject']['name']} (#{loss['before']} → #{loss['after']})"
    end
    rest = held['losses'].length - 10
    names = names.join(', ')
    names += call('text_of', 'parts', 'andMore', { 'count' => rest }) if rest.positive?
    call('fail_as', 'mass_change_blocked', 'massChangeBlocked', {
      'changes' => held['reasons'].join(' '), 'reported' => call('text_of', 'parts', 'nothingReported'),
      'approval' => call('text_of', 'parts', 'approveByInput', { 'id' => call('losses')['id'].call(held['losses']) }),
      'affected' => call('text_of', 'parts', 'affected', { 'names' => names })
    })
  end,

  # Holds a list without any of the known resources: an empty list of users is always held; a few groups can be
  # deleted together, and one user can be created again. Returns whether the poll goes on.
  guard_directory: lambda do |poll, gone, listed|
    known = poll['known']
    accounts = poll['resource']['attributes'].any? { |attribute| attribute['name'] == 'active' }
    fewest = accounts ? 2 : 3
    fewest = 1 if accounts && listed.zero?
    next true if known < fewest || known <= poll['limits']['number'].to_i

    values = { 'resource' => poll['resource']['title'].downcase, 'known' => known, 'listed' => listed }
    loss = call('held_loss', {
      'kind' => accounts ? 'users' : 'groups',
      'before' => 'known', 'after' => listed.zero? ? 'not listed' : 'replaced',
      'subject' => { 'resource' => poll['resource']['name'], 'id' => '*',
                     'name' => call('text_of', 'parts', 'wholeDirectory', values) },
      'items' => gone.sort
    })
    poll['directoryApproved'] = poll['approved'].include?(loss['key'])
    next true if poll['directoryApproved']

    reason = call('text_of', 'parts', listed.zero? ? 'directoryEmptied' : 'directoryReplaced', values)
    poll['directoryHeld'] = { 'losses' => [loss], 'reasons' => [reason] }
    false
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
