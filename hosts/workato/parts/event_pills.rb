# frozen_string_literal: true

# Events in the format of the datapills: each value of a change as text, which is the type of its pill, and roles and
# members in pills of their own. `with_field_names` is in parts/field_names.rb.
lambda do |with_field_names|
  value_text = lambda do |value|
    next value if value.nil? || value.is_a?(::String)

    value.is_a?(::Hash) || value.is_a?(::Array) ? ::JSON.generate(value) : value.to_s
  end
  # The roles on one side of the changes, separated by commas.
  role_text = lambda do |changes, side|
    values = changes.flat_map { |change| change[side].is_a?(::Array) ? change[side] : [change[side]] }
    values = values.map { |value| value.is_a?(::Hash) ? value['value'] : value } - [nil, '']
    values.empty? ? nil : values.uniq.map(&:to_s).join(', ')
  end
  # The member of a change: the ID is in the path, and the name only where the source shows it. Nil for changes that do
  # not say which member it is, such as those of a notice.
  member_of = lambda do |change|
    path = %r{\Amembers\[value eq ("(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u\h{4}))*")\]\z}
    id = change['path'][path, 1]
    next nil if id.nil?

    shown = [change['to'], change['from']].find { |value| value.is_a?(::Hash) } || {}
    { 'id' => ::JSON.parse("[#{id}]")[0], 'name' => shown['display'], 'type' => shown['type'] }
  end
  # `roles` are the paths of the attributes that hold roles, and `members` is whether the resource has members.
  with_pills = lambda do |event, roles, members|
    changes = event['changes']
    pills = event.merge('changes' => changes.map do |change|
      change.merge('from' => value_text.call(change['from']), 'to' => value_text.call(change['to']))
    end)
    unless roles.empty?
      of_roles = changes.select do |change|
        roles.any? { |path| change['path'] == path || change['path'].start_with?("#{path}[") }
      end
      pills['previous_role'] = role_text.call(of_roles, 'from')
      pills['new_role'] = role_text.call(of_roles, 'to')
    end
    if members
      added = changes.select { |change| change['from'].nil? && !change['to'].nil? }
      removed = changes.select { |change| change['to'].nil? && change['toKnown'] }
      pills['members_added'] = added.map { |change| member_of.call(change) }.compact
      pills['members_removed'] = removed.map { |change| member_of.call(change) }.compact
    end
    with_field_names.call(pills)
  end
end
