# frozen_string_literal: true

# What users and groups lose by events, and the IDs of holds.
lambda do
  ended = ->(change) { change['toKnown'] != false && [nil, '', []].include?(change['to']) }
  # A role that was removed, or is now empty. A role in place of another is not lost.
  role_lost = lambda do |path, changes|
    own = changes.select { |change| change['path'] == path || change['path'].start_with?("#{path}[") }
    next nil if own.empty? || !own.all? { |change| ended.call(change) }

    values = own.map do |change|
      next 'a role' unless change['fromKnown']

      change['from'].is_a?(::Hash) ? change['from']['value'] : change['from']
    end
    "#{path.split(':').last}: #{values.join(', ')}"
  end
  # The losses of an event. `sizes` returns the numbers of members before and after, where they are known.
  losses_of_event = lambda do |event, resource, sizes|
    id, user_name, display_name = event['subject'].values_at('id', 'userName', 'displayName')
    subject = { 'resource' => resource['name'], 'id' => id, 'name' => user_name || display_name || id }
    loss = { 'kind' => resource['accounts'] ? 'users' : 'groups', 'subject' => subject }
    next [loss.merge('before' => 'known', 'after' => 'deleted')] if event['type'] == 'delete'
    next [loss.merge('before' => 'active', 'after' => 'inactive')] if event['type'] == 'deactivate'

    roles = resource['roles'].map { |path| role_lost.call(path, event['changes']) }.compact
    left = event['changes'].select do |change|
      (change['path'] == 'members' || change['path'].start_with?('members[')) && ended.call(change)
    end
    losses = []
    losses << loss.merge('kind' => 'roles', 'before' => roles.join(', '), 'after' => 'none') unless roles.empty?
    next losses if left.empty?

    had, has = sizes.nil? ? [left.length, "without #{left.length}"] : sizes.call
    items = left.map { |change| change['path'] }.sort
    change = { 'before' => "members: #{had}", 'after' => has.to_s, 'items' => items }
    losses << loss.merge(change).merge('kind' => 'members')
  end
  count_losses = lambda do |losses|
    losses.each_with_object({}) do |loss, counts|
      counts[loss['kind']] = counts[loss['kind']].to_i + (loss['items'] || [nil]).length
    end
  end
  hold_hash = ->(text) { ::OpenSSL::Digest.new('SHA256').hexdigest(text)[0, 16] }
  # Identifies a loss: the same user or group loses the same.
  loss_key = lambda do |loss|
    subject = loss['subject']
    exactly = [loss['kind'], subject['resource'], subject['id'], "#{loss['before']} → #{loss['after']}"]
    hold_hash.call([*exactly, *loss['items']].join("\n"))
  end
  # The ID of exactly these losses.
  hold_id = lambda do |losses|
    keys = losses.map { |loss| loss['key'] || loss_key.call(loss) }
    "hold-#{keys.sort.reduce('') { |before, key| hold_hash.call("#{before}\n#{key}") }}"
  end
end
