# frozen_string_literal: true

# Actions that may take longer than one run of a step, which Workato ends after 180 seconds. They end their run in
# time, and go on in another one, with what they know in `continue`.
{
  # Sets the time of one run of a step, which knows what earlier ones have noticed of the provider. No request
  # outlasts it: what is cut off by Workato is lost.
  begin_turn: lambda do |run, continue|
    now = call('now_in_ms')
    run.merge!(continue.slice('noticed', 'habits'), 'turnEndsAt' => now + 100_000, 'deadlineAt' => now + 165_000)
  end,

  # Whether this run has time for another part.
  turn_left?: lambda do |run|
    run['turnEndsAt'].nil? || call('now_in_ms') < run['turnEndsAt']
  end,

  # The deadline of one part: its own, or that of the run, which cuts all parts but the first one short. An action that
  # has one run has one deadline for all its parts.
  part_of_turn: lambda do |run|
    own = call('deadline_from_now', run)
    deadline = [own, run['deadlineAt']].compact.min
    run['cutShort'] = !run['turnEndsAt'].nil? && run['begun'] && own > deadline
    run['begun'] = true
    run.merge('deadlineAt' => deadline)
  end,

  # Whether the last part may have failed because it had less time than usual. The next run tries it again.
  cut_short?: lambda do |run, details|
    run['cutShort'] && details['transient']
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
