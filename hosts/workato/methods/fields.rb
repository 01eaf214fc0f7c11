# frozen_string_literal: true

# Fields: attributes of our and the provider's SCIM schemas, in Workato's schema format.
{
  # A pick-list with a toggle to text, so that a datapill can be mapped.
  with_text: lambda do |field, hint|
    text = field.slice(:name, :label, :optional)
                .merge(type: 'string', control_type: 'text', toggle_hint: 'Enter value or map a datapill', hint: hint)
    field.merge(toggle_hint: 'Select from list', toggle_field: text)
  end,

  # The name of the form of the rows of a bulk action: that of the selected action. It must open while none is selected,
  # or half a name is entered.
  row_form: lambda do |key, selected|
    keys = call('definition')['actions'][key]['operation']['actions']
    "#{keys.include?(selected) ? selected : keys[0]}_input"
  end,

  # The datapills of a resource.
  resource_fields: lambda do |name|
    resource = call('definition')['resources'][name]
    names = call('field_names', resource['extensions'])
    extensions = resource['extensions'].zip(resource['extensionTitles']).map do |id, title|
      { name: names[id], label: title, type: 'object', optional: true,
        properties: call('attribute_fields', resource['extensionAttributes'][id], 'received') }
    end
    call('attribute_fields', resource['attributes'], 'received') + extensions
  end,

  # The form of a complex attribute.
  sub_fields: lambda do |name, path|
    attribute = call('attribute_at', call('definition')['resources'][name], path)
    call('attribute_fields', attribute['subAttributes'], 'sent')
  end,

  # A group of fields for each of the provider's own extensions of a resource. A form must open even if the provider
  # does not respond: then it has only the fields of the manifest, and says why.
  provider_fields: lambda do |connection, name, direction|
    run = call('open_run', connection).merge('once' => true)
    extensions = call('own_extensions', run, run['definition']['resources'][name])
    names = call('field_names', extensions.map { |extension| extension['id'] })
    extensions.map do |extension|
      {
        name: names[extension['id']], label: call('humanize', (extension['name'] || extension['id']).to_s),
        type: 'object', custom: true, optional: true,
        properties: call('attribute_fields', extension['attributes'], direction)
      }
    end
  rescue ::StandardError => e
    direction == 'sent' ? [call('unreadable_schemas', e)] : []
  end,

  # A group without fields, which only shows its label and its hint.
  unreadable_schemas: lambda do |failure|
    details = call('failure_of', failure)
    reason = details.empty? ? failure.message : "#{details['code']}: #{call('with_labels', details)}"
    {
      name: 'provider_attributes', label: 'Attributes of the provider', type: 'object', optional: true,
      properties: [],
      hint: "The provider's schemas could not be read, so its own attributes are missing here. " \
            "Refresh the fields once this is corrected: #{call('to_html', reason)}"
    }
  end,

  # The provider's own extensions of a resource: the schemas that are not in the manifest (RFC 7643 §6).
  own_extensions: lambda do |run, resource|
    types = call('list_of', call('ask_discovery', run, '/ResourceTypes'))
    schemas = call('list_of', call('ask_discovery', run, '/Schemas'))
    call('unknown_extensions', resource, types, schemas)
  end,

  unknown_extensions: lambda do |resource, types, schemas|
    known = resource['extensions'].map(&:downcase)
    type = types.find { |one| one['schema'].to_s.casecmp(resource['schema']).zero? } || {}
    ids = Array(type['schemaExtensions']).map { |one| one.is_a?(::Hash) ? one['schema'].to_s.downcase : '' }
    (ids - known).map { |id| schemas.find { |schema| schema['id'].to_s.casecmp(id).zero? } }
                 .select { |schema| schema && schema['attributes'].is_a?(::Array) }
                 .map { |schema| schema.merge('attributes' => call('named_attributes', schema['attributes'])) }
  end,

  # Attributes as providers should have them, at each level.
  named_attributes: lambda do |attributes|
    named = Array(attributes).select { |one| one.is_a?(::Hash) && one['name'].is_a?(::String) && one['name'] != '' }
    named.map do |one|
      inner = one['type'] == 'complex' ? { 'subAttributes' => call('named_attributes', one['subAttributes']) } : {}
      one.merge(inner)
    end
  end,

  attribute_fields: lambda do |attributes, direction|
    names = call('field_names', attributes.map { |attribute| attribute['name'] })
    shown = attributes.select do |attribute|
      direction == 'sent' ? attribute['mutability'] != 'readOnly' : attribute['returned'] != 'never'
    end
    shown.map { |attribute| call('attribute_field', attribute, direction).merge(name: names[attribute['name']]) }
  end,

  attribute_field: lambda do |attribute, direction|
    type = { 'boolean' => 'boolean', 'integer' => 'integer', 'decimal' => 'number', 'dateTime' => 'date_time' }
           .fetch(attribute['type'], 'string')
    label = attribute['title'] || call('humanize', attribute['name'])
    field = { name: attribute['name'], label: label, optional: true }
    field[:hint] = call('to_html', attribute['description'].to_s) if direction == 'sent'
    if attribute['type'] == 'complex'
      inner = { properties: call('attribute_fields', attribute['subAttributes'] || [], direction) }
      next field.merge(attribute['multiValued'] ? { type: 'array', of: 'object' } : { type: 'object' }).merge(inner)
    end
    next field.merge(type: 'array', of: type) if attribute['multiValued']

    # Canonical values are suggestions (RFC 7643 §7): providers can accept others.
    field[:convert_output] = 'pill_time' if type == 'date_time' && direction == 'received'
    values = Array(attribute['canonicalValues']).map(&:to_s)
    next field.merge(type: type) if values.empty? || direction != 'sent'

    choice = field.merge(type: 'string', control_type: 'select',
                         pick_list: values.map { |value| [call('humanize', value), value] })
    call('with_text', choice, call('to_html', "Examples: #{values.join(', ')}. Custom values are allowed."))
  end,

  # The label of an attribute, derived from its name: `givenName` becomes "Given name".
  humanize: lambda do |name|
    special = call('special_words')
    words = name.delete_prefix('$').gsub(/_+/, ' ').gsub(/([a-z0-9])([A-Z])/, '\1 \2').downcase.split(' ', -1)
    label = words.map { |word| special.fetch(word, word) }.join(' ')
    label[0].to_s.upcase + label[1..].to_s
  end,

  # Hints are HTML, and these are from the provider.
  to_html: lambda do |text|
    text.gsub('&', '&amp;').gsub('<', '&lt;').gsub('>', '&gt;')
  end
}
