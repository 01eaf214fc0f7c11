# frozen_string_literal: true

# Variants of the polling triggers: those that a webhook wakes, and those that return several events to one job.
{
  # A poll that a call of the webhook started. What the caller sent is not read: everything is from the provider.
  poll_real_time: lambda do |connection, key, input, closure|
    call('poll_trigger', connection, key, (input || {}).reject { |name, _| name.to_s == 'stream' }, closure)
  end,

  poll_batches: lambda do |connection, key, input, closure|
    call('in_batches', input, ->(given) { call('poll_trigger', connection, key, given, closure) })
  end,

  poll_source_batches: lambda do |connection, input, closure|
    call('in_batches', input, ->(given) { call('poll_source', connection, given, closure) })
  end,

  # A poll whose events come in batches: each batch in order, and the oldest first.
  in_batches: lambda do |input, poll|
    given = call('plain', input || {})
    size = call('as_job_error', -> { call('batch_size', given) }, 'triggerLabels')
    polled = poll.call(given.reject { |name, _| name == 'batch_size' })
    # Workato reads both from the end.
    batches = polled[:events].reverse.each_slice(size).map { |events| call('batch_of', events) }
    polled.merge(events: batches.reverse)
  end,

  batch_size: lambda do |given|
    definition = call('definition')
    schema = definition['batch']
    input = call('coerce', definition['schemas'], schema, call('filled', given, schema))
    problems = call('problems_of', definition['schemas'], schema, input)
    call('fail_with_problems', problems) unless problems.empty?
    call('presets_of', definition, schema).merge(input)['batch_size']
  end,

  # The same events make the same batch.
  batch_of: lambda do |events|
    keys = events.map { |event| event['dedupeKey'] }
    { 'events' => events, 'count' => events.length, 'dedupeKey' => call('hold_hash', keys.join("\n")) }
  end,

  sample_batch: lambda do |name, type, changes, data|
    call('batch_of', [call('sample_event', name, type, changes, data)])
  end
}
