# frozen_string_literal: true

# The desired state: rows of flat columns, or users as SCIM has them. A row that cannot be read is a problem with
# its number, and stops no other.
{
  # A sentence of a plan.
  plan_text: lambda do |name, values = {}|
    call('text_of', 'plan', name, values)
  end,

  # Reads the rows of a source. @raise invalid_input for columns that mean nothing, and if most rows cannot be read
  read_rows: lambda do |sync, source, rows, map|
    columns = call('read_columns', sync, source, rows, map)
    state = { 'source' => source, 'users' => [], 'unusable' => [], 'problems' => [], 'notes' => [] }
    call('unreadable_rows', state, rows)
    blank = 0
    rows.each.with_index(1) do |row, number|
      next if row.nil?

      read = call('read_row', columns, row)
      if read['blank'] then blank += 1
      elsif read['problems'].empty? then state['users'] << call('desired_user', read).merge('row' => number)
      else
        state['problems'] << { 'rows' => [number], 'message' => read['problems'].join(' ') }
        state['unusable'] << call('identity_of', read).merge('row' => number, 'isDoubtful' => true)
      end
    end
    call('require_usable', state)
    skipped = call('plan_text', blank == 1 ? 'oneBlankRow' : 'blankRows', { 'count' => blank })
    blank.zero? ? state : state.merge('notes' => [skipped])
  end,

  # A row that is null is a problem, with its number.
  unreadable_rows: lambda do |state, rows|
    rows.each.with_index(1) do |row, number|
      next unless row.nil?

      state['problems'] << { 'rows' => [number], 'message' => call('plan_text', 'nullRow') }
      state['unusable'] << { 'row' => number, 'isDoubtful' => true }
    end
  end,

  # More rows with problems than half, and the source itself is wrong.
  require_usable: lambda do |state|
    unusable, users, problems = %w[unusable users problems].map { |name| state[name] }
    next unless unusable.length > 5 && unusable.length > users.length

    named = problems.first(10).map do |one|
      call('plan_text', 'rowProblem', { 'row' => one['rows'][0], 'message' => one['message'] })
    end
    rest = problems.length - named.length
    more = rest.positive? ? call('plan_text', 'moreProblems', { 'count' => rest }) : ''
    message = call('plan_text', 'unusableSource', {
      'count' => problems.length, 'all' => problems.length + users.length, 'source' => state['source'],
      'problems' => "#{named.join(' ')}#{more}"
    })
    call('fail_with_problems', [{ 'path' => '', 'message' => message }])
  end,

  # What each column means, by its name.
  read_columns: lambda do |sync, source, rows, map|
    cells = rows.compact.flat_map(&:to_a)
    names = cells.flat_map { |name, value| call('column_names', sync, name, value) }.uniq
    columns = {}
    problems = []
    names.each do |name|
      column = call('read_column', sync, name, map.fetch(name, name))
      # An attribute that only the provider sets is part of every resource that was read.
      read_only = call('plan_text', 'readOnly', { 'name' => name.strip })
      if column.is_a?(::Hash) then columns[name] = column
      elsif map.key?(name) || column != read_only then problems << { 'path' => name, 'message' => column }
      end
    end
    missing = names.empty? ? [] : map.keys - names
    problems += missing.map { |name| { 'path' => name, 'message' => call('plan_text', 'missingColumn') } }
    next columns if problems.empty?

    list = problems.map do |one|
      call('plan_text', 'unusableColumn', { 'column' => one['path'], 'message' => one['message'] })
    end
    call('fail_as', 'invalid_input', 'unusableColumns', { 'source' => source, 'columns' => list.join(' ') },
         { 'problems' => problems })
  end,

  # The columns of one key: an extension, or an attribute with parts, in SCIM's own format has one for each of them.
  column_names: lambda do |sync, name, value|
    next [name] unless value.is_a?(::Hash)
    next value.keys.map { |part| "#{name}:#{part}" } if sync['users']['extensions'].include?(name)

    attribute = call('attributes_named', sync['users'], nil, [name])[0] || {}
    parts = attribute['type'] == 'complex' && !attribute['multiValued']
    parts ? value.keys.map { |part| "#{name}.#{part}" } : [name]
  end,

  # Reads what a column means. Returns the reason if it cannot be used.
  read_column: lambda do |sync, name, given|
    rule = given.is_a?(::String) ? { 'attribute' => given } : given
    target = rule.nil? ? { 'kind' => 'ignored' } : call('column_target', sync, rule['attribute'].strip)
    next target if target.is_a?(::String)

    given_rule = (rule || {}).merge('name' => name, 'target' => target)
    { 'values' => {}, 'separator' => ';', 'whenEmpty' => 'keep' }.merge(given_rule)
  end,

  column_target: lambda do |sync, text|
    next { 'kind' => text } if %w[id groups].include?(text)
    next { 'kind' => 'ignored' } if %w[schemas meta].include?(text)

    resource = sync['users']
    path = call('attribute_path', resource, text) || call('attribute_path', resource, text.sub(/\A.*:/, '')) ||
           call('path_of_part', resource, text)
    next { 'kind' => 'manager' } if path.to_s.match?(/(\A|:)manager(\.value)?\z/)

    read = path && call('column_path', resource, path)
    next call('no_attribute', resource, text) if read.nil?

    found = read['sub'] || read['attribute']
    next call('plan_text', 'noPasswords') if read['attribute']['name'] == 'password'
    next call('plan_text', 'readOnly', { 'name' => text }) if found['mutability'] == 'readOnly'
    next call('item_target', read) if read['attribute']['multiValued']

    if found['type'] == 'complex'
      next call('plan_text', 'hasParts', { 'name' => text, 'part' => found['subAttributes'][0]['name'] })
    end

    { 'kind' => 'attribute', 'path' => path, 'definition' => found, 'label' => read['label'] }
  end,

  # A column of a list sets one item of it. One column for an email address sets the primary one for work.
  item_target: lambda do |read|
    list, filter = read.values_at('attribute', 'filter')
    path = [read['uri'], list['name']].compact.join(':')
    name = read['sub'] ? read['sub']['name'] : 'value'
    definition = (list['subAttributes'] || []).find { |one| one['name'] == name }
    next { 'kind' => 'attribute', 'path' => path, 'definition' => list, 'label' => list['name'] } if definition.nil?

    typed = filter && filter.values_at('kind', 'operator') == %w[compare eq] && filter['path']['attribute'] == 'type'
    rest = typed ? { 'type' => filter['value'] } : {}
    rest = { 'type' => 'work', 'primary' => true } if path == 'emails' && !typed
    { 'kind' => 'item', 'path' => path, 'name' => name, 'rest' => rest, 'definition' => definition,
      'label' => "#{list['name']}.#{name}" }
  end,

  # The full path of an attribute by its name in forms; nil if the resource has no such attribute. An attribute of an
  # unknown extension is accepted unchanged.
  attribute_path: lambda do |resource, name|
    known = resource['paths'][name]
    next known unless known.nil?

    read = call('column_path', resource, name)
    next read['text'] unless read.nil?

    uri = call('split_path', resource, name)[0].to_s
    unknown = [resource['schema'], *resource['extensions']].none? { |one| one.casecmp?(uri) }
    uri.match?(/\Aurn:/i) && unknown ? name : nil
  end,

  # What a path names; nil if it is not a path of an attribute.
  column_path: lambda do |resource, text|
    inner = text[/\[(.*)\]/m, 1]
    # An operand without quotes is a text, as in some documentation.
    quoted = inner&.sub(/(\seq\s+)(?!(?:true|false|null)\b)([a-z]\S*)\s*\z/i, '\1"\2"')
    filter = quoted && call('parse_filter', quoted)
    uri, names = call('split_path', resource, text)
    uri ||= call('extension_with', resource, names[0].to_s)
    attribute, sub, *below = call('attributes_named', resource, uri, names)
    next nil if attribute.nil? || !below.empty? || (names.length == 2 && sub.nil?)

    label = [attribute, sub].compact.map { |one| one['name'] }.join('.')
    shown = inner.nil? ? label : label.sub(attribute['name']) { |name| "#{name}[#{inner}]" }
    { 'uri' => uri, 'attribute' => attribute, 'sub' => sub, 'filter' => filter, 'label' => label,
      'text' => [uri, shown].compact.join(':') }
  rescue ::ArgumentError
    nil
  end,

  # The path of a part by its name alone, as sheets have it: `givenName` is `name.givenName` if nothing else has it.
  path_of_part: lambda do |resource, name|
    found = resource['columnNames'].select { |one| one.downcase.end_with?(".#{name.downcase}") }
    found.length == 1 ? call('attribute_path', resource, found[0]) : nil
  end,

  no_attribute: lambda do |resource, name|
    suggestion = call('suggest', name, resource['columnNames'])
    call('plan_text', 'noAttribute', { 'name' => name, 'suggestion' => suggestion })
  end,

  # The problem of a map; nil if it can be used.
  map_problem: lambda do |map|
    next call('plan_text', 'notAMap') unless map.is_a?(::Hash)

    map.lazy.map { |name, rule| call('rule_problem', name, rule) }.find { |problem| !problem.nil? }
  end,

  rule_problem: lambda do |name, rule|
    next nil if rule.nil? || rule.is_a?(::String)

    values = { 'column' => name }
    complete = rule.is_a?(::Hash) && rule['attribute'].is_a?(::String)
    next call('plan_text', 'ruleWithoutAttribute', values) unless complete

    keys = %w[attribute values separator whenEmpty]
    unknown = (rule.keys - keys).first
    unless unknown.nil?
      suggestion = call('suggest', unknown, keys)
      next call('plan_text', 'ruleUnknownKey', values.merge('key' => unknown, 'suggestion' => suggestion))
    end
    next call('plan_text', 'ruleWhenEmpty', values) unless ['keep', 'remove', nil].include?(rule['whenEmpty'])
    next call('plan_text', 'ruleValues', values) unless rule['values'].nil? || rule['values'].is_a?(::Hash)

    separator = rule.fetch('separator', ';')
    separator.is_a?(::String) && separator != '' ? nil : call('plan_text', 'ruleSeparator', values)
  end,

  # --- rows

  read_row: lambda do |columns, row|
    read = { 'attributes' => {}, 'items' => [], 'problems' => [], 'blank' => true }
    row.each do |name, value|
      if columns.key?(name) then call('read_cell_of', read, columns[name], value)
      elsif value.is_a?(::Hash)
        # An extension, or a name, in SCIM's own format.
        value.each do |part, inner|
          column = columns["#{name}:#{part}"] || columns["#{name}.#{part}"]
          call('read_cell_of', read, column, inner) unless column.nil?
        end
      end
    end
    nameless = !read['blank'] && read['problems'].empty? && call('identity_of', read).empty?
    read['problems'] << call('plan_text', 'namelessRow') if nameless
    read
  end,

  # As much as was read of whom the row describes.
  identity_of: lambda do |read|
    names = %w[userName externalId].to_h { |path| [path, read['attributes'][path]] }
    { 'id' => read['id'] }.merge(names.select { |_, value| value.is_a?(::String) && value != '' }).compact
  end,

  desired_user: lambda do |read|
    attributes = read['attributes'].map { |path, value| { 'path' => path, 'value' => value } }
    { 'attributes' => attributes, 'items' => read['items'] }.merge(read.slice('id', 'groups', 'manager'))
  end,

  read_cell_of: lambda do |read, column, given|
    next if column['target']['kind'] == 'ignored'

    value = given.is_a?(::String) ? call('clean_text', given) : given
    read['blank'] = false unless call('nothing?', value)
    next if value == '' && column['whenEmpty'] == 'keep'

    value = call('mapped_value', column, value) if value.is_a?(::String) && value != ''
    call('set_cell', read, column, value)
  end,

  set_cell: lambda do |read, column, value|
    target = column['target']
    nothing = call('nothing?', value)
    case target['kind']
    when 'id' then read['id'] = call('plain_text', value) unless nothing
    when 'groups' then read['groups'] = call('names_in', value, column['separator'])
    when 'manager' then read['manager'] = nothing ? nil : call('plain_text', call('item_value', value))
    when 'attribute' then call('set_attribute', read, column, value)
    else nothing ? read['attributes'][target['path']] = nil : call('set_items', read, column, value)
    end
  end,

  set_attribute: lambda do |read, column, value|
    path, definition, label = column['target'].values_at('path', 'definition', 'label')
    next read['attributes'][path] = nil if call('nothing?', value)

    cell = call(value.is_a?(::String) ? 'read_cell' : 'read_typed', definition, label, value)
    next read['attributes'][path] = cell['value'] unless cell.key?('problem')

    call('cell_unusable', read, column, cell)
  end,

  cell_unusable: lambda do |read, column, cell|
    values = { 'column' => column['name'], 'message' => cell['problem'] }
    read['problems'] << call('plan_text', 'columnProblem', values)
  end,

  set_items: lambda do |read, column, value|
    path, name, rest, definition, label = column['target'].values_at('path', 'name', 'rest', 'definition', 'label')
    # A list in SCIM's own format is the whole list.
    next read['attributes'][path] = value if value.is_a?(::Array) && value.all? { |item| item.is_a?(::Hash) }

    texts = value.is_a?(::Array) ? value : call('split_cell', call('plain_text', value), column['separator'])
    texts.each_with_index do |text, at|
      cell = call('read_cell', definition, label, call('clean_text', call('plain_text', text)))
      next call('cell_unusable', read, column, cell) if cell.key?('problem')

      item = rest.merge(name => cell['value'])
      item['primary'] = false if at.positive? && rest.key?('primary')
      read['items'] << { 'path' => path, 'item' => item }
    end
  end,

  mapped_value: lambda do |column, text|
    values = column['values']
    key = values.key?(text) ? text : values.keys.find { |one| one.downcase == text.downcase }
    key ||= '*' if values.key?('*')
    key.nil? ? text : values[key]
  end,

  names_in: lambda do |value, separator|
    list = value.is_a?(::Array) ? value : call('split_cell', call('plain_text', value), separator)
    names = list.map do |item|
      item = item['display'] || item['value'] if item.is_a?(::Hash)
      call('clean_text', call('plain_text', item))
    end
    names.reject(&:empty?).uniq
  end,

  split_cell: lambda do |text, separator|
    text.split(separator).map { |part| call('clean_text', part) }.reject(&:empty?)
  end,

  # A value as text.
  plain_text: lambda do |value|
    value.is_a?(::Numeric) ? call('print_number', value) : value.to_s
  end,

  # --- cells

  # Text as it is compared and sent: without blanks and invisible characters around it, and in the composed form.
  clean_text: lambda do |text|
    # Most cells have nothing to clean.
    next text if text.match?(/\A[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?\z/)

    # Zero-width characters, marks of the writing direction, and all blanks.
    invisible = "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    ends = "[#{invisible}\\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
    text.sub(/\A#{ends}/, '').sub(/#{ends}\z/, '').unicode_normalize(:nfc)
  end,

  # Reads the text of a cell as the type of an attribute.
  read_cell: lambda do |definition, label, text|
    errors = %r{\A#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!)\z}i
    next call('cell_problem', text, 'spreadsheetError') if text.match?(errors)

    case definition['type']
    when 'boolean' then call('read_flag', text)
    when 'integer'
      text.match?(/\A-?\d{1,15}\z/) ? { 'value' => text.to_i } : call('cell_problem', text, 'notWhole')
    when 'decimal' then call('read_decimal', text)
    when 'dateTime' then call('read_time', text)
    else call('read_text', label, text)
    end
  end,

  read_flag: lambda do |text|
    yes = %w[true yes y 1 active enabled on wahr vrai verdadero vero waar verdadeiro]
    no = %w[false no n 0 inactive disabled off falsch faux falso onwaar]
    word = text.downcase
    next { 'value' => true } if yes.include?(word)
    next { 'value' => false } if no.include?(word)

    call('cell_problem', text, 'notAFlag')
  end,

  read_decimal: lambda do |text|
    next call('cell_problem', text, 'notDecimal') unless text.match?(/\A-?\d+(\.\d+)?\z/)

    number = text.to_f
    { 'value' => number == number.to_i ? number.to_i : number }
  end,

  # RFC 7643 §2.3.5; a date is the beginning of its day in UTC. In other formats, day and month can be mixed up.
  read_time: lambda do |text|
    next call('cell_problem', text, 'serialDate') if text.match?(/\A\d{5}(\.\d+)?\z/)

    match = /\A(\d{4}-\d\d-\d\d)([T ]\d\d:\d\d.*)?\z/.match(text)
    value = match && "#{match[1]}#{(match[2] || 'T00:00:00Z').tr(' ', 'T')}"
    value && call('date_time?', value) ? { 'value' => value } : call('cell_problem', text, 'notADate')
  end,

  read_text: lambda do |label, text|
    # A long number that a spreadsheet has rounded, such as `1.23457E+11`.
    next call('cell_problem', text, 'rounded') if text.match?(/\A\d([.,]\d+)?E\+\d+\z/i)
    next { 'value' => text } unless %w[userName externalId emails.value employeeNumber].include?(label)

    odd = text[/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\p{Cc}]/]
    code = odd.to_s.unpack1('U').to_i.to_s(16).upcase.rjust(4, '0')
    next call('cell_problem', text, 'invisible', { 'code' => code }) unless odd.nil?

    email = label != 'emails.value' || text.match?(/\A[^\s@]+@[^\s@]+\z/)
    email ? { 'value' => text } : call('cell_problem', text, 'notAnEmail')
  end,

  cell_problem: lambda do |text, name, values = {}|
    shown = text.length > 60 ? "#{text[0, 60]}…" : text
    { 'problem' => call('plan_text', 'cell', { 'text' => shown, 'reason' => call('plan_text', name, values) }) }
  end,

  # Reads a value that has a type already, as SCIM types it.
  read_typed: lambda do |attribute, label, value|
    { 'value' => call('typed_value', attribute, label, value) }
  rescue ::ArgumentError => e
    { 'problem' => e.message }
  end,

  # A value as the schema types it; nil if it is unassigned. @raise ArgumentError
  typed_value: lambda do |attribute, label, value|
    next nil if value.nil?

    if attribute['multiValued']
      items = value.is_a?(::Array) ? value : [value]
      items = items.map { |item| call('typed_item', attribute, label, item) }.compact
      next items.empty? ? nil : items
    end
    single = value.is_a?(::Array) && value.length == 1 ? value[0] : value
    single = single['value'] if value.is_a?(::Array) && single.is_a?(::Hash) && single['value'].is_a?(::String)
    call('typed_item', attribute, label, single)
  end,

  typed_item: lambda do |attribute, label, value|
    type = attribute['type']
    next value if value.nil?
    next call('typed_parts', attribute, label, value) if type == 'complex' && value.is_a?(::Hash)

    if type == 'complex' && value.is_a?(::String) && call('sub_attribute', attribute, 'value')
      next value.empty? ? nil : { 'value' => value }
    end

    fits = {
      'boolean' => -> { [true, false].include?(value) || value.to_s.match?(/\A(true|false)\z/i) },
      'integer' => -> { value.is_a?(::Numeric) && value == value.to_i }, 'decimal' => -> { value.is_a?(::Numeric) },
      'dateTime' => -> { value.is_a?(::String) && call('date_time?', value) }, 'complex' => -> { false },
      'binary' => -> { value.is_a?(::String) && value.match?(%r{\A[A-Za-z0-9+/_-]*={0,2}\z}) }
    }.fetch(type, -> { value.is_a?(::String) }).call
    raise ::ArgumentError, call('wrong_type', label, type) unless fits

    type == 'boolean' ? value.to_s.casecmp?('true') : value
  end,

  typed_parts: lambda do |attribute, label, value|
    parts = value.each_with_object({}) do |(name, item), all|
      sub = call('sub_attribute', attribute, name)
      next if sub.nil? || sub['mutability'] == 'readOnly'

      read = call('typed_value', sub, "#{label}.#{sub['name']}", item)
      all[sub['name']] = read unless read.nil?
    end
    parts.empty? ? nil : parts
  end,

  wrong_type: lambda do |label, type|
    names = { 'string' => 'text', 'reference' => 'text', 'complex' => 'object' }
    expected = call('text_of', 'values', names.fetch(type, type))
    call('text_of', 'values', 'wrongType', { 'attribute' => label, 'expected' => expected })
  end,

  # --- texts

  # "Row 3", "Rows 3 and 7", "Rows 3, 7, and 4 more"
  rows_text: lambda do |rows|
    next call('plan_text', 'oneRow', { 'row' => rows[0] || '?' }) if rows.length < 2
    next call('plan_text', 'twoRows', { 'one' => rows[0], 'other' => rows[1] }) if rows.length == 2

    shown = rows.first(5)
    rest = rows.length - shown.length
    next call('plan_text', 'manyRows', { 'rows' => shown.join(', '), 'count' => rest }) if rest.positive?

    call('plan_text', 'fewRows', { 'rows' => shown[0..-2].join(', '), 'last' => shown.last })
  end,

  # A path without the URI of its extension.
  short_path: lambda do |path|
    path.start_with?('urn:') ? path.rpartition(':').last : path
  end
}
