# frozen_string_literal: true

# Pick-lists with what the provider has. Each of their fields also takes a value as text.
{
  # Users or groups by name, with their IDs. A list that cannot be read is an error, which the form shows.
  resource_options: lambda do |connection, key|
    call('as_job_error', lambda {
      run = call('open_run', connection)
      run['deadlineAt'] = call('now_in_ms') + 30_000
      action = run['definition']['actions'][key]
      names = ['displayName', *call('resource_of', run, action)['uniqueKeys']].uniq
      input = { 'attributes' => names, 'limit' => call('longest_pick_list') }
      found = call('do_search', run, action, input)['resources']
      options = found.map { |one| [call('option_title', one, names), one['id']] }
      options.sort_by { |title, id| [title.downcase, id] }
    })
  end,

  longest_pick_list: lambda do
    1_000
  end,

  # "Ada Lovelace (ada@example.com)".
  option_title: lambda do |one, names|
    shown = one.values_at(*names).select { |value| value.is_a?(::String) && value != '' }.uniq
    next one['id'] if shown.empty?

    shown[1].nil? ? shown[0] : "#{shown[0]} (#{shown[1]})"
  end,

  # The values that the provider's schemas name for any of these attributes (RFC 7643 §7), or the known ones: most
  # providers name none, and a form must open even if the provider does not respond.
  canonical_options: lambda do |connection, attributes, known|
    run = call('open_run', connection).merge('once' => true)
    schemas = call('list_of', call('ask_discovery', run, '/Schemas'))
    values = attributes.flat_map do |name, path|
      call('canonical_values', schemas, run['definition']['resources'][name], path)
    end
    titles = known.to_h(&:reverse)
    values.empty? ? known : values.uniq.map { |value| [titles.fetch(value, value), value] }
  rescue ::StandardError
    known
  end,

  canonical_values: lambda do |schemas, resource, path|
    schema = resource['extensions'].find { |id| path.start_with?("#{id}:") } || resource['schema']
    found = schemas.find { |one| one['id'].to_s.casecmp(schema).zero? } || {}
    attributes = call('named_attributes', found['attributes'])
    names = path.delete_prefix("#{schema}:").split('.')
    attribute = names.reduce('subAttributes' => attributes) do |one, name|
      (one['subAttributes'] || []).find { |inner| inner['name'].casecmp(name).zero? } || {}
    end
    Array(attribute['canonicalValues']).select { |value| value.is_a?(::String) && value != '' }
  end
}
