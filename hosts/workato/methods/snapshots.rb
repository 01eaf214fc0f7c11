# frozen_string_literal: true

# Snapshots: the stored form of a resource, in which equivalent values are equal, and its differences.
{
  # The columns of the entries of one resource type: stored ones and new ones.
  tracker_of: lambda do |resource, known|
    tracker = { 'resource' => resource, 'columns' => [], 'written' => {}, 'shown' => {} }
    known.each { |column| call('add_column', tracker, column['path'], column['kept']) }
    resource['retainedAttributes'].each { |path| call('column_of', tracker, path) }
    tracker
  end,

  # How an attribute is stored: its value, the keys of its items, or a fingerprint.
  kept_as: lambda do |tracker, path, attribute|
    next 'print' unless tracker['resource']['retainedAttributes'].include?(path)

    (attribute || {})['multiValued'] ? 'items' : 'value'
  end,

  add_column: lambda do |tracker, path, kept|
    attribute = call('attribute_at', tracker['resource'], path)
    tracker['columns'] << { 'path' => path, 'kept' => kept, 'attribute' => attribute }
    # One column per path is written; columns in an earlier format are only read.
    tracker['written'][path] = tracker['columns'].length - 1 if kept == call('kept_as', tracker, path, attribute)
    tracker['columns'].length - 1
  end,

  column_of: lambda do |tracker, path|
    attribute = call('attribute_at', tracker['resource'], path)
    tracker['written'][path] || call('add_column', tracker, path, call('kept_as', tracker, path, attribute))
  end,

  tracked?: lambda do |tracker, path|
    attribute = call('attribute_at', tracker['resource'], path) || {}
    attribute['mutability'] != 'readOnly' || tracker['resource']['retainedAttributes'].include?(path)
  end,

  # The stored form of a resource. If the response lacks `active`, the value of `before` is kept.
  entry_of: lambda do |tracker, one, fits, before|
    places = (tracker['places'] ||= {})
    cells = {}
    flat = one.flat_map do |name, value|
      next [[name, value]] unless tracker['resource']['extensions'].include?(name)

      value.is_a?(::Hash) ? value.map { |sub, item| ["#{name}:#{sub}", item] } : []
    end
    flat.each do |path, value|
      next if %w[id meta schemas].include?(path)

      place = places.fetch(path) do
        places[path] = call('tracked?', tracker, path) && call('column_of', tracker, path)
      end
      cells[place] = call('keep', tracker['columns'][place], value) if place
    end
    cells.each { |at, cell| tracker['shown'][tracker['columns'][at]['path']] = true unless cell.nil? }
    active = tracker['columns'].index { |column| column['path'] == 'active' }
    # Omitted or unreadable values stay unchanged.
    if active && ![true, false].include?(cells[active])
      cells[active] = before.nil? ? nil : call('parse_entry', before)[active]
    end
    call('print_entry', fits, (0...tracker['columns'].length).map { |at| cells[at] })
  end,

  # The attributes that an entry no longer has, with the number of values lost.
  lost_between: lambda do |tracker, before, after|
    old, now = [before, after].map { |entry| call('parse_entry', entry) }
    tracker['columns'].map { |column| column['path'] }.uniq.each_with_object({}) do |path, lost|
      cell, = call('cell_at', tracker, old, path)
      next if cell.nil? || !call('cell_at', tracker, now, path)[0].nil?

      lost[path] = cell.is_a?(::Array) ? cell.length : 1
    end
  end,

  # An entry with the previous values of some attributes, and the previous match, which may depend on them.
  with_values_of: lambda do |tracker, before, after, paths|
    old, now = [before, after].map { |entry| call('parse_entry', entry) }
    cells = tracker['columns'].map.with_index { |column, at| paths.include?(column['path']) ? old[at] : now[at] }
    call('print_entry', !before.start_with?('-'), cells)
  end,

  print_entry: lambda do |fits, cells|
    cells = cells.dup
    cells.pop while !cells.empty? && cells.last.nil?
    "#{fits ? '' : '-'}#{::JSON.generate(cells)}"
  end,

  parse_entry: lambda do |text|
    ::JSON.parse(text.delete_prefix('-'))
  end,

  keep: lambda do |column, value|
    if column['kept'] == 'items'
      keys = (value.is_a?(::Array) ? value : [value].compact).map { |item| call('key_of_item', item) }
      next keys.empty? ? nil : keys.uniq.sort
    end
    plain = call('canonical', value, column['attribute'])
    next plain if plain.nil? || column['kept'] == 'value'

    call('short_fingerprint', ::JSON.generate(plain))
  end,

  # The canonical form of a value, in which equivalent values are equal: keys in order, lists as sets, and without
  # empty information: null, empty strings and lists, `primary: false`, and display values that the provider derives.
  canonical: lambda do |value, attribute|
    case value
    when nil, '' then nil
    when ::Array
      items = value.map { |item| call('canonical', item, attribute) }.compact
                   .uniq { |item| ::JSON.generate(item) }.sort_by { |item| ::JSON.generate(item) }
      items.empty? ? nil : items
    when ::Hash
      subs = (attribute || {})['subAttributes'] || []
      result = value.keys.sort.each_with_object({}) do |name, all|
        sub = subs.find { |one| one['name'] == name }
        next if %w[$ref display].include?(name)
        next if sub && sub['mutability'] == 'readOnly' && name != 'value'

        plain = name == 'primary' && value[name] == false ? nil : call('canonical', value[name], sub)
        all[name] = plain unless plain.nil?
      end
      result.empty? ? nil : result
    when ::Float then value == value.to_i ? value.to_i : value
    else value
    end
  end,

  # The key of an item of a multi-valued attribute: its `value`, if it has one. Entra ID sends roles whose
  # value is JSON in a string: then it is the value inside.
  key_of_item: lambda do |item|
    value = item.is_a?(::Hash) ? item['value'] : item
    unless value.is_a?(::String)
      next ::JSON.generate(call('canonical', value.nil? ? item : value, nil))
    end
    next value unless value.start_with?('{')

    begin
      inner = ::JSON.parse(value)
      name = inner.is_a?(::Hash) ? inner['value'] || inner['displayName'] : nil
      name.is_a?(::String) ? name : value
    rescue ::JSON::ParserError
      value
    end
  end,

  # The changes from `before`; without it, the changes of a new resource.
  changes_between: lambda do |tracker, before, after, one|
    now = call('parse_entry', after)
    if before.nil?
      next call('member_paths', tracker).flat_map do |path|
        cell, = call('cell_at', tracker, now, path)
        call('item_changes', path, [], Array(cell), call('raw_at', tracker, one, path))
      end
    end
    old = call('parse_entry', before)
    tracker['columns'].map { |column| column['path'] }.uniq.flat_map do |path|
      call('change_at', tracker, path, old, now, one)
    end
  end,

  # The changes of a deleted resource.
  changes_of_loss: lambda do |tracker, before|
    old = call('parse_entry', before)
    call('member_paths', tracker).flat_map do |path|
      cell, = call('cell_at', tracker, old, path)
      call('item_changes', path, Array(cell), [], nil)
    end
  end,

  # The keys of the members in an entry.
  keys_of_members: lambda do |tracker, entry|
    parsed = call('parse_entry', entry)
    call('member_paths', tracker).flat_map { |path| Array(call('cell_at', tracker, parsed, path)[0]) }
  end,

  member_paths: lambda do |tracker|
    tracker['resource']['retainedAttributes'].select do |path|
      path == 'members' && (call('attribute_at', tracker['resource'], path) || {})['multiValued']
    end
  end,

  # The value at a path in a resource, unchanged.
  raw_at: lambda do |tracker, one, path|
    # The URI of an extension without a schema can contain dots.
    next one[path] if one.key?(path)

    keys = call('json_path_of', tracker['resource'], path)
    keys.reduce(one) { |value, key| value.is_a?(::Hash) ? value[key] : nil }
  end,

  cell_at: lambda do |tracker, cells, path|
    columns = tracker['columns']
    at = columns.each_index.select { |one| columns[one]['path'] == path && !cells[one].nil? }.last
    at.nil? ? [nil, 'value'] : [cells[at], columns[at]['kept']]
  end,

  change_at: lambda do |tracker, path, before, after, one|
    old, old_kept = call('cell_at', tracker, before, path)
    now, now_kept = call('cell_at', tracker, after, path)
    next [] if old == now

    attribute = call('attribute_at', tracker['resource'], path)
    raw = call('raw_at', tracker, one, path)
    # A column in an earlier format is compared in that format.
    again = old_kept == now_kept ? nil : call('keep', { 'kept' => old_kept, 'attribute' => attribute }, raw)
    next [] if !old.nil? && !now.nil? && old == again

    if [old_kept, now_kept].include?('items') && old_kept != 'print'
      next call('item_changes', path, old.is_a?(::Array) ? old : [], now.is_a?(::Array) ? now : [], raw)
    end

    known = old.nil? || old_kept != 'print'
    [{ 'path' => path, 'from' => known ? old : nil, 'to' => raw, 'fromKnown' => known, 'toKnown' => true }]
  end,

  # One change per added or removed item, so that consumers do not have to compare lists.
  item_changes: lambda do |path, before, after, raw|
    items = (raw.is_a?(::Array) ? raw : [raw].compact).to_h { |item| [call('key_of_item', item), item] }
    change = lambda do |key, from, to|
      { 'path' => "#{path}[value eq #{::JSON.generate(key)}]", 'from' => from, 'to' => to, 'fromKnown' => true,
        'toKnown' => true }
    end
    gone = before - after
    fresh = after - before
    # Some providers change the case of IDs: a member that leaves and joins in another case stayed.
    folded = path == 'members' ? gone.map(&:downcase) & fresh.map(&:downcase) : []
    stayed = folded.to_h { |key| [key, true] }
    gone.reject { |key| stayed.key?(key.downcase) }.map { |key| change.call(key, { 'value' => key }, nil) } +
      fresh.reject { |key| stayed.key?(key.downcase) }
           .map { |key| change.call(key, nil, items[key] || { 'value' => key }) }
  end,

  # The retained part of a resource.
  remembered_of: lambda do |tracker, id, entry|
    cells = call('parse_entry', entry)
    tracker['resource']['retainedAttributes'].each_with_object({ 'id' => id }) do |path, one|
      cell, kept = call('cell_at', tracker, cells, path)
      next if cell.nil? || kept == 'print'

      value = kept == 'items' ? cell.map { |key| { 'value' => key } } : cell
      call('set_at', one, call('json_path_of', tracker['resource'], path), value)
    end
  end,

  # A fingerprint of a string: 60 bits in base64url. It detects changes; it does not
  # protect against intentional collisions.
  fingerprint: lambda do |text|
    call('print_hash', call('murmur', text, 0x9747b28c)) + call('print_hash', call('murmur', text, 0x3c6ef372))
  end,

  short_fingerprint: lambda do |text|
    call('print_hash', call('murmur', text, 0x9747b28c))[0, 4]
  end,

  print_hash: lambda do |hash|
    digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    (0...5).map { |digit| digits[(hash >> (digit * 6)) & 63] }.join
  end,

  # MurmurHash3 for 32 bits (Austin Appleby, public domain), over the string's UTF-16 units, two per block.
  murmur: lambda do |text, seed|
    units = text.encode('UTF-16LE').unpack('v*')
    mask = 0xffffffff
    scramble = lambda do |block|
      mixed = (block * 0xcc9e2d51) & mask
      ((((mixed << 15) | (mixed >> 17)) & mask) * 0x1b873593) & mask
    end
    hash = seed
    units.each_slice(2) do |low, high|
      if high.nil? then hash ^= scramble.call(low)
      else
        hash ^= scramble.call(low | (high << 16))
        hash = ((hash << 13) | (hash >> 19)) & mask
        hash = ((hash * 5) + 0xe6546b64) & mask
      end
    end
    hash ^= units.length * 2
    hash = ((hash ^ (hash >> 16)) * 0x85ebca6b) & mask
    hash = ((hash ^ (hash >> 13)) * 0xc2b2ae35) & mask
    hash ^ (hash >> 16)
  end
}
