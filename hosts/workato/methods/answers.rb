# frozen_string_literal: true

# Answers that reject: what each status means, and the sentences for it.
{
  # Said when it cannot be known whether the provider acted.
  unknown_outcome: lambda do
    'It may have been done all the same: look before you do it again.'
  end,

  # Takes the token out of what a provider or proxy said, as it stands and as URLs spell it.
  redact: lambda do |text, token|
    text.to_s.gsub(token, '[token]').gsub(call('encode', token), '[token]')
  end,

  # The provider's own name for a request, from the headers that are in use for it.
  request_id_of: lambda do |headers, token|
    names = %w[x-request-id x-okta-request-id x-correlation-id request-id]
    id = names.map { |name| headers[name] }.compact.first
    id && call('redact', id, token)
  end,

  # Fails with what a response with a status of 400 or more means.
  fail_on_answer: lambda do |answer, read, context|
    page = read['kind'] == 'page'
    said = call('read_scim_error', read['body'], context['token'])
    code = call('code_of_answer', answer['status'], page, said['scimType'])
    what, next_step = call('sentences_of', code, answer['status'], page, said, context)
    next_step = "#{next_step} #{call('unknown_outcome')}" if context['unknown']
    parts = {
      'what' => what, 'nextStep' => next_step, 'status' => answer['status'], 'attempts' => context['attempts'],
      'requestId' => call('request_id_of', answer['headers'], context['token']),
      'retryAfterInMs' => context['retryAfterInMs']
    }
    call('fail_with', code, said.merge(parts))
  end,

  code_of_answer: lambda do |status, page, scim_type|
    # Some providers answer a taken name with 400 and `uniqueness`, where RFC 7644 Table 9 has 409.
    next 'conflict' if scim_type == 'uniqueness'

    case status
    when 401 then 'auth'
    when 403 then 'forbidden'
    # A page says that there is no SCIM service at this address, not that there is no such user.
    when 404, 410 then page ? 'provider_fault' : 'not_found'
    when 405, 501, 505 then 'unsupported'
    when 409 then 'conflict'
    when 412 then 'precondition_failed'
    when 429 then 'rate_limited'
    when 408, 500, 502, 503, 504 then 'unavailable'
    when 400..499 then 'invalid_input'
    else 'provider_fault'
    end
  end,

  # What happened, and what to do now.
  sentences_of: lambda do |code, status, page, said, context|
    quote = said['detail'].nil? ? '' : " It says: \"#{said['detail'].sub(/[\s.]+\z/, '')}\"."
    wait = context['retryAfterInMs']
    later = wait.nil? ? 'later' : "in #{(wait / 1000.0).ceil} seconds"
    case code
    when 'invalid_input'
      ["The provider refused the input with status #{status}.#{quote}", call('step_of_scim_type', said['scimType'])]
    when 'auth'
      ["The provider did not accept the token.#{quote}",
       'Check that it was copied whole, and that it has not expired or been refreshed; put the current one into ' \
       'the connection.']
    when 'forbidden'
      if page
        ['Something on the way to the provider refused the request with a web page.',
         'Check the proxy and the base URL.']
      else
        ["The provider does not let this token do that.#{quote}",
         'Give the token the right to do it, and check that SCIM is enabled at the provider.']
      end
    when 'not_found'
      ["The provider has no such resource.#{quote}", 'Check the id or name; it may have been deleted.']
    when 'conflict'
      ["Something at the provider is in the way.#{quote}",
       'If it is the same user or group, update it instead of creating it; otherwise choose another name.']
    when 'precondition_failed'
      ['It has been changed since the version that was given.',
       'Read it again, and repeat the change if it is still wanted.']
    when 'rate_limited'
      ['The provider asks for fewer requests, and there was no time left to wait.',
       "Run the step again #{later}, or lower \"requestsPerMinute\" in the connection."]
    when 'unavailable'
      tries = context['attempts'] == 1 ? 'at the one try' : "#{context['attempts']} times"
      ["The provider failed with status #{status}, #{tries}.#{quote}",
       "Run the step again #{later}; if it goes on, ask the provider."]
    when 'unsupported'
      ["The provider cannot do this (status #{status}).#{quote}",
       'Use another action for it; discover_provider shows what it supports.']
    else
      what = "The provider answered with status #{status}, which SCIM does not know.#{quote}"
      what = "The answer is a web page with status #{status}, not SCIM." if page
      [what, 'Check that the base URL is the one of the SCIM service; if it is, ask the provider.']
    end
  end,

  # RFC 7644 Table 9, and RFC 9865 §2.1.
  step_of_scim_type: lambda do |scim_type|
    {
      'invalidFilter' => 'Use a simpler filter: many providers only know "eq" and "and", on a few attributes.',
      'tooMany' => 'Narrow the search.',
      'mutability' => 'Leave out the attribute that cannot be changed.',
      'invalidPath' => 'Check the name of the attribute.',
      'noTarget' => 'Check that what is to be changed is there.',
      'invalidValue' => 'Check the values: spelling, and upper and lower case; role names count both.',
      'sensitive' => 'Put what is secret into the body, not into the address.',
      'invalidCursor' => 'Start the search again.',
      'expiredCursor' => 'Start the search again.',
      'invalidCount' => 'Use a smaller page size.'
    }[scim_type] || 'Change the input and run the step again.'
  end,

  # Reads an error body: SCIM 2.0's, SCIM 1.1's, and the `message` or `error` that others send.
  read_scim_error: lambda do |body, token|
    next {} unless body.is_a?(::Hash)

    list = body['Errors'] || body['errors']
    first = list.is_a?(::Array) ? list[0] : nil
    nested = first.is_a?(::Hash) ? first['description'] || first['message'] : nil
    said = {}
    detail = [body['detail'], nested, body['message'], body['error_description'], body['error']]
             .find { |text| text.is_a?(::String) && text != '' }
    type = body['scimType']
    said['scimType'] = call('redact', type, token) if type.is_a?(::String) && type != ''
    unless detail.nil?
      plain = call('redact', detail, token).gsub(/\s+/, ' ').strip
      said['detail'] = plain.length > 500 ? "#{plain[0, 500]}…" : plain
    end
    said
  end
}
