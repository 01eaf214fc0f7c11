# frozen_string_literal: true

# Polls: the changes since the closure of the previous poll. Every resource is compared with a snapshot in
# the closure. If the provider supports it, only changed resources are requested. After an error, nothing is
# reported, and the previous closure stays valid.
{
  # One poll in Workato's format.
  poll_trigger: lambda do |connection, key, input, closure|
    call('as_job_error', lambda {
      run = call('open_run', connection)
      trigger = run['definition']['triggers'][key]
      polled = call('poll', run, trigger, call('read_input', run, trigger, input || {}, nil), call('plain', closure))
      # Workato reads events from the end: the oldest must be last.
      { events: polled['events'].reverse, next_poll: polled['cursor'], can_poll_more: polled['more'] }
    })
  end,

  # Workato's limit of events per poll; the rest is left to the next poll.
  most_events: lambda do
    1_000
  end,

  # The maximum size of a closure, in characters.
  closure_limit: lambda do
    1_048_576
  end,

  poll: lambda do |run, trigger, input, kept|
    resources = trigger['detect']['resources'].map { |name| run['definition']['resources'][name] }
    before = call('read_cursor', kept, run['baseUrl'])
    selects = call('selector_of', run, trigger, input)
    narrowing = call('narrowing_of', run, trigger, input)
    events = []
    polled = {}
    resources.each do |resource|
      cursor = before['resources'][resource['name']]
      options = {
        'run' => run, 'resource' => resource, 'cursor' => cursor, 'strategy' => input['strategy'],
        'needsDeletions' => trigger['detect']['types'].include?('delete'),
        'fromBeginning' => input['startFrom'] == 'beginning', 'massChangeLimit' => input['massChangeLimit'],
        'pageSize' => input['pageSize'], 'room' => call('most_events') - events.length,
        'round' => "#{before['epoch']}.#{before['sequence'] + 1}",
        'fits' => ->(one) { narrowing.call(resource, one) }, 'selects' => selects
      }
      begin
        polled[resource['name']] = call('poll_resource', options)
        events.concat(polled[resource['name']]['events'])
      rescue ::StandardError => e
        details = call('failure_of', e)
        absent = details['code'] == 'unsupported' || (details['code'] == 'provider_fault' && details['status'] == 404)
        # Many providers have no groups: a trigger on everything then covers users.
        raise if resources.length == 1 || !cursor.nil? || !absent
      end
    end
    call('finish_poll', before, polled, events)
  end,

  finish_poll: lambda do |before, polled, events|
    changed = polled.values.any? { |one| one['changed'] } || !events.empty?
    cursor = before.merge(
      'sequence' => before['sequence'] + (changed ? 1 : 0),
      'resources' => before['resources'].merge(polled.transform_values { |one| one['cursor'] })
    )
    size = ::JSON.generate(cursor).length
    limit = call('closure_limit')
    if size > limit
      known = cursor['resources'].values.sum { |one| one['entries'].length }
      call('fail_as', 'unsupported', 'stateTooLarge', { 'known' => known, 'size' => size, 'limit' => limit })
    end
    # The order of the changes; changes with the same timestamp keep the order in which they were found.
    ordered = events.each_with_index.sort_by { |event, at| [call('time_in_ms', event['occurredAt']), at] }
    { 'events' => ordered.map(&:first), 'cursor' => cursor, 'more' => polled.values.any? { |one| one['more'] } }
  end,

  # The stored closure, or that of a first poll.
  read_cursor: lambda do |kept, provider|
    if kept.nil? || kept == {}
      epoch = (rand * (36**8)).floor.to_s(36).rjust(8, '0')
      next { 'version' => 1, 'provider' => provider, 'epoch' => epoch, 'sequence' => 0, 'resources' => {} }
    end
    version = kept.is_a?(::Hash) ? kept['version'] : nil
    unless version.is_a?(::Integer) && version >= 1 && kept['resources'].is_a?(::Hash)
      call('fail_with_problems', [call('problem', 'cursor', 'notACursor')])
    end
    newest = { 'version' => version, 'supported' => 1 }
    call('fail_as', 'unsupported', 'stateFromNewerVersion', newest) if version > 1
    unless kept['provider'] == provider
      values = { 'other' => kept['provider'], 'provider' => provider }
      call('fail_with_problems', [call('problem', 'cursor', 'cursorOfOther', values)])
    end
    kept
  end,

  # Polls one resource type.
  poll_resource: lambda do |options|
    cursor = options['cursor']
    # The provider's own time, according to its responses.
    options['run']['answeredAt'] = nil
    poll = options.merge(
      'entries' => (cursor || {})['entries'].to_h.dup,
      'tracker' => call('tracker_of', options['resource'], (cursor || {})['columns'] || []),
      'events' => [], 'source' => 'changed_since', 'pages' => 0, 'leaving' => 0, 'differing' => 0, 'more' => false,
      'changed' => false, 'firstAnsweredAt' => nil, 'newest' => nil, 'stamped' => true,
      'startedAt' => call('now_in_ms')
    )
    poll['known'] = poll['entries'].length
    poll['limit'] = options['massChangeLimit'] || [20, (poll['known'] * 0.1).floor].max
    poll['count'] = options['pageSize'] || (cursor || {})['pageSize'] || call('page_size_of', options['run'])
    can_ask = (cursor || {})['canAskSince']
    why = if cursor.nil? then 'first_poll'
          elsif call('strategy_of', poll, can_ask) == 'snapshot' then 'strategy'
          else
            call('read_changed', poll)
          end
    can_ask = false if why == 'filter_refused'
    unless why.nil?
      call('read_everybody', poll)
      can_ask = call('try_since', poll, can_ask)
    end
    call('guard', poll, poll['leaving'])
    {
      'events' => poll['events'], 'more' => poll['more'], 'changed' => poll['changed'],
      'cursor' => {
        'columns' => poll['tracker']['columns'].map { |column| column.slice('path', 'kept') },
        'entries' => poll['entries'], 'sinceInMs' => call('next_since', poll, !why.nil?), 'canAskSince' => can_ask,
        'pageSize' => (cursor || {})['pageSize'] || poll['count'],
        'unsettledSinceInMs' => call('unsettled_since', poll, !why.nil?)
      }
    }
  end,

  page_size_of: lambda do |run|
    filter = call('capabilities_of', run)['filter']
    most = filter.is_a?(::Hash) ? filter['maxResults'] : nil
    [most.is_a?(::Numeric) && most.positive? ? most : 1_000, 1_000].min
  end,

  strategy_of: lambda do |poll, can_ask|
    wanted = poll['strategy']
    call('fail_as', 'unsupported', 'modifiedDateUnsupported') if wanted == 'changed_since' && can_ask == false
    next wanted if %w[changed_since snapshot].include?(wanted)

    poll['needsDeletions'] || can_ask == false ? 'snapshot' : 'changed_since'
  end,

  since_filter: lambda do |time|
    "meta.lastModified ge \"#{call('print_time', time)}\""
  end,

  # The format of JavaScript: in UTC, with milliseconds.
  print_time: lambda do |time|
    ::Time.at(time / 1000, (time % 1000) * 1000).utc.strftime('%Y-%m-%dT%H:%M:%S.%LZ')
  end,

  # Reads the changes. Returns the reason for a full read instead, if there is one.
  read_changed: lambda do |poll|
    since = poll['cursor']['sinceInMs']
    next 'filter_untried' if since.nil? || poll['cursor']['canAskSince'] != true

    found = 0
    begin
      call('poll_pages', poll, { 'filter' => call('since_filter', since), 'count' => poll['count'] }, lambda { |page|
        found += page['resources'].length
        call('compare_all', poll, page['resources'])
      })
    rescue ::StandardError => e
      raise unless call('filter_refusal?', call('failure_of', e))

      next 'filter_refused'
    end
    # "ge" includes the newest known resource: in an empty response, the filter or that resource is gone.
    next 'nobody_found' if found.zero?

    # A clock that was set back stamps changes with times before the newest.
    answered_at = poll['run']['answeredAt']
    !answered_at.nil? && answered_at + 1_500 < since ? 'clock_set_back' : nil
  end,

  poll_pages: lambda do |poll, query, take|
    call('read_pages', poll['run'], poll['resource'], query, lambda { |page|
      poll['pages'] += 1
      poll['firstAnsweredAt'] ||= poll['run']['answeredAt']
      take.call(page)
      false
    })
  end,

  # Whether the provider does not support a filter: it rejects it, or it fails.
  filter_refusal?: lambda do |details|
    %w[invalid_input unsupported not_found].include?(details['code']) || details['status'] == 500
  end,

  read_everybody: lambda do |poll|
    poll.merge!('source' => 'snapshot', 'newest' => nil, 'pages' => 0)
    missing = poll['entries'].dup
    call('poll_pages', poll, { 'count' => poll['count'] }, lambda { |page|
      page['resources'].each { |one| missing.delete(one['id']) }
      call('compare_all', poll, page['resources'])
    })
    call('look_for_missing', poll, missing)
  end,

  # Compares the resources of a page. A list can omit members: groups without members are fetched by ID.
  compare_all: lambda do |poll, resources|
    whole = resources.map { |one| (call('lacks_members?', poll, one) && call('ask_by_id', poll, one['id'])) || one }
    whole.each { |one| call('compare', poll, one) }
  end,

  lacks_members?: lambda do |poll, one|
    next false unless one['members'].nil? && poll['resource']['retainedAttributes'].include?('members')

    before = poll['entries'][one['id']]
    !before.nil? && !call('changes_of_loss', poll['tracker'], before).empty?
  end,

  # Compares a resource with its snapshot, and stores the result.
  compare: lambda do |poll, one|
    call('note_time', poll, one)
    before = poll['entries'][one['id']]
    after = call('entry_of', poll['tracker'], one, poll['fits'].call(one) != false, before)
    next if before == after

    call('settle', poll, { 'id' => one['id'], 'before' => before, 'after' => after, 'resource' => one })
  end,

  # Returns the events of a difference, and adds it to the snapshot; both or neither.
  settle: lambda do |poll, difference|
    events = call('selected_events', poll, difference)
    poll['leaving'] += events.count { |event| %w[deactivate delete].include?(event['type']) }
    if !events.empty? && poll['events'].length >= poll['room']
      poll['more'] = true
      next
    end
    poll['differing'] += 1
    poll['changed'] = true
    poll['events'].concat(events)
    poll['entries'][difference['id']] = difference['after']
    poll['entries'].delete(difference['id']) if difference['after'].nil?
  end,

  # The events of a difference that the trigger reports.
  selected_events: lambda do |poll, difference|
    next [] if poll['cursor'].nil? && !poll['fromBeginning']
    next [] if difference['before'].nil? && call('overlooked?', poll, difference['resource'])

    # The previous state is also checked: a filter on "active" no longer matches a deactivated user.
    asked = [difference['before'], difference['after']].compact.any? { |entry| !entry.start_with?('-') }
    asked ? call('events_of', poll, difference).select { |event| poll['selects'].call(event) } : []
  end,

  # Whether a resource existed before a first read, whose list can have shifted, and was skipped.
  overlooked?: lambda do |poll, one|
    since = poll['source'] == 'snapshot' ? (poll['cursor'] || {})['unsettledSinceInMs'] : nil
    created_at = since && call('time_in_ms', ((one || {})['meta'] || {})['created'])
    !created_at.nil? && created_at < since
  end,

  unsettled_since: lambda do |poll, all|
    next all ? nil : poll['cursor']['unsettledSinceInMs'] unless poll['cursor'].nil?

    poll['pages'] > 1 && !poll['fromBeginning'] ? poll['firstAnsweredAt'] || poll['startedAt'] : nil
  end,

  # A missing resource counts as deleted only if a request by ID confirms it.
  look_for_missing: lambda do |poll, missing|
    # URLs resolve "." and "..", so a resource with such an ID cannot be requested.
    losses = missing.reject { |id, _| ['.', '..'].include?(id) }.map do |id, before|
      { 'id' => id, 'before' => before, 'after' => nil, 'resource' => nil }
    end
    reported = losses.reject { |loss| call('selected_events', poll, loss).empty? }
    call('guard', poll, poll['leaving'] + reported.length)
    # Resources that are not reported do not need a request each, in case the list was truncated.
    asked = losses.length > poll['limit'] ? reported : losses
    found = asked.map { |loss| call('ask_by_id', poll, loss['id']) }
    asked.zip(found).each { |loss, one| one.nil? ? call('settle', poll, loss) : call('compare', poll, one) }
  end,

  ask_by_id: lambda do |poll, id|
    path = call('resource_path', poll['resource'], id)
    answer = call('send_scim', poll['run'], { 'method' => 'GET', 'path' => path })
    found = call('normalize', poll['run'], poll['resource'], answer['body'])
    next found if found['id'] == id

    call('fail_as', 'provider_fault', 'wrongResource', { 'requested' => id, 'returned' => found['id'] })
  rescue ::StandardError => e
    # The list has just been read, so the service exists, and the response is about the resource.
    raise unless call('failure_of', e)['code'] == 'not_found'
  end,

  # Nothing is reported if more users than the limit can have lost access at once.
  guard: lambda do |poll, leaving|
    next if leaving <= poll['limit']

    call('fail_as', 'mass_change_blocked', 'massChangeBlocked', {
      'leaving' => leaving, 'known' => poll['known'], 'resource' => poll['resource']['title'].downcase,
      'limit' => poll['limit']
    })
  end,

  last_modified: lambda do |one|
    stamp = (one['meta'] || {})['lastModified']
    stamp && call('time_in_ms', stamp)
  end,

  note_time: lambda do |poll, one|
    time = call('last_modified', one)
    if time.nil?
      poll['stamped'] = false
      next
    end
    # A timestamp in the future would hide all changes until then.
    answered_at = poll['run']['answeredAt']
    next if !answered_at.nil? && time > answered_at + 1_500

    poll['newest'] = [poll['newest'] || time, time].max
  end,

  # The start time of the next poll.
  next_since: lambda do |poll, all|
    before = (poll['cursor'] || {})['sinceInMs']
    # Changes that did not fit are found again only if they are requested again.
    next all ? nil : before if poll['more']
    # A list of several pages can shift without a trace. It is read again from the same time, until nothing
    # differs.
    next before if !all && poll['pages'] > 1 && poll['differing'].positive?
    next all ? nil : before if poll['newest'].nil?

    # Changes that become readable this long after their timestamp are still found.
    since = [poll['newest'], (poll['firstAnsweredAt'] || poll['newest']) - 2_000].min
    all || before.nil? ? since : [before, since].max
  end,

  # Tries the filter after a full read, if it could be used.
  try_since: lambda do |poll, known|
    next poll['stamped'] ? known : false if known == false || !poll['stamped']
    next known if call('strategy_of', poll, known) != 'changed_since' || poll['newest'].nil?

    understands = call('understands_since', poll, poll['newest'])
    call('strategy_of', poll, understands)
    understands
  end,

  # Whether a provider understands the filter: one resource changed at that time, and none a year from now. Some
  # providers ignore the filter, and some return an empty list. Nil if it could not be tried now.
  understands_since: lambda do |poll, newest|
    some = call('count_since', poll, newest)
    nobody = call('count_since', poll, newest + (366 * 24 * 3_600_000))
    some.positive? && nobody.zero?
  rescue ::StandardError => e
    details = call('failure_of', e)
    raise if details.empty?

    call('filter_refusal?', details) ? false : nil
  end,

  # Some providers return status 500 for a filter, which would be retried for minutes: this limits the wait.
  count_since: lambda do |poll, time|
    answer = call('send_scim', poll['run'], {
      'method' => 'GET', 'path' => poll['resource']['endpoint'],
      'query' => { 'filter' => call('since_filter', time), 'count' => '1' },
      'deadlineAt' => call('now_in_ms') + 10_000
    })
    call('read_list', answer['body'])['resources'].length
  end,

  # --- events

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
  end,

  # A realistic event.
  sample_event: lambda do |name, type, changes, data|
    one = call('sample_of', name)
    key = "#{name}/#{one['id']}/#{type}/7.h3Jd9aQ1"
    {
      'id' => key, 'type' => type, 'occurredAt' => one['meta']['lastModified'], 'resource' => name,
      'subject' => call('subject_of', one), 'data' => data, 'source' => 'snapshot', 'cause' => nil, 'isLate' => false,
      'dedupeKey' => key,
      'changes' => changes.map do |change|
                     { 'from' => nil, 'to' => nil, 'fromKnown' => true, 'toKnown' => true }.merge(change)
                   end
    }
  end,

  # The text above the fields of a polling trigger's form.
  poll_help: lambda do |description|
    "#{description} Each poll is compared with the one before. The first poll reports nothing, unless you include " \
      'existing records. Each event is delivered at least once, in order per user, with a deduplication key. If ' \
      'more users lose access in one poll than the safety limit, the trigger fails with mass_change_blocked and ' \
      'starts no job.'
  end,

  # The text above the fields of the webhook trigger's form: the URL for the sender.
  push_help: lambda do |input, base|
    text = 'Triggers immediately when an event source pushes an event. Events with an invalid token or signature ' \
           'are rejected. Senders retry lost events: each event has a deduplication key and starts one job.'
    source = input['source'].to_s
    next text if base.to_s == '' || source == ''

    stream = input['stream'].to_s
    query = ::URI.encode_www_form([['source', source], *(stream == '' ? [] : [['stream', stream]])])
    url = call('to_html', "#{base}?#{query}")
    "#{text} Enter this webhook URL in the settings of the event source:<br><b>#{url}</b>"
  end,

  # The identifying attributes of a resource.
  subject_of: lambda do |one|
    name = ->(key) { one[key].is_a?(::String) && one[key] != '' ? one[key] : nil }
    { 'id' => name.call('id') || '', 'externalId' => name.call('externalId'), 'userName' => name.call('userName'),
      'displayName' => name.call('displayName') }
  end
}
