# frozen_string_literal: true

# Several changes of one resource, in the order of the manifest, each of which the input selects. What holds already
# is skipped, so that a sequence can run again. A step that fails does not stop the next ones.
{
  # One run of the operation: its output, or what the next run continues with. If no other run is allowed, the steps
  # that are left fail.
  turn_of_sequence: lambda do |run, action, input, continue|
    sequence = call('open_sequence', run, action, input, continue)
    unless call('run_steps', sequence)
      kept = sequence.slice('one', 'results', 'deleted', 'failure', 'search', 'leaving')
      next_turn = call('next_turn', run, continue, kept)
      next next_turn unless next_turn.nil?

      sequence['ended'] = call('details_of_failure', 'unavailable', call('error_text', 'stoppedBeforeStep'))
      call('run_steps', sequence)
    end
    { 'output' => call('result_of_sequence', sequence) }
  end,

  # A sequence as a row of a batch, which is one part of a run.
  do_sequence: lambda do |run, action, input|
    call('turn_of_sequence', run.reject { |name, _| name == 'turnEndsAt' }, action, input, {})['output']
  end,

  open_sequence: lambda do |run, action, input, continue|
    steps = call('selected_steps', action, input)
    resource = call('resource_of', run, action)
    one = continue['one'] || lambda {
      reading = call('part_of_turn', run)
      call('must_read', reading, resource, call('find_target', reading, resource, input)['id'])
    }.call
    { 'run' => run, 'resource' => resource, 'steps' => steps, 'one' => one, 'results' => [], 'deleted' => false,
      'failure' => nil }.merge(continue.slice('results', 'deleted', 'failure', 'search', 'leaving'))
  end,

  selected_steps: lambda do |action, input|
    steps = action['operation']['steps']
    selected = steps.select do |step|
      input.fetch(step['field']) { call('default_of', action, step['field']) } == true
    end
    next selected unless selected.empty?

    fields = steps.map { |step| "`#{step['field']}`" }.join(', ')
    call('fail_with_problems', [call('problem', '', 'noStep', { 'fields' => fields })])
  end,

  # Runs the steps without a result. Returns whether all have one.
  run_steps: lambda do |sequence|
    results = sequence['results']
    sequence['steps'].drop(results.length).all? do |step|
      result = call('try_step', sequence, step)
      results << result unless result.nil?
      result
    end
  end,

  result_of_sequence: lambda do |sequence|
    call('fail_partly_done', sequence) unless sequence['failure'].nil?
    { 'id' => sequence['one']['id'], 'wasDeleted' => sequence['deleted'], 'steps' => sequence['results'] }
  end,

  # The result of a step; nil if it goes on in the next run.
  try_step: lambda do |sequence, step|
    early = call('result_without_run', sequence, step)
    next early unless early.nil?
    next nil unless sequence['ended'] || call('turn_left?', sequence['run'])

    call(step['type'] == 'patch' ? 'patch_step' : 'leave_step', sequence, step)
  rescue ::StandardError => e
    details = call('failure_of', e)
    raise if details.empty?
    next nil if call('goes_on?', sequence, details)

    call('fail_step', sequence, step, details)
  end,

  # Whether the next run tries again what failed in this one.
  goes_on?: lambda do |sequence, details|
    sequence['ended'].nil? && call('cut_short?', sequence['run'], details)
  end,

  # The result of a step that is not run; nil if it is.
  result_without_run: lambda do |sequence, step|
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
    next nil unless sequence['ended'] && sequence['leaving'].nil?

    result = call('fail_step', sequence, step, sequence['ended'])
    result.merge('message' => call('what_of', sequence['ended']))
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
    call('patch_resource', call('part_of_turn', run), resource, target,
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

  # Leaves the groups, one after the other; nil if some are left for the next run.
  leave_step: lambda do |sequence, step|
    groups = sequence['run']['definition']['resources'][step['groups']]
    result = call('leave_groups', sequence, groups)
    next nil if result.nil?

    left, confirmed, details = result
    next call('fail_step', sequence, step, details).merge('groups' => left) unless details.nil?

    outcome = left.empty? ? 'unchanged' : 'done'
    next call('step_result', step, outcome, { 'groups' => left }) if confirmed.nil?

    values = { 'resource' => sequence['resource']['title'].downcase }.merge(confirmed)
    message = call('text_of', 'parts', 'removalsConfirmed', values)
    call('step_result', step, 'confirmed', { 'groups' => left, 'message' => message })
  rescue ::StandardError => e
    # The user was read, so that a list that does not exist is one that the provider does not have.
    raise unless [404, 501].include?(call('failure_of', e)['status'])

    call('step_result', step, 'skipped', { 'message' => call('text_of', 'parts', 'stepsWithoutGroups') })
  end,

  fail_partly_done: lambda do |sequence|
    results = sequence['results']
    left = results.select { |result| result['outcome'] == 'failed' }
    named = left.map { |result| "`#{result['step']}`: #{result['message'].chomp('.')}" }
    values = { 'done' => results.length - left.length, 'total' => results.length, 'left' => named.join('; ') }
    call('fail_as', sequence['failure']['code'], 'sequencePartlyDone', values, sequence['failure'])
  end
}
