# frozen_string_literal: true

# SCIM: attributes and their paths, resources in responses, filters, PATCH operations.
{
  # The JSON keys of a path: `urn:…:User:department` returns [`urn:…:User`, `department`].
  json_path_of: lambda do |resource, path|
    # One URI can be a prefix of another: the longest match is used.
    extension = resource['extensions'].select { |id| path.start_with?("#{id}:") }.max_by(&:length)
    next [extension, *path.delete_prefix("#{extension}:").split('.')] unless extension.nil?

    path.delete_prefix("#{resource['schema']}:").split('.')
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
    keys = call('json_path_of', resource, path)
    attributes = resource['attributes']
    attributes = resource['extensionAttributes'][keys.shift] || [] if resource['extensions'].include?(keys[0])
    keys.reduce(nil) do |found, key|
      among = found.nil? ? attributes : found['subAttributes'] || []
      # Attribute names compare case-insensitively (RFC 7643 §2.1).
      match = among.find { |attribute| attribute['name'].casecmp(key).zero? }
      break nil if match.nil?

      match
    end
  end,

  # Reads a resource in a response. It is lenient: names in any case are corrected, "True" and "False"
  # become booleans, numbers become strings where expected, a single value becomes a list, and null, which means "no
  # value" (RFC 7643 §2.5), is omitted. Attributes that are not in the schemas are kept unchanged.
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
        result[known['name']] = (item.is_a?(::Array) ? item : [item]).map { |one| call('read_value', known, one) }
      else
        result[known['name']] = call('read_value', known, item)
      end
    end
  end,

  read_value: lambda do |known, value|
    case known['type']
    when 'complex' then value.is_a?(::Hash) ? call('read_object', known['shape'], value) : value
    when 'boolean' then { 'true' => true, 'false' => false }.fetch(value.to_s.downcase, value)
    when 'string', 'reference' then value.is_a?(::Numeric) ? call('print_number', value) : value
    else value
    end
  end,

  # 5.0 and 5 are the same number in JSON.
  print_number: lambda do |value|
    (value.is_a?(::Float) && value == value.to_i ? value.to_i : value).to_s
  end,

  # Reads a list response (RFC 7644 §3.4.2): resources, total (nil if it is missing), and next cursor.
  read_list: lambda do |body|
    list = body.is_a?(::Hash) ? body : {}
    resources = list['Resources'] || list['resources']
    total = list['totalResults']
    total = total.to_i if total.is_a?(::String) && total.match?(/\A\d+\z/)
    total = nil unless total.is_a?(::Integer) && total >= 0
    # Servers that write JSON from protocol buffers omit a total of zero: then the schema identifies the list.
    is_list = [list['schemas']].flatten.include?('urn:ietf:params:scim:api:messages:2.0:ListResponse')
    unless resources.is_a?(::Array) || (resources.nil? && (!total.nil? || is_list))
      reason = call('text_of', 'parts', body.nil? ? 'emptyList' : 'noResources')
      call('fail_as', 'provider_fault', 'notAList', { 'reason' => reason })
    end
    cursor = list['nextCursor']
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
      exact = (call('attribute_at', resource, equality['path']) || {})['caseExact'] == true
      if values.empty? then fits = nil
      elsif values.none? { |value| call('same_value?', value, equality['value'], exact) }
        fits = false
        break
      end
    end
    fits
  end,

  same_value?: lambda do |one, other, exact|
    next one == other if exact || !one.is_a?(::String) || !other.is_a?(::String)

    one.downcase == other.downcase
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

  # Operations that set the given values and nothing else: one per attribute, and one per sub-attribute
  # of `name` and similar attributes, because providers disagree on whether a complex value is merged or replaced.
  given_to_operations: lambda do |given|
    given.flat_map do |one|
      path = one['path']
      value = one['value']
      if value.nil? || value == [] then [{ 'op' => 'remove', 'path' => path }]
      elsif value.is_a?(::Hash)
        value.map { |name, item| { 'op' => 'replace', 'path' => "#{path}.#{name}", 'value' => item } }
      else
        [{ 'op' => 'replace', 'path' => path, 'value' => value }]
      end
    end
  end,

  # Removes the operations that would not change the current resource.
  without_no_ops: lambda do |operations, resource, current|
    operations.reject do |one|
      values = call('values_at', current, call('json_path_of', resource, one['path']))
      value = one['value']
      wanted = value.is_a?(::Array) ? value : [value]
      values == (one['op'] == 'remove' ? [] : wanted)
    end
  end,

  # Fills a template: `{field}` in a path with the mapping of the field's value, `"{field}"` in a value with the value
  # itself.
  fill_template: lambda do |templates, maps, input|
    templates.map do |template|
      path = template['path'].gsub(/\{(\w+)\}/) do
        name = ::Regexp.last_match(1)
        (maps[name] || {})[input[name].to_s] || input[name].to_s
      end
      filled = { 'op' => template['op'], 'path' => path }
      filled['value'] = call('fill_value', template['value'], input) if template.key?('value')
      filled
    end
  end,

  fill_value: lambda do |value, input|
    case value
    when ::String
      match = /\A\{(\w+)\}\z/.match(value)
      match.nil? ? value : input[match[1]]
    when ::Array then value.map { |item| call('fill_value', item, input) }
    when ::Hash then value.transform_values { |item| call('fill_value', item, input) }
    else value
    end
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
