# frozen_string_literal: true

# Names of fields, and the attributes that they stand for.
{
  # The names of fields by the names of attributes.
  field_names: lambda do |names|
    call('namings')['names'].call(names)
  end,

  # A value with the names of fields, for the output of a step.
  with_field_names: lambda do |value|
    call('namings')['values'].call(value)
  end,

  namings: lambda do
    # include field_names
    { 'names' => field_names, 'values' => with_field_names }
  end,

  # The name of an attribute by that of its field; others unchanged.
  attribute_name: lambda do |names, field|
    names.include?(field) ? field : call('field_names', names).key(field) || field
  end
}
