# frozen_string_literal: true

# A user leaves all groups, one after the other, over as many runs of a step as that takes.
{
  # Removes a user from every group that has the user as a direct member, or that may have without showing it. A group
  # that fails does not stop the others. Returns the groups that showed the user and no longer do, what the provider
  # confirmed without showing it, and the failure of the others; nil if something is left for the next run.
  leave_groups: lambda do |sequence, groups|
    leaving = sequence['leaving'] ||= call('open_leaving', sequence, groups)
    next nil unless leaving && call('leave_open', sequence, groups, leaving)

    direct, possible, failures = leaving.values_at('direct', 'possible', 'failures')
    out = ->(group) { !failures.key?(group['value']) }
    unread = call('fail_still_shown', sequence, leaving, direct.select(&out))
    next nil if unread && call('goes_on?', sequence, unread)

    sequence.delete('leaving')
    count = possible.count(&out)
    confirmed = count.positive? ? { 'count' => count, 'reason' => leaving['unproved']['reason'] } : nil
    [direct.select(&out), confirmed, call('leaving_failure', sequence['resource'], leaving) || unread]
  end,

  # The groups that a user has to leave; nil if the run has no time left to find them.
  open_leaving: lambda do |sequence, groups|
    run, users, user = sequence.values_at('run', 'resource', 'one')
    inside = call('groups_of_user', run, users, user, groups, sequence['search'] ||= {})
    next nil if inside.nil?

    sequence.delete('search')
    # The user leaves a group that contains another one by leaving that one.
    direct = inside['groups'].reject { |group| group['type'] == 'indirect' }
    possible = inside['unproved'] ? inside['unproved']['groups'] : []
    { 'direct' => direct, 'possible' => possible, 'unproved' => inside['unproved']&.slice('reason', 'unreadable'),
      'evidence' => inside['evidence'], 'open' => (0...(direct + possible).length).to_a, 'failures' => {} }
  end,

  # Leaves the groups without an outcome. Returns whether all have one.
  leave_open: lambda do |sequence, groups, leaving|
    run, ended = sequence.values_at('run', 'ended')
    tried = leaving['direct'] + leaving['possible']
    leaving['open'] = leaving['open'].reject do |at|
      id = tried[at]['value']
      next leaving['failures'][id] = ended if ended

      call('turn_left?', run) && call('try_leave', sequence, groups, leaving, id)
    end
    leaving['open'].empty? && (ended || call('turn_left?', run))
  end,

  # Removes a user from one group. Returns whether that has an outcome. A rejected token fails for every group: to
  # continue could lock the account.
  try_leave: lambda do |sequence, groups, leaving, id|
    part = call('part_of_turn', sequence['run'])
    problem = leaving['rejected'] || call('leave_group', part, groups, id, sequence['one']['id'])
    next true if problem.nil?
    next false if call('goes_on?', sequence, problem)

    leaving['failures'][id] = problem
    leaving['rejected'] = problem if problem['code'] == 'auth'
    true
  end,

  # Adds a failure for each group that the user still shows. Returns the failure to read them.
  fail_still_shown: lambda do |sequence, leaving, removed|
    next nil unless leaving['evidence'] == 'user' && leaving['rejected'].nil?

    run, users, user = sequence.values_at('run', 'resource', 'one')
    still, unread = call('still_shown', call('part_of_turn', run), users, user, removed)
    still.each { |id| leaving['failures'][id] = { 'message' => call('text_of', 'parts', 'stillInGroup') } }
    unread
  end,

  # The failure of the groups that a user may still be in; nil if there are none.
  leaving_failure: lambda do |users, leaving|
    next call('not_left', users, leaving) unless leaving['failures'].empty?
    next nil unless leaving['unproved'] && leaving['unproved']['unreadable'].positive?

    text = call('error_text', 'groupsUnproved', call('unproved_values', users, leaving))
    call('details_of_failure', 'unsupported', text)
  end,

  # Why a user may still be in a group; nil if nothing says so.
  leave_group: lambda do |run, groups, id, member|
    call('change_members', run, groups, id, 'remove', [member], call('chunk_size'), true)
    group = call('read_by_id', run, groups, id)
    inside = (group && call('member_ids', group)) || []
    shown = inside.any? { |one| call('same_id?', one, member) }
    shown ? { 'message' => call('text_of', 'parts', 'stillInGroup') } : nil
  rescue ::StandardError => e
    details = call('failure_of', e)
    raise if details.empty?

    details
  end,

  # The groups that the user still shows, some time after leaving them, and the failure to read them.
  still_shown: lambda do |run, users, user, removed|
    next [[], nil] if removed.empty?

    shown = lambda { |_before|
      current = call('read_by_id', run, users, user['id']) || {}
      direct = call('groups_shown', current).reject { |group| group['type'] == 'indirect' }
      removed.map { |group| group['value'] } & direct.map { |group| group['value'] }
    }
    [call('read_until', shown, ->(groups) { groups.empty? }), nil]
  rescue ::StandardError => e
    details = call('failure_of', e)
    raise if details.empty?

    [[], details]
  end,

  # The failure of the groups that the user has not left.
  not_left: lambda do |users, leaving|
    failures = leaving['failures']
    tried = leaving['direct'] + leaving['possible']
    named = tried.select { |group| failures.key?(group['value']) }.map do |group|
      "#{group['display'] || group['value']} (#{call('what_of', failures[group['value']]).chomp('.')})"
    end
    known = failures.values.find { |one| one.key?('code') }
    first = leaving['rejected'] || known || { 'code' => 'provider_fault' }
    text = call('error_text', 'groupsNotLeft', {
      'resource' => users['title'].downcase, 'count' => failures.length, 'total' => tried.length,
      'groups' => call('list_some', named)
    })
    first.merge(text, 'message' => "#{text['what']} #{text['nextStep']}")
  end
}
