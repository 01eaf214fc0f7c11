# frozen_string_literal: true

# Values: converts the values of Workato's forms to the names and types that validation and the provider expect.
{
  now_in_ms: lambda do
    (now.to_f * 1000).round
  end,

  # Milliseconds since 1970 of a date in any usual format; nil if it is not a date.
  time_in_ms: lambda do |text|
    zoneless = text.to_s.match?(/\A\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\z/)
    (::Time.parse(zoneless ? "#{text}Z" : text.to_s).to_f * 1000).round
  rescue ::StandardError
    nil
  end,

  # The time in a datapill, which the SDK asks for without other methods. A time without a zone is UTC, and what is no time
  # stays as the provider shows it.
  pill_time: lambda do |value|
    next value unless value.is_a?(::String)

    zoned = ::Date._parse(value).key?(:offset)
    zoned ? ::Time.parse(value) : ::Time.parse("#{::Time.parse(value).strftime('%FT%T.%N')}Z")
  rescue ::ArgumentError
    value
  end,

  # Plain hashes, arrays, and strings, without the SDK's wrappers. A date or time is the text that JSON has for it, also
  # if its field is a text: a datapill has the type of its source.
  plain: lambda do |value|
    case value
    when ::Hash then value.each_with_object({}) { |(key, item), all| all[key.to_s] = call('plain', item) }
    when ::Array then value.map { |item| call('plain', item) }
    when ::String then call('utf8', ::String.new(value))
    when ::Symbol then value.to_s
    else value.respond_to?(:iso8601) ? value.iso8601 : value
    end
  end,

  # The content of a file is a binary text on Workato, which JSON cannot hold.
  utf8: lambda do |text|
    next text if text.encoding == ::Encoding::UTF_8
    next text.force_encoding('UTF-8').scrub if text.encoding == ::Encoding::BINARY

    text.encode('UTF-8', invalid: :replace, undef: :replace)
  end,

  # What Workato stores until the next poll of a trigger or the next run of a step, as one text: of a state that is a
  # hash, the SDK can read each text that looks like a date as a date, in whatever spelling.
  sealed: lambda do |state|
    { 'state' => ::JSON.generate(state) }
  end,

  # The same state again. Earlier releases stored a hash.
  unsealed: lambda do |stored|
    kept = call('plain', stored)
    next kept unless kept.is_a?(::Hash) && kept['state'].is_a?(::String)

    begin
      ::JSON.parse(kept['state'], max_nesting: false)
    rescue ::JSON::ParserError
      kept
    end
  end,

  # A node of a schema, with its references resolved.
  schema_at: lambda do |schemas, schema|
    name = schema['$ref']
    name.nil? ? schema : schemas[name].merge(schema.reject { |key, _| key == '$ref' })
  end,

  # Forms and pills return strings for everything. Clear values are converted to the type in the schema. Others
  # stay unchanged, so that validation reports them.
  coerce: lambda do |schemas, given, value|
    schema = call('schema_at', schemas, given)
    types = Array(schema['type'])
    case value
    when ::Hash
      # A list of one can come as its only item.
      next call('coerce', schemas, schema, [value]) if types.include?('array') && !types.include?('object')

      shapes = [schema, *schema['oneOf']].map { |one| call('schema_at', schemas, one)['properties'] || {} }
      properties = shapes.reduce({}, :merge)
      value.each_with_object({}) do |(field, item), all|
        name = call('attribute_name', properties.keys, field)
        of = properties[name]
        all[name] = of.nil? ? item : call('coerce', schemas, of, item)
      end
    when ::Array
      schema['items'].nil? ? value : value.map { |item| call('coerce', schemas, schema['items'], item) }
    when ::String then call('coerce_text', schemas, schema, types, value)
    when ::Numeric then types.include?('string') && !types.include?('number') ? call('print_number', value) : value
    else value
    end
  end,

  coerce_text: lambda do |schemas, schema, types, text|
    next call('option_named', schema['enum'].to_a, text) if types.include?('string') || types.empty?

    if types.include?('boolean') && text.match?(/\A(true|false)\z/i)
      text.casecmp('true').zero?
    elsif types.include?('integer') && text.match?(/\A-?\d+\z/)
      text.to_i
    elsif types.include?('number') && text.match?(/\A-?\d+(\.\d+)?\z/)
      text.to_f
    elsif call('takes_texts?', schemas, schema) && !text.strip.start_with?('[')
      text.split(',').map(&:strip).reject(&:empty?)
    elsif types.include?('array') || types.include?('object')
      begin
        call('coerce', schemas, schema, ::JSON.parse(text))
      rescue ::JSON::ParserError
        text
      end
    else
      text
    end
  end,

  # One of the options of a field, in whatever case: a datapill often has its label, such as "PROD".
  option_named: lambda do |options, text|
    next text if options.include?(text)

    options.find { |one| one.is_a?(::String) && one.casecmp?(text) } || text
  end,

  takes_texts?: lambda do |schemas, schema|
    Array(schema['type']).include?('array') && !schema['items'].nil? &&
      call('schema_at', schemas, schema['items'])['type'] == 'string'
  end,

  # Empty groups of fields are omitted.
  without_empty_groups: lambda do |schemas, schema, input|
    properties = schema['properties'] || {}
    input.reject do |name, value|
      of = properties[name] && call('schema_at', schemas, properties[name])
      value == {} && !of.nil? && !of['properties'].nil?
    end
  end,

  # Every problem of a value; none if it is valid.
  problems_of: lambda do |schemas, schema, value|
    problems = []
    call('visit', schemas, schema, value, '', problems)
    problems
  end,

  visit: lambda do |schemas, given, value, path, problems|
    schema = call('schema_at', schemas, given)
    if schema['oneOf']
      call('visit_one_of', schemas, schema['oneOf'], value, path, problems)
    elsif schema['type'] && call('types_of', schema).none? { |type| call('of_type?', type, value) }
      texts = call('texts')['check']
      wanted = call('types_of', schema).map { |type| texts['types'][type] }.join(texts['or'])
      type = call('type_of_value', value)
      actual = texts['types'].fetch(type, type)
      problems << call('misfit', path, 'type', { 'expected' => wanted, 'actual' => actual })
    elsif schema['enum'] && !schema['enum'].include?(value)
      allowed = schema['enum'].map { |one| ::JSON.generate(one) }.join(', ')
      problems << call('misfit', path, 'enum', { 'values' => allowed })
    else
      case value
      when ::String then call('visit_text', schema, value, path, problems)
      when ::Numeric then call('visit_number', schema, value, path, problems)
      when ::Array then call('visit_list', schemas, schema, value, path, problems)
      when ::Hash then call('visit_object', schemas, schema, value, path, problems)
      end
    end
  end,

  types_of: lambda do |schema|
    Array(schema['type']) + (schema['nullable'] ? ['null'] : [])
  end,

  visit_text: lambda do |schema, value, path, problems|
    problems << call('misfit', path, 'empty') if schema['minLength'] && value.length < schema['minLength']
    dated = schema['format'] != 'date-time' || call('date_time?', value)
    problems << call('misfit', path, 'dateTime') unless dated
  end,

  visit_number: lambda do |schema, value, path, problems|
    least = schema['minimum']
    most = schema['maximum']
    problems << call('misfit', path, 'minimum', { 'limit' => least }) if least && value < least
    problems << call('misfit', path, 'maximum', { 'limit' => most }) if most && value > most
  end,

  visit_list: lambda do |schemas, schema, value, path, problems|
    fewest = schema['minItems']
    most = schema['maxItems']
    problems << call('misfit', path, 'minItems', { 'limit' => fewest }) if fewest && value.length < fewest
    problems << call('misfit', path, 'maxItems', { 'limit' => most }) if most && value.length > most
    next if schema['items'].nil?

    value.each_with_index { |item, at| call('visit', schemas, schema['items'], item, "#{path}[#{at}]", problems) }
  end,

  visit_object: lambda do |schemas, schema, value, path, problems|
    properties = schema['properties'] || {}
    prefix = path == '' ? '' : "#{path}."
    (schema['required'] || []).each do |name|
      problems << call('misfit', "#{prefix}#{name}", 'required') unless value.key?(name)
    end
    value.each do |name, item|
      if properties.key?(name)
        call('visit', schemas, properties[name], item, "#{prefix}#{name}", problems)
      elsif schema['additionalProperties'] == false
        misfit = call('misfit', "#{prefix}#{name}", 'unknown')
        problems << misfit.merge('message' => "#{misfit['message']}#{call('suggest', name, properties.keys)}")
      end
    end
  end,

  visit_one_of: lambda do |schemas, shapes, value, path, problems|
    fitting = shapes.count { |shape| call('problems_of', schemas, shape, value).empty? }
    next if fitting == 1

    names = shapes.flat_map { |shape| (call('schema_at', schemas, shape)['properties'] || {}).keys }
    example = ::JSON.generate({ (names[1] || names[0] || 'id') => '…' })
    problems << call('misfit', path, 'oneOf', { 'names' => names.join(', '), 'example' => example })
  end,

  misfit: lambda do |path, name, values = {}|
    { 'path' => path, 'message' => call('text_of', 'check', name, values) }
  end,

  of_type?: lambda do |type, value|
    case type
    when 'null' then value.nil?
    when 'array' then value.is_a?(::Array)
    when 'object' then value.is_a?(::Hash)
    when 'string' then value.is_a?(::String)
    when 'boolean' then [true, false].include?(value)
    when 'number' then value.is_a?(::Numeric)
    when 'integer' then value.is_a?(::Integer) || (value.is_a?(::Float) && value == value.to_i)
    end
  end,

  # The message does not contain the value, which can be a password.
  type_of_value: lambda do |value|
    case value
    when nil then 'null'
    when ::Array then 'array'
    when ::Hash then 'object'
    when ::String then 'string'
    when true, false then value.to_s
    else value == value.to_i ? 'number' : 'fraction'
    end
  end,

  # xsd:dateTime (RFC 7643 §2.3.5), with a zone.
  date_time?: lambda do |text|
    pattern = /\A(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)\z/
    match = pattern.match(text)
    !match.nil? && ::Date.valid_date?(match[1].to_i, match[2].to_i, match[3].to_i)
  end,

  # " (did you mean "userName"?)", or an empty string if no known name is similar.
  suggest: lambda do |name, known|
    wanted = call('bare_name', name)
    near = call('nearest_name', wanted, known) ||
           known.find { |one| call('abbreviates?', wanted, call('bare_name', one)) } ||
           call('whole_name', wanted, known)
    near.nil? ? '' : call('text_of', 'check', 'suggestion', { 'name' => near })
  end,

  bare_name: ->(text) { text.downcase.gsub(/[^a-z0-9]/, '') },

  nearest_name: lambda do |wanted, known|
    name, distance = known.map { |one| [one, call('edit_distance', wanted, call('bare_name', one))] }.min_by(&:last)
    name if !distance.nil? && distance <= 2
  end,

  # Whether a name has the same beginning, and all of its letters occur in the other one in the same order.
  abbreviates?: lambda do |short, whole|
    next false if short.length < 3 || !whole.start_with?(short[0, 2])

    whole.each_char.inject(0) { |at, letter| letter == short[at] ? at + 1 : at } == short.length
  end,

  # The one name that contains the given one; nil if there are several.
  whole_name: lambda do |part, known|
    found = part.length < 4 ? [] : known.select { |one| call('bare_name', one).include?(part) }
    found.first if found.length == 1
  end,

  edit_distance: lambda do |from, to|
    next 3 if (from.length - to.length).abs > 2

    above = (0..to.length).to_a
    from.each_char.with_index do |character, row|
      current = [row + 1]
      to.each_char.with_index do |other, column|
        swapped = above[column] + (character == other ? 0 : 1)
        current << [current[column] + 1, above[column + 1] + 1, swapped].min
      end
      above = current
    end
    above.last
  end
}
