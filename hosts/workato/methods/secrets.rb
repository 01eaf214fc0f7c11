# frozen_string_literal: true

# Secrets: removes them from the texts of providers and proxies, in every encoding in which they are sent.
{
  # The text without the secrets of the connection.
  redact: lambda do |run, text|
    plain = text.to_s.dup.force_encoding('UTF-8').scrub
    call('secrets_of', run).reduce(plain) do |redacted, (mask, secrets)|
      pattern = (run['patterns'][secrets] ||= call('pattern_of_secrets', secrets))
      redacted.gsub(pattern) { mask }
    end
  end,

  # A text of a provider, fit for an error: on one line, not too long, without secrets or control characters.
  provider_text: lambda do |run, text|
    plain = call('printable', call('redact', run, text).gsub(/[[:space:]]+/, ' ').strip)
    plain.length > 500 ? "#{plain[0, 500]}…" : plain
  end,

  # Escapes the characters that make an editor show something else than the text says.
  printable: lambda do |text|
    text.gsub(/(?![\t\n\u200c\u200d])[\p{Cc}\p{Cf}\u2028\u2029]/) do |one|
      one.encode('UTF-16BE').unpack('n*').map { |unit| format('\\u%04x', unit) }.join
    end
  end,

  # Pairs of what replaces secrets, and the secrets.
  secrets_of: lambda do |run|
    own = run['sourceSecret'] ? [['[token]', [run['sourceSecret']]]] : []
    call('secrets_of_auth', run, run['auth']) + own
  end,

  secrets_of_auth: lambda do |run, auth|
    case auth['type']
    when 'bearer' then [['[token]', [auth['token']]]]
    when 'basic'
      [['[secret]', [["#{auth['username']}:#{auth['password']}"].pack('m0'), auth['password']]]]
    when 'header'
      # A provider can repeat the part after a scheme such as "Token" alone.
      value = auth['headerValue']
      [['[secret]', [value, value[/\A\S+\s+(\S.*)\z/, 1]].compact]]
    else
      secret = auth['clientSecret']
      [['[secret]', [call('client_pair', auth), secret, ::URI.encode_www_form_component(secret)]]] +
        run['tokens'].map { |token| ['[token]', [token]] }
    end
  end,

  # A longer secret can contain a shorter one.
  pattern_of_secrets: lambda do |secrets|
    ::Regexp.new(secrets.sort_by { |one| -one.length }.map { |one| call('pattern_of_secret', one) }.join('|'))
  end,

  pattern_of_secret: lambda do |secret|
    # JSON writes some characters with a backslash, which a URL encodes.
    backslash = '(?:\\\\|%(?:25)*5[cC])?'
    spelled = secret.each_char.map { |one| "#{backslash}(?:#{call('spellings_of', one).join('|')})" }.join
    [*call('base64_forms', secret), spelled].join('|')
  end,

  # The spellings of one character, as patterns: plain, and with the escapes of URLs, JSON, and HTML.
  spellings_of: lambda do |one|
    entity = { '&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;', "'" => '&apos;' }[one]
    any_case = ->(hex) { hex.gsub(/[a-f]/) { |letter| "[#{letter}#{letter.upcase}]" } }
    # A redirect can encode a URL again, and with it each percent sign.
    bytes = one.bytes.map { |byte| "%(?:25)*#{any_case.call(format('%02x', byte))}" }
    units = one.encode('UTF-16BE').unpack('n*').map { |unit| "\\\\u#{any_case.call(format('%04x', unit))}" }
    # The entity comes first, and a plain character with its backslash, since both also begin an escape.
    [entity, ::Regexp.escape(one), bytes.join, units.join, "&#0*#{one.ord};",
     "&#[xX]0*#{any_case.call(one.ord.to_s(16))};"].compact
  end,

  # The base64 forms of a secret within any text: they depend on the number of preceding bytes, modulo three.
  base64_forms: lambda do |secret|
    alphabet = [*'A'..'Z', *'a'..'z', *'0'..'9', '[+-]', '\\\\?[/_]']
    [0, 1, 2].map do |before|
      bits = "#{"\0" * before}#{secret}".unpack1('B*')
      # Characters that also hold bits of the text around the secret are omitted.
      from = (before * 8 / 6.0).ceil
      characters = (from...(bits.length / 6)).map { |at| alphabet[bits[at * 6, 6].to_i(2)] }
      # A shorter piece would match other text by chance.
      characters.length < 8 ? nil : characters.join
    end.compact
  end
}
