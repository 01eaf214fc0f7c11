# frozen_string_literal: true

# Applying a plan: each change is made once, if its user is as it was when the plan was made. A failed change does
# not stop the others. There is no journal: if a job runs again, a change that was made is recognized by what the
# provider shows, and a created user by username and creation time. The runs of one step know what was sent before.
{
  # One run of the operation: its output, or what the next run continues with.
  turn_of_apply: lambda do |run, _action, input, continue|
    plan = call('read_plan', input['plan'])
    approve = input['approve'] || []
    call('require_applicable', run, plan, approve)
    apply = call('open_apply', run, plan, approve, continue)
    needs_witnesses = lambda { |change|
      call('needs_witnesses?', change) && (change['heldBy'].nil? || approve.include?(change['heldBy']))
    }
    if !continue.key?('results') && plan['changes'].any?(&needs_witnesses)
      call('require_witnesses', run, apply['sync']['users'], plan['read']['witnesses'] || [])
    end
    unless call('apply_parts', run, apply)
      next_turn = call('next_turn', run, continue, call('kept_of_apply', apply))
      next next_turn unless next_turn.nil?

      # What was made is reported, and the rest can be applied by another step.
      apply['stopped'] = true
      call('apply_parts', run, apply)
    end
    { 'output' => call('result_of_apply', apply, input['whenHeld']) }
  end,

  # What the next run has to know: also when a change was sent of which nothing shows whether it was made.
  kept_of_apply: lambda do |apply|
    unknown = apply['sent'].reject { |id, _| apply['results'].key?(id) }
    apply.slice('results', 'createdIds').merge('sent' => unknown)
  end,

  # Reads a plan from JSON. @raise invalid_input if it is not a plan, or was changed after it was made
  read_plan: lambda do |text|
    plan = begin
      ::JSON.parse(text)
    rescue ::JSON::ParserError
      nil
    end
    fits = plan.is_a?(::Hash) && plan['id'].is_a?(::String) &&
           %w[changes holds].all? { |name| plan[name].is_a?(::Array) }
    invalid = lambda { |name, values = {}|
      call('fail_with_problems', [{ 'path' => 'plan', 'message' => call('plan_text', name, values) }])
    }
    invalid.call('notAPlan') unless fits
    invalid.call('planVersion', { 'version' => plan['version'] }) unless plan['version'] == 1
    invalid.call('planChanged') unless call('id_of_plan', plan) == plan['id']
    plan
  end,

  require_applicable: lambda do |run, plan, approve|
    unless plan['baseUrl'] == run['baseUrl']
      values = { 'planned' => plan['baseUrl'], 'connected' => run['baseUrl'] }
      call('fail_with_problems', [{ 'path' => 'plan', 'message' => call('plan_text', 'planOfOther', values) }])
    end
    holds = plan['holds'].map { |hold| hold['id'] }
    unknown = approve - holds
    next if unknown.empty?

    values = { 'ids' => unknown.join(', '), 'holds' => holds.join(', ') }
    message = call('plan_text', holds.empty? ? 'nothingHeld' : 'otherHolds', values)
    call('fail_with_problems', [{ 'path' => 'approve', 'message' => message }])
  end,

  open_apply: lambda do |run, plan, approve, continue|
    sync = call('open_sync', run)
    {
      'sync' => sync, 'plan' => plan, 'approved' => approve, 'refusal' => nil, 'stopped' => false,
      # By the ID of a change, its outcome, and by that of a creation, the ID of what it created.
      'results' => continue['results'] || {}, 'createdIds' => continue['createdIds'] || {},
      # By the ID of a change, when an earlier run of the step has sent it, and when any run has.
      'sentBefore' => continue['sent'] || {}, 'sent' => (continue['sent'] || {}).dup,
      'since' => call('time_in_ms', plan['createdAt'])
    }
  end,

  # Makes the changes in the order of the plan, one part after the other. Returns whether all have an outcome.
  apply_parts: lambda do |run, apply|
    call('parts_to_apply', apply['plan']['changes']).all? do |part|
      open = part.reject { |change| apply['results'].key?(change['id']) }
      next true if open.empty?
      next false unless apply['stopped'] || call('turn_left?', run)

      call('apply_part', call('part_of_turn', run), apply, open)
      open.all? { |change| apply['results'].key?(change['id']) }
    end
  end,

  # The changes of one part are made together: one user or group, or those of one group who join or leave it.
  parts_to_apply: lambda do |changes|
    type = ->(change) { %w[join leave].include?(change['kind']) ? 'membership' : change['id'] }
    changes.chunk_while { |one, other| type.call(one) == type.call(other) }.flat_map do |stage|
      next [stage] if type.call(stage[0]) != 'membership'

      by_group = stage.group_by { |change| change['group']['id'] || change['group']['displayName'] }
      by_group.values.flat_map do |of_group|
        kinds = %w[join leave].map { |kind| of_group.select { |change| change['kind'] == kind } }
        kinds.flat_map { |of_kind| of_kind.each_slice(call('chunk_size')).to_a }
      end
    end
  end,

  apply_part: lambda do |run, apply, changes|
    ready = changes.reject do |change|
      early = call('why_not_applied', apply, change)
      apply['results'][change['id']] = early unless early.nil?
      early
    end
    next if ready.empty?

    results = apply['results']
    begin
      if %w[join leave].include?(ready[0]['kind']) then call('apply_memberships', run, apply, ready)
      elsif call('user_change?', ready[0]) then results[ready[0]['id']] = call('apply_user', run, apply, ready[0])
      else
        results[ready[0]['id']] = call('apply_group', run, apply, ready[0])
      end
    rescue ::StandardError => e
      open = ready.reject { |change| results.key?(change['id']) }
      call('fail_changes', run, apply, open, e)
    end
  end,

  # A change that had less time than usual, because the run ends soon, gets it in the next one.
  fail_changes: lambda do |run, apply, changes, problem|
    failed = call('failed_result', apply, problem)
    next if call('cut_short?', run, call('failure_of', problem))

    changes.each { |change| apply['results'][change['id']] = failed }
  end,

  # Why a change is not begun; nil if it can be.
  why_not_applied: lambda do |apply, change|
    next call('stopped_outcome', apply, change) if apply['stopped'] || apply['refusal']

    held = change['heldBy']
    next call('outcome', 'held', 'held', { 'hold' => held }) unless held.nil? || apply['approved'].include?(held)

    missing = (change['after'] || []).find do |id|
      !%w[changed unchanged].include?((apply['results'][id] || { 'outcome' => 'changed' })['outcome'])
    end
    missing && call('outcome', 'waiting', 'waiting', { 'change' => missing })
  end,

  # What was sent, and not shown by the provider, may have been made.
  stopped_outcome: lambda do |apply, change|
    next call('outcome', 'stopped', 'stopped') unless apply['sent'].key?(change['id'])

    call('outcome', 'stopped', 'stoppedDuring').merge('maybeMade' => true)
  end,

  outcome: lambda do |outcome, name = nil, values = {}|
    name.nil? ? { 'outcome' => outcome } : { 'outcome' => outcome, 'message' => call('plan_text', name, values) }
  end,

  note_sent: lambda do |apply, changes|
    changes.each { |change| apply['sent'][change['id']] ||= call('now_in_ms') }
  end,

  # Nothing is left to do: because of an earlier run of this step, or of someone else.
  outcome_when_done: lambda do |apply, change|
    call('outcome', apply['sentBefore'].key?(change['id']) ? 'changed' : 'unchanged')
  end,

  failed_result: lambda do |apply, problem|
    details = call('failure_of', problem)
    raise problem if details.empty?

    # Rejected credentials fail for every change: to continue could lock the account.
    apply['refusal'] ||= problem if details['code'] == 'auth'
    { 'outcome' => 'failed', 'message' => details['message'], 'code' => details['code'] }
  end,

  # --- users

  apply_user: lambda do |run, apply, change|
    next call('apply_create', run, apply, change) if change['kind'] == 'create'

    id = change['user']['id'] || apply['createdIds'][change['user']['createdBy']]
    next call('outcome', 'waiting', 'userNotCreated') if id.nil?

    resolved = call('with_created_ids', apply, change)
    # A user that someone else changes between the read and the change is read again.
    races = 0
    begin
      call('apply_to_user', run, apply, resolved, id, races)
    rescue ::StandardError => e
      raise e unless call('failure_of', e)['code'] == 'precondition_failed' && races < 2

      races += 1
      retry
    end
  end,

  apply_to_user: lambda do |run, apply, change, id, races|
    sync = apply['sync']
    user = call('read_by_id', run, sync['users'], id)
    deletes = change['kind'] == 'delete'
    if user.nil?
      next deletes ? call('outcome_when_done', apply, change) : call('outcome', 'refused', 'userGone')
    end

    differences = call('differences_since', sync, user, change)
    unless differences.empty?
      values = { 'user' => call('name_of_user', user), 'differences' => call('differences_text', differences) }
      next call('outcome', 'refused', 'userChanged', values).merge('differences' => differences)
    end
    if deletes
      call('note_sent', apply, [change])
      gone = call('delete_by_id', run, sync['users'], user['id'])
      next gone ? call('outcome_when_done', apply, change) : call('outcome', 'changed')
    end

    open = change['attributes'].reject { |one| call('so_already?', sync, user, one, change['user']) }
    next call('outcome_when_done', apply, change) if open.empty?

    call('note_sent', apply, [change])
    target = call('target_of', user)
    # A provider that calls each version stale would never accept one.
    insists = races < 2 && !run['noticed']['rejectsVersions']
    call('patch_resource', run, sync['users'], target, {
      'operations' => open.map { |one| call('operation_to_apply', one) },
      'ifVersion' => insists ? target['version'] : nil, 'before' => user,
      'onGone' => change['kind'] == 'deactivate' ? -> { user.merge('active' => false) } : nil
    })
    call('outcome', 'changed')
  end,

  operation_to_apply: lambda do |one|
    path, value = one.values_at('path', 'to')
    value.nil? ? { 'op' => 'remove', 'path' => path } : { 'op' => 'replace', 'path' => path, 'value' => value }
  end,

  apply_create: lambda do |run, apply, change|
    attributes = call('with_created_ids', apply, change)['attributes']
    given = attributes.map { |one| { 'path' => one['path'], 'value' => one['to'] } }
    created, was_there = call('create_once', run, apply, apply['sync']['users'], change, given)
    was_there ? call('outcome_when_found', apply['sync'], created, attributes) : call('outcome', 'changed')
  rescue ::StandardError => e
    details = call('failure_of', e)
    raise e unless details['code'] == 'conflict'

    call('outcome', 'refused', 'userExists', { 'message' => details['message'] })
  end,

  # A user was created since the plan was made, and nothing shows by whom.
  outcome_when_found: lambda do |sync, user, attributes|
    differences = attributes.map do |one|
      shown = call('value_at', sync, user, one['path'])
      call('same_value?', sync, one['path'], shown, one['to']) ? nil : one.merge('to' => shown)
    end.compact
    next call('outcome', 'unchanged', 'asPlanned') if differences.empty?

    paths = differences.map { |one| call('short_path', one['path']) }.join(', ')
    values = { 'user' => call('name_of_user', user), 'attributes' => paths }
    call('outcome', 'refused', 'createdSince', values).merge('differences' => differences)
  end,

  # Creates a resource, unless it was created since the plan was made, or since an earlier run of the step sent it.
  # Returns it, and whether it was there before the step sent anything.
  create_once: lambda do |run, apply, resource, change, given|
    id = change['id']
    sent_at = apply['sentBefore'][id]
    creating = run.merge('maybeSentSince' => sent_at || apply['since'])
    creation = call('open_creation', creating, resource, given)
    found = call('find_created', creation, creating)
    call('note_sent', apply, [change]) if found.nil?
    created = found || call('create', creation)
    apply['createdIds'][id] = created['id']
    [created, !found.nil? && sent_at.nil?]
  end,

  # Puts the IDs of users whom the plan creates in the place of their names.
  with_created_ids: lambda do |apply, change|
    attributes = change['attributes'].map do |one|
      next one unless one.key?('toUserOf')

      one.merge('to' => apply['createdIds'].fetch(one['toUserOf'], one['to'])).reject { |name, _| name == 'toUserOf' }
    end
    change.merge('attributes' => attributes)
  end,

  # Whether a user has a value already. Who was shown as active, and is not any more, is inactive.
  so_already?: lambda do |sync, user, one, planned|
    now = call('value_at', sync, user, one['path'])
    next planned['active'] == true if one['path'] == 'active' && one['to'] == false && now.nil?

    call('same_value?', sync, one['path'], now, one['to'])
  end,

  # What is no longer as it was when the plan was made: the user's names, and the attributes that change.
  differences_since: lambda do |sync, user, change|
    given = change['attributes'].map { |one| one['path'] }
    names = %w[userName externalId active] - given
    basis = change['attributes'] + names.map do |path|
      { 'path' => path, 'from' => change['user'][path], 'to' => change['user'][path] }
    end
    basis.map do |one|
      path = one['path']
      now = call('value_at', sync, user, path)
      same = lambda { |wanted|
        path == 'active' ? call('same_active?', now, wanted) : call('same_value?', sync, path, now, wanted)
      }
      next nil if same.call(one['from']) || (change['kind'] != 'delete' && same.call(one['to']))

      { 'path' => path, 'from' => one['from'], 'to' => now }
    end.compact
  end,

  # Lists may not show who is active, so that a plan does not know. Some providers show it only of those who are.
  same_active?: lambda do |now, wanted|
    wanted.nil? || now == wanted || (wanted == false && now.nil?)
  end,

  differences_text: lambda do |differences|
    texts = differences.map do |one|
      call('plan_text', 'difference', {
        'attribute' => call('short_path', one['path']), 'from' => call('shown_value', one['from']),
        'to' => call('shown_value', one['to'])
      })
    end
    texts.join('; ')
  end,

  # A value as messages show it.
  shown_value: lambda do |value|
    next call('plan_text', 'none') if value.nil?

    value.is_a?(::String) ? "\"#{value}\"" : ::JSON.generate(value)
  end,

  # --- groups and memberships

  apply_group: lambda do |run, apply, change|
    resource = call('groups_to_apply', apply)
    next call('apply_group_deletion', run, apply, resource, change) if change['kind'] == 'delete_group'

    given = [{ 'path' => 'displayName', 'value' => change['group']['displayName'] }]
    _, was_there = call('create_once', run, apply, resource, change, given)
    was_there ? call('outcome', 'unchanged', 'asPlanned') : call('outcome', 'changed')
  end,

  apply_group_deletion: lambda do |run, apply, resource, change|
    group = call('read_by_id', run, resource, change['group']['id'].to_s)
    next call('outcome_when_done', apply, change) if group.nil?

    count = (call('member_ids', group) || []).uniq.length
    values = { 'group' => change['group']['displayName'], 'count' => count }
    next call('outcome', 'refused', 'groupHasMembers', values) if count.positive?

    call('note_sent', apply, [change])
    call('delete_by_id', run, resource, group['id'])
    call('outcome', 'changed')
  end,

  # Makes the changes of one group's memberships: all that join, or all that leave, in as few requests as possible.
  apply_memberships: lambda do |run, apply, changes|
    resource = call('groups_to_apply', apply)
    results, created = apply.values_at('results', 'createdIds')
    group = changes[0]['group']
    group_id = group['id'] || created[group['createdBy']]
    members = changes.map { |one| [one, one['user']['id'] || created[one['user']['createdBy']]] }
    unknown, members = members.partition { |_, user_id| group_id.nil? || user_id.nil? }
    unknown.each { |one, _| results[one['id']] = call('outcome', 'waiting', 'userOrGroupNotCreated') }
    next if members.empty?

    adds = changes[0]['kind'] == 'join'
    before = call('shown_members', run, resource, group_id)
    open, closed = members.partition { |_, user_id| before.nil? || call('member_in?', before, user_id) != adds }
    closed.each { |one, _| results[one['id']] = call('outcome_when_done', apply, one) }
    call('note_sent', apply, open.map(&:first))
    leaving = adds ? [] : open.map { |_, user_id| call('fold_case', user_id) }
    kept = (before || {}).reject { |folded, _| leaving.include?(folded) }.values
    call('send_memberships', run, apply, resource, group_id, open, adds, kept) unless open.empty?
  end,

  # After an error, the group shows which of the changes were made.
  send_memberships: lambda do |run, apply, resource, group_id, open, adds, kept|
    result = call('outcome', 'changed')
    on_lost = ->(problem) { result = call('failed_result', apply, problem) }
    begin
      call('change_members', run, resource, group_id, adds ? 'add' : 'remove', open.map(&:last), call('chunk_size'),
           false, kept, on_lost)
    rescue ::StandardError => e
      raise e if call('failure_of', e).empty?

      after = call('shown_members', run, resource, group_id)
    end
    made, others = open.partition { |_, id| e.nil? || (!after.nil? && call('member_in?', after, id) == adds) }
    made.each { |change, _| apply['results'][change['id']] = result }
    call('fail_changes', run, apply, others.map(&:first), e) unless others.empty?
  end,

  # The members that a group shows, by their folded IDs; nil if the provider shows none of any group, so that nothing is known.
  shown_members: lambda do |run, resource, group_id|
    group = call('read_by_id', run, resource, group_id)
    next nil if group.nil? || call('hides_members?', run, resource, group)

    call('by_folded_id', call('member_ids', group))
  end,

  # Whether a user is a member. Some providers show an ID in another case than in a list.
  member_in?: lambda do |members, user_id|
    members.key?(call('fold_case', user_id))
  end,

  groups_to_apply: lambda do |apply|
    apply['sync']['groups'] || call('fail_as', 'unsupported', 'noGroupType')
  end,

  # --- the result

  result_of_apply: lambda do |apply, when_held|
    plan, results, approved = apply.values_at('plan', 'results', 'approved')
    outcomes = results.values.map { |result| result['outcome'] }
    raise apply['refusal'] if apply['refusal'] && results.values.none? { |result| call('can_be_sent?', result) }

    kinds = %w[changed unchanged refused failed held waiting stopped]
    counts = kinds.to_h { |kind| [kind, outcomes.count(kind)] }
    holds = plan['holds'].reject { |hold| approved.include?(hold['id']) }
    call('fail_plan_held', plan, holds, counts) if when_held != 'report' && !holds.empty?
    { 'planId' => plan['id'], 'counts' => counts, 'holds' => holds,
      'results' => plan['changes'].map { |change| change.merge(results[change['id']]) } }
  end,

  # Whether a change was made, or may have been: then the results say more than why the run ended.
  can_be_sent?: lambda do |result|
    rejected = result['outcome'] == 'failed' && result['code'] != 'auth'
    result['outcome'] == 'changed' || rejected || result['maybeMade']
  end,

  # The error of a plan of which a part is held. The other changes have been made.
  fail_plan_held: lambda do |plan, holds, counts|
    held = holds.sum { |hold| hold['changes'] }
    names = holds.flat_map { |hold| hold['names'] }.first(10)
    rest = held - names.length
    more = rest.positive? ? call('text_of', 'parts', 'andMore', { 'count' => rest }) : ''
    call('fail_as', 'mass_change_blocked', 'planHeld', {
      'held' => held, 'planned' => plan['changes'].length,
      'reasons' => holds.map { |hold| hold['reason'] }.join(' '), 'made' => counts['changed'],
      'names' => "#{names.join(', ')}#{more}", 'ids' => holds.map { |hold| hold['id'] }.join(', ')
    })
  end
}
