# frozen_string_literal: true

# Differences: a resource is compared with what the snapshot knows of it, and what differs becomes events.
{
  # Compares a resource with its snapshot, and stores the result.
  compare: lambda do |poll, one|
    call('note_time', poll, one)
    id = one['id']
    poll['held'].delete(id)
    call('respell', poll, one) unless poll['entries'].key?(id)
    before = poll['entries'][id]
    matched = poll['fits'].call(one) != false
    after = call('entry_of', poll['tracker'], one, matched, before)
    next if before == after

    unless before && call('reused?', poll, before, one)
      lost = before.nil? ? {} : call('lost_between', poll['tracker'], before, after)
      # It is compared once it is clear whether the attributes that it lacks are still shown.
      open = lost.keys.any? { |path| !poll['tracker']['shown'].key?(path) }
      next poll['held'][id] = { 'resource' => one, 'lost' => lost } if open

      next call('settle', poll, { 'id' => id, 'before' => before, 'after' => after, 'resource' => one })
    end

    call('settle', poll, { 'id' => id, 'before' => before, 'after' => nil, 'resource' => nil })
    # Without room for the deletion, both are left to the next poll.
    next if poll['entries'].key?(id)

    created = call('entry_of', poll['tracker'], one, matched, nil)
    call('settle', poll, { 'id' => id, 'before' => nil, 'after' => created, 'resource' => one })
  end,

  # Some providers change the case of IDs. A new ID that differs from a known one in case only takes its place, if the name
  # is the same. If it is another one, too, the provider says whose ID it is.
  respell: lambda do |poll, one|
    next if poll['cursor'].nil?

    poll['idsByFoldedCase'] ||= poll['entries'].keys.to_h { |id| [id.downcase, id] }
    known = poll['idsByFoldedCase'][one['id'].downcase]
    entry = known && poll['entries'][known]
    next if entry.nil?

    name = call('name_of', call('remembered_of', poll['tracker'], known, entry))
    renamed = name.nil? || name != call('name_of', one)
    next if renamed && !(call('ask_by_id', poll, known).is_a?(::Hash) && poll['spelledIds'][known] == one['id'])

    poll['entries'].delete(known)
    poll['entries'][one['id']] = entry
    poll['idsByFoldedCase'][one['id'].downcase] = one['id']
    poll.merge!('changed' => true, 'respelled' => poll['respelled'] + 1)
  end,

  # Names compare without regard to case (RFC 7643 §4.1.1).
  name_of: lambda do |one|
    subject = call('subject_of', one)
    (subject['userName'] || subject['displayName'])&.downcase
  end,

  # Whether the ID now belongs to another resource: it has another name, and was created after the last poll. Where the
  # provider does not show that, another external ID says the same.
  reused?: lambda do |poll, before, one|
    old = call('remembered_of', poll['tracker'], one['id'], before)
    next false if call('name_of', old) == call('name_of', one)

    was = call('subject_of', old)['externalId']
    now = call('subject_of', one)['externalId']
    next false if !was.nil? && was == now

    created_at = call('time_in_ms', (one['meta'] || {})['created'])
    next !was.nil? && !now.nil? if created_at.nil?

    polled_at = (poll['cursor'] || {})['polledAtInMs']
    !polled_at.nil? && created_at > polled_at
  end,

  # Whether a resource changed, but not its timestamp, or so long ago that nobody asks for it any more.
  missed?: lambda do |poll, difference|
    since = (poll['cursor'] || {})['sinceInMs']
    one = difference['resource']
    next false if poll['source'] == 'changed_since' || since.nil? || difference['after'].nil? || one.nil?

    changed_at = call('last_modified', one)
    next false if changed_at.nil? || changed_at >= since
    next !call('overlooked?', poll, one) if difference['before'].nil?

    !call('changes_between', poll['tracker'], difference['before'], difference['after'], one).empty?
  end,

  # Returns the events of a difference, and adds it to the snapshot; both or neither.
  settle: lambda do |poll, difference|
    events = call('selected_events', poll, difference)
    losses = events.flat_map { |event| call('losses_of', poll, event, difference) }
    poll['losses'].concat(losses)
    if !events.empty? && poll['events'].length >= poll['room']
      poll['more'] = true
      next
    end
    poll['missed'] += 1 if call('missed?', poll, difference)
    poll['differing'] += 1
    poll['changed'] = true
    poll['events'].concat(events)
    poll['reported'].concat(losses)
    poll['entries'][difference['id']] = difference['after']
    poll['entries'].delete(difference['id']) if difference['after'].nil?
  end,

  # The events of a difference that the trigger reports.
  selected_events: lambda do |poll, difference|
    next [] if poll['cursor'].nil? && !poll['fromBeginning']
    next [] if difference['before'].nil? && call('overlooked?', poll, difference['resource'])

    # Who matched before counts too: it is the deactivated whom a filter on "active" no longer matches.
    asked = [difference['before'], difference['after']].compact.any? { |entry| !entry.start_with?('-') }
    asked ? call('events_of', poll, difference).select { |event| poll['selects'].call(event) } : []
  end,

  # Whether a resource existed before a first read, whose list can have shifted, and was skipped.
  overlooked?: lambda do |poll, one|
    since = poll['source'] == 'snapshot' ? (poll['cursor'] || {})['unsettledSinceInMs'] : nil
    created_at = since && call('time_in_ms', ((one || {})['meta'] || {})['created'])
    !created_at.nil? && created_at < since
  end,

  # The events of a difference: one for `active`, and one for everything else.
  events_of: lambda do |poll, difference|
    tracker = poll['tracker']
    before = difference['before']
    after = difference['after']
    if after.nil?
      next [] if before.nil?

      next [call('event_of', poll, difference, 'delete', call('changes_of_loss', tracker, before))]
    end
    changes = call('changes_between', tracker, before, after, difference['resource'])
    next [call('event_of', poll, difference, 'create', changes)] if before.nil?

    access = changes.find { |change| change['path'] == 'active' }
    others = changes.reject { |change| change['path'] == 'active' }
    events = []
    # A user without `active` is active: only a change from one state to the other is an event.
    if !access.nil? && (access['to'] != false) != (access['from'] != false)
      events << call('event_of', poll, difference, access['to'] == false ? 'deactivate' : 'activate', [access])
    end
    events << call('event_of', poll, difference, 'patch', others) unless others.empty?
    events
  end,

  event_of: lambda do |poll, difference, type, changes|
    print = call('fingerprint', "#{difference['before']}>#{difference['after']}")
    key = "#{poll['resource']['name']}/#{difference['id']}/#{type}/#{poll['round']}.#{print}"
    one = difference['resource']
    time = (one && call('last_modified', one)) || poll['startedAt']
    subject = one || call('remembered_of', poll['tracker'], difference['id'], difference['before'])
    {
      'id' => key, 'type' => type, 'occurredAt' => call('print_time', time), 'resource' => poll['resource']['name'],
      'subject' => call('subject_of', subject), 'changes' => changes, 'data' => one, 'source' => poll['source'],
      'cause' => nil, 'isLate' => false, 'dedupeKey' => key
    }
  end
}
