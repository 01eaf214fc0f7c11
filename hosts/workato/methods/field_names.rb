# frozen_string_literal: true

# Names of fields. Workato allows only letters, digits, and underscores, so that URNs, `$ref`, and others get a name
# in snake_case. The forms and the datapills have these names; everything else has those of SCIM.
{
  # The names of fields by the names of attributes.
  field_names: lambda do |names|
    taken = names.grep(/\A\w+\z/)
    names.to_h do |name|
      next [name, name] if name.match?(/\A\w+\z/)

      wanted = call('snake_case', name)
      free = wanted
      number = 1
      free = "#{wanted}_#{number += 1}" while taken.include?(free)
      taken << free
      [name, free]
    end
  end,

  snake_case: lambda do |name|
    words = name.gsub(/([a-z0-9])([A-Z])/, '\1_\2').gsub(/\W+/, '_').downcase
    words = words.sub(/\A[^a-z]+/, '').sub(/_+\z/, '')
    words.empty? ? 'value' : words
  end,

  # A value with the names of fields, for the output of a step.
  with_field_names: lambda do |value|
    case value
    when ::Array then value.map { |item| call('with_field_names', item) }
    when ::Hash
      names = call('field_names', value.keys)
      value.to_h { |name, item| [names[name], call('with_field_names', item)] }
    else value
    end
  end,

  # The name of an attribute by that of its field; others unchanged.
  attribute_name: lambda do |names, field|
    names.include?(field) ? field : call('field_names', names).key(field) || field
  end
}
