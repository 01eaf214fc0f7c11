# frozen_string_literal: true

# Batches of rows: in POSTs to /Bulk (RFC 7644 §3.7) if the provider has it and one request can perform the row,
# otherwise one by one. A row that a bulk response reports as done is confirmed as a single request is: by what the
# response shows, or by a read. A row that it rejects is run separately, so that it is retried, or its conflict is
# resolved as the action declares. So is a row that is not confirmed, which can have been processed.
{
  # One run of the operation: its output, or what the next run continues with. If no other run is allowed, what was
  # done is reported.
  turn_of_bulk: lambda do |run, action, input, continue|
    bulk = call('open_bulk', run, action, input).merge(continue.slice('results', 'apart'))
    unless call('run_bulk', bulk)
      next_turn = call('next_turn', run, continue, bulk.slice('results', 'apart'))
      next next_turn unless next_turn.nil?

      call('open_rows', bulk).each do |at|
        text = call('error_text', bulk['apart'][at.to_s] ? 'stoppedDuring' : 'stoppedBefore')
        stopped = call('details_of_failure', 'unavailable', text)
        bulk['results'][at] = { 'ok' => false, 'error' => call('show_failure', stopped) }
      end
    end
    { 'output' => call('result_of_bulk', bulk) }
  end,

  open_bulk: lambda do |run, action, input|
    keys = action['operation']['actions']
    key = input['action'] || keys[0]
    row_action = keys.include?(key) ? run['definition']['actions'][key] : nil
    if row_action.nil?
      message = call('text_of', 'check', 'enum', { 'values' => keys.join(', ') })
      call('fail_with_problems', [{ 'path' => 'action', 'message' => message }])
    end
    resource = run['definition']['resources'][row_action['operation']['resource']]
    match_by = call('match_of_rows', run, row_action.merge('key' => key), resource, input['matchBy'])
    # The rows that are run separately, with the time since which an earlier request can have processed them.
    { 'run' => run, 'action' => row_action, 'resource' => resource, 'rows' => input['rows'], 'results' => [],
      'apart' => {}, 'refusal' => nil, 'accepted' => false, 'withoutBulk' => false, 'matchBy' => match_by }
  end,

  # The key that identifies the users of the rows. @raise invalid_input if the action of the rows matches nobody
  match_of_rows: lambda do |run, row_action, resource, match_by|
    next match_by if match_by.nil?

    fields = call('schema_at', run['definition']['schemas'], row_action['input'])['properties']
    next match_by if fields.key?('matchBy') || (resource && fields.key?(resource['reference']))

    values = { 'action' => row_action['key'] }
    call('fail_with_problems', [call('problem', 'matchBy', 'matchesNobody', values)])
  end,

  result_of_bulk: lambda do |bulk|
    raise bulk['refusal'] if bulk['refusal'] && bulk['results'].none? { |result| result['ok'] }

    results = bulk['results'].each_with_index.map { |outcome, at| call('row_result', bulk, outcome, at) }
    succeeded = results.count { |result| result['ok'] }
    { 'succeeded' => succeeded, 'failed' => results.length - succeeded, 'results' => results }
  end,

  # Runs the rows without a result. Returns whether all have one.
  run_bulk: lambda do |bulk|
    bulk['names'] = bulk['rows'].map { |row| call('name_of_row', bulk['resource'], row) }
    bulk['rows'] = bulk['rows'].each_with_index.map do |row, at|
      call('read_input', bulk['run'], bulk['action'], call('to_row_input', bulk, row))
    rescue ::StandardError => e
      call('fail_row', bulk, at, e)
      row
    end
    limits = call('open_rows', bulk).length > 1 ? call('bulk_limits', bulk['run'], bulk['action']) : nil
    # What earlier runs have left is before the others: the last row about a user wins.
    call('run_rows', bulk, call('open_rows', bulk).select { |at| bulk['apart'].key?(at.to_s) })
    together = limits.nil? ? [] : call('open_rows', bulk)
    # What is planned in this run is sent in it.
    together.each_slice(call('most_in_bulk')) do |rows|
      call('bulk_chunks', call('plan_rows', bulk, rows), limits).each { |chunk| call('send_bulk', bulk, chunk) }
      call('run_rows', bulk, call('open_rows', bulk) & rows)
    end
    call('run_rows', bulk, call('open_rows', bulk))
    call('open_rows', bulk).empty?
  end,

  # The outcome of a row, with its number, from 1, and the name of its user, under the key of the reference.
  row_result: lambda do |bulk, outcome, at|
    name = bulk['names'][at]
    { 'row' => at + 1 }.merge(name.nil? ? {} : { bulk['resource']['reference'] => name }, outcome)
  end,

  # The input of an action from a row. A flat row, such as a sheet has, identifies its resource with one of its own
  # values instead of a reference. The first lookup key with a value is the reference, and the values of the others
  # are to be set, such as the username of a user who is identified by ID.
  to_row_input: lambda do |bulk, row|
    call('fail_with_problems', [call('problem', '', 'nullRow')]) if row.nil?
    resource = bulk['resource']
    next row if resource.nil? || !row.is_a?(::Hash)

    reference = resource['reference']
    fields = call('schema_at', bulk['run']['definition']['schemas'], bulk['action']['input'])['properties']
    match_by = bulk['matchBy']
    next row.merge('matchBy' => row['matchBy'] || match_by) if match_by && fields.key?('matchBy')
    next row if fields[reference].nil? || !row[reference].nil?

    keys = resource['lookupKeys'].map { |key| key['key'] }
    empty = ->(name) { row[name].nil? || row[name] == '' }
    call('fail_with_problems', [call('problem', match_by, 'matchMissing')]) if match_by && empty.call(match_by)
    key = match_by || keys.find { |name| !empty.call(name) }
    next row if key.nil?

    others = row.reject { |name, _| name == key || (keys.include?(name) && empty.call(name) && fields[name].nil?) }
    { reference => { key => row[key] } }.merge(others)
  end,

  # How a result names the resource of its row: as a person knows it, and otherwise by ID.
  name_of_row: lambda do |resource, row|
    next nil if resource.nil? || !row.is_a?(::Hash)

    referenced = row[resource['reference']]
    values = referenced.is_a?(::Hash) ? row.merge(referenced) : row
    keys = resource['lookupKeys'].map { |key| key['key'] }
    names = (keys - ['id'] + ['id']).map { |key| values[key] }
    name = names.find { |value| !value.nil? && value != '' }
    name.is_a?(::String) || name.is_a?(::Numeric) ? name.to_s : nil
  end,

  # The rows without a result.
  open_rows: lambda do |bulk|
    bulk['rows'].each_index.select { |at| bulk['results'][at].nil? }
  end,

  # The provider's bulk limits; nil if it has no bulk endpoint, or no request can perform an action.
  bulk_limits: lambda do |run, action|
    next nil if run['noticed']['withoutBulk']
    next nil unless %w[create patch replace delete].include?(action['operation']['type'])

    bulk = call('capabilities_of', run)['bulk']
    next nil unless bulk.is_a?(::Hash) && [true, 'true'].include?(bulk['supported'])

    positive = ->(value, otherwise) { value.is_a?(::Numeric) && value.positive? ? value : otherwise }
    { 'operations' => positive.call(bulk['maxOperations'], 100),
      'bytes' => positive.call(bulk['maxPayloadSize'], 1_048_576) }
  end,

  # The provider's declared capabilities (RFC 7643 §5), fetched once per run; undeclared means unsupported.
  capabilities_of: lambda do |run|
    run['noticed']['capabilities'] ||= begin
      body = call('send_scim', run, { 'method' => 'GET', 'path' => '/ServiceProviderConfig' })['body']
      body.is_a?(::Hash) ? body : {}
    rescue ::StandardError => e
      code = call('failure_of', e)['code']
      raise if code.nil? || %w[auth rate_limited unavailable].include?(code)

      {}
    end
  end,

  plan_rows: lambda do |bulk, rows|
    rows.each_with_object([]) do |at, planned|
      break planned unless call('turn_left?', bulk['run'])

      run = call('run_of_row', call('part_of_turn', bulk['run']), at)
      step = call('bulk_step', run, bulk['action'], bulk['rows'][at])
      next bulk['apart'][at.to_s] = nil if step.nil?
      # A later row of a resource would hide whether the first one was done. It is run separately.
      next if planned.any? { |one| call('same_target?', one['step'], step) }

      planned << { 'row' => at, 'step' => step, 'bytes' => ::JSON.generate(step.except('confirm')).bytesize + 64 }
    rescue ::StandardError => e
      call('fail_row', bulk, at, e, run)
    end
  end,

  same_target?: lambda do |step, other|
    step['method'] != 'POST' && call('fold_case', step['path']) == call('fold_case', other['path'])
  end,

  # The single request that performs an action; nil if the action must be run separately. `confirm` confirms a reported
  # success as if the request had been sent by itself, and returns the resource, or the ID of a deleted one.
  bulk_step: lambda do |run, action, input|
    operation = action['operation']
    resource = call('resource_of', run, action)
    case operation['type']
    when 'create'
      # Only a unique value makes the provider reject a second one.
      next nil unless [nil, *resource['uniqueKeys']].include?(input['matchBy'])

      given = call('given_attributes', action, resource, input)
      confirm = lambda { |confirming, answer|
        call('confirm_answer', call('open_creation', confirming, resource, given), answer)
      }
      { 'method' => 'POST', 'path' => resource['endpoint'], 'body' => call('to_resource', resource, given),
        'confirm' => confirm }
    when 'delete'
      id = input[resource['reference']]['id']
      confirm = lambda { |confirming, answer|
        call('require_gone', confirming, resource, id, answer['status'])
        { 'id' => id }
      }
      id && { 'method' => 'DELETE', 'path' => call('resource_path', resource, id), 'confirm' => confirm }
    when 'patch'
      # A bulk response does not have to contain the resource. Values that a template sets, such as a role, are sent
      # separately, so that the response can show them.
      next nil if operation['operations'] != 'given' || input['ifVersion'] || call('without_patch?', run, resource)

      operations = call('operations_of', run, action, input)
      id = call('id_of_target', run, resource, input)
      change = call('change_of_patch', action, resource, id, operations)
      confirm = ->(confirming, answer) { call('confirm_patch', confirming, resource, id, change, answer['body']) }
      { 'method' => 'PATCH', 'path' => call('resource_path', resource, id), 'body' => call('patch_body', operations),
        'confirm' => confirm }
    when 'replace'
      next nil if input['ifVersion']

      given = call('given_attributes', action, resource, input)
      id = call('id_of_target', run, resource, input)
      change = { 'operations' => call('given_to_operations', given) }
      confirm = ->(confirming, answer) { call('confirm_change', confirming, resource, id, change, answer['body']) }
      { 'method' => 'PUT', 'path' => call('resource_path', resource, id),
        'body' => call('to_resource', resource, given), 'confirm' => confirm }
    end
  end,

  id_of_target: lambda do |run, resource, input|
    input[resource['reference']]['id'] || call('find_target', run, resource, input)['id']
  end,

  # Whatever the provider's limit, a response to more operations can exceed the timeout.
  most_in_bulk: -> { 200 },

  bulk_chunks: lambda do |planned, limits|
    most = [limits['operations'], call('most_in_bulk')].min
    chunks = []
    bytes = 0
    planned.each do |row|
      if chunks.empty? || chunks.last.length == most || bytes + row['bytes'] > limits['bytes'] * 0.9
        chunks << []
        bytes = 0
      end
      chunks.last << row
      bytes += row['bytes']
    end
    chunks
  end,

  # Rows that are not confirmed can have been processed: they are run immediately, and look for their own resource.
  send_bulk: lambda do |bulk, chunk|
    next unless bulk['refusal'].nil? && !bulk['withoutBulk']

    started = call('now_in_ms')
    operations = chunk.map do |row|
      step = row['step']
      { 'method' => step['method'], 'path' => step['path'], 'bulkId' => "row#{row['row']}", 'data' => step['body'] }
        .compact
    end
    answers = {}
    begin
      body = { 'schemas' => ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], 'Operations' => operations }
      run = call('part_of_turn', bulk['run'])
      answer = call('send_scim', run, { 'method' => 'POST', 'path' => '/Bulk', 'body' => body })
      bulk['accepted'] = true
      answers = call('read_bulk_answer', chunk, answer)
    rescue ::StandardError => e
      details = call('failure_of', e)
      raise if details.empty?

      bulk['refusal'] = e if details['code'] == 'auth'
      # After a rejection, and after a transient failure that no success came before, rows are sent by themselves.
      bulk['withoutBulk'] ||= !details['transient'] || !bulk['accepted']
      bulk['accepted'] = false
    end
    rows = chunk.map { |row| row['row'] }
    rejected = rows.select { |at| answers[at] && answers[at]['status'] >= 400 }
    rows.each { |at| bulk['apart'][at.to_s] = rejected.include?(at) ? nil : started }
    call('confirm_rows', bulk, chunk.reject { |row| rejected.include?(row['row']) }, answers)
    call('run_rows', bulk, (call('open_rows', bulk) & rows) - rejected)
  end,

  # Confirms the rows that are reported as done, and stores their results.
  confirm_rows: lambda do |bulk, chunk, answers|
    chunk.each do |row|
      at = row['row']
      next if answers[at].nil?
      break unless call('turn_left?', bulk['run'])

      part = call('part_of_turn', bulk['run']).merge('maybeSentSince' => bulk['apart'][at.to_s])
      confirmed = row['step']['confirm'].call(call('run_of_row', part, at), answers[at])
      bulk['results'][at] = { 'ok' => true, 'id' => confirmed['id'] }
    rescue ::StandardError => e
      details = call('failure_of', e)
      raise if details.empty?

      bulk['refusal'] = e if details['code'] == 'auth'
    end
  end,

  # Reads a bulk response as the responses to its operations, by row. A success, whose body RFC 7644 §3.7.3 does not
  # require, is what the provider reports; a rejected operation changed nothing. An operation without a response can
  # have been processed.
  read_bulk_answer: lambda do |chunk, bulk_answer|
    body = bulk_answer['body']
    listed = body.is_a?(::Hash) && body['Operations'].is_a?(::Array) ? body['Operations'] : []
    listed = listed.select { |answer| answer.is_a?(::Hash) }
    named = listed.group_by { |answer| answer['bulkId'] }
    nameless = call('nameless_answers', chunk, listed)
    chunk.each_with_index.with_object({}) do |(row, at), read|
      answers = named["row#{row['row']}"] || [nameless[at]].compact
      status = call('bulk_status', answers[0]) if answers.length == 1
      # After any other status, such as 408 or 500, the operation can have been processed.
      next unless status && (status.between?(200, 299) || (status.between?(400, 499) && status != 408))

      location = answers[0]['location']
      headers = bulk_answer['headers'].merge('location' => location.is_a?(::String) ? location : '')
      own = bulk_answer.merge('status' => status, 'headers' => headers, 'body' => call('body_in', answers[0]))
      read[row['row']] = own if status >= 300 || call('names_one_resource?', row['step'], own)
    end
  end,

  # The body of the response to an operation. Some providers send it as JSON in a string.
  body_in: lambda do |answer|
    response = answer['response']
    response.is_a?(::String) ? ::JSON.parse(response) : response
  rescue ::JSON::ParserError
    nil
  end,

  # Whether a success and its operation name one resource. A success that names another one proves nothing.
  names_one_resource?: lambda do |step, answer|
    body = answer['body']
    ids = [step['method'] == 'POST' ? '' : call('last_segment', step['path']),
           call('last_segment', answer['headers']['location']),
           body.is_a?(::Hash) ? body['id'] : ''].select { |id| id.is_a?(::String) && !id.empty? }
    ids.all? { |id| call('same_id?', id, ids[0]) }
  end,

  # The answers without any bulkId, which RFC 7644 §3.7 requires only for POST, by the positions of their operations.
  # They can be in another order than the operations, so that they prove only what all of them say, or what they say of
  # a location that was requested.
  nameless_answers: lambda do |chunk, listed|
    next [] unless listed.length == chunk.length && listed.all? { |answer| answer['bulkId'].nil? }

    by_id = listed.group_by { |answer| call('last_segment', answer['location']) }
    uniform = listed.map { |answer| call('bulk_status', answer) }.uniq.length == 1
    chunk.map do |row|
      step = row['step']
      located = step['method'] == 'POST' ? [] : by_id.fetch(call('last_segment', step['path']), [])
      next located[0] if located.length == 1

      uniform ? listed[0].slice('status') : nil
    end
  end,

  # RFC 7644 §3.7.3 defines the status as a string; some providers send a number, or SCIM 1.1's object.
  bulk_status: lambda do |answer|
    status = (answer['status'].is_a?(::Hash) ? answer['status']['code'] : answer['status']).to_s
    status.match?(/\A\d+\z/) ? status.to_i : nil
  end,

  run_rows: lambda do |bulk, rows|
    rows.each do |at|
      break unless call('turn_left?', bulk['run'])

      begun = call('now_in_ms')
      part = call('part_of_turn', bulk['run']).merge('maybeSentSince' => bulk['apart'][at.to_s])
      run = call('run_of_row', part, at)
      raise bulk['refusal'] if bulk['refusal']

      output = call('do_action', run, bulk['action'], bulk['rows'][at])
      result = { 'ok' => true }
      result['id'] = output['id'] if output.is_a?(::Hash) && output['id'].is_a?(::String)
      bulk['results'][at] = result.merge('output' => output)
    rescue ::StandardError => e
      call('fail_row', bulk, at, e, run)
      # A row that had less time than usual, because the run ends soon, gets it in the next one.
      bulk['apart'][at.to_s] ||= begun if bulk['results'][at].nil?
    end
  end,

  fail_row: lambda do |bulk, at, problem, run = {}|
    details = call('failure_of', problem)
    raise problem if details.empty?
    next if call('cut_short?', run, details)

    # A rejected token fails for every row: to continue could lock the account.
    bulk['refusal'] = problem if details['code'] == 'auth'
    bulk['results'][at] = { 'ok' => false, 'error' => call('show_failure', details) }
  end
}
