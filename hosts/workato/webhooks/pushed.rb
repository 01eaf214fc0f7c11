# frozen_string_literal: true

# Everything is in this one lambda: when a message arrives, Workato does not allow method calls or
# requests. Nothing in a message is read before its sender is verified. A rejected message starts no
# job: the SDK requires a list, and fails on nil.
lambda do |data, input, payload, headers, connection|
  source = input['source']
  # include event_mapping
  # include field_names
  # include event_pills
  # include event_losses

  flag = ->(value) { value.to_s.casecmp('true').zero? }
  # A number of the form, which is a text. A recipe that has no number in it must not drop events silently.
  number_in = lambda do |name, otherwise|
    text = input[name].to_s.strip
    next otherwise if text.empty?
    next text.to_i if text.match?(/\A\d+\z/)

    raise "invalid_input: Invalid input: \"#{data['labels'][name]}\" must be an integer. Correct the input."
  end
  header = lambda do |name|
    found = headers.to_h.find { |key, _| key.to_s.tr('_', '-').casecmp(name).zero? }
    found.nil? ? nil : Array(found[1]).join(', ').strip
  end
  # In constant time, which reveals only the length of the secret.
  same = lambda do |one, other|
    one.bytesize == other.bytesize && one.bytes.zip(other.bytes).map { |a, b| a ^ b }.sum.zero?
  end
  require_secret = lambda do |secrets, plain|
    given = header.call('Authorization')
    readings = [plain ? given : nil, given.to_s[/\Abearer +(.*)\z/i, 1]].compact
    next if readings.product(secrets).map { |one, other| same.call(one, other) }.any?

    throw :refused, 'auth: The connection has no token for this event source.' if secrets.empty?

    refuse.call('auth', given.nil? ? 'authorizationMissing' : 'authorizationWrong')
  end
  read_json = lambda do |bytes|
    unreadable = lambda do |name, values = {}|
      refuse.call('invalid_input', 'message', { 'problem' => text_of.call(name, values) })
    end
    text = bytes.dup.force_encoding('UTF-8')
    unreadable.call('notUtf8') unless text.valid_encoding?
    begin
      ::JSON.parse(text.delete_prefix("\uFEFF"), max_nesting: 64)
    rescue ::JSON::NestingError
      unreadable.call('tooDeep', { 'levels' => 64 })
    rescue ::JSON::ParserError
      unreadable.call('notJson')
    end
  end
  in_ms = ->(time) { time.is_a?(::Numeric) && time.abs <= 8.64e12 ? (time * 1000).truncate : nil }

  # The value of a path in a message, in the format of the resource.
  value_of = lambda do |kind, path, value|
    if !path['many'] && value.is_a?(::Array) && value.length == 1 && path['type']
      value = value[0]
      value = value['value'] if path['type'] != 'complex' && value.is_a?(::Hash) && value.key?('value')
    end
    held = path['sub'] ? { path['sub'] => value } : value
    top = { path['attribute'] => path['filter'] ? [held] : held }
    read = read_object.call(kind['shape'], path['schema'] ? { path['schema'] => top } : top)
    whole = hash.call(path['schema'] ? read[path['schema']] : read)[path['attribute']]
    whole = whole[0] if (path['filter'] || path['sub']) && whole.is_a?(::Array)
    path['sub'] ? hash.call(whole)[path['sub']] : whole
  end

  change_of = ->(path) { change_to.call(path, nil).merge('toKnown' => false) }

  decode = lambda do |text|
    bytes = text.match?(/\A[\w-]*\z/) ? text.tr('-_', '+/').unpack1('m') : nil
    # Each byte sequence has only one valid encoding.
    bytes if bytes && [bytes].pack('m0').delete('=').tr('+/', '-_') == text
  end
  # A public key (RFC 7517), built from its parts, because no release of OpenSSL reads a JWK.
  public_key = lambda do |jwk|
    asn = ::OpenSSL::ASN1
    number = ->(name) { asn::Integer.new(::OpenSSL::BN.new(decode.call(jwk[name]), 2)) }
    type, bits =
      case jwk['kty']
      when 'RSA'
        [[asn::ObjectId.new('rsaEncryption'), asn::Null.new(nil)],
         asn::Sequence.new([number.call('n'), number.call('e')]).to_der]
      when 'EC'
        curve = { 'P-256' => 'prime256v1', 'P-384' => 'secp384r1', 'P-521' => 'secp521r1' }[jwk['crv']]
        [[asn::ObjectId.new('id-ecPublicKey'), asn::ObjectId.new(curve)],
         "\x04".b + decode.call(jwk['x']) + decode.call(jwk['y'])]
      else
        [[asn::ObjectId.new(jwk['crv'] == 'Ed448' ? '1.3.101.113' : '1.3.101.112')], decode.call(jwk['x'])]
      end
    ::OpenSSL::PKey.read(asn::Sequence.new([asn::Sequence.new(type), asn::BitString.new(bits)]).to_der)
  end
  signed_by = lambda do |algorithm, jwk, message, signature|
    key = public_key.call(jwk)
    digest = "SHA#{algorithm[2..]}"
    case algorithm[0, 2]
    when 'RS' then key.verify(::OpenSSL::Digest.new(digest), signature, message)
    when 'PS' then key.verify_pss(digest, signature, message, salt_length: :digest, mgf1_hash: digest)
    when 'ES'
      half = { '256' => 32, '384' => 48, '512' => 66 }[algorithm[2..]]
      next false unless signature.bytesize == 2 * half

      numbers = [signature[0, half], signature[half, half]].map do |part|
        ::OpenSSL::ASN1::Integer.new(::OpenSSL::BN.new(part, 2))
      end
      key.verify(::OpenSSL::Digest.new(digest), ::OpenSSL::ASN1::Sequence.new(numbers).to_der, message)
    else key.verify(nil, signature, message)
    end
  rescue ::StandardError
    # A key that does not match its declared type.
    false
  end
  fits = lambda do |jwk, algorithm, id|
    curves = {
      'ES256' => ['P-256'], 'ES384' => ['P-384'], 'ES512' => ['P-521'], 'EdDSA' => %w[Ed25519 Ed448]
    }[algorithm]
    kty = { 'R' => 'RSA', 'P' => 'RSA' }.fetch(algorithm[0], algorithm == 'EdDSA' ? 'OKP' : 'EC')
    jwk.is_a?(::Hash) && (id.nil? || jwk['kid'] == id) && jwk['kty'] == kty &&
      (curves.nil? || curves.include?(jwk['crv'])) && [nil, algorithm].include?(jwk['alg']) &&
      [nil, 'sig'].include?(jwk['use']) && (jwk['key_ops'].nil? || list.call(jwk['key_ops']).include?('verify'))
  end
  # Whether this Ruby can verify EdDSA, which older ones cannot: tried with a signature of RFC 8032 (section 7.1).
  verifies_edwards = lambda do
    key = { 'kty' => 'OKP', 'crv' => 'Ed25519', 'x' => '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
    signature = '5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc-bRr0lv18FlbviRlUUFDjnoQCw'
    signed_by.call('EdDSA', key, '', decode.call(signature))
  end
  malformed = ->(name) { refuse.call('invalid_input', 'token', { 'problem' => text_of.call(name) }) }
  # The claims of a token (RFC 8417) that is authentic, addressed to this receiver, and current.
  read_token = lambda do |token|
    parts = token.split('.', -1).map { |part| decode.call(part) }
    refuse.call('invalid_input', 'notAToken') if parts.length != 3 || parts.any?(&:nil?) || parts[0].empty?
    head = read_json.call(parts[0])
    refuse.call('invalid_input', 'notAToken') unless head.is_a?(::Hash)
    taken = %w[RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA]
    refuse.call('auth', 'algorithm', { 'algorithms' => taken.join(', ') }) unless taken.include?(head['alg'])
    malformed.call('critical') if head.key?('crit')
    types = %w[secevent+jwt application/secevent+jwt jwt]
    malformed.call('wrongType') if head.key?('typ') && !types.include?(head['typ'].to_s.downcase)
    malformed.call('invalidKeyId') if head.key?('kid') && !head['kid'].is_a?(::String)
    begin
      keys = list.call(hash.call(::JSON.parse(input['jwks'].to_s))['keys'])
    rescue ::JSON::ParserError
      keys = []
    end
    known = keys.select { |jwk| fits.call(jwk, head['alg'], head['kid']) }
    refuse.call('auth', 'noKey') if known.empty?
    if head['alg'] == 'EdDSA' && !verifies_edwards.call
      throw :refused, 'unsupported: Ruby cannot verify EdDSA here. Have the issuer sign with ES256 or RS256.'
    end
    message = token[0...token.rindex('.')]
    unless known.any? { |jwk| signed_by.call(head['alg'], jwk, message, parts[2]) }
      refuse.call('auth', 'signature')
    end
    read_json.call(parts[1])
  end
  check_claims = lambda do |claims|
    malformed.call('invalidClaims') unless claims.is_a?(::Hash)
    refuse.call('auth', 'issuer') unless claims['iss'] == input['issuer']
    refuse.call('auth', 'audience') unless Array(claims['aud']).include?(input['audience'])
    issued, expires, begins, happened = %w[iat exp nbf toe].map { |name| in_ms.call(claims[name]) }
    ahead = now_in_ms + 300_000
    malformed.call('noIssuedAt') if issued.nil?
    malformed.call('inFuture') if issued > ahead
    malformed.call('tooOld') if issued < now_in_ms - (number_in.call('maxAgeInSeconds', 604_800) * 1000)
    malformed.call('expired') if claims.key?('exp') && (expires || 0) <= now_in_ms - 300_000
    malformed.call('notYetValid') if claims.key?('nbf') && (begins.nil? || begins > ahead)
    jti = text_or_nil.call(claims['jti'])
    malformed.call('invalidId') if jti.nil? || jti.length > 1_000
    malformed.call('noEvents') if hash.call(claims['events']).empty?
    # "iat" usually has whole seconds.
    claims.merge('at' => happened && happened < issued + 1_000 ? happened : issued)
  end
  # The resource type and the ID of a token's subject (RFC 9967 §2.1, RFC 9493).
  read_subject = lambda do |subject, shown_data|
    subject = hash.call(subject)
    usable = ->(one) { !one.key?('format') || %w[scim uri opaque].include?(one['format']) }
    aliases = subject['format'] == 'aliases' ? list.call(subject['identifiers']) : [subject]
    aliases.select { |one| one.is_a?(::Hash) && usable.call(one) }.each do |one|
      shown = one.reject { |name, _| %w[format uri id].include?(name) }
      path = one['uri'].is_a?(::String) ? one['uri'].sub(/[?#].*\z/m, '').sub(%r{/+\z}, '') : ''
      *, kind, last = path.include?('/') ? path.split('/', -1) : [nil, nil]
      id = last.to_s.match?(/%(?!\h\h)/) ? '' : last.to_s.b.gsub(/%(\h\h)/) { ::Regexp.last_match(1).hex.chr }
      id = id.dup.force_encoding('UTF-8')
      if id.valid_encoding? && id != ''
        found = kinds.values.find { |known| known['endpoint'].casecmp("/#{kind}").zero? }
        throw :subject, [found, id, shown]
      end
      named = list.call(hash.call(shown_data)['schemas']).map { |schema| schema.to_s.downcase }
      found = kinds.values.find { |known| named.include?(known['schema'].downcase) }
      throw :subject, [found, one['id'], shown] if text_or_nil.call(one['id']) && found
    end
    refuse.call('invalid_input', 'subject')
  end
  operations_of = ->(part) { [part['Operations'], part['operations']].find { |one| one.is_a?(::Array) } }
  # The changes of a PATCH; of two operations on one path, the later one is used.
  patch_changes = lambda do |kind, operations|
    changes = {}
    keep = lambda do |change, whole = false|
      changes.delete_if { |path, _| whole && path.start_with?("#{change['path']}[") }
      changes.delete(change['path'])
      changes[change['path']] = change
    end
    keep_items = lambda do |path, items, removed|
      items.each do |given|
        read = value_of.call(kind, path, [given.is_a?(::Hash) ? given : { 'value' => given }])
        item = read.is_a?(::Array) ? read[0] : read
        id = hash.call(item)['value']
        next keep.call(change_of.call(path['text'])) unless id.is_a?(::String)

        keep.call(change_to.call(item_path.call(path['text'], id), removed ? nil : item))
      end
    end
    change = lambda do |operation, path, value|
      whole = path['many'] && !path['filter'] && !path['sub']
      if operation == 'remove'
        some = whole && value.is_a?(::Array) && !value.empty?
        some ? keep_items.call(path, value, true) : keep.call(change_to.call(path['text'], nil), whole)
      elsif whole && operation == 'add'
        keep_items.call(path, value.is_a?(::Array) ? value : [value], false)
      elsif !path['many'] && path['type'] == 'complex' && value.is_a?(::Hash)
        value.each { |name, item| change.call(operation, read_path.call(kind, "#{path['text']}.#{name}"), item) }
      else
        read = value_of.call(kind, path, value)
        keep.call(change_to.call(path['text'], read == [] ? nil : read), whole)
      end
    end
    apply = lambda do |operation, text, value|
      extension = extension_named.call(kind, text)
      if extension && value.is_a?(::Hash)
        value.each { |name, item| apply.call(operation, "#{extension}:#{name}", item) }
      elsif text.casecmp(kind['schema']).zero? && value.is_a?(::Hash)
        value.each { |name, item| apply.call(operation, name, item) }
      else
        path = read_path.call(kind, text)
        still = path['schema'].nil? && %w[id schemas meta].include?(path['attribute'])
        change.call(operation, path, value) unless still
      end
    end
    understood = operations.map do |one|
      operation = hash.call(one)['op'].to_s.downcase
      next false unless %w[add replace remove].include?(operation)

      if text_or_nil.call(one['path'].is_a?(::String) ? one['path'].strip : nil)
        apply.call(operation, one['path'].strip, one['value'])
      elsif one['value'].is_a?(::Hash)
        one['value'].each { |name, item| apply.call(operation, name, item) }
      else
        next false
      end
      true
    end
    [changes.values, understood.all?]
  end
  # The change that a verified token reports: one change of one resource.
  read_set = lambda do |claims|
    reported = {}
    claims['events'].each do |uri, event|
      name = uri.downcase
      next unless name.start_with?('urn:ietf:params:scim:event:prov:')

      type, form = name.delete_prefix('urn:ietf:params:scim:event:prov:').split(':', -1)
      forms = { 'create' => %w[full notice], 'patch' => %w[full notice], 'put' => %w[full notice],
                'delete' => [nil], 'activate' => [nil], 'deactivate' => [nil] }
      next unless forms[type].to_a.include?(form) && name.count(':') == (form ? 7 : 6)

      carried = hash.call(event)
      if form == 'full'
        refuse.call('invalid_input', 'noData', { 'uri' => uri[0, 100] }) unless carried['data'].is_a?(::Hash)
        reported[type] = { 'data' => carried['data'], 'names' => [] }
      else
        names = form ? list.call(carried['attributes']).select { |one| one.is_a?(::String) } : []
        reported[type] ||= { 'names' => names }
      end
    end
    next [] if reported.empty?

    shown_data = reported.values.map { |one| one['data'] }.compact.find { |one| operations_of.call(one).nil? }
    kind, id, shown = catch(:subject) { read_subject.call(claims['sub_id'], shown_data) }
    next [] if kind.nil?

    resource = shown_data && read_object.call(kind['shape'], shown_data.merge('id' => id))
    parts = {
      'id' => claims['jti'], 'at' => claims['at'], 'kind' => kind['name'], 'data' => resource,
      'subject' => subject_of.call(id, read_object.call(kind['shape'], shown), resource || {}),
      'key' => ['set', claims['iss'], claims['jti']]
    }
    next [make_event.call('delete', parts, [])] if reported.key?('delete')
    next [make_event.call('create', parts, members_of.call(resource))] if reported.key?('create')

    read = [reported['patch'], reported['put']].compact.map do |update|
      if update['data'].nil?
        paths = update['names'].uniq.map { |name| read_path.call(kind, name) }
        paths = paths.reject { |path| path['schema'].nil? && %w[id schemas meta].include?(path['attribute']) }
        next [paths.map { |path| change_of.call(path['text']) }, !update['names'].empty?]
      end
      operations = operations_of.call(update['data'])
      operations.nil? ? [[], false] : patch_changes.call(kind, operations)
    end
    changes = read.flat_map(&:first)
    said = changes.find { |one| one['path'] == 'active' && [true, false].include?(one['to']) }
    active = said && said['to']
    switched = reported.key?('deactivate') || reported.key?('activate')
    active = !reported.key?('deactivate') if said.nil? && switched
    shown_off = hash.call(resource)['active'] == false && flag.call(input['treatInactivePutAsDeactivation'])
    active = false if active.nil? && shown_off
    unless active.nil?
      others = changes.reject { |one| one['path'] == 'active' }
      changes = [change_to.call('active', active), *others]
    end
    type = reported.key?('put') && !reported.key?('patch') ? 'put' : 'patch'
    update_events.call(parts, changes, type, read.any? { |one| !one[1] })
  end

  hold_text = lambda do |name, values|
    data['texts']['holds'][name].gsub(/\{\w+\}/) { |key| values.fetch(key[1..-2]).to_s }
  end
  # Holds a message that would take too much away by itself. Nothing is kept between two messages, so no others count.
  guard = lambda do |reported|
    losses = reported.flat_map do |event|
      kind = kinds.fetch(event['resource'])
      losses_of_event.call(event, kind.merge('accounts' => kind['shape'].key?('active')), nil)
    end
    counts = count_losses.call(losses)
    # How many there are is not known: half of the usual number.
    limit_of = ->(kind) { number_in.call('massChangeLimit', { 'members' => 25 }.fetch(kind, 10)) }
    excess = %w[users roles members groups].select { |kind| counts[kind].to_i > limit_of.call(kind) }
    held = losses.select { |loss| excess.include?(loss['kind']) }
    id = hold_id.call(held)
    next if held.empty? || id == input['approve']

    reasons = excess.map do |kind|
      part = { 'roles' => 'rolesLost', 'members' => 'membersLost' }.fetch(kind, 'accessLost')
      name = held.find { |loss| loss['kind'] == kind }['subject']['resource'].downcase
      hold_text.call(part, { 'count' => counts[kind], 'limit' => limit_of.call(kind), 'resource' => name,
                             'of' => '', 'earlier' => '' })
    end
    names = held.first(10).map { |loss| "#{loss['subject']['name']} (#{loss['before']} → #{loss['after']})" }
    names = names.join(', ')
    names += hold_text.call('andMore', { 'count' => held.length - 10 }) if held.length > 10
    what = hold_text.call('what', { 'changes' => reasons.join(' '),
                                    'affected' => hold_text.call('affected', { 'names' => names }) })
    step = hold_text.call('nextStep', { 'approval' => hold_text.call('sendAgain', { 'id' => id }) })
    raise "mass_change_blocked: #{what} #{step}"
  end

  body = payload.to_s.b
  known_to = hash.call(connection)
  secrets = data['secrets'][source].to_a.map { |name| text_or_nil.call(known_to[name]) }.compact
  events = []
  catch(:refused) do
    refuse.call('invalid_input', 'bodyTooLarge', { 'limit' => 2_097_152 }) if body.bytesize > 2_097_152
    if source == 'workato_audit_log'
      require_secret.call(secrets, true)
      message = read_json.call(body)
      events = if message.is_a?(::Array)
                 # One entry that cannot be read does not block the others.
                 read = message.map { |entry| catch(:refused) { read_entry.call(entry) } }
                 read.grep(::Array).flatten(1)
               else
                 read_entry.call(message)
               end
    else
      require_secret.call(secrets, false) unless secrets.empty?
      type = header.call('Content-Type').to_s.split(';')[0].to_s.strip.downcase
      unless ['', 'application/secevent+jwt'].include?(type)
        refuse.call('invalid_input', 'wrongContentType', { 'types' => 'application/secevent+jwt' })
      end
      events = read_set.call(check_claims.call(read_token.call(body)))
    end
  end
  guard.call(events)
  events.map do |event|
    kind = kinds[event['resource']]
    with_pills.call(event, kind['roles'], kind['shape'].key?('members'))
  end
end
