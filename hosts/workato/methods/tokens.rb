# frozen_string_literal: true

# Access tokens of OAuth 2.0 client credentials (RFC 6749 §4.4). Workato runs this after the provider has rejected a
# request with 401, stores the token in the connection, and sends the request again. The step that waits for it
# decides about other attempts: its own request was not processed.
{
  # An access token of the connection. An error has the sentences that the job shows, and all that the step needs.
  fetch_token: lambda do |given|
    watch = ::Thread.current[:rolecall_watch]
    watch&.store('renews', true)
    run = call('open_run', given)
    result = call('ask_for_token', run)
    if result['token'].nil?
      details = call('details_of_failure', result['code'], call('token_error_parts', result, 1))
      problem = ::StandardError.new("#{details['code']}: #{call('with_labels', details)}")
      problem.define_singleton_method(:failure) { details.merge('token' => result) }
      raise problem
    end
    watch&.merge!('renews' => false, 'tokens' => watch['tokens'] | [result['token']])
    result['token']
  end,

  # One attempt: the token, or what went wrong.
  ask_for_token: lambda do |run|
    url = run['auth']['tokenUrl'].strip
    begin
      answer = catch(:followed) { call('ask', 'POST', url, call('token_request', run['auth'])) }
    rescue ::StandardError => e
      answer = { 'broken' => call('break_of', "#{e.class} #{e.message} #{e.cause.class}", 0) }
    end
    # The SDK does not show where a 303 points.
    answer ||= { 'status' => 303, 'headers' => {}, 'body' => '' }
    too_large = answer['body'].to_s.bytesize > 1_048_576
    answer = { 'broken' => call('too_large', 1_048_576) } if too_large
    answer['broken'] ? call('token_endpoint_silent', run, answer['broken']) : call('read_token_answer', run, answer)
  end,

  # The secret is in a case-sensitive header or in the body, which no redirect repeats.
  token_request: lambda do |auth|
    in_body = auth['clientAuthentication'] == 'client_secret_post'
    form = [
      %w[grant_type client_credentials],
      *(in_body ? [['client_id', auth['clientId']], ['client_secret', auth['clientSecret']]] : []),
      *(auth['scope'] ? [['scope', auth['scope'].strip]] : []),
      *(auth['audience'] ? [['audience', auth['audience']]] : []),
      # RFC 8707 §2: the parameter is repeated for each.
      *auth['resource'].to_s.split.map { |uri| ['resource', uri] }
    ]
    {
      'headers' => {
        'Accept' => 'application/json', 'User-Agent' => call('unrepeatable_text', 'rolecall', { 'sent' => 1 }),
        'Content-Type' => 'application/x-www-form-urlencoded'
      },
      'secretHeaders' => in_body ? {} : { 'Authorization' => "Basic #{call('client_pair', auth)}" },
      'body' => ::URI.encode_www_form(form)
    }
  end,

  # RFC 6749 §2.3.1: both parts are form-encoded, so that either can contain a colon.
  client_pair: lambda do |auth|
    encoded = auth.values_at('clientId', 'clientSecret').map { |one| ::URI.encode_www_form_component(one) }
    [encoded.join(':')].pack('m0')
  end,

  token_endpoint_silent: lambda do |run, broken|
    reason = call('redact', run, broken['message'])
    outcome = broken.slice('maybeSent', 'transient')
    if broken['code'] == 'TOO_LARGE'
      next { 'code' => 'provider_fault', 'name' => 'notATokenResponse', 'values' => { 'reason' => reason },
             'outcome' => outcome }
    end

    host = call('origin_of', run['auth']['tokenUrl'].strip).sub(%r{\A\w+://}, '')
    { 'code' => 'unavailable', 'name' => 'tokenEndpointSilent', 'values' => { 'host' => host, 'reason' => reason },
      'outcome' => outcome }
  end,

  # Reads a token response (RFC 6749 §5.1), or an error response (§5.2).
  read_token_answer: lambda do |run, answer|
    read = call('read_body', answer)
    body = read['body'].is_a?(::Hash) ? read['body'] : nil
    status = answer['status']
    reason = call('token_problem', body)
    next { 'token' => body['access_token'] } if status < 300 && reason.nil?

    throttled = call('throttled?', status, answer['headers'])
    pause = call('wait_in_ms', answer['headers'], throttled)
    pause = [pause, call('longest_wait_in_ms')].min if pause
    code, name, transient = call('token_failure_of', answer, body, read['kind'], throttled)
    detail = call('detail_of_token_error', run, body)
    {
      'code' => code, 'name' => name, 'detail' => detail, 'status' => status, 'retryAfterInMs' => pause,
      'requestId' => call('request_id_of', run, answer['headers']),
      'values' => {
        'status' => status, 'reason' => reason.to_s, 'detail' => call('detail_text', detail),
        'address' => call('token_redirect_address', run, answer),
        'scope' => run['auth']['scope'] ? " \"#{run['auth']['scope']}\"" : ''
      },
      'outcome' => { 'status' => transient ? 503 : status, 'throttled' => throttled, 'retryAfterInMs' => pause }
    }
  end,

  # Why a response has no token; nil if it has one.
  token_problem: lambda do |body|
    next call('text_of', 'parts', 'noObject') if body.nil?

    token = body['access_token']
    next call('text_of', 'parts', 'noAccessToken') unless token.is_a?(::String) && token != ''

    # The type is required, but a response without one can only mean a bearer token: nothing else was requested.
    foreign = body.key?('token_type') && !body['token_type'].to_s.casecmp('bearer').zero?
    next call('text_of', 'parts', 'notABearerToken') if foreign

    call('bearer_token?', token) ? nil : call('text_of', 'parts', 'invalidTokenText')
  end,

  # Code, name of the sentences, and whether it is transient although the status does not say so.
  token_failure_of: lambda do |answer, body, kind, throttled|
    # RFC 6749 §5.2 and §4.1.2.1, RFC 8707 §2, and what Auth0 and Entra ID call the same.
    rejections = {
      'invalid_client' => %w[auth clientRejected], 'unauthorized_client' => %w[forbidden clientNotAllowed],
      'access_denied' => %w[forbidden clientNotAllowed], 'invalid_scope' => %w[forbidden scopeRejected],
      'invalid_target' => %w[auth audienceRejected], 'invalid_resource' => %w[auth audienceRejected],
      'unsupported_grant_type' => %w[unsupported grantUnsupported],
      'temporarily_unavailable' => ['unavailable', 'tokenEndpointDown', true],
      'server_error' => ['unavailable', 'tokenEndpointDown', true]
    }
    status = answer['status']
    rejection = rejections[(body || {})['error']]
    if throttled then %w[rate_limited tokenRequestsLimited]
    elsif rejection then rejection
    elsif status == 401 then %w[auth clientRejected]
    elsif [404, 405, 410, 501].include?(status) then %w[provider_fault tokenEndpointMissing]
    elsif status >= 500 || status == 408 then %w[unavailable tokenEndpointDown]
    elsif status.between?(300, 399) then %w[provider_fault tokenRequestRedirected]
    elsif kind == 'page' then %w[provider_fault tokenEndpointHtml]
    elsif status >= 400 then %w[auth tokenRequestRejected]
    else
      # A body that is no JSON was cut short on its way.
      ['provider_fault', 'notATokenResponse', kind == 'garbage']
    end
  end,

  detail_of_token_error: lambda do |run, body|
    said = (body || {}).values_at('error_description', 'error', 'message')
    text = said.find { |one| one.is_a?(::String) && one != '' }
    text && call('provider_text', run, text)
  end,

  token_redirect_address: lambda do |run, answer|
    next call('text_of', 'parts', 'hiddenAddress') if answer['status'] == 303

    target = ::URI.join(run['auth']['tokenUrl'].strip, answer['headers']['location'].to_s)
    path = target.path.empty? ? '/' : target.path
    call('redact', run, "#{call('origin_of', target.to_s)}#{path}")
  rescue ::StandardError
    call('text_of', 'parts', 'invalidAddress')
  end,

  # The parts of the error after a number of attempts.
  token_error_parts: lambda do |failure, attempts|
    values = failure['values'].merge('attempts' => call('attempts_text', attempts),
                                     'when' => call('when_text', failure['retryAfterInMs']))
    failure.slice('status', 'detail', 'requestId', 'retryAfterInMs')
           .merge(call('error_text', failure['name'], values), 'attempts' => attempts)
  end,

  # What went wrong at the token endpoint while a request was sent; nil if an error has another cause.
  token_failure_in: lambda do |run, error, watch, limit|
    failure = nil
    until error.nil? || failure
      failure = call('failure_of', error)['token']
      error = error.cause
    end
    next failure if failure

    watch['renews'] ? call('token_endpoint_silent', run, call('break_of', 'Timeout', limit)) : nil
  end,

  # Whether to try again after a failed token request. Workato requests a token only for a request that is rejected
  # without one, so that this one is sent again, too.
  after_token_failure: lambda do |request, failure|
    # It is safe to request a token twice.
    tries = (request['tokenTries'] ||= { 'repeatable' => true, 'sent' => 0, 'deadlineAt' => request['deadlineAt'] })
    tries['sent'] += 1
    call('decide', tries, failure['outcome'], lambda { |_unknown|
      call('fail_with', failure['code'], call('token_error_parts', failure, tries['sent']))
    })
  end
}
