# frozen_string_literal: true

# Error responses: the meaning of each status, and its sentences.
{
  # The provider's ID of a request, from the usual headers.
  request_id_of: lambda do |run, headers|
    names = %w[x-request-id x-okta-request-id x-correlation-id request-id]
    id = names.map { |name| headers[name] }.compact.first
    id && call('provider_text', run, id)
  end,

  # Fails with the error of a response with a status of 400 or more.
  fail_on_answer: lambda do |run, answer, read, context|
    page = read['kind'] == 'page'
    said = call('read_scim_error', run, read['body'])
    code = call('code_of_answer', answer, page, said['scimType'])
    text = call('sentences_of', run, code, answer, page, said, context)
    text['nextStep'] = "#{text['nextStep']} #{call('text_of', 'parts', 'unknownOutcome')}" if context['unknown']
    parts = {
      'status' => answer['status'], 'attempts' => context['attempts'],
      'requestId' => call('request_id_of', run, answer['headers']),
      'retryAfterInMs' => context['retryAfterInMs']
    }
    call('fail_with', code, said.merge(parts, text))
  end,

  code_of_answer: lambda do |answer, page, scim_type|
    # Some providers return 400 with `uniqueness` for a taken name, where RFC 7644 Table 9 has 409.
    next 'conflict' if scim_type == 'uniqueness'

    status = answer['status']
    case status
    when 401 then call('scope_missing?', answer['headers']) ? 'forbidden' : 'auth'
    when 403 then call('throttled?', status, answer['headers']) ? 'rate_limited' : 'forbidden'
    # HTML means that there is no SCIM service at this URL, not that the user does not exist.
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

  # What happened, and what to do next.
  sentences_of: lambda do |run, code, answer, page, said, context|
    scope_missing = code == 'forbidden' && call('scope_missing?', answer['headers'])
    values = {
      'status' => answer['status'], 'attempts' => call('attempts_text', context['attempts']),
      'when' => call('when_text', context['retryAfterInMs']),
      'detail' => call('detail_text', said['detail']),
      'scope' => scope_missing ? call('missing_scope', run, answer['headers']) : ''
    }
    next call('error_text', call('auth_sentence', run, 'scopeMissing'), values) if scope_missing

    names = {
      'invalid_input' => 'inputRejected', 'auth' => call('auth_sentence', run, 'rejected'),
      'forbidden' => page ? 'blockedByProxy' : 'forbidden', 'not_found' => 'resourceNotFound',
      'conflict' => 'conflict', 'precondition_failed' => 'versionChanged',
      'rate_limited' => 'rateLimited', 'unavailable' => 'unavailable', 'unsupported' => 'unsupported',
      'provider_fault' => page ? 'webPage' : 'unexpectedStatus'
    }
    text = call('error_text', names[code], values)
    step = code == 'invalid_input' ? call('texts')['scimTypes'][said['scimType']] : nil
    step.nil? ? text : text.merge('nextStep' => step)
  end,

  # What the provider says itself, as a sentence to append; nothing if it says nothing.
  detail_text: lambda do |detail|
    detail.nil? ? '' : call('text_of', 'parts', 'detail', { 'detail' => detail.sub(/[\s.]+\z/, '') })
  end,

  # The status in a body that is an error of SCIM 2.0 or SCIM 1.1; nil if the body is no error.
  error_status_in: lambda do |body|
    next nil unless body.is_a?(::Hash) && %w[status detail Errors].any? { |name| body.key?(name) }

    first = body['Errors'].is_a?(::Array) ? body['Errors'][0] : nil
    urn = 'urn:ietf:params:scim:api:messages:2.0:Error'
    message = [body['schemas']].flatten.include?(urn)
    next nil unless message || !(first.nil? || body.key?('id') || body.key?('Resources'))

    status = (message ? body['status'] : first.is_a?(::Hash) && first['code']).to_s
    next status.to_i if status.match?(/\A[45]\d\d\z/)

    # RFC 7644 §3.12: a keyword comes with status 400.
    body['scimType'].is_a?(::String) ? 400 : 500
  end,

  # Reads an error body: that of SCIM 2.0 or SCIM 1.1, or the `message` or `error` of other formats.
  read_scim_error: lambda do |run, body|
    next {} unless body.is_a?(::Hash)

    list = body['Errors'] || body['errors']
    first = list.is_a?(::Array) ? list[0] : nil
    nested = first.is_a?(::Hash) ? first['description'] || first['message'] : nil
    said = {}
    detail = [body['detail'], nested, body['message'], body['error_description'], body['error']]
             .find { |text| text.is_a?(::String) && text != '' }
    type = body['scimType']
    said['scimType'] = call('provider_text', run, type) if type.is_a?(::String) && type != ''
    said['detail'] = call('provider_text', run, detail) unless detail.nil?
    said
  end
}
