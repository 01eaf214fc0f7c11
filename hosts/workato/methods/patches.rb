# frozen_string_literal: true

# PATCH operations: building them, comparing a resource with them, and applying them to a resource.
{
  patch_body: lambda do |operations|
    { 'schemas' => ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], 'Operations' => operations }
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

  # The outcome of an operation in a resource: it 'holds', it is 'open', or it is 'hidden', because the provider does
  # not return the attribute. Before a change, the comparison is exact, so that a new spelling is sent. After a change
  # it is lenient: providers trim text, lowercase names, reformat times, and add to items.
  outcome_of: lambda do |operation, resource, one, exact = false|
    path = call('read_path', resource, operation['path'])
    shown = call('values_at', one, path['keys'])
    present = call('present?', one, path['keys'])
    value = operation['value']
    removed = operation['op'] == 'remove' ? call('item_named_by', operation['path']) : nil
    if !removed.nil?
      value = call('sub_attribute', path['attributes'].last, 'value')
      listed = shown.any? { |item| call('covers?', call('item_value', item), removed, value, true) }
      next listed ? 'open' : { true => 'holds', false => 'hidden' }[present]
    # RFC 7643 §2.5: an absent attribute has no value.
    elsif operation['op'] == 'remove' || value.nil?
      next shown.empty? ? 'holds' : 'open'
    end

    wanted = value.is_a?(::Array) ? value : [value]
    next !wanted.empty? && present ? 'open' : 'hidden' if shown.empty?
    next shown == wanted ? 'holds' : 'open' if exact && operation['op'] == 'replace'

    attribute = path['attributes'].last
    all_shown = wanted.all? { |item| shown.any? { |other| call('covers?', other, item, attribute, exact) } }
    surplus = operation['op'] != 'add' && call('whole_list?', operation['path'], path) && shown.length > wanted.length
    all_shown && !surplus ? 'holds' : 'open'
  end,

  # The operations that would still change the resource, without the members or other items that it already has.
  # Operations on hidden attributes stay, because they can be needed.
  remaining_operations: lambda do |operations, resource, one|
    open = operations.reject { |operation| call('outcome_of', operation, resource, one, true) == 'holds' }
    open.map do |operation|
      next operation unless operation['op'] == 'add' && operation['value'].is_a?(::Array)

      missing = operation['value'].reject do |item|
        call('outcome_of', operation.merge('value' => [item]), resource, one, true) == 'holds'
      end
      operation.merge('value' => missing)
    end
  end,

  # Whether the resource shows the attribute, even as an empty list.
  present?: lambda do |one, keys|
    !keys.reduce(one) { |value, key| value.is_a?(::Hash) ? value[key] : nil }.nil?
  end,

  whole_list?: lambda do |text, path|
    attribute = path['attributes'][0] || {}
    attribute['multiValued'] == true && path['attributes'].length == 1 && !text.include?('[')
  end,

  # The value of an item; some providers return plain strings as items.
  item_value: lambda do |item|
    item.is_a?(::Hash) ? item['value'] : item
  end,

  # The value in a path to one item, such as `members[value eq "2819c223"]`; nil for any other path.
  item_named_by: lambda do |text|
    filter = call('filter_in', text)
    named = filter && filter['kind'] == 'compare' && filter['operator'] == 'eq' && text.end_with?(']') &&
            filter['path'] == { 'attribute' => 'value' } && filter['value'].is_a?(::String)
    named ? filter['value'] : nil
  rescue ::ArgumentError
    nil
  end,

  # The filter in a path, which selects items of a list; nil without one. @raise ArgumentError
  filter_in: lambda do |text|
    inner = text[/\[(.*)\]/m, 1]
    inner && call('parse_filter', inner)
  end,

  # Whether a shown value contains everything of the wanted value; providers add `display` and `$ref`.
  covers?: lambda do |shown, wanted, attribute, exact|
    if wanted.is_a?(::Hash) && shown.is_a?(::Hash)
      next wanted.all? do |name, part|
        hidden = part.nil? || (shown[name].nil? && name != 'value')
        hidden || call('covers?', shown[name], part, call('sub_attribute', attribute, name), exact)
      end
    end
    if wanted.is_a?(::Hash) || shown.is_a?(::Hash)
      values = [call('item_value', shown), call('item_value', wanted)]
      next call('covers?', *values, call('sub_attribute', attribute, 'value'), exact)
    end
    next shown == wanted unless shown.is_a?(::String) && wanted.is_a?(::String)
    next call('fold_case', shown) == call('fold_case', wanted) if (attribute || {})['resourceId']
    next shown == wanted if exact || (attribute || {})['caseExact']

    call('simplified', shown, attribute) == call('simplified', wanted, attribute)
  end,

  sub_attribute: lambda do |attribute, name|
    siblings = (attribute || {})['subAttributes'] || []
    sub = siblings.find { |one| one['name'].casecmp?(name) }
    # A `value` with a `$ref` is the ID of a resource, which some providers show in another case.
    id = name == 'value' && siblings.any? { |one| one['name'] == '$ref' }
    sub&.merge('owner' => attribute['name'], 'resourceId' => id)
  end,

  simplified: lambda do |text, attribute|
    type, name, owner = (attribute || {}).values_at('type', 'name', 'owner')
    next (call('time_in_ms', text) || text).to_s if type == 'dateTime'
    next text.gsub(/\D/, '') if owner == 'phoneNumbers' && name == 'value'

    text.strip.gsub(/[[:space:]]+/, ' ').tr('_', '-').downcase
  end,

  # Applies operations to a resource (RFC 7644 §3.5.2), for providers without PATCH.
  apply_operations: lambda do |operations, resource, one|
    patched = call('plain', one)
    operations.each { |operation| call('apply_operation', operation, resource, patched) }
    patched
  rescue ::ArgumentError => e
    call('fail_with_problems', [call('problem', '', 'notApplicable', { 'reason' => e.message })])
  end,

  apply_operation: lambda do |operation, resource, patched|
    path = call('read_path', resource, operation['path'])
    attribute, sub = path['attributes']
    raise ::ArgumentError, operation['path'] if path['attributes'].include?(nil)

    keys = sub.nil? ? path['keys'] : path['keys'][0..-2]
    before = keys.reduce(patched) { |node, key| node.is_a?(::Hash) ? node[key] : nil }
    kind, *more = attribute['multiValued'] ? ['items', resource, keys] : ['value', sub]
    call('put_at', patched, keys, call("patch_#{kind}", operation, before, *more))
  end,

  # Sets an attribute of the core schema or an extension. Attributes and extensions without a value are omitted.
  put_at: lambda do |one, keys, value|
    *uri, name = keys
    holder = uri.reduce(one) { |node, key| node[key] ||= {} }
    holder[name] = value
    holder.delete(name) if [nil, [], {}].include?(value)
    uri.each { |key| one.delete(key) if holder.empty? }
  end,

  # The value of a single-valued attribute after an operation. RFC 7644 §3.5.2.3: unspecified sub-attributes are left
  # unchanged.
  patch_value: lambda do |operation, before, sub|
    value = operation['op'] == 'remove' ? nil : operation['value']
    changes = sub.nil? ? value : { sub['name'] => value }
    next changes unless changes.is_a?(::Hash)

    (before.is_a?(::Hash) ? before : {}).merge(changes).compact
  end,

  # The items of a multi-valued attribute after an operation.
  patch_items: lambda do |operation, before, resource, keys|
    items = before.is_a?(::Array) ? before : []
    sub = call('read_path', resource, operation['path'])['attributes'][1]
    filter = call('filter_in', operation['path'])
    if filter.nil? && sub.nil?
      next call('patch_members', operation, items) if keys == ['members']

      next call('yield_primary', items, call('patch_list', operation, items))
    end

    picked = items.select do |item|
      filter.nil? || (item.is_a?(::Hash) && call('matches?', filter, item, resource, keys.join(':')))
    end
    described = call('item_described_by', filter)
    call('yield_primary', items, call('patch_picked', operation, items, picked, sub, described))
  end,

  # RFC 7644 §3.5.2: a new primary item replaces the previous one.
  yield_primary: lambda do |before, after|
    primary = after.select { |item| item.is_a?(::Hash) && item['primary'] == true }
    claims = primary - before
    next after unless claims.length == 1

    after.map { |item| (primary - claims).include?(item) ? item.merge('primary' => false) : item }
  end,

  patch_list: lambda do |operation, items|
    given = [operation['value']].flatten(1).compact.uniq { |item| call('item_key', item) }
    known = items.to_h { |item| [call('item_key', item), item] }
    keys = given.map { |item| call('item_key', item) }
    case operation['op']
    when 'add'
      added = given.to_h do |item|
        old = known[call('item_key', item)]
        [call('item_key', item), old.is_a?(::Hash) && item.is_a?(::Hash) ? old.merge(item) : item]
      end
      known.merge(added).values
    when 'replace' then given
    else given.empty? ? [] : items.reject { |item| keys.include?(call('item_key', item)) }
    end
  end,

  # The members of a group after an operation. RFC 7643 §4.2: a member is immutable, so one that is there stays as it is.
  patch_members: lambda do |operation, items|
    given = [operation['value']].flatten(1).compact.uniq { |item| call('item_value', item) }
    ids = given.map { |item| call('item_value', item) }
    named, others = items.partition { |item| ids.include?(call('item_value', item)) }
    known = named.map { |item| call('item_value', item) }
    fresh = given.reject { |item| known.include?(call('item_value', item)) }
    case operation['op']
    when 'add' then items + fresh
    when 'replace' then named + fresh
    else given.empty? ? [] : others
    end
  end,

  # `emails[type eq "work"]`, `emails[type eq "work"].value`, and `emails.value`, which means every item. If no item
  # matches, the item that the filter describes is added, as Entra ID expects.
  patch_picked: lambda do |operation, items, picked, sub, described|
    value = operation['op'] == 'remove' ? nil : operation['value']
    next items - picked if value.nil? && (sub.nil? || sub['name'] == 'value')

    given = sub.nil? ? [value].flatten(1).first : { sub['name'] => value }
    raise ::ArgumentError, operation['path'] if picked.empty? && described.nil?
    next items + [described.merge(given)] if picked.empty? && !value.nil?

    whole = sub.nil? && operation['op'] == 'replace'
    items.map do |item|
      next item unless picked.include?(item)

      (whole ? described || {} : item).merge(given).compact
    end
  end,

  # The item that a filter of `eq` comparisons describes: `{"type": "work"}` for `type eq "work"`; nil for others.
  item_described_by: lambda do |filter|
    parts = filter.nil? ? [] : filter['filters'] || [filter]
    plain = parts.all? { |part| part['operator'] == 'eq' } && !%w[or not].include?((filter || {})['kind'])
    plain ? parts.to_h { |part| [part['path']['attribute'], part['value']] } : nil
  end,

  # Items with the same key are the same: by value and type (RFC 7643 §2.4), or as a whole.
  item_key: lambda do |item|
    next item.to_s.downcase unless item.is_a?(::Hash)

    item.key?('value') ? [item['value'].to_s.downcase, item['type'].to_s.downcase] : item
  end
}
