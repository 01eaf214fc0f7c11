# frozen_string_literal: true

# The events of WorkOS Directory Sync. The mapping of events is included before it.
lambda do
  without_empty = ->(values) { values.reject { |_, value| value.nil? || value == '' } }
  first_of = ->(*values) { values.find { |value| !value.nil? } }
  filled = ->(value) { ![nil, '', []].include?(value) }
  # The user in the identity provider's own data, if that is SCIM.
  raw_user = lambda do |raw, schema|
    scim = raw.is_a?(::Hash) && list.call(raw['schemas']).any? { |one| one.to_s.casecmp(schema).zero? }
    scim ? raw.reject { |name, _| %w[id meta groups password].include?(name) } : {}
  end
  roles_of = lambda do |user|
    all = user['roles'].is_a?(::Array) ? user['roles'] : [user['role']]
    slugs = all.map { |one| one.is_a?(::Hash) ? one['slug'] : one }.select { |one| filled.call(one) }
    slugs.empty? ? nil : slugs.map { |value| { 'value' => value } }
  end
  first_email = lambda do |emails|
    all = emails.select { |one| one.is_a?(::Hash) }
    hash.call(all.find { |one| one['primary'] == true } || all[0])['value']
  end
  enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
  workos_user = lambda do |kind, user|
    raw = raw_user.call(user['raw_attributes'], kind['schema'])
    custom = hash.call(user['custom_attributes'])
    emails = [user['emails'], custom['emails'], user['email']].find { |value| filled.call(value) }
    email = emails.is_a?(::Array) ? first_email.call(emails) : emails
    emails = [{ 'value' => emails, 'primary' => true }] unless emails.nil? || emails.is_a?(::Array)
    shown = without_empty.call(
      'externalId' => user['idp_id'],
      'userName' => first_of.call(user['username'], custom['username'], raw['userName'], email),
      'displayName' => first_of.call(raw['displayName'], user['name']),
      'title' => first_of.call(user['job_title'], custom['job_title']),
      'userType' => custom['employee_type'], 'emails' => emails, 'roles' => roles_of.call(user),
      # In every other state, the user has no access.
      'active' => user['state'].is_a?(::String) ? user['state'] == 'active' : nil
    )
    name = without_empty.call('givenName' => user['first_name'], 'familyName' => user['last_name'])
    extension = without_empty.call(
      'department' => first_of.call(custom['department_name'], custom['department']),
      'division' => custom['division_name'], 'costCenter' => custom['cost_center_name']
    )
    resource = { 'schemas' => [kind['schema']] }.merge(raw, shown)
    resource['name'] = hash.call(raw['name']).merge(name)
    resource[enterprise] = hash.call(raw[enterprise]).merge(extension) unless extension.empty?
    resource.merge('id' => user['id'])
  end
  workos_group = lambda do |kind, group|
    shown = without_empty.call('externalId' => group['idp_id'], 'displayName' => group['name'])
    { 'schemas' => [kind['schema']], 'id' => group['id'] }.merge(shown)
  end
  workos_before = lambda do |after, previous|
    after.merge(previous.to_h do |name, value|
      inner = value.is_a?(::Hash) && after[name].is_a?(::Hash)
      [name, inner ? workos_before.call(after[name], value) : value]
    end)
  end
  # A user or a group of WorkOS as a SCIM resource.
  workos_resource = lambda do |name, shown|
    converted = name == 'User' ? workos_user.call(kinds[name], shown) : workos_group.call(kinds[name], shown)
    throw :refused, 'invalid_input' unless text_or_nil.call(converted['id'])

    read_object.call(kinds[name]['shape'], converted)
  end
  # The changes of an update, and whether it is reported without any.
  workos_changes = lambda do |name, shown, state|
    previous = shown['previous_attributes']
    if previous.is_a?(::Hash)
      before = workos_before.call(shown, previous)
      changes = resource_changes.call(kinds[name], workos_resource.call(name, before), state)
      next [changes, changes.empty? && before != shown]
    end
    # Without the previous state, an inactive user counts as a user who was active before.
    out = state['active'] == false
    [out ? [change_to.call('active', false)] : [], !out]
  end
  read_workos = lambda do |message|
    event = hash.call(message)
    id = text_or_nil.call(event['id'])
    throw :refused, 'invalid_input' unless id && event['event'].is_a?(::String) && event['data'].is_a?(::Hash)

    _, subject, verb = /\Adsync\.(user|group)\.(\w+)\z/.match(event['event']).to_a
    moved = subject == 'group' && %w[user_added user_removed].include?(verb)
    next [] unless moved || %w[created updated deleted].include?(verb)

    name = subject == 'user' ? 'User' : 'Group'
    shown = moved ? hash.call(event['data']['group']) : event['data']
    state = workos_resource.call(name, shown)
    parts = {
      'id' => id, 'at' => time_of.call(event['created_at']) || now_in_ms, 'kind' => name, 'data' => state,
      'subject' => subject_of.call(state['id'], state), 'cause' => nil, 'key' => ['workos', id]
    }
    if moved
      user = workos_resource.call('User', hash.call(event['data']['user']))
      display = text_or_nil.call(first_of.call(user['displayName'], user['userName']))
      member = { 'value' => user['id'], 'display' => display }.compact
      sides = verb == 'user_added' ? [nil, member] : [member, nil]
      next [make_event.call('patch', parts, [change_from.call(item_path.call('members', user['id']), *sides)])]
    end
    next [make_event.call('create', parts, [])] if verb == 'created'
    next [make_event.call('delete', parts, [])] if verb == 'deleted'

    changes, even_without = workos_changes.call(name, shown, state)
    update_events.call(parts, changes, 'patch', even_without)
  end
end
