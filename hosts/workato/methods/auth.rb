# frozen_string_literal: true

# Authentication: the method of a connection, and what its rejections mean. Workato adds the header of the method.
{
  # The fields of the selected method, with `type`. Fields of other methods, which a form can still hold, are ignored.
  given_auth: lambda do |definition, given|
    type = given['auth_type'].to_s.empty? ? definition['auth'].keys.first : given['auth_type']
    schema = definition['auth'][type]
    next { 'type' => type } if schema.nil?

    call('coerce', definition['schemas'], schema, call('filled', given, schema)).merge('type' => type)
  end,

  # The values for a schema. An empty field of a form is not set.
  filled: lambda do |given, schema|
    given.slice(*schema['properties'].keys).reject { |_, value| value.nil? || value == '' }
  end,

  # What the schema of the method refuses.
  auth_shape_problems: lambda do |definition, auth|
    schema = definition['auth'][auth['type']]
    if schema.nil?
      types = definition['auth'].keys.map { |type| ::JSON.generate(type) }.join(', ')
      next [call('misfit', 'auth_type', 'enum', { 'values' => types })]
    end

    own = auth.reject { |key, _| key == 'type' }
    call('problems_of', definition['schemas'], schema, own).map { |one| one.merge('path' => "auth.#{one['path']}") }
  end,

  # What the schema cannot express: which characters a protocol can send, and where to.
  auth_problems: lambda do |definition, auth, input|
    names = call("#{auth['type']}_problems", definition, auth, input).compact
    names.map do |key, name|
      call('problem', "auth.#{key}", name, name == 'reservedHeader' ? { 'name' => auth['headerName'] } : {})
    end
  end,

  bearer_problems: lambda do |_definition, auth, _input|
    { 'token' => call('bearer_token?', auth['token']) ? nil : 'tokenCharacter' }
  end,

  # Printable ASCII without spaces can be sent as a bearer token.
  bearer_token?: lambda do |text|
    text.match?(/\A[\x21-\x7e]+\z/)
  end,

  oauth_client_credentials_problems: lambda do |_definition, auth, input|
    # RFC 6749 §3.2 allows a query in this URL, but no fragment. §3.3: scope names have no quotes and no backslashes.
    fragment = ->(uri) { uri.fragment.nil? ? nil : 'hasFragment' }
    {
      'tokenUrl' => call('url_problem', auth['tokenUrl'], 'notATokenUrl', input, fragment),
      'clientId' => call('text_problem', auth['clientId']),
      'clientSecret' => call('text_problem', auth['clientSecret']),
      'scope' => auth['scope'].to_s.match?(/\A[\x20\x21\x23-\x5b\x5d-\x7e]*\z/) ? nil : 'scopeCharacter',
      'audience' => call('text_problem', auth['audience'].to_s),
      'resource' => auth['resource'].to_s.split.all? { |uri| call('resource?', uri) } ? nil : 'notAResource'
    }
  end,

  # RFC 8707 §2: an absolute URI without a fragment.
  resource?: lambda do |text|
    !::URI.parse(text).scheme.nil? && !text.include?('#')
  rescue ::StandardError
    false
  end,

  basic_problems: lambda do |_definition, auth, _input|
    # RFC 7617 §2: the first colon ends the username.
    username = auth['username'].include?(':') ? 'usernameColon' : call('text_problem', auth['username'])
    { 'username' => username, 'password' => call('text_problem', auth['password']) }
  end,

  header_problems: lambda do |definition, auth, _input|
    { 'headerName' => call('header_name_problem', definition, auth['headerName']),
      'headerValue' => call('header_value_problem', auth['headerValue']) }
  end,

  header_name_problem: lambda do |definition, name|
    # RFC 9110 §5.6.2: a name is a token.
    next 'notAHeaderName' unless name.match?(/\A[!#$%&'*+.^`|~\w-]+\z/)

    definition['headers']['reserved'].include?(name.downcase) ? 'reservedHeader' : nil
  end,

  header_value_problem: lambda do |value|
    value.match?(/\A[\x20-\x7e\t]+\z/) ? call('text_problem', value.tr("\t", ' ')) : 'headerCharacter'
  end,

  # A copied text often has a line break at its end, which no account has.
  text_problem: lambda do |text|
    trimmed = text.gsub(/\A[[:space:]]+|[[:space:]]+\z/, '')
    next 'controlCharacter' if trimmed.match?(/\p{Cc}/)

    text == trimmed ? nil : 'surroundingSpace'
  end,

  # The name of the problem with the URL of a service; nil without a problem. `own` finds those of one kind of URL.
  url_problem: lambda do |text, malformed, input, own|
    begin
      uri = ::URI.parse(text.strip)
    rescue ::StandardError
      uri = nil
    end
    next malformed if uri.nil? || uri.scheme.nil?
    next 'notHttps' unless %w[http https].include?(uri.scheme.downcase)
    next malformed if uri.host.to_s.empty?
    next 'hasCredentials' unless uri.userinfo.nil?

    found = own.call(uri)
    loopback = uri.host.match?(/\A(localhost|\[::1\]|127(\.\d{1,3}){3})\z/i)
    permitted = uri.scheme.casecmp('https').zero? || loopback || input['allowPlainHttp'] == true
    found || (permitted ? nil : 'plainHttp')
  end,

  # The sentences for rejected credentials, and for a missing scope. Workato has replaced an access token before a second
  # rejection is seen.
  auth_sentence: lambda do |run, kind|
    sentences = {
      'bearer' => %w[tokenRejected tokenScopeMissing], 'basic' => %w[accountRejected tokenScopeMissing],
      'header' => %w[headerRejected tokenScopeMissing],
      'oauth_client_credentials' => %w[freshTokenRejected clientScopeMissing]
    }
    sentences[run['auth']['type']][%w[rejected scopeMissing].index(kind)]
  end,

  # Whether a response says that the token lacks a scope (RFC 6750 §3.1).
  scope_missing?: lambda do |headers|
    headers['www-authenticate'].to_s.match?(/\berror\s*=\s*"?insufficient_scope\b/i)
  end,

  # The scope that such a response asks for, as a part of a sentence; empty if it does not name one.
  missing_scope: lambda do |run, headers|
    # Redacted as a whole: a secret can contain the quotes around the scope, and the scope would hold a part of it.
    challenge = call('redact', run, headers['www-authenticate'])
    scope = challenge[/\bscope\s*=\s*"([^"]+)"/i, 1]
    scope.nil? ? '' : " (\"#{call('provider_text', run, scope)}\")"
  end
}
