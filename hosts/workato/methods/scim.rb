# frozen_string_literal: true

# SCIM: attributes and their paths, resources in responses, filters.
{
  # The JSON keys of a path: `urn:…:User:department` returns [`urn:…:User`, `department`].
  json_path_of: lambda do |resource, path|
    call('read_path', resource, path)['keys']
  end,

  # Reads a path leniently: in any case, with or without the URI of the core schema, and an attribute of an extension
  # also by its bare name if that is unique. Returns the JSON keys as the schemas spell them, and the attributes on
  # the way, nil for an unknown one. A filter in brackets is ignored.
  read_path: lambda do |resource, text|
    uri, names = call('split_path', resource, text)
    uri ||= call('extension_with', resource, names[0].to_s)
    attributes = call('attributes_named', resource, uri, names)
    keys = names.each_with_index.map { |name, at| attributes[at].nil? ? name : attributes[at]['name'] }
    { 'keys' => [*uri, *keys], 'attributes' => attributes }
  end,

  # The URI of the extension in a path, nil for the core schema, and the names after it.
  split_path: lambda do |resource, text|
    plain = text.sub(/\[.*\]/m, '')
    known = [resource['schema'], *resource['extensions']]
    # One URI can be a prefix of another: the longest match is used.
    uri = known.select { |id| plain.downcase.start_with?("#{id.downcase}:") }.max_by(&:length)
    uri, names = uri.nil? ? plain.rpartition(':').values_at(0, 2) : [uri, plain[(uri.length + 1)..]]
    [['', resource['schema']].include?(uri) ? nil : uri, names.split('.')]
  end,

  extension_with: lambda do |resource, name|
    next nil if call('attributes_named', resource, nil, [name])[0]

    found = resource['extensions'].select { |id| call('attributes_named', resource, id, [name])[0] }
    found.length == 1 ? found[0] : nil
  end,

  attributes_named: lambda do |resource, uri, names|
    known = uri.nil? ? resource['attributes'] : resource['extensionAttributes'][uri]
    names.map do |name|
      # Attribute names compare case-insensitively (RFC 7643 §2.1).
      found = (known || []).find { |attribute| attribute['name'].casecmp?(name) }
      known = found && found['subAttributes']
      found
    end
  end,

  # The values at a path: one, or those of each item of a multi-valued attribute; none if it is absent.
  values_at: lambda do |value, path|
    next value.flat_map { |item| call('values_at', item, path) } if value.is_a?(::Array)
    next value.nil? ? [] : [value] if path.empty?

    value.is_a?(::Hash) ? call('values_at', value[path[0]], path.drop(1)) : []
  end,

  set_at: lambda do |target, path, value|
    inner = path[0..-2].reduce(target) do |node, key|
      node[key] = {} unless node[key].is_a?(::Hash)
      node[key]
    end
    inner[path.last] = value
  end,

  # Finds the attribute of a path such as `name.givenName` or `urn:…:User:department`.
  attribute_at: lambda do |resource, path|
    found = call('attributes_named', resource, *call('split_path', resource, path))
    found.include?(nil) ? nil : found.last
  end,

  # Reads a resource in a response. It is lenient: names in any case are corrected, "True" and "False"
  # become booleans, numbers become strings where expected, a single value becomes a list, a reference that has only a
  # `$ref` gets its `value`, and null, which means "no value" (RFC 7643 §2.5), is omitted. Attributes that are not in
  # the schemas are kept unchanged.
  normalize: lambda do |run, resource, body|
    shape = (run['shapes'][resource['name']] ||= call('shape_of_resource', resource))
    read = body.is_a?(::Hash) ? call('read_object', shape, body) : nil
    next read if !read.nil? && read['id'].is_a?(::String) && read['id'] != ''

    reason = call('text_of', 'parts', body.is_a?(::Hash) ? 'noId' : 'noObject')
    call('fail_as', 'provider_fault', 'notAResource', { 'resource' => resource['title'], 'reason' => reason })
  end,

  shape_of_resource: lambda do |resource|
    shape = call('shape_of', resource['attributes'])
    resource['extensionAttributes'].each do |id, attributes|
      shape[id.downcase] = { 'name' => id, 'type' => 'complex', 'shape' => call('shape_of', attributes) }
    end
    shape
  end,

  shape_of: lambda do |attributes|
    attributes.each_with_object({}) do |attribute, shape|
      inner = attribute['type'] == 'complex' ? call('shape_of', attribute['subAttributes'] || []) : nil
      shape[attribute['name'].downcase] = {
        'name' => attribute['name'], 'type' => attribute['type'], 'many' => attribute['multiValued'], 'shape' => inner
      }
    end
  end,

  read_object: lambda do |shape, object|
    object.each_with_object({}) do |(name, item), result|
      next if item.nil?

      known = shape[name] || shape[name.downcase]
      if known.nil? then result[name] = item
      elsif known['many']
        result[known['name']] = call('items_of', item).map { |one| call('read_value', known, one) }
      else
        result[known['name']] = call('read_value', known, item)
      end
    end
  end,

  # The items of a multi-valued attribute. PHP writes an empty list as `{}` or `""`, and one with gaps as
  # `{"0": ..., "2": ...}`.
  items_of: lambda do |value|
    next value.compact if value.is_a?(::Array)
    next [] if value == ''

    listed = value.is_a?(::Hash) && value.keys.all? { |key| key.match?(/\A\d+\z/) }
    listed ? value.values.compact : [value]
  end,

  # A reference with the ID of its resource as `value`: some providers show only the URL (`$ref`), or an `id`.
  with_value: lambda do |shape, reference|
    next reference unless shape.key?('value') && shape.key?('$ref') && reference['value'].nil?

    id = reference['id']
    id = call('exact_text', id) if id.is_a?(::Numeric)
    unless id.is_a?(::String)
      url = reference['$ref']
      id = url.is_a?(::String) ? call('last_segment', url.sub(/[?#].*\z/m, '').sub(%r{/+\z}, '')) : ''
      next reference if id.empty?
    end
    { 'value' => id }.merge(reference)
  end,

  read_value: lambda do |known, value|
    case known['type']
    when 'complex'
      value.is_a?(::Hash) ? call('with_value', known['shape'], call('read_object', known['shape'], value)) : value
    when 'boolean' then { 'true' => true, 'false' => false }.fetch(value.to_s.downcase, value)
    when 'string', 'reference' then value.is_a?(::Numeric) ? call('exact_text', value) : value
    else value
    end
  end,

  # A number as text. Integers of any size are exact in Ruby. A large fraction is rounded, so that the ID of one user
  # could become the ID of another.
  exact_text: lambda do |value|
    exact = value.is_a?(::Integer) || value.abs <= 9_007_199_254_740_991
    call('fail_as', 'provider_fault', 'numberInexact', { 'value' => value }) unless exact
    call('print_number', value)
  end,

  # 5.0 and 5 are the same number in JSON.
  print_number: lambda do |value|
    (value.is_a?(::Float) && value == value.to_i ? value.to_i : value).to_s
  end,

  # Reads a list response (RFC 7644 §3.4.2): resources, total (nil if it is missing), and next cursor.
  read_list: lambda do |body|
    list = body.is_a?(::Hash) ? body : {}
    # RFC 7643 §2.1: names of attributes have no case.
    named = ->(name) { list.fetch(name) { list.find { |key, _| key.casecmp?(name) }&.last } }
    resources = named.call('Resources')
    total = named.call('totalResults')
    total = total.to_i if total.is_a?(::String) && total.match?(/\A\d+\z/)
    total = nil unless total.is_a?(::Integer) && total >= 0
    # Servers that write JSON from protocol buffers omit a total of zero: then the schema identifies the list.
    is_list = [named.call('schemas')].flatten.include?('urn:ietf:params:scim:api:messages:2.0:ListResponse')
    unless resources.is_a?(::Array) || (resources.nil? && (!total.nil? || is_list))
      reason = call('text_of', 'parts', body.nil? ? 'emptyList' : 'noResources')
      call('fail_as', 'provider_fault', 'notAList', { 'reason' => reason })
    end
    cursor = named.call('nextCursor')
    # A number is as good as a text.
    cursor = cursor.to_s if cursor.is_a?(::Integer)
    {
      # RFC 7644 §3.4.2: "Resources" can be omitted if it is empty.
      'resources' => resources || [],
      'total' => total,
      # RFC 9865 §2.
      'cursor' => cursor.is_a?(::String) && cursor != '' ? cursor : nil
    }
  end,

  # Equalities as one filter that requires all of them. Values are escaped, so that each matches only itself.
  print_equalities: lambda do |equalities|
    equalities.map { |one| "#{one['path']} eq #{::JSON.generate(one['value'])}" }.join(' and ')
  end,

  # Whether a resource matches; nil if it does not show the attribute. Some providers ignore a filter and return
  # every resource, so results are always compared again.
  fits?: lambda do |resource, one, equalities|
    fits = true
    equalities.each do |equality|
      values = call('values_at', one, call('json_path_of', resource, equality['path']))
      # Words of a provider's own, such as "enabled", are no booleans.
      of_boolean = [true, false].include?(equality['value'])
      values = values.select { |value| value.to_s.match?(/\A(true|false)\z/i) } if of_boolean
      traits = call('traits_of', call('attribute_at', resource, equality['path']))
      if values.empty? then fits = nil
      elsif values.none? { |value| call('compare_values?', value, 'eq', equality['value'], traits) }
        fits = false
        break
      end
    end
    fits
  end,

  # How the values of an attribute are compared: as times, or with or without regard to case.
  traits_of: lambda do |attribute|
    { 'time' => (attribute || {})['type'] == 'dateTime', 'exact' => (attribute || {})['caseExact'] == true }
  end,

  # Folds the case of text as RFC 7643 compares attributes that are not `caseExact`. Only characters with exactly one
  # partner in the other case are folded: the Kelvin sign would become `k`, and two users would look like one.
  fold_case: lambda do |text|
    next text.downcase if text.ascii_only?

    text.each_char.map { |one| one.downcase.upcase == one ? one.downcase : one }.join
  end,

  # The matching resources. A resource without the attribute is trusted, unless another result does not match,
  # which shows that the provider ignores the filter.
  only_fitting: lambda do |resource, all, equalities|
    fits = all.map { |one| call('fits?', resource, one, equalities) }
    ignored = fits.include?(false)
    all.each_index.select { |at| fits[at] || (fits[at].nil? && !ignored) }.map { |at| all[at] }
  end,

  # The attributes in an input: the fields of the form, and extensions in SCIM's own format.
  given_attributes: lambda do |action, resource, input|
    given = {}
    action['fields'].each do |field|
      path = field['attribute']
      given[path] = input[field['key']] if path && input.key?(field['key'])
    end
    resource['extensions'].each do |extension|
      next unless input[extension].is_a?(::Hash)

      input[extension].each do |name, value|
        path = "#{extension}:#{name}"
        if given.key?(path) && given[path] != value
          call('fail_with_problems', [call('problem', "#{extension}.#{name}", 'givenTwice')])
        end
        given[path] = value
      end
    end
    given.map { |path, value| { 'path' => path, 'value' => value } }
  end,

  # The body of a create or replace; `schemas` lists the used extensions (RFC 7643 §3).
  to_resource: lambda do |resource, given|
    body = {}
    given.each do |one|
      path = call('json_path_of', resource, one['path'])
      call('set_at', body, path, one['value']) unless one['value'].nil?
    end
    { 'schemas' => [resource['schema'], *resource['extensions'].select { |id| body.key?(id) }] }.merge(body)
  end,

  # `/Users/2819c223`. Any ID stays one segment of the path.
  resource_path: lambda do |resource, id|
    # "." and ".." are the two segments that URLs resolve even if the rest is encoded.
    segment = id.match?(/\A\.{1,2}\z/) ? id.gsub('.', '%252E') : call('encode_segment', id)
    "#{resource['endpoint']}/#{segment}"
  end,

  # Like encodeURIComponent: these characters are not encoded in a path.
  encode_segment: lambda do |text|
    call('encode', text).gsub(/%(21|27|28|29|2A|7E)/) { |one| one.delete('%').hex.chr }
  end,

  last_segment: lambda do |path|
    ::URI.decode_www_form_component(path.to_s.split('/', -1).last.to_s.gsub('+', '%2B'))
  rescue ::StandardError
    ''
  end
}
