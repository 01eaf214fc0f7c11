# frozen_string_literal: true

# Selections: the events and the resources that a trigger reports.
{
  # The test of an event, as a lambda.
  selector_of: lambda do |run, trigger, input|
    detect = trigger['detect']
    given = input['changedAttributes']
    wanted = given && call('changed_paths', run, detect['resources'], given)
    ->(event) { call('selects?', detect, wanted, input, event) }
  end,

  selects?: lambda do |detect, wanted, input, event|
    next false unless detect['resources'].include?(event['resource']) && detect['types'].include?(event['type'])

    changes = event['changes']
    from = input['roleFrom']
    to = input['roleTo']
    # A source can report a replacement without the changes: this cannot be decided, so it passes.
    next from.nil? && to.nil? if event['type'] == 'put' && changes.empty?

    at_one = ->(change, paths) { paths.any? { |path| call('at_path?', change['path'], path) } }
    of_trigger = detect['changed'] ? changes.select { |change| at_one.call(change, detect['changed']) } : changes
    next false if detect['changed'] && of_trigger.empty?
    next false if detect['except'] && changes.all? { |change| at_one.call(change, detect['except']) }
    next false if wanted && changes.none? { |change| at_one.call(change, wanted) }

    (from.nil? || of_trigger.any? { |change| call('side_has?', change, 'from', from) }) &&
      (to.nil? || of_trigger.any? { |change| call('side_has?', change, 'to', to) })
  end,

  # Whether a change at one path is a change of another: they are the same, or one is below the other.
  at_path?: lambda do |changed, wanted|
    one = changed.downcase
    other = wanted.downcase
    below = ->(path, above) { path.start_with?(above) && path[above.length..].match?(/\A[.\[:]/) }
    one == other || below.call(one, other) || below.call(other, one)
  end,

  # Whether a side of a change has a value; an unknown value can be it.
  side_has?: lambda do |change, side, wanted|
    next true unless change["#{side}Known"]

    value = change[side]
    (value.is_a?(::Array) ? value : [value]).any? { |item| !item.nil? && call('key_of_item', item) == wanted }
  end,

  # The paths of attributes, which can have the names of forms: `department`.
  changed_paths: lambda do |run, names, given|
    known = names.map { |name| run['definition']['resources'][name] }
    given.each_with_index.map do |wanted, at|
      plain = wanted.gsub(/\[.*?\]/, '')
      found = known.map { |one| one['paths'][wanted] || (call('attribute_at', one, plain) && wanted) }.compact.first
      # An extension without a schema is accepted unchanged.
      found ||= wanted if wanted.match?(/\Aurn:/i)
      if found.nil?
        resources = { 'resources' => names.join(call('text_of', 'problems', 'or')) }
        call('fail_with_problems', [call('problem', "changedAttributes[#{at}]", 'notAnAttribute', resources)])
      end
      found
    end
  end,

  # The test of the resource, as a lambda with the resource type and the resource; nil if the resource
  # does not show enough to decide. The group in the filter is looked up once.
  narrowing_of: lambda do |run, trigger, input|
    tests = [call('filter_test', input['filter']), call('group_test', run, trigger, input)].compact
    lambda do |resource, one|
      answers = tests.map { |test| test.call(resource, one) }
      next false if answers.include?(false)

      answers.include?(nil) ? nil : true
    end
  end,

  filter_test: lambda do |text|
    next nil if text.nil?

    begin
      filter = call('parse_filter', text)
    rescue ::ArgumentError => e
      example = call('text_of', 'problems', 'triggerExample')
      call('fail_with_problems',
           [call('problem', 'filter', 'notAFilter', { 'reason' => e.message, 'example' => example })])
    end
    ->(resource, one) { call('matches?', filter, one, resource, '') }
  end,

  group_test: lambda do |run, trigger, input|
    field = trigger['fields'].find { |one| one['kind'] == 'reference' && input[one['key']] }
    next nil if field.nil?

    reference = input[field['key']]
    named = run['definition']['resources'][field['resource']]
    # In a trigger for groups, the input names one of them; in one for users, a group of which they are members.
    if trigger['detect']['resources'].include?(named['name'])
      next ->(resource, one) { call('named?', resource, one, reference) }
    end

    group = call('find_group', run, named, reference)
    members = call('folded_ids', (group || {})['members'])
    lambda do |_resource, one|
      !group.nil? && (members.key?(call('fold_case', one['id'])) ||
        call('folded_ids', one['groups']).key?(call('fold_case', group['id'])))
    end
  end,

  # The IDs in a list of references, in folded case: some providers show them in another case than the resources have.
  folded_ids: lambda do |references|
    ids = (references.is_a?(::Array) ? references : []).map { |item| call('item_value', item) }
    call('by_folded_id', ids.grep(::String))
  end,

  named?: lambda do |resource, one, reference|
    way, value = reference.first
    paths = (resource['lookupKeys'].find { |named| named['key'] == way } || { 'attributes' => [] })['attributes']
    answers = paths.map { |path| call('fits?', resource, one, [{ 'path' => path, 'value' => value }]) }
    next true if answers.include?(true)

    answers.include?(nil) ? nil : false
  end,

  # The group with its members; nil if it does not exist, and so has no members. Lists can hide members, so a group that a
  # list shows is read by its ID.
  find_group: lambda do |run, resource, reference|
    next call('get_group', run, resource, reference['id']) if reference.key?('id')

    found = call('find_referenced', run, resource, reference, {})
    found && (call('get_group', run, resource, found['id']) || found)
  end,

  get_group: lambda do |run, resource, id|
    path = call('resource_path', resource, id)
    one = call('normalize', run, resource, call('send_scim', run, { 'method' => 'GET', 'path' => path })['body'])
    call('require_same_id', one, id)
    one
  rescue ::StandardError => e
    raise unless call('failure_of', e)['code'] == 'not_found'
  end,

  # Whether a resource matches a filter (RFC 7644 §3.4.2.2): strings compare as defined in the schema,
  # timestamps as times, and a multi-valued attribute matches if one of its values does.
  matches?: lambda do |filter, value, resource, above|
    case filter['kind']
    when 'and' then filter['filters'].all? { |one| call('matches?', one, value, resource, above) }
    when 'or' then filter['filters'].any? { |one| call('matches?', one, value, resource, above) }
    when 'not' then !call('matches?', filter['filter'], value, resource, above)
    when 'present' then !call('filter_values', filter['path'], value, resource, above).empty?
    else call('compares?', filter, value, resource, above)
    end
  end,

  compares?: lambda do |filter, value, resource, above|
    operator = filter['operator']
    wanted = filter['value']
    compared = call('filter_values', filter['path'], value, resource, above)
               .map { |one| one.is_a?(::Hash) ? one['value'] : one }
    # A missing value equals null (RFC 7643 §2.5), and differs from everything else.
    next operator == (wanted.nil? ? 'eq' : 'ne') if compared.empty?

    traits = call('filter_traits', filter['path'], resource, above)
    next compared.none? { |one| call('compare_values?', one, 'eq', wanted, traits) } if operator == 'ne'

    compared.any? { |one| call('compare_values?', one, operator, wanted, traits) }
  end,

  # The values at a path, without empty ones; the items of a list one by one, selected by the brackets.
  filter_values: lambda do |path, value, resource, above|
    schema = call('filter_schema', path, resource, above)
    holder = schema.nil? ? value : call('property_of', value, schema)
    found = holder.is_a?(::Hash) ? call('property_of', holder, path['attribute']) : nil
    items = found.is_a?(::Array) ? found : [found]
    if path['filter']
      inner = call('filter_name_of', path, resource, above)
      items = items.select { |item| item.is_a?(::Hash) && call('matches?', path['filter'], item, resource, inner) }
    end
    if path['subAttribute']
      items = items.map { |item| item.is_a?(::Hash) ? call('property_of', item, path['subAttribute']) : nil }
    end
    items.flatten(1).reject { |one| one.nil? || one == '' }
  end,

  # Names compare case-insensitively (RFC 7643 §2.1).
  property_of: lambda do |holder, name|
    holder.fetch(name) { holder.find { |key, _| key.casecmp(name).zero? }&.last }
  end,

  filter_name_of: lambda do |path, resource, above|
    next "#{above}.#{path['attribute']}" unless above == ''

    schema = call('filter_schema', path, resource, above)
    next path['attribute'] if schema.nil?

    id = resource['extensions'].find { |one| one.casecmp(schema).zero? } || schema
    "#{id}:#{path['attribute']}"
  end,

  # The extension with the attribute of a path; nil for core attributes. For an attribute that only an extension has,
  # such as department, the schema can be omitted.
  filter_schema: lambda do |path, resource, above|
    schema = path['schema']
    next schema.casecmp(resource['schema']).zero? ? nil : schema if schema
    next nil if above != '' || call('attribute_at', resource, path['attribute'])

    resource['extensions'].find { |id| call('attribute_at', resource, "#{id}:#{path['attribute']}") }
  end,

  filter_traits: lambda do |path, resource, above|
    name = call('filter_name_of', path, resource, above)
    name = "#{name}.#{path['subAttribute']}" if path['subAttribute']
    found = call('attribute_at', resource, name) || {}
    # A multi-valued attribute as a whole is compared by its `value`.
    sub = (found['subAttributes'] || []).find { |one| one['name'] == 'value' }
    found = sub if found['type'] == 'complex' && sub
    call('traits_of', found)
  end,

  compare_values?: lambda do |one, operator, wanted, traits|
    read = call('read_as', wanted, one)
    next false if read.nil?
    next call('compare_texts?', read, operator, wanted, traits) if wanted.is_a?(::String)
    next call('ordered?', read <=> wanted, operator) if wanted.is_a?(::Numeric)

    # A boolean has no order.
    operator == 'eq' && read == wanted
  end,

  # A value as one of the operand's type; nil if it cannot be read as one. Both filters and providers write true as
  # "True", and 42 as "42".
  read_as: lambda do |wanted, value|
    plain = [::String, ::Numeric, ::TrueClass, ::FalseClass].any? { |type| value.is_a?(type) }
    next nil unless plain
    next value.is_a?(::Numeric) ? call('print_number', value) : value.to_s if wanted.is_a?(::String)
    next value if wanted.is_a?(::Numeric) == value.is_a?(::Numeric) && !value.is_a?(::String)
    next nil unless value.is_a?(::String)
    next { 'true' => true, 'false' => false }[value.downcase] unless wanted.is_a?(::Numeric)

    value.strip.match?(/\A[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\z/i) ? value.to_f : nil
  end,

  compare_texts?: lambda do |one, operator, wanted, traits|
    ordering = !%w[co sw ew].include?(operator)
    times = traits['time'] && ordering ? [call('time_in_ms', one), call('time_in_ms', wanted)] : [nil]
    next call('ordered?', times[0] <=> times[1], operator) if times.all?

    text, other = traits['exact'] ? [one, wanted] : [call('fold_case', one), call('fold_case', wanted)]
    case operator
    when 'co' then text.include?(other)
    when 'sw' then text.start_with?(other)
    when 'ew' then text.end_with?(other)
    else call('ordered?', text <=> other, operator)
    end
  end,

  ordered?: lambda do |difference, operator|
    case operator
    when 'eq' then difference.zero?
    when 'gt' then difference.positive?
    when 'ge' then difference >= 0
    when 'lt' then difference.negative?
    when 'le' then difference <= 0
    else false
    end
  end
}
