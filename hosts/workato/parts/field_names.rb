# frozen_string_literal: true

# Names of fields. Workato allows only letters, digits, and underscores, so that URNs, `$ref`, and others get a name
# in snake_case. The forms and the datapills have these names; everything else has those of SCIM.
lambda do
  # The names of fields by the names of attributes.
  field_names = lambda do |names|
    taken = names.grep(/\A\w+\z/)
    names.to_h do |name|
      next [name, name] if name.match?(/\A\w+\z/)

      words = name.gsub(/([a-z0-9])([A-Z])/, '\1_\2').gsub(/\W+/, '_').downcase
      words = words.sub(/\A[^a-z]+/, '').sub(/_+\z/, '')
      wanted = words.empty? ? 'value' : words
      free = wanted
      number = 1
      free = "#{wanted}_#{number += 1}" while taken.include?(free)
      taken << free
      [name, free]
    end
  end
  # A value with the names of fields, for the output of a step.
  with_field_names = lambda do |value|
    next value.map { |item| with_field_names.call(item) } if value.is_a?(::Array)
    next value unless value.is_a?(::Hash)

    names = field_names.call(value.keys)
    value.to_h { |name, item| [names[name], with_field_names.call(item)] }
  end
end
