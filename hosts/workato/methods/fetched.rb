# frozen_string_literal: true

# Event sources that are fetched: the logs that Workato and WorkOS keep. A poll reads what is new since the last
# one, and again what was recorded within the look-back before that, because an entry may become visible late. The
# closure knows which of these were read. After an error, nothing is reported, and the previous closure stays valid.
{
  # One poll of a source in Workato's format.
  poll_source: lambda do |connection, input, closure|
    call('as_job_error', lambda {
      run = call('open_run', connection)
      log = call('open_log', run, call('plain', input || {}))
      kept = call('unsealed', closure)
      polled = call('poll_log', run.merge('sourceSecret' => log['token']), log, kept)
      losses = call('guard_fetched', run, log['settings'], polled['events'], (kept || {})['losses'])
      # Workato reads events from the end: the oldest must be last.
      events = call('with_event_pills', polled['events'].reverse)
      cursor = polled['cursor'].merge(losses.empty? ? {} : { 'losses' => losses })
      { events: events, next_poll: call('sealed', cursor), can_poll_more: polled['more'] }
    }, 'triggerLabels')
  end,

  # Holds everything that was fetched if too much would be lost in a day: nothing is reported, and the next poll fetches
  # it again. Returns the losses of the past day.
  guard_fetched: lambda do |run, settings, events, recent|
    resources = run['definition']['resources']
    losses = events.flat_map do |event|
      call('losses')['of'].call(event, call('guarded_resource', resources.fetch(event['resource'])), nil)
    end
    # How many there are is not known.
    poll = { 'limits' => { 'number' => settings['massChangeLimit'] }, 'recentLosses' => recent || {}, 'members' => 0,
             'startedAt' => call('now_in_ms') }
    excess = call('exceeded_limits', poll, call('count_losses', losses))
    held, passed = losses.partition { |loss| excess.any? { |one| one['kind'] == loss['kind'] } }
    recent = call('add_losses', poll, call('count_losses', passed))
    next recent if held.empty? || call('losses')['id'].call(held) == settings['approve']

    reasons = excess.map do |one|
      subject = held.find { |loss| loss['kind'] == one['kind'] }['subject']
      call('describe_excess', { 'title' => subject['resource'] }, one)
    end
    call('fail_held', { 'losses' => held, 'reasons' => reasons })
  end,

  # The readers of a sender's entries.
  event_readers: lambda do |source|
    data = call('event_data')
    # include event_mapping
    # include workos_events
    { 'read' => source == 'workos_events' ? read_workos : read_entry, 'time' => time_of, 'id' => id_text }
  end,

  # A log with its settings. @raise invalid_input
  open_log: lambda do |run, given|
    source = given['source']
    log = call('event_data')['logs'].fetch(source)
    definition = run['definition']
    schema = definition['sources'].fetch(source)
    input = call('coerce', definition['schemas'], schema, call('filled', given, schema))
    problems = call('problems_of', definition['schemas'], schema, input)
    input = call('presets_of', definition, schema).merge(input)
    token = run['connection'][log['secret']].to_s
    problems += call('source_problems', input['apiUrl'], log['secret'], token) if problems.empty?
    call('fail_with_problems', problems) unless problems.empty?

    log.merge(
      'source' => source, 'settings' => input, 'token' => token, 'readers' => call('event_readers', source),
      'url' => "#{input['apiUrl'].strip.sub(%r{/+\z}, '')}#{log['path']}",
      'startAtInMs' => input['startAt'] && call('time_in_ms', input['startAt']),
      'lookBackInMs' => input['lookBackInSeconds'] * 1_000
    )
  end,

  source_problems: lambda do |url, secret, token|
    next [call('misfit', secret, 'required')] if token.empty?
    next [call('problem', secret, 'tokenCharacter')] unless call('bearer_token?', token)

    name = call('service_url_problem', url)
    name.nil? ? [] : [call('problem', 'apiUrl', name)]
  end,

  service_url_problem: lambda do |text|
    begin
      uri = ::URI.parse(text.strip)
    rescue ::StandardError
      uri = nil
    end
    next 'notAServiceUrl' if uri.nil? || uri.host.to_s.empty?
    next 'hasUserinfo' unless uri.userinfo.nil?

    loopback = uri.host.match?(/\A(localhost|\[::1\]|127(\.\d{1,3}){3})\z/i)
    uri.scheme.casecmp('https').zero? || (loopback && uri.scheme.casecmp('http').zero?) ? nil : 'unencrypted'
  end,

  # The events of one poll, the closure, and whether there are more.
  poll_log: lambda do |run, log, kept|
    before = call('read_log_cursor', kept)
    from = call('log_start', log, before)
    backlog = call('read_backlog', run, log, from, before)
    now = backlog['nowInMs']
    start = (before || {})['startAtInMs'] || log['startAtInMs'] || now
    seen = (before || {})['seen'].to_a.to_h
    entries = backlog['entries'].map { |entry| entry.merge('at' => entry['at'] || now) }
    fresh = entries.select { |entry| !seen.key?(entry['id']) && entry['at'] >= start }
    fresh = fresh.each_with_index.sort_by { |entry, at| [entry['at'], at] }.map(&:first)
    events, rest = call('events_of_log', log, fresh)
    # A page is read again if it had more events than one poll can have.
    known = rest.empty? ? entries : fresh - rest
    # A time in the future would hide every entry until then.
    newest = [(before || {})['newestAtInMs'] || start, start, *known.map { |entry| [entry['at'], now].min }].max
    known.each { |entry| seen[entry['id']] = entry['at'] }
    cursor = {
      'version' => 1, 'startAtInMs' => start, 'newestAtInMs' => newest,
      'after' => rest.empty? ? backlog['after'] : nil,
      'seen' => seen.select { |_, at| at >= newest - log['lookBackInMs'] }.to_a
    }
    { 'events' => events, 'cursor' => cursor, 'more' => backlog['more'] || !rest.empty? }
  end,

  read_log_cursor: lambda do |kept|
    next nil if kept.nil? || kept == {}

    times = kept.is_a?(::Hash) ? kept.values_at('startAtInMs', 'newestAtInMs') : []
    usable = times.length == 2 && times.all?(::Integer) && kept['version'] == 1 && kept['seen'].is_a?(::Array)
    call('fail_with_problems', [call('problem', 'cursor', 'notALogCursor')]) unless usable
    kept
  end,

  # The time from which entries are requested.
  log_start: lambda do |log, before|
    from = before && [before['startAtInMs'], before['newestAtInMs'] - log['lookBackInMs']].max
    from ||= log['startAtInMs'] || (call('now_in_ms') - log['lookBackInMs'])
    # The sender rejects a request for entries that it no longer has. Some time passes until it has the request.
    oldest = log['retentionInMs'] && (call('now_in_ms') - log['retentionInMs'] + 60_000)
    [from, oldest].compact.max
  end,

  read_backlog: lambda do |run, log, from, before|
    after = (before || {})['after']
    begin
      call('read_log_pages', run, log, from, after)
    rescue ::StandardError => e
      raise if after.nil? || !%w[invalid_input not_found].include?(call('failure_of', e)['code'])

      # The entry that the page begins after is gone: what was read since is known.
      call('read_log_pages', run, log, from, nil)
    end
  end,

  # Reads pages until the last one. Five pages are enough for one poll if they begin with the oldest entry: an entry
  # has two events at the most. Others are read to the end, because the oldest entry is reported first.
  read_log_pages: lambda do |run, log, from, first|
    backlog = { 'entries' => [], 'after' => first, 'more' => false, 'nowInMs' => nil }
    (1..100).each do |count|
      sleep(log['spacingInMs'] / 1000.0) if count > 1
      page = call('page_or_nil', run, log, from, backlog)
      break if page.nil?

      backlog['nowInMs'] ||= call('sender_time', page['answeredAtInMs'])
      entries = (backlog['entries'] + page['entries']).uniq { |entry| entry['id'] }
      call('fail_on_same_page', page, entries) if !page['last'] && entries.length == backlog['entries'].length
      backlog['entries'] = entries
      backlog['after'] = page['last'] ? nil : page['entries'].last['id']
      backlog['more'] = !page['last'] && count >= 5 && call('direction_of', entries).positive?
      break if page['last'] || backlog['more']

      call('fail_on_long_log', entries) if count == 100
    end
    backlog['entries'].reverse! if call('direction_of', backlog['entries']).negative?
    backlog
  end,

  # The next page; nil if it cannot be read now, and what was read before need not be read again.
  page_or_nil: lambda do |run, log, from, backlog|
    call('fetch_log_page', run, log, from, backlog['after'])
  rescue ::StandardError => e
    raise unless call('failure_of', e)['transient'] && call('direction_of', backlog['entries']).positive?
  end,

  fail_on_same_page: lambda do |page, entries|
    call('fail_with', 'provider_fault', {
      'what' => call('text_of', 'senders', 'samePage', { 'count' => entries.length }), 'status' => page['status'],
      'nextStep' => call('text_of', 'senders', 'contactProvider'), 'attempts' => 1
    })
  end,

  fail_on_long_log: lambda do |entries|
    call('fail_with', 'unsupported', {
      'what' => call('text_of', 'senders', 'tooMany', { 'count' => entries.length }),
      'nextStep' => call('text_of', 'senders', 'startLater'), 'attempts' => 1
    })
  end,

  # Above zero if entries are listed from the oldest to the newest, below zero for the reverse, zero if it is not known.
  direction_of: lambda do |entries|
    entries.empty? ? 0 : entries.last['at'].to_i - entries.first['at'].to_i
  end,

  # The sender's time. Its `Date` counts whole seconds: within that second, ours is the more precise one.
  sender_time: lambda do |answered_at|
    now = call('now_in_ms')
    answered_at.nil? || (now >= answered_at && now < answered_at + 1_000) ? now : answered_at
  end,

  fetch_log_page: lambda do |run, log, from, after|
    request = {
      'method' => 'GET', 'sent' => 1, 'deadlineAt' => call('deadline_from_now', run),
      'secretHeaders' => { 'Authorization' => "Bearer #{log['token']}" }
    }
    answer = call('exchange', run, request, "#{log['url']}?#{call('query_of_log', log, from, after)}")
    # The connection tried to renew its own token.
    answer = { 'status' => 401, 'headers' => {}, 'body' => '' } if answer['tokenFailure']
    call('fail_on_silent_sender', log, answer['broken']) if answer['broken']
    read = call('read_body', answer)
    call('fail_on_sender', run, log, answer, read) unless answer['status'].between?(200, 299)
    call('page_of_log', log, answer, read)
  end,

  query_of_log: lambda do |log, from, after|
    start = call('print_time', from)
    pairs =
      if log['source'] == 'workato_activity_log'
        [['page[size]', '100'], ['from', start], *(after && [['page[after]', after]])]
      else
        # "range_start" and "after" are mutually exclusive.
        organization = log['settings']['organizationId']
        [%w[limit 100], %w[order asc], after ? ['after', after] : ['range_start', start],
         *(organization && [['organization_id', organization]])]
      end
    ::URI.encode_www_form(pairs + log['eventNames'].map { |name| [log['eventParameter'], name] })
  end,

  page_of_log: lambda do |log, answer, read|
    body = read['body'].is_a?(::Hash) ? read['body'] : {}
    readers = log['readers']
    listed = body['data']
    # An entry without an ID does not block the others.
    named = Array(listed).select { |one| one.is_a?(::Hash) && readers['id'].call(one['id']) }
    unless listed.is_a?(::Array) && (listed.empty? || named.any?)
      call('fail_with', 'provider_fault', {
        'what' => call('text_of', 'senders', read['kind'] == 'page' ? 'webPage' : 'noData'),
        'nextStep' => log['sender']['nextSteps']['otherwise'], 'status' => answer['status'], 'attempts' => 1
      })
    end
    entries = named.map do |one|
      { 'id' => readers['id'].call(one['id']), 'at' => readers['time'].call(one[log['timeName']]), 'content' => one }
    end
    metadata = body['list_metadata']
    ended = metadata.is_a?(::Hash) && metadata['after'].to_s.empty?
    { 'entries' => entries, 'last' => entries.empty? || ended, 'status' => answer['status'],
      'answeredAtInMs' => call('time_in_ms', answer['headers']['date']) }
  end,

  # The events of entries, as many as one poll can have, and the remaining entries. The log is kept by the sender: an
  # entry that cannot be read must not block later ones.
  events_of_log: lambda do |log, entries|
    events = []
    at = 0
    while at < entries.length
      mapped = catch(:refused) { log['readers']['read'].call(entries[at]['content']) }
      mapped = [] unless mapped.is_a?(::Array)
      break if events.length + mapped.length > call('most_events')

      events.concat(mapped)
      at += 1
    end
    [events, entries.drop(at)]
  end,

  fail_on_sender: lambda do |run, log, answer, read|
    code = call('code_of_answer', answer, read['kind'] == 'page', nil)
    steps = log['sender']['nextSteps']
    asked = call('wait_in_ms', answer['headers'], call('throttled?', answer['status'], answer['headers']))
    values = { 'sender' => log['sender']['name'], 'status' => answer['status'] }
    call('fail_with', code, {
      'what' => call('text_of', 'senders', 'rejected', values), 'nextStep' => steps[code] || steps['otherwise'],
      'status' => answer['status'], 'attempts' => 1, 'requestId' => call('request_id_of', run, answer['headers']),
      'retryAfterInMs' => asked && [asked, call('longest_wait_in_ms')].min
    })
  end,

  fail_on_silent_sender: lambda do |log, broken|
    steps = log['sender']['nextSteps']
    large = broken['code'] == 'TOO_LARGE'
    values = { 'sender' => log['sender']['name'], 'reason' => broken['message'] }
    call('fail_with', large ? 'provider_fault' : 'unavailable', {
      'what' => call('text_of', 'senders', 'silent', values), 'attempts' => 1,
      'nextStep' => steps[large ? 'tooLarge' : 'unavailable']
    })
  end
}
