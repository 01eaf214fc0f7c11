# frozen_string_literal: true

# HTTP: one request with all its attempts. The SDK's own retries are not used: they ignore Retry-After, and they
# run the whole step again, including a create.
{
  # Sends a SCIM request, and retries it if that is safe. Returns status, headers, body (nil without one), and
  # attempts of a successful response.
  #
  # A request has a method and a path below the base URL. `repeatable`: whether sending it twice has the same result
  # as once; by default, whether the method is idempotent. `lookUp` finds out whether a non-idempotent request was
  # processed if its response was lost. `attemptsOn500`: the number of responses with status 500 to give up after, if
  # that status can mean that the request is not supported. No request outlasts the deadline of its run.
  send_scim: lambda do |run, given|
    next call('answer_dry', run, given) if run['dry']

    request = {
      # RFC 9110 §9.2.2: PUT and DELETE are always idempotent; a PATCH only if its sender says so.
      'repeatable' => %w[GET PUT DELETE].include?(given['method']),
      'once' => run['once'],
      'sent' => 0,
      'mustLook' => false
    }.merge(given.compact)
    request['deadlineAt'] = [given['deadlineAt'], run['deadlineAt']].compact.min || call('deadline_from_now', run)
    loop do
      step = call('attempt', run, request)
      break step['answer'] if step['answer']

      sleep(step['waitInMs'] / 1000.0)
    end
  end,

  deadline_from_now: lambda do |run|
    call('now_in_ms') + run['connection']['deadlineInMs']
  end,

  # One attempt: its response, or the wait before the next attempt.
  attempt: lambda do |run, request|
    found = request['mustLook'] ? call('look_before_repeat', request) : nil
    next { 'answer' => found } if found

    request['mustLook'] = false
    answer = call('send_once', run, request)
    next call('after_token_failure', request, answer['tokenFailure']) if answer['tokenFailure']
    next call('after_break', run, request, answer['broken']) if answer['broken']

    call('after_answer', run, request, answer)
  end,

  look_before_repeat: lambda do |request|
    call('look_up_own', request)
  rescue ::StandardError => e
    details = call('failure_of', e)
    raise if details.empty?

    # After a failed lookup, the outcome is still unknown.
    what = details['message'].delete_suffix(" #{details['nextStep']}")
    next_step = "#{details['nextStep']} #{call('text_of', 'parts', 'unknownOutcome')}"
    parts = { 'what' => what, 'nextStep' => next_step, 'attempts' => request['sent'] }
    call('fail_with', details['code'], details.merge(parts))
  end,

  look_up_own: lambda do |request|
    found = request['lookUp']&.call(request['deadlineAt'])
    found&.merge('attempts' => request['sent'])
  end,

  # Sends it once, and follows redirects within the origin, which the credentials never leave.
  send_once: lambda do |run, request|
    call('await_turn', run, request)
    request['sent'] += 1
    url = call('url_of', request)
    redirects = 0
    loop do
      answer = call('exchange', run, request, url)
      target = redirects < 3 ? call('redirect_of', run, request, url, answer) : nil
      break answer if target.nil?

      url = target
      redirects += 1
    end
  end,

  # Waits until the provider's pause is over, and until the connection's rate limit allows the next request.
  await_turn: lambda do |run, request|
    limiter = run['limiter']
    due = limiter['spacingInMs'].zero? ? 0 : limiter['dueAt'] - limiter['burstInMs']
    wait = [limiter['pausedUntil'], due].max - call('now_in_ms')
    if call('now_in_ms') + [wait, 0].max >= request['deadlineAt']
      call('no_time_left', request, wait.positive? ? wait : nil)
    end
    sleep(wait / 1000.0) if wait.positive?
    limiter['dueAt'] = [limiter['dueAt'], call('now_in_ms')].max + limiter['spacingInMs']
  end,

  no_time_left: lambda do |request, wait|
    sent = { 'attempts' => request['sent'] }
    call('fail_as', 'unavailable', 'outOfTime', {}, sent) if wait.nil?
    call('fail_as', 'rate_limited', 'waitTooLong', { 'when' => call('when_text', wait) },
         sent.merge('retryAfterInMs' => wait))
  end,

  # The URL, relative to base_uri, so that it is joined to its path.
  url_of: lambda do |request|
    path = request['path'].delete_prefix('/').gsub(/[^\x21-\x7e]|["<>^`{|}\\\[\]#?]/) { |one| call('encode', one) }
    # The dot prevents a mix-up with a host or a scheme.
    path = "./#{path}" unless path.match?(%r{\A[\w.~%-]+(/|\z)})
    query = request['query'] || {}
    query.empty? ? path : "#{path}?#{call('print_query', query)}"
  end,

  # A space becomes %20, which every server understands (RFC 3986 §2.1); `+` is a space only in forms.
  encode: lambda do |text|
    ::URI.encode_www_form_component(text).gsub('+', '%20')
  end,

  print_query: lambda do |query|
    query.map { |name, value| "#{call('encode', name)}=#{call('encode', value)}" }.join('&')
  end,

  # One HTTP exchange: status, headers with their names in lower case, and the body as text; or the error. If the
  # access token is rejected, Workato renews it and sends the request again meanwhile.
  exchange: lambda do |run, request, url|
    limit = call('time_out_in_ms', run, request)
    # The authorization of the connection runs outside of this step, and reports here what it does.
    watch = ::Thread.current[:rolecall_watch] = {
      'sent' => 0, 'tokens' => [], 'renews' => false, 'foreign' => request.key?('secretHeaders')
    }
    begin
      parts = call('parts_of', request, watch)
      answer = catch(:followed) { ::Timeout.timeout(limit / 1000.0) { call('ask', request['method'], url, parts) } }
      # The SDK does not show where such a redirect points.
      next { 'status' => 303, 'headers' => {}, 'body' => '' } if answer.nil?

      size = run['connection']['maxResponseBytes']
      answer['body'].to_s.bytesize > size ? { 'broken' => call('too_large', size) } : answer
    rescue ::StandardError => e
      failure = call('token_failure_in', run, e, watch, limit)
      next { 'tokenFailure' => failure } if failure

      { 'broken' => call('break_of', "#{e.class} #{e.message} #{e.cause.class}", limit) }
    ensure
      ::Thread.current[:rolecall_watch] = nil
      call('note_renewal', run, request, watch)
    end
  end,

  # Counts what Workato sent again, and learns the access tokens that an error can show.
  note_renewal: lambda do |run, request, watch|
    run['tokens'] |= watch['tokens']
    again = [0, watch['sent'] - 1].max
    request['sent'] += again
    run['limiter']['dueAt'] += again * run['limiter']['spacingInMs']
  end,

  too_large: lambda do |limit|
    message = call('text_of', 'transport', 'tooLarge', { 'limit' => limit })
    { 'code' => 'TOO_LARGE', 'message' => message, 'maybeSent' => true, 'transient' => false }
  end,

  ask: lambda do |method, url, parts|
    verbs = {
      'GET' => -> { get(url) }, 'POST' => -> { post(url) }, 'PUT' => -> { put(url) },
      'PATCH' => -> { patch(url) }, 'DELETE' => -> { delete(url) }
    }
    asked = verbs[method].call.headers(parts['headers']).case_sensitive_headers(parts['secretHeaders'])
    asked = asked.request_body(parts['body']) unless parts['body'].nil?
    asked = asked.response_format_raw.ignore_redirection.after_response do |status, body, headers|
      { 'received' => call('received', status, body, headers) }
    end
    asked = asked.after_error_response(/.*/) do |status, body, headers, message|
      { 'received' => call('received', status, body, headers, message) }
    end
    # Every access to a failed request sends it again, so this is the only one.
    asked.fetch('received')
  end,

  parts_of: lambda do |request, watch|
    headers = {
      'Accept' => 'application/scim+json, application/json;q=0.9',
      'User-Agent' => call('unrepeatable_text', 'rolecall', watch),
      # No content type without a body: some servers reject an empty body with a type.
      'Content-Type' => request['body'].nil? ? nil : 'application/scim+json',
      'If-Match' => request['ifMatch']
    }
    {
      'headers' => headers.reject { |name, value| value.nil? && name != 'Content-Type' },
      # A request to an event source has a credential of its own.
      'secretHeaders' => request['secretHeaders'] || {},
      'body' => request['body'].nil? ? nil : ::JSON.generate(request['body'])
    }
  end,

  # The SDK always follows a 303, as a GET to any host, and returns the response as if it were the provider's. Credentials
  # are not in that request, because they are case-sensitive headers, but these headers are. Net::HTTP strips each value
  # when it builds a request, so if it does so once more than requests were sent, a redirect is followed: this stops it
  # before anything is sent.
  unrepeatable_text: lambda do |text, watch|
    used = 0
    ::String.new(text).tap do |value|
      value.define_singleton_method(:strip) do
        throw :followed if used >= [1, watch['sent']].max
        used += 1
        super()
      end
    end
  end,

  received: lambda do |status, body, headers, message = ''|
    # An error without a status is a transport error.
    next { 'broken' => call('break_of', message.to_s, 0) } if status.to_i.zero?

    text = call('decode_bytes', body.to_s.dup, (headers || {}).to_a).delete_prefix("\uFEFF")
    named = (headers || {}).each_with_object({}) do |(name, value), all|
      # A job shows a binary text in hexadecimal digits.
      all[name.to_s.downcase.tr('_', '-')] = call('utf8', Array(value).join(', '))
    end
    { 'status' => status.to_i, 'headers' => named, 'body' => text }
  end,

  # JSON is UTF-8 (RFC 8259 §8.1), but some old servers send Latin-1, and a name that is read with holes would be written
  # back with them. A body with other letters in UTF-8 is UTF-8 with a broken one, such as a name that was cut.
  decode_bytes: lambda do |bytes, headers|
    text = bytes.force_encoding('UTF-8')
    next text if text.valid_encoding?

    type = headers.find { |name, _| name.to_s.downcase.tr('_', '-') == 'content-type' }.to_a[1]
    stated = Array(type).first.to_s[/\bcharset\s*=\s*"?([^\s";]+)/i, 1].to_s
    known = ::Encoding.name_list.find { |name| name.casecmp?(stated) && !name.casecmp?('UTF-8') }
    # Browsers read these as Windows-1252, which has the same letters and more.
    known = 'Windows-1252' if known && %w[iso-8859-1 us-ascii ascii latin1].include?(known.downcase)
    whole = text.scrub("\uFFFD")
    next whole if known.nil? && whole.match?(/[^\x00-\x7F\uFFFD]/)

    text.encode('UTF-8', known || 'Windows-1252', invalid: :replace, undef: :replace)
  rescue ::EncodingError
    text.encode('UTF-8', 'Windows-1252', invalid: :replace, undef: :replace)
  end,

  time_out_in_ms: lambda do |run, request|
    left = request['deadlineAt'] - call('now_in_ms')
    # Some of the time is reserved for a lookup, in case the attempt before it hangs.
    left = (left * 0.8).floor if request['lookUp']
    [1, [run['connection']['timeoutInMs'], left].min].max
  end,

  # The kind of a transport error, by its text: the SDK has its own classes for some.
  break_of: lambda do |words, limit|
    kinds = [
      ['ENOTFOUND', /\b(ENOTFOUND|SocketError|getaddrinfo|Name or service not known)/i, 'hostNotFound'],
      ['ECONNREFUSED', /ECONNREFUSED|Connection refused/i, 'connectionRefused'],
      ['EHOSTUNREACH', /EHOSTUNREACH|No route to host/i, 'hostUnreachable'],
      ['ENETUNREACH', /ENETUNREACH|Network is unreachable/i, 'networkUnreachable'],
      ['CERT', /SSL|certificate/i, 'tlsFailed'],
      ['ERR_INVALID_URL', /InvalidURI|bad URI/i, 'requestInvalid'],
      ['ETIMEDOUT', /Timeout|Timed out|execution expired|ETIMEDOUT/i, 'timedOut'],
      ['ECONNRESET', //, 'connectionReset']
    ]
    code, _, name = kinds.find { |_, pattern, _| pattern.match?(words) }
    message = call('text_of', 'transport', name, { 'limit' => limit })
    unsent = %w[ENOTFOUND ECONNREFUSED EHOSTUNREACH ENETUNREACH CERT ERR_INVALID_URL].include?(code)
    lasting = %w[ENOTFOUND CERT ERR_INVALID_URL].include?(code)
    { 'code' => code, 'message' => message, 'maybeSent' => !unsent, 'transient' => !lasting }
  end,

  # The target of a redirect that can be followed. That of a 303 is unknown.
  redirect_of: lambda do |run, request, url, answer|
    next nil unless [301, 302, 307, 308].include?(answer['status'])

    target = call('redirect_target', run, url, answer)
    next nil if target.nil? || call('origin_of', target) != call('origin_of', run['baseUrl'])

    # RFC 9110 §15.4: a 301 or 302 can turn a POST into a GET, so only 307 and 308 keep a body.
    [307, 308].include?(answer['status']) || request['method'] == 'GET' ? target : nil
  end,

  redirect_target: lambda do |run, url, answer|
    location = answer['headers']['location'].to_s
    next nil if location.empty?

    target = ::URI.join("#{run['baseUrl']}/", url, location)
    # A username in the URL would replace the credentials.
    target.password = nil
    target.user = nil
    target.host.to_s.empty? ? nil : target.to_s
  rescue ::StandardError
    nil
  end,

  origin_of: lambda do |url|
    uri = ::URI.parse(url).normalize
    "#{uri.scheme}://#{uri.host}#{uri.port == uri.default_port ? '' : ":#{uri.port}"}"
  end,

  after_answer: lambda do |run, request, answer|
    read = call('read_body', answer, request['method'])
    # Some providers send an error with status 200.
    stated = answer['status'] < 300 ? call('error_status_in', read['body']) : nil
    answer = answer.merge('status' => stated) unless stated.nil?
    # Some providers say 304 of a change that changes nothing. RFC 9110 §15.4.5 has it for reads only.
    if answer['status'] < 300 || (answer['status'] == 304 && request['method'] != 'GET')
      next call('after_unreadable', run, request, answer, read['kind']) unless read['kind'] == 'json'

      run['answeredAt'] = call('time_in_ms', answer['headers']['date']) || run['answeredAt']
      run['receivedAt'] = call('now_in_ms')
      next { 'answer' => answer.merge('body' => read['body'], 'attempts' => request['sent']) }
    end
    throttled = call('throttled?', answer['status'], answer['headers'])
    asked = call('wait_in_ms', answer['headers'], throttled)
    pause = asked && [asked, call('longest_wait_in_ms')].min
    call('hold_requests', run, asked || 0) if throttled
    outcome = { 'status' => answer['status'], 'throttled' => throttled, 'retryAfterInMs' => pause }
    call('decide', request, outcome, lambda { |unknown|
      if [301, 302, 303, 307, 308].include?(answer['status'])
        call('fail_on_redirect', run, request, answer)
      else
        context = { 'attempts' => request['sent'], 'retryAfterInMs' => pause, 'unknown' => unknown }
        call('fail_on_answer', run, answer, read, context)
      end
    })
  end,

  # Pauses all requests after a throttled one. A longer wait than the longest is a mistake of the server, and must not
  # stop the rest of the step.
  hold_requests: lambda do |run, asked|
    pause = asked <= call('longest_wait_in_ms') ? [250, asked].max : 250
    limiter = run['limiter']
    limiter['pausedUntil'] = [limiter['pausedUntil'], call('now_in_ms') + pause].max
  end,

  # Reads a body by its content rather than its content type, which providers and proxies get wrong. A change that is
  # confirmed in words, such as `OK`, has no body.
  read_body: lambda do |answer, method = 'GET'|
    text = answer['body']
    begin
      { 'kind' => 'json', 'body' => text.strip.empty? ? nil : ::JSON.parse(text, max_nesting: false) }
    rescue ::JSON::ParserError
      page = text.match?(/\A\s*</) || answer['headers']['content-type'].to_s.include?('html')
      next { 'kind' => 'page' } if page

      words = method != 'GET' && text.match?(/\A\s*[^\s{\["]/)
      words ? { 'kind' => 'json', 'body' => nil } : { 'kind' => 'garbage' }
    end
  end,

  # A success status with a body that is not JSON: HTML comes from a proxy; anything else was truncated.
  after_unreadable: lambda do |run, request, answer, kind|
    outcome = { 'maybeSent' => true, 'transient' => kind == 'garbage' }
    call('decide', request, outcome, lambda { |unknown|
      text = call('error_text', kind == 'page' ? 'webPageInstead' : 'invalidJson')
      text['nextStep'] = "#{text['nextStep']} #{call('text_of', 'parts', 'unknownOutcome')}" if unknown
      parts = { 'status' => answer['status'], 'attempts' => request['sent'],
                'requestId' => call('request_id_of', run, answer['headers']) }
      call('fail_with', 'provider_fault', parts.merge(text))
    })
  end,

  fail_on_redirect: lambda do |run, request, answer|
    target = call('redirect_target', run, run['baseUrl'], answer)
    shown = target && call('redact', run, target.sub(/[?#].*/, ''))
    shown = call('text_of', 'parts', 'hiddenAddress') if answer['status'] == 303
    values = { 'status' => answer['status'], 'address' => shown || call('text_of', 'parts', 'invalidAddress') }
    call('fail_as', 'provider_fault', 'redirected', values, {
      'status' => answer['status'],
      'attempts' => request['sent'],
      'requestId' => call('request_id_of', run, answer['headers'])
    })
  end,

  after_break: lambda do |run, request, broken|
    call('decide', request, broken, lambda { |unknown|
      text = call('error_text', 'noResponse', {
        'host' => call('origin_of', run['baseUrl']).sub(%r{\A\w+://}, ''),
        'attempts' => call('attempts_text', request['sent']), 'reason' => broken['message']
      })
      step = unknown ? call('text_of', 'parts', 'unknownOutcome') : call('texts')['transportSteps'][broken['code']]
      call('fail_with', broken['code'] == 'TOO_LARGE' ? 'provider_fault' : 'unavailable', {
        'what' => text['what'], 'nextStep' => step || text['nextStep'], 'attempts' => request['sent']
      })
    })
  end,

  # Whether to retry, and after which wait. Otherwise it fails, unless a lookup finds that it was processed.
  decide: lambda do |request, outcome, fail|
    decision = call('decide_retry', request, outcome)
    hopeless = outcome['status'] == 500 && request['attemptsOn500'].to_i.between?(1, request['sent'])
    if decision['waitInMs'] && !hopeless && (!decision['lookFirst'] || request['lookUp'])
      request['mustLook'] = decision['lookFirst']
      next { 'waitInMs' => decision['waitInMs'] }
    end
    begin
      fail.call(decision['lookFirst'])
    rescue ::StandardError => e
      found = decision['lookFirst'] ? call('look_once_more', request) : nil
      raise e if found.nil?

      { 'answer' => found }
    end
  end,

  look_once_more: lambda do |request|
    call('look_up_own', request)
  rescue ::StandardError
    nil
  end,

  # The whole policy. Retry-After wins over exponential backoff with full jitter; a wait that would pass the
  # deadline stops immediately. A non-idempotent request that can have been processed is retried only after a lookup.
  decide_retry: lambda do |request, outcome|
    status = outcome['status']
    later = [408, 429, 500, 502, 503, 504].include?(status) || outcome['throttled']
    # 408 and 429 are sent before a request is processed; the others can be sent afterwards.
    acted = status.nil? ? outcome['maybeSent'] : [500, 502, 503, 504].include?(status)
    look_first = !request['repeatable'] && acted
    next { 'lookFirst' => look_first } unless status.nil? ? outcome['transient'] : later

    asked = outcome['retryAfterInMs']
    # A Retry-After of zero or of a past date means "now": the backoff prevents a storm of requests.
    asked = nil if asked&.zero?
    wait = asked || (rand * [20_000, 500 * (2**(request['sent'] - 1))].min).ceil
    # If nothing listens or the host is unknown, the URL is most likely wrong, which should show soon.
    most = status.nil? && !outcome['maybeSent'] ? 5 : 10
    most = 1 if request['once']
    in_time = call('now_in_ms') + wait < request['deadlineAt']
    next { 'lookFirst' => look_first } unless request['sent'] < most && in_time

    { 'waitInMs' => wait, 'lookFirst' => look_first }
  end,

  # The longest wait that a server can request: a longer one is a mistake, such as the time of day.
  longest_wait_in_ms: -> { 3_600_000 },

  # Whether a provider rejected a request because there were too many. Besides 429 (RFC 6585 §4), GitHub and others
  # throttle with a 403 that has Retry-After or an exhausted rate limit.
  throttled?: lambda do |status, headers|
    limited = call('rate_limit_header', headers, 'remaining') == '0' || !call('retry_after_in_ms', headers).nil?
    status == 429 || (status == 403 && limited)
  end,

  # The wait that a response requests: by Retry-After, or until its rate limit is reset.
  wait_in_ms: lambda do |headers, throttled|
    call('retry_after_in_ms', headers) || (throttled ? call('until_reset_in_ms', headers) : nil)
  end,

  # Retry-After (RFC 9110 §10.2.3): seconds, or a date. A date is compared with the response's own Date, so that a
  # wrong clock here does no harm; one that has passed is 0.
  retry_after_in_ms: lambda do |headers|
    text = headers['retry-after'].to_s.strip
    next nil if text.empty?
    next (text.to_f * 1000).ceil if text.match?(/\A\d+(\.\d+)?\z/)

    till = call('time_in_ms', text)
    till && [0, till - call('sent_at_in_ms', headers)].max
  end,

  # The reset headers of rate limits, which no standard defines: seconds from now, or since 1970, or milliseconds.
  until_reset_in_ms: lambda do |headers|
    text = call('rate_limit_header', headers, 'reset').to_s
    left = ![nil, '0'].include?(call('rate_limit_header', headers, 'remaining'))
    next nil if left || !text.match?(/\A\d+(\.\d+)?\z/)

    number = text.to_f
    next (number * 1000).ceil if number < 1_000_000_000

    number *= 1000 if number < 1_000_000_000_000
    [0, (number - call('sent_at_in_ms', headers)).ceil].max
  end,

  rate_limit_header: lambda do |headers, name|
    %w[x-ratelimit x-rate-limit ratelimit].map { |prefix| headers["#{prefix}-#{name}"] }.compact.first&.strip
  end,

  sent_at_in_ms: lambda do |headers|
    call('time_in_ms', headers['date']) || call('now_in_ms')
  end
}
