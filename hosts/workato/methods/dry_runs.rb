# frozen_string_literal: true

# Dry runs: the action runs as always. Its changing requests are recorded instead of sent, and are answered by a
# prediction.
{
  # Runs an action without changing anything. Returns what would be sent and changed.
  dry_run: lambda do |run, action, input|
    dry = { 'state' => { 'found' => {}, 'owners' => {}, 'predictions' => {}, 'unpredictable' => {}, 'count' => 0 },
            'recording' => call('open_recording') }
    begin
      ending = { 'output' => call('run_dry', run.merge('dry' => dry), action, input) }
    rescue ::StandardError => e
      details = call('failure_of', e)
      # What an error says is done would only be done: then it is a part of the prediction.
      raise if details.empty? || !(details['unpredictable'] || call('records_changes?', dry['recording']))

      ending = details['unpredictable'] ? {} : { 'error' => call('show_failure', details) }
    end
    { 'dryRun' => call('describe_recording', run, action, dry['recording'], ending) }
  end,

  # The output of the action. One that goes on in other runs must fit into one: they would not know the prediction.
  run_dry: lambda do |run, action, input|
    next call('do_action', run, action, input) unless run.key?('turnEndsAt')

    run['turnEndsAt'] = run['deadlineAt']
    turn = call("turn_of_#{action['operation']['type']}", run, action, input, {})
    turn.key?('output') ? turn['output'] : call('fail_as', 'unavailable', 'outOfTime')
  end,

  # Takes the switch out of an input. A value that is no switch must not run for real.
  take_dry_run: lambda do |run, action, given|
    input = call('plain', given)
    next [input, false] unless action['changes'] && input.is_a?(::Hash) && input.key?('dryRun')

    schema = { 'type' => 'object', 'properties' => { 'dryRun' => { 'type' => 'boolean' } } }
    switch = call('coerce', run['definition']['schemas'], schema, input.slice('dryRun'))
    problems = call('problems_of', run['definition']['schemas'], schema, switch)
    call('fail_with_problems', problems) unless problems.empty?
    [input.except('dryRun'), switch['dryRun']]
  end,

  open_recording: lambda do
    { 'requests' => [], 'changes' => [], 'notes' => [], 'unknown' => false, 'rows' => {} }
  end,

  # The run of one row of a bulk action: in a dry run, with a recording of its own.
  run_of_row: lambda do |run, at|
    dry = run['dry']
    dry.nil? ? run : run.merge('dry' => dry.merge('recording' => call('recording_of_row', dry['recording'], at)))
  end,

  recording_of_row: lambda do |recording, at|
    recording['rows'][at] ||= call('open_recording')
  end,

  records_changes?: lambda do |recording|
    !recording['changes'].empty? || recording['rows'].values.any? { |row| call('records_changes?', row) }
  end,

  note_unknown: lambda do |recording, note|
    recording['unknown'] = true
    recording['notes'] |= [note]
  end,

  dry_text: lambda do |name, values = {}|
    call('text_of', 'dryRun', name, values)
  end,

  # Answers a request of a dry run.
  answer_dry: lambda do |run, request|
    sending = run.merge('dry' => nil)
    state, recording = run['dry'].values_at('state', 'recording')
    # A search by POST only reads, too (RFC 7644 §3.4.3).
    reads = request['method'] == 'GET' || (request['method'] == 'POST' && request['path'].end_with?('/.search'))
    next call('read_predicted', sending, state, request) if reads

    recording['requests'] << call('describe_request', run, request)
    call('predict_change', sending, state, recording, request)
  end,

  # The body is text: a step would rename the attributes in it.
  describe_request: lambda do |run, request|
    secrets = call('secret_attributes', run['definition']['resources'])
    body = request['body'].nil? ? nil : ::JSON.generate(call('mask_secrets', request['body'], secrets))
    query = request['query'] || {}
    {
      'method' => request['method'], 'path' => request['path'].gsub(/%7B(\w+)%23(\d+)%7D/, '{\1#\2}'),
      'query' => query.empty? ? nil : query, 'body' => body, 'ifMatch' => request['ifMatch']
    }.compact
  end,

  # The attributes that a provider never returns, such as `password` (RFC 7643 §2.2), in lower case.
  secret_attributes: lambda do |resources|
    all = resources.values.flat_map { |one| one['attributes'] + one['extensionAttributes'].values.flatten(1) }
    all.select { |attribute| attribute['returned'] == 'never' }.map { |attribute| attribute['name'].downcase }
  end,

  # The name that a path ends with, in lower case.
  last_name_of: lambda do |path|
    path[/[^.:\]]*\z/].to_s.downcase
  end,

  mask_secrets: lambda do |json, secrets|
    next json.map { |item| call('mask_secrets', item, secrets) } if json.is_a?(::Array)
    next json unless json.is_a?(::Hash)

    target = json['path'].is_a?(::String) && secrets.include?(call('last_name_of', json['path']))
    json.to_h do |name, value|
      secret = secrets.include?(call('last_name_of', name.to_s)) || (target && name == 'value')
      [name, secret && !value.nil? ? '[secret]' : call('mask_secrets', value, secrets)]
    end
  end,

  # The secret attributes that a body sets: the names in a resource, or the paths of operations.
  secrets_in: lambda do |body, secrets|
    given = lambda { |value|
      value.is_a?(::Hash) ? value.keys.select { |name| secrets.include?(call('last_name_of', name)) } : []
    }
    next given.call(body) unless body.is_a?(::Hash) && body['Operations'].is_a?(::Array)

    body['Operations'].grep(::Hash).flat_map do |one|
      path = one['path']
      next given.call(one['value']) unless path.is_a?(::String)

      secrets.include?(call('last_name_of', path)) ? [path] : []
    end
  end,

  # Combines the recordings of a run and of its rows.
  describe_recording: lambda do |run, action, recording, ending|
    bulk = action['operation']['type'] == 'bulk'
    results = bulk && ending['output'].is_a?(::Hash) ? ending['output']['results'] : []
    parts = recording['rows'].sort.map { |at, part| [part, (results[at] || {})['row']] }
    all = [recording, *parts.map(&:first)]
    combined = lambda { |name|
      recording[name] + parts.flat_map { |part, row| part[name].map { |one| one.merge({ 'row' => row }.compact) } }
    }
    rows = results.each_with_index.map do |result, at|
      call('describe_row', run, result, recording['rows'][at] || call('open_recording'))
    end
    notes = all.flat_map { |one| one['notes'] } + call('changes_not_made', action, ending['output'])
    described = {
      'outcome' => call('outcome_of_recordings', all), 'requests' => combined.call('requests'),
      'changes' => combined.call('changes'), 'rows' => rows, 'notes' => notes.uniq,
      'error' => ending['error']
    }.compact
    summary = call('summarize_dry_run', described)
    call('number_placeholders', run['definition']['resources'], described.merge('summary' => summary))
  end,

  # Why some changes of a plan would not be made.
  changes_not_made: lambda do |action, output|
    results = action['operation']['type'] == 'apply' && output.is_a?(::Hash) ? output['results'] : []
    results.select { |result| result['message'] }.map do |result|
      user = result['user'] || {}
      name = user['userName'] || user['id'] || (result['group'] || {})['displayName']
      call('dry_text', 'notMade', { 'change' => result['id'], 'name' => name.to_s, 'message' => result['message'] })
    end
  end,

  describe_row: lambda do |run, result, recording|
    references = run['definition']['resources'].values.map { |resource| resource['reference'] }
    about = { 'row' => result['row'], 'name' => result.values_at(*references).compact.first }.compact
    # A row that ended at what cannot be predicted has not failed.
    ended = (result['error'] || {})['code'] == 'unsupported' && recording['unknown']
    next about.merge('ok' => false, 'error' => result['error']) unless result['ok'] || ended

    about.merge('ok' => true, 'outcome' => call('outcome_of_recordings', [recording]))
  end,

  outcome_of_recordings: lambda do |recordings|
    next 'unknown' if recordings.any? { |one| one['unknown'] }

    recordings.any? { |one| !one['changes'].empty? } ? 'change' : 'no_change'
  end,

  summarize_dry_run: lambda do |described|
    outcome = described['outcome']
    requests, changes = described.values_at('requests', 'changes').map(&:length)
    failed = described['rows'].count { |row| !row['ok'] }
    counted = ->(count, one, many) { call('dry_text', count == 1 ? one : many, { 'count' => count }) }
    [
      requests.zero? ? call('dry_text', 'noRequest') : counted.call(requests, 'oneRequest', 'requests'),
      changes.zero? ? nil : counted.call(changes, 'oneChange', 'changes'),
      outcome == 'no_change' && failed.zero? ? call('dry_text', 'noChange') : nil,
      outcome == 'unknown' ? call('dry_text', 'unknownChange') : nil,
      failed.zero? ? nil : counted.call(failed, 'oneRowFails', 'rowsFail'),
      described['error'].nil? ? nil : call('dry_text', 'fails')
    ].compact.join(' ')
  end,

  # Numbers the placeholders in the order in which they appear, and explains them.
  number_placeholders: lambda do |resources, described|
    numbers = {}
    counts = ::Hash.new(0)
    notes = []
    text = ::JSON.generate(described).gsub(/\{new(\w+)#\d+\}/) do |unnumbered|
      name = ::Regexp.last_match(1)
      numbers[unnumbered] ||= begin
        placeholder = "{new#{name}#{counts[name] += 1}}"
        values = { 'placeholder' => placeholder, 'resource' => resources.dig(name, 'title').to_s.downcase }
        notes << call('dry_text', resources.key?(name) ? 'newId' : 'newVersion', values)
        placeholder
      end
    end
    numbered = ::JSON.parse(text, max_nesting: false)
    numbered.merge('notes' => numbered['notes'] + notes)
  end
}
