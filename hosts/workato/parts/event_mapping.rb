# frozen_string_literal: true

# The mapping of what senders report to events. It is included where it is needed, because the webhook trigger cannot
# call methods. `data` has the resource types, and `source` the type of the event source.
lambda do |data, source|
  text_of = lambda do |name, values = {}|
    data['texts']['rejections'][name].gsub(/\{\w+\}/) { |key| values.fetch(key[1..-2]).to_s }
  end
  refuse = ->(code, name, values = {}) { throw :refused, "#{code}: #{text_of.call(name, values)}" }
  hash = ->(value) { value.is_a?(::Hash) ? value : {} }
  list = ->(value) { value.is_a?(::Array) ? value : [] }
  text_or_nil = ->(value) { value if value.is_a?(::String) && value != '' }
  now_in_ms = (::Time.now.to_f * 1000).floor

  # Attributes by their names in messages, in any case.
  shape_of = lambda do |attributes|
    attributes.each_with_object({}) do |(name, kind), shape|
      one = kind.is_a?(::Array) ? kind[0] : kind
      inner = one.is_a?(::Hash) ? shape_of.call(one) : nil
      shape[name.downcase] = { 'name' => name, 'many' => kind.is_a?(::Array), 'shape' => inner,
                               'type' => inner ? 'complex' : one }
    end
  end
  id_text = lambda do |value|
    next text_or_nil.call(value) unless value.is_a?(::Numeric)

    (value == value.to_i ? value.to_i : value).to_s
  end
  read_object = nil
  read_value = lambda do |known, value|
    case known['type']
    when 'complex' then value.is_a?(::Hash) ? read_object.call(known['shape'], value) : value
    when 1 then { 'true' => true, 'false' => false }.fetch(value.to_s.downcase, value)
    when 0 then value.is_a?(::Numeric) ? id_text.call(value) : value
    else value
    end
  end
  read_object = lambda do |shape, object|
    object.each_with_object({}) do |(name, item), result|
      known = shape[name.downcase]
      if item.nil? || known.nil? then result[name] = item unless item.nil?
      elsif known['many']
        result[known['name']] = (item.is_a?(::Array) ? item : [item]).map { |one| read_value.call(known, one) }
      else
        result[known['name']] = read_value.call(known, item)
      end
    end
  end
  kinds = data['resources'].to_h do |name, kind|
    [name, kind.merge('name' => name, 'shape' => shape_of.call(kind['attributes']))]
  end
  extension_named = ->(kind, name) { kind['extensions'].find { |id| id.casecmp(name).zero? } }

  # The condition of a path in canonical format; unusual conditions stay unchanged.
  print_filter = lambda do |text|
    words = text.scan(/"(?:[^"\\]|\\.)*"|[^\s"]+/m)
    groups = [[]]
    until words.empty?
      name, operator = words.shift(2)
      break if operator.nil? || !%w[eq ne co sw ew gt ge lt le pr].include?(operator.downcase)

      value = operator.casecmp('pr').zero? ? nil : words.shift
      value = value.downcase if value.to_s.match?(/\A(true|false|null)\z/i)
      value = ::JSON.generate(value) unless value.nil? || value.match?(/\A(".*"|-?\d.*|true|false|null)\z/m)
      groups.last << [name, operator.downcase, value].compact.join(' ')
      joint = words.shift.to_s.downcase
      joint == 'or' ? groups << [] : (break unless joint == 'and')
    end
    next text unless words.empty? && groups.none?(&:empty?)

    terms = groups.map { |all| all.join(' and ') }
    terms.each_index { |at| terms[at] = "(#{terms[at]})" if groups[at].length > 1 } if groups.length > 1
    terms.join(' or ')
  end
  # A path in any spelling: in any case, with or without the URI of the core schema, and an attribute of an
  # extension also without its URI, if the name is unique. Attributes that are not in the schemas stay unchanged.
  read_path = lambda do |kind, text|
    form = /\A\s*(?:(urn:[\w.:%~!$&'*+;=@-]+):)?([a-z$][\w$-]*)(?:\[(.*)\])?(?:\.([a-z$][\w$-]*))?\s*\z/im
    match = form.match(text)
    schema, name, filter, sub = match.nil? ? [nil, text, nil, nil] : match.captures
    schema = nil if schema.to_s.casecmp(kind['schema']).zero?
    core = match && match[1] && schema.nil?
    if schema
      schema = extension_named.call(kind, schema) || schema
    elsif !core && !kind['shape'].key?(name.downcase)
      having = kind['extensions'].select { |id| kind['shape'][id.downcase]['shape'].key?(name.downcase) }
      schema = having[0] if having.length == 1
    end
    shape = schema ? (kind['shape'][schema.downcase] || {})['shape'] || {} : kind['shape']
    known = shape[name.downcase]
    inner = sub && known && (known['shape'] || {})[sub.downcase]
    name = known['name'] if known
    sub = inner['name'] if inner
    filter = print_filter.call(filter) if filter
    {
      'schema' => schema, 'attribute' => name, 'filter' => filter, 'sub' => sub,
      'many' => !known.nil? && known['many'], 'type' => ((sub ? inner : known) || {})['type'],
      'text' => "#{schema && "#{schema}:"}#{name}#{filter && "[#{filter}]"}#{sub && ".#{sub}"}"
    }
  end

  change_from = lambda do |path, from, to|
    { 'path' => path, 'from' => from, 'to' => to, 'fromKnown' => true, 'toKnown' => true }
  end
  change_to = ->(path, to) { change_from.call(path, nil, to).merge('fromKnown' => false) }
  item_path = ->(path, id) { "#{path}[value eq #{::JSON.generate(id)}]" }
  items_of = lambda do |value|
    items = list.call(value).select { |item| hash.call(item)['value'].is_a?(::String) }
    items.to_h { |item| [item['value'], item] }
  end
  members_of = lambda do |resource|
    items_of.call(hash.call(resource)['members']).map do |id, item|
      change_from.call(item_path.call('members', id), nil, item)
    end
  end
  time_text = ->(ms) { ::Time.at(ms / 1000, ms % 1000, :millisecond).utc.strftime('%Y-%m-%dT%H:%M:%S.%LZ') }
  key_of = ->(*parts) { parts.map { |part| part.gsub('%', '%25').gsub('/', '%2F') }.join('/') }
  make_event = lambda do |type, parts, changes|
    {
      'id' => parts['id'], 'type' => type, 'occurredAt' => time_text.call(parts['at']),
      'resource' => parts['kind'], 'subject' => parts['subject'], 'changes' => changes,
      'data' => type == 'delete' ? nil : parts['data'],
      'source' => source, 'cause' => parts['cause'], 'isLate' => false,
      'dedupeKey' => key_of.call(*parts['key'], type)
    }
  end
  # A change of `active` is a separate event; all other changes are one additional event.
  update_events = lambda do |parts, changes, type, even_without|
    real = changes.select { |one| !one['fromKnown'] || !one['toKnown'] || one['from'] != one['to'] }
    activity = real.find { |one| one['path'] == 'active' && one['toKnown'] && [true, false].include?(one['to']) }
    rest = real.reject { |one| one.equal?(activity) }
    events = []
    events << make_event.call(activity['to'] ? 'activate' : 'deactivate', parts, [activity]) if activity
    events << make_event.call(type, parts, rest) if !rest.empty? || even_without
    events
  end
  subject_of = lambda do |id, *shown|
    %w[externalId userName displayName].each_with_object({ 'id' => id }) do |name, subject|
      subject[name] = shown.map { |one| text_or_nil.call(one[name]) }.compact.first
    end
  end

  # The differences between two states of a resource.
  resource_changes = lambda do |kind, before, after|
    between = lambda do |path, from, to|
      from == to ? [] : [change_from.call(path, from, to)]
    end
    names = ->(one, other) { [*one.keys, *other.keys].uniq - %w[id schemas meta] }
    names.call(before, after).flat_map do |name|
      from = before[name]
      to = after[name]
      known = kind['shape'][name.downcase]
      if known && known['type'] == 'complex' && !known['many']
        mark = kind['extensions'].include?(name) ? ':' : '.'
        from = hash.call(from)
        to = hash.call(to)
        names.call(from, to).flat_map { |part| between.call("#{name}#{mark}#{part}", from[part], to[part]) }
      elsif name == 'members'
        from = items_of.call(from)
        to = items_of.call(to)
        ((from.keys | to.keys) - (from.keys & to.keys)).map do |id|
          change_from.call(item_path.call(name, id), from[id], to[id])
        end
      else
        between.call(name, from, to)
      end
    end
  end
  read_flat = lambda do |kind, id, values|
    target = {}
    hash.call(values).each do |name, value|
      next if name == data['audit']['fields']['removed']

      extension = extension_named.call(kind, name)
      if extension && value.is_a?(::Hash)
        target[extension] = hash.call(target[extension]).merge(value)
        next
      end
      path = read_path.call(kind, name)
      inner = [path['attribute'], path['sub']].compact
      inner = [path['schema'], *inner] if path['schema']
      # The groups of a member are listed only by name.
      if name == 'groups' && value.is_a?(::Array)
        value = value.map { |one| one.is_a?(::String) ? { 'display' => one } : one }
      end
      node = inner[0..-2].reduce(target) do |at, key|
        at[key] = {} unless at[key].is_a?(::Hash)
        at[key]
      end
      node[inner.last] = value
    end
    read_object.call(kind['shape'], target.merge('id' => id))
  end
  # Text, in UTC without an offset; or seconds or milliseconds since 1970: as seconds, 1e11 is the year 5138, as
  # milliseconds 1973. Nil if it is not a time.
  time_of = lambda do |value|
    next (value * (value < 1e11 ? 1_000 : 1)).to_i if value.is_a?(::Numeric)

    dated = /\A(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(?:Z|UTC|GMT|([+-]\d\d:?\d\d))?\z/i
    written = dated.match(value.to_s)
    written && (::Time.parse("#{written[1]}T#{written[2]}#{written[3] || 'Z'}").to_r * 1000).floor
  rescue ::ArgumentError
    nil
  end
  # An entry of Workato's audit log. The stream wraps it in `content.attributes`; the activity log API does not, and has
  # other names for two parts.
  read_entry = lambda do |entry|
    given = hash.call(entry)
    about_all = given.key?('content') ? hash.call(hash.call(given['content'])['attributes']) : given
    fields = data['audit']['fields']
    event = about_all['event'] || about_all[fields['type']]
    # The same stream can contain the job history.
    next [] if !given.key?('content') && id_text.call(given['recipe_id'])

    id = id_text.call(given['id'])
    refuse.call('invalid_input', 'notAnAuditEvent') unless id && event.is_a?(::String)
    name, meaning = data['audit']['names'][event]
    kind = kinds[name]
    next [] if kind.nil?

    about = hash.call(about_all['resource'])
    # The ID of any other resource, such as a grant, is not that of a member.
    member = about['type'] == 'User' ? about : hash.call(about['member'])
    # An accepted invitation has the invitation as its resource: the member is the user who accepted it.
    if about['type'] == 'MemberInvitation'
      user = hash.call(about_all['user'])
      member = { 'id' => user['id'], 'name' => about['name'] || user['name'],
                 'email' => about['email'] || user['email'] }
    end
    subject_id = id_text.call((name == 'User' ? member : about)['id'])
    next [] if subject_id.nil?

    details = hash.call(about_all['details'])
    before, after = %w[before after].map { |side| read_flat.call(kind, subject_id, details[fields[side]]) }
    at = time_of.call(about_all['timestamp'])
    workspace = hash.call(about_all['team'] || about_all['workspace'])
    reported = { 'displayName' => about['name'] }
    reported = { 'userName' => member['email'], 'displayName' => member['name'] } if name == 'User'
    parts = {
      'id' => id, 'at' => at || now_in_ms, 'kind' => name,
      'subject' => subject_of.call(subject_id, meaning == 'delete' ? before : after, reported),
      'data' => meaning == 'create' && after.length > 1 ? after : nil,
      'cause' => text_or_nil.call(details[fields['source']]),
      'key' => [data['audit']['keyPrefix'], id_text.call(workspace['id']).to_s, id]
    }
    next [make_event.call('create', parts, members_of.call(after))] if meaning == 'create'
    next [make_event.call('delete', parts, [])] if meaning == 'delete'

    changes = resource_changes.call(kind, before, after)
    next update_events.call(parts, changes, 'patch', changes.empty?) if meaning == 'update'

    active = meaning == 'activate'
    said = changes.find { |one| one['path'] == 'active' && one['to'] == active }
    others = changes.reject { |one| one['path'] == 'active' }
    update_events.call(parts, [said || change_to.call('active', active), *others], 'patch', false)
  end
end
