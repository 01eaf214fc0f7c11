# frozen_string_literal: true

# Actions that may take longer than one run of a step, which Workato ends after 180 seconds. They end their run in
# time, and go on in another one, with what they know in `continue`.
{
  # Runs an action once. Returns its output, or what the next run of the same step continues with.
  run_turn: lambda do |connection, key, input, continue|
    call('as_job_error', lambda {
      run = call('open_run', connection)
      action = run['definition']['actions'][key]
      continue = call('plain', continue || {})
      # No request outlasts the run: what is cut off by Workato is lost.
      run.merge!('turnEndsAt' => call('now_in_ms') + 100_000, 'deadlineAt' => call('now_in_ms') + 165_000)
      # What earlier runs have noticed of the provider.
      run.merge!(continue.slice('noticed', 'habits'))
      given = call('read_input', run, action, input)
      turn = call("turn_of_#{action['operation']['type']}", run, action, given, continue)
      turn.key?('output') ? { 'output' => call('with_field_names', turn['output']) } : turn
    })
  end,

  # Whether this run has time for another part.
  turn_left?: lambda do |run|
    call('now_in_ms') < run['turnEndsAt']
  end,

  # The deadline of one part: its own, or that of the run, which cuts all parts but the first one short.
  part_of_turn: lambda do |run|
    own = call('deadline_from_now', run)
    cut = run['begun'] && own > run['deadlineAt']
    run['begun'] = true
    run.merge('deadlineAt' => [own, run['deadlineAt']].min, 'cutShort' => cut)
  end,

  # The shortest pause between two runs, in seconds.
  turn_pause: -> { 60 },

  # The most runs of one step after the first one, and the time in which a job must end, less a margin.
  most_turns: -> { 100 },
  longest_job_in_ms: -> { 80 * 60_000 },

  # What the next run continues with; nil if Workato allows no other run. **Assumption**: `continue` can hold as much
  # as the closure of a trigger, since no public source states how much it can.
  next_turn: lambda do |run, continue, kept|
    now = call('now_in_ms')
    begun = continue['begunAt'] || now
    turn = continue['turn'].to_i + 1
    last = turn > call('most_turns') || now - begun > call('longest_job_in_ms')
    kept = kept.merge(run.slice('noticed', 'habits'), 'begunAt' => begun, 'turn' => turn)
    next nil if last || ::JSON.generate(kept).length > call('closure_limit')

    { 'continue' => kept, 'seconds' => call('turn_pause') }
  end
}
