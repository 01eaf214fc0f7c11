# frozen_string_literal: true

# Requests for lists.
{
  # A list always exists, even if it is empty: 404 means that there is no SCIM service.
  ask_list: lambda do |run, request|
    call('send_scim', run, request)
  rescue ::StandardError => e
    details = call('failure_of', e)
    raise unless details['code'] == 'not_found'

    call('fail_as', 'provider_fault', 'listMissing', {}, details)
  end,

  # `attributes` and `excludedAttributes` as query parameters (RFC 7644 §3.9).
  projection_of: lambda do |input|
    %w[attributes excludedAttributes].each_with_object({}) do |name, query|
      query[name] = input[name].join(',') if input[name].is_a?(::Array) && !input[name].empty?
    end
  end
}
