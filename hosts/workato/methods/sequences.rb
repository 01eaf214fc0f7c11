# frozen_string_literal: true

# Several changes of one resource, in the order of the manifest, each of which the input selects. What holds already
# is left out, so that a sequence can run again. A step that fails does not stop the next ones.
{
  do_sequence: lambda do |run, action, input|
    steps = action['operation']['steps']
    selected = steps.select do |step|
      input.fetch(step['field']) { call('default_of', action, step['field']) } == true
    end
    if selected.empty?
      fields = steps.map { |step| "`#{step['field']}`" }.join(', ')
      call('fail_with_problems', [call('problem', '', 'noStep', { 'fields' => fields })])
    end
    resource = call('resource_of', run, action)
    one = call('must_read', run, resource, call('find_target', run, resource, input)['id'])
    sequence = { 'run' => run, 'resource' => resource, 'one' => one, 'results' => [], 'deleted' => false,
                 'failure' => nil }
    selected.each { |step| sequence['results'] << call('try_step', sequence, step) }
    call('fail_partly_done', sequence) unless sequence['failure'].nil?
    { 'id' => one['id'], 'wasDeleted' => sequence['deleted'], 'steps' => sequence['results'] }
  end,

  try_step: lambda do |sequence, step|
    failure = sequence['failure']
    # A rejected token fails for every step: to continue could lock the account.
    if failure && failure['code'] == 'auth'
      message = call('text_of', 'parts', 'stepsWithoutToken')
      next call('step_result', step, 'failed', { 'message' => message })
    end

    if sequence['deleted']
      message = call('text_of', 'parts', 'stepsDeleted', { 'resource' => sequence['resource']['title'].downcase })
      next call('step_result', step, 'skipped', { 'message' => message })
    end
    call(step['type'] == 'patch' ? 'patch_step' : 'leave_step', sequence, step)
  rescue ::StandardError => e
    details = call('failure_of', e)
    raise if details.empty?

    call('fail_step', sequence, step, details)
  end,

  step_result: lambda do |step, outcome, more = {}|
    { 'step' => step['field'], 'outcome' => outcome }.merge(more)
  end,

  fail_step: lambda do |sequence, step, details|
    sequence['failure'] ||= details
    call('step_result', step, 'failed', { 'message' => details['message'] })
  end,

  patch_step: lambda do |sequence, step|
    run, resource, one = sequence.values_at('run', 'resource', 'one')
    applicable = step['operations'].select { |given| !step['onlyShown'] || call('shown?', resource, one, given) }
    next call('step_result', step, 'not_shown') if applicable.empty?

    remaining = call('remaining_operations', applicable, resource, one)
    next call('step_result', step, 'unchanged') if remaining.empty?

    gone = lambda {
      sequence['deleted'] = true
      one.slice('id')
    }
    # The version is that of before the first step.
    target = sequence['results'].empty? ? call('target_of', one) : one.slice('id')
    call('patch_resource', run, resource, target,
         { 'operations' => remaining, 'onGone' => step['onGone'] == 'done' ? gone : nil })
    attributes = remaining.map { |given| call('changed', resource, one, given) }
    call('step_result', step, 'done', { 'attributes' => attributes })
  end,

  changed: lambda do |resource, one, given|
    before = call('values_at', one, call('json_path_of', resource, given['path']))
    { 'path' => given['path'], 'from' => before.length > 1 ? before : before[0], 'to' => given['value'] }
  end,

  # Whether a resource shows an attribute, or the extension that it belongs to.
  shown?: lambda do |resource, one, given|
    keys = call('json_path_of', resource, given['path'])
    extension = resource['extensions'].include?(keys[0]) ? one[keys[0]] : nil
    next !extension.empty? if extension.is_a?(::Hash)

    !call('values_at', one, keys).empty?
  end,

  leave_step: lambda do |sequence, step|
    users = sequence['resource']
    groups = sequence['run']['definition']['resources'][step['groups']]
    left, confirmed, details = call('leave_groups', sequence['run'], users, sequence['one'], groups)
    next call('fail_step', sequence, step, details).merge('groups' => left) unless details.nil?

    outcome = left.empty? ? 'unchanged' : 'done'
    next call('step_result', step, outcome, { 'groups' => left }) if confirmed.nil?

    values = { 'resource' => users['title'].downcase }.merge(confirmed)
    message = call('text_of', 'parts', 'removalsConfirmed', values)
    call('step_result', step, 'confirmed', { 'groups' => left, 'message' => message })
  rescue ::StandardError => e
    # The user was read, so that a list that does not exist is one that the provider does not have.
    raise unless [404, 501].include?(call('failure_of', e)['status'])

    call('step_result', step, 'skipped', { 'message' => call('text_of', 'parts', 'stepsWithoutGroups') })
  end,

  # Removes a user from every group that has the user as a direct member, or that may have without showing it. A group
  # that fails does not stop the others. Returns the groups that showed the user and no longer do, what the provider
  # confirmed without showing it, and the failure of the others.
  leave_groups: lambda do |run, users, user, groups|
    inside = call('groups_of_user', run, users, user, groups)
    unproved = inside['unproved']
    # The user leaves a group that contains another one by leaving that one.
    direct = inside['groups'].reject { |group| group['type'] == 'indirect' }
    possible = unproved ? unproved['groups'] : []
    leaving = { 'run' => run, 'groups' => groups, 'member' => user['id'], 'failures' => {} }
    (direct + possible).each { |group| call('try_leave', leaving, group['value']) }
    failures = leaving['failures']
    out = ->(group) { !failures.key?(group['value']) }
    by_user = inside['evidence'] == 'user' && leaving['rejected'].nil?
    still, unread = by_user ? call('still_shown', run, users, user, direct.select(&out)) : [[], nil]
    still.each { |id| failures[id] = { 'message' => call('text_of', 'parts', 'stillInGroup') } }
    count = possible.count(&out)
    confirmed = count.positive? ? { 'count' => count, 'reason' => unproved['reason'] } : nil
    [direct.select(&out), confirmed, call('leaving_failure', users, inside, leaving, direct + possible) || unread]
  end,

  # The failure of the groups that a user may still be in; nil if there are none.
  leaving_failure: lambda do |users, inside, leaving, tried|
    next call('not_left', users, tried, leaving) unless leaving['failures'].empty?
    next nil unless inside['unproved'] && inside['unproved']['unreadable'].positive?

    text = call('error_text', 'groupsUnproved', call('unproved_values', users, inside))
    call('details_of_failure', 'unsupported', text)
  end,

  # Removes a user from one group. A rejected token fails for every group: to continue could lock the account.
  try_leave: lambda do |leaving, id|
    problem = leaving['rejected'] || call('leave_group', leaving['run'], leaving['groups'], id, leaving['member'])
    next if problem.nil?

    leaving['failures'][id] = problem
    leaving['rejected'] = problem if problem['code'] == 'auth'
  end,

  # Why a user may still be in a group; nil if nothing says so.
  leave_group: lambda do |run, groups, id, member|
    call('change_members', run, groups, id, 'remove', [member])
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

    shown = lambda {
      current = call('read_by_id', run, users, user['id']) || {}
      direct = call('groups_shown', current).reject { |group| group['type'] == 'indirect' }
      removed.map { |group| group['value'] } & direct.map { |group| group['value'] }
    }
    next [[], nil] if shown.call.empty?

    sleep(0.5)
    [shown.call, nil]
  rescue ::StandardError => e
    details = call('failure_of', e)
    raise if details.empty?

    [[], details]
  end,

  # The failure of the groups that the user has not left.
  not_left: lambda do |users, tried, leaving|
    failures = leaving['failures']
    named = tried.select { |group| failures.key?(group['value']) }.map do |group|
      "#{group['display'] || group['value']} (#{call('what_of', failures[group['value']]).chomp('.')})"
    end
    known = failures.values.find { |one| one.key?('code') }
    first = leaving['rejected'] || known || { 'code' => 'provider_fault' }
    text = call('error_text', 'groupsNotLeft', {
      'resource' => users['title'].downcase, 'count' => failures.length, 'total' => tried.length,
      'groups' => "#{named.first(10).join(', ')}#{named.length > 10 ? ', …' : ''}"
    })
    first.merge(text, 'message' => "#{text['what']} #{text['nextStep']}")
  end,

  fail_partly_done: lambda do |sequence|
    results = sequence['results']
    left = results.select { |result| result['outcome'] == 'failed' }
    named = left.map { |result| "`#{result['step']}`: #{result['message'].chomp('.')}" }
    values = { 'done' => results.length - left.length, 'total' => results.length, 'left' => named.join('; ') }
    call('fail_as', sequence['failure']['code'], 'sequencePartlyDone', values, sequence['failure'])
  end
}
