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
      given = call('without_blank_settings', trigger, call('plain', input || {}))
      polled = call('poll', run, trigger, call('read_input', run, trigger, given), call('unsealed', closure))
      # Workato reads events from the end: the oldest must be last.
      events = call('with_event_pills', polled['events'].reverse)
      { events: events, next_poll: call('sealed', polled['cursor']), can_poll_more: polled['more'] }
    }, 'triggerLabels')
  end,

  # Workato's limit of events per poll; the rest is left to the next poll.
  most_events: lambda do
    1_000
  end,

  # The maximum size of a closure, in characters.
  closure_limit: lambda do
    1_048_576
  end,

  # Polls once. An ID in the input approves exactly the losses of this poll, of which only a poll can tell who they are.
  poll: lambda do |run, trigger, input, kept|
    polled = call('poll_resources', run, trigger, input, kept, [])
    held = polled['held']['losses']
    if !held.empty? && input['approve'] == call('losses')['id'].call(held)
      polled = call('poll_resources', run, trigger, input, kept, held.map { |loss| loss['key'] })
    end
    call('fail_held', polled['held']) unless polled['held']['losses'].empty?
    polled
  end,

  poll_resources: lambda do |run, trigger, input, kept, approved|
    resources = trigger['detect']['resources'].map { |name| run['definition']['resources'][name] }
    before = call('read_cursor', kept, run['baseUrl'])
    selects = call('selector_of', run, trigger, input)
    narrowing = call('narrowing_of', run, trigger, input)
    events = []
    polled = {}
    missing = 0
    resources.each do |resource|
      cursor = before['resources'][resource['name']]
      options = {
        'run' => run, 'resource' => resource, 'cursor' => cursor, 'strategy' => input['strategy'],
        'needsDeletions' => trigger['detect']['types'].include?('delete'),
        'fromBeginning' => input['startFrom'] == 'beginning', 'approved' => approved,
        'limits' => { 'number' => input['massChangeLimit'], 'percent' => input['massChangePercent'] },
        'pageSize' => input['pageSize'], 'room' => call('most_events') - events.length,
        'fullReadIntervalInMs' => call('number_in', trigger, input, 'fullReadIntervalInMinutes') * 60_000,
        'lookBackInMs' => call('number_in', trigger, input, 'lookBackInSeconds') * 1_000,
        'round' => "#{before['epoch']}.#{before['sequence'] + 1}",
        'fits' => ->(one) { narrowing.call(resource, one) }, 'selects' => selects
      }
      begin
        polled[resource['name']] = call('poll_resource', options)
        # Nothing of the poll can be believed: it may have read the directory of another tenant.
        break if polled[resource['name']]['directoryHeld']

        events.concat(polled[resource['name']]['events'])
      rescue ::StandardError => e
        details = call('failure_of', e)
        # Without a status, the input asks for what the provider cannot do.
        absent = (details['code'] == 'unsupported' && !details['status'].nil?) ||
                 (details['code'] == 'provider_fault' && details['status'] == 404)
        missing += 1
        # Many providers have no groups: a trigger on everything then covers users.
        raise if missing == resources.length || !cursor.nil? || !absent
      end
    end
    directory = polled.values.map { |one| one['directoryHeld'] }.compact.first
    next { 'held' => directory } if directory

    call('finish_poll', before, polled, events)
  end,

  # A number of the input, or the field's default.
  number_in: lambda do |trigger, input, key|
    input[key] || call('default_of', trigger, key) || 0
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
    held = %w[losses reasons].to_h { |part| [part, polled.values.flat_map { |one| one['held'][part] }] }
    { 'events' => call('order_events', events), 'cursor' => cursor,
      'more' => polled.values.any? { |one| one['more'] }, 'held' => held }
  end,

  # Orders the events of a poll as they happened; events of one time stay in the order in which they were found. When a
  # deletion happened is not known, but a name belongs to one resource at a time: the deletion of the resource that had
  # it comes before the events of the one that has it now.
  order_events: lambda do |events|
    ordered = events.each_with_index.sort_by { |event, at| [call('time_in_ms', event['occurredAt']), at] }
    ordered = ordered.map(&:first)
    deletions = {}
    ordered.select { |event| event['type'] == 'delete' }.each do |event|
      call('names_of', event).each { |name| deletions[name] = event }
    end
    next ordered if deletions.empty?

    placed = {}.compare_by_identity
    ordered.each do |event|
      unless event['type'] == 'delete'
        call('names_of', event).each { |name| placed[deletions[name]] = true if deletions.key?(name) }
      end
      placed[event] = true
    end
    placed.keys
  end,

  # The names and IDs that one resource has at a time.
  names_of: lambda do |event|
    kind = event['resource']
    subject = event['subject']
    name = subject[kind == 'User' ? 'userName' : 'displayName']
    [
      "#{kind}/id/#{subject['id']}",
      name && "#{kind}/name/#{name.downcase}",
      subject['externalId'] && "#{kind}/externalId/#{subject['externalId']}"
    ].compact
  end,

  # The stored closure, or that of a first poll.
  read_cursor: lambda do |kept, provider|
    if kept.nil? || kept == {}
      epoch = (rand * (36**8)).floor.to_s(36).rjust(8, '0')
      next { 'version' => 2, 'provider' => provider, 'epoch' => epoch, 'sequence' => 0, 'resources' => {} }
    end
    version = kept.is_a?(::Hash) ? kept['version'] : nil
    unless version.is_a?(::Integer) && version >= 1 && kept['resources'].is_a?(::Hash)
      call('fail_with_problems', [call('problem', 'cursor', 'notACursor')])
    end
    newest = { 'version' => version, 'supported' => 2 }
    call('fail_as', 'unsupported', 'stateFromNewerVersion', newest) if version > 2
    unless kept['provider'] == provider
      values = { 'other' => kept['provider'], 'provider' => provider }
      call('fail_with_problems', [call('problem', 'cursor', 'cursorOfOther', values)])
    end
    # From version 2, a closure has the losses of the past day, which an earlier release would forget.
    kept.merge('version' => 2)
  end,

  # Polls one resource type.
  poll_resource: lambda do |options|
    poll = call('open_poll', options)
    cursor = options['cursor']
    why = call('reason_to_read_all', poll) || call('read_changed', poll)
    poll['canAskSince'] = false if why == 'filter_refused'
    unless why.nil?
      call('read_everybody', poll)
      next { 'directoryHeld' => poll['directoryHeld'] } if poll['directoryHeld']

      # A scheduled full read found changes that the timestamps do not show: only full reads can be relied on.
      poll['stampsUnreliable'] = true if why == 'scheduled' && poll['missed'].positive?
      poll['canAskSince'] = call('try_since', poll)
      # An input that asks for what the provider cannot do is an error.
      call('strategy_of', poll)
    end
    held = call('hold_losses', poll)
    counts = call('count_losses', call('not_approved', poll, poll['reported']))
    fresh = !why.nil?
    # A read of changes says nothing about the resources that it does not show.
    left_open = fresh ? {} : cursor
    {
      'events' => poll['events'], 'more' => poll['more'], 'changed' => poll['changed'], 'held' => held,
      'cursor' => {
        'columns' => poll['tracker']['columns'].map { |column| column.slice('path', 'kept') },
        'entries' => poll['entries'], 'sinceInMs' => call('next_since', poll, fresh),
        'canAskSince' => poll['canAskSince'], 'stampsUnreliable' => poll['stampsUnreliable'],
        'fullReadAtInMs' => fresh ? poll['startedAt'] : cursor['fullReadAtInMs'],
        'pollsSinceFullRead' => fresh ? 0 : cursor['pollsSinceFullRead'] + 1,
        'cleanFullReads' => (cursor || {})['cleanFullReads'].to_i + (why == 'scheduled' ? 1 : 0),
        'polledAtInMs' => call('latest_time', poll), 'habits' => call('habits_of', poll['run'], poll['resource']),
        'membersShownIn' => poll['membersShownIn'], 'mostMembersListed' => poll['mostMembersListed'],
        'canReadById' => poll['canReadById'],
        'unknownIdStatus' => poll['unknownIdStatus'],
        'activeNotShown' => (left_open['activeNotShown'].to_a | poll['activeNotShown']).first(20),
        'unreadable' => left_open['unreadable'].to_h.merge(poll['unreadable']),
        'recentLosses' => call('add_losses', poll, counts),
        'attributesNotShown' => fresh ? poll['hidden'] : poll['hiddenBefore'],
        'pageSize' => (cursor || {})['pageSize'] || poll['count'],
        'unsettledSinceInMs' => call('unsettled_since', poll, fresh)
      }
    }
  end,

  # The state of one poll. Closures of earlier releases lack some learned facts.
  open_poll: lambda do |options|
    cursor = options['cursor']
    if cursor
      cursor = { 'fullReadAtInMs' => 0, 'pollsSinceFullRead' => 0, 'cleanFullReads' => 0, 'habits' => {},
                 'activeNotShown' => [], 'unreadable' => {} }.merge(cursor)
      options['cursor'] = cursor
    end
    known = (cursor || {})['entries'].to_h
    run = options['run']
    # The provider's own time, according to its responses.
    run.merge!('answeredAt' => nil, 'receivedAt' => nil)
    habits = call('habits_of', run, options['resource'])
    habits.merge!(cursor['habits']) { |_, newer, _| newer } if cursor
    options.merge(
      'entries' => known.dup, 'tracker' => call('tracker_of', options['resource'], (cursor || {})['columns'] || []),
      'events' => [], 'source' => 'changed_since', 'pages' => 0, 'losses' => [], 'reported' => [],
      'heldMissing' => [], 'differing' => 0, 'missed' => 0,
      'more' => false, 'changed' => false, 'firstAnsweredAt' => nil, 'newest' => nil, 'stamped' => true,
      'startedAt' => call('now_in_ms'), 'known' => known.length, 'byId' => {}, 'spelledIds' => {},
      'unreadable' => {},
      'limit' => call('loss_limit', 'users', known.length, options['limits']),
      'recentLosses' => (cursor || {})['recentLosses'].to_h,
      'canAskSince' => call('stated_or_known', run, cursor, 'canAskSince'),
      'canReadById' => (cursor || {})['canReadById'],
      'unknownIdStatus' => (cursor || {})['unknownIdStatus'], 'listed' => [],
      'stampsUnreliable' => call('stated_or_known', run, cursor, 'stampsUnreliable') == true,
      'membersShownIn' => run['preset']['polls']['readsMembersById'] ? 'by_id' : (cursor || {})['membersShownIn'],
      'mostMembersListed' => (cursor || {})['mostMembersListed'].to_i,
      'activeNotShown' => [], 'respelled' => 0, 'strangers' => {}, 'held' => {}, 'hidden' => {},
      'hiddenBefore' => (cursor || {})['attributesNotShown'].to_h,
      'count' => options['pageSize'] || (cursor || {})['pageSize'] || call('page_size_of', run)
    )
  end,

  # What the profile of the provider says, or what earlier polls learned.
  stated_or_known: lambda do |run, cursor, name|
    run['preset']['polls'].fetch(name) { (cursor || {})[name] }
  end,

  # The latest time, by the provider's clock, at which the last response can have been sent: `Date` leaves out fractions
  # of a second. Where both clocks may show the same time, ours is the more precise one.
  latest_time: lambda do |poll|
    answered_at = poll['run']['answeredAt']
    received_at = poll['run']['receivedAt'] || poll['startedAt']
    next received_at if answered_at.nil?

    received_at >= answered_at && received_at < answered_at + 1_000 ? received_at : answered_at + 1_000
  end,

  # Why everything is read without asking for changes first; nil to ask.
  reason_to_read_all: lambda do |poll|
    cursor = poll['cursor']
    next 'first_poll' if cursor.nil?
    next 'strategy' if call('strategy_of', poll) == 'snapshot'
    next 'filter_untried' if cursor['sinceInMs'].nil? || poll['canAskSince'] != true

    automatic = !%w[changed_since snapshot].include?(poll['strategy'])
    automatic && call('full_read_due?', poll) ? 'scheduled' : nil
  end,

  # Whether a full read is due although the provider can be asked for changes: timestamps may stand still, and changes
  # may become visible later than the look-back. Trust is earned: a full read follows after 1, 2, 4, … polls as long as
  # none of them finds a missed change, and then once per interval.
  full_read_due?: lambda do |poll|
    cursor = poll['cursor']
    passed = poll['startedAt'] - cursor['fullReadAtInMs']
    # A clock that was set back must not put the next full read off.
    next true if passed.negative? || passed >= poll['fullReadIntervalInMs']

    polls = 2**cursor['cleanFullReads']
    polls <= 64 && cursor['pollsSinceFullRead'] >= polls
  end,

  page_size_of: lambda do |run|
    filter = call('capabilities_of', run)['filter']
    most = filter.is_a?(::Hash) ? filter['maxResults'] : nil
    [most.is_a?(::Numeric) && most.positive? ? most : 1_000, 1_000].min
  end,

  strategy_of: lambda do |poll|
    wanted = poll['strategy']
    can_ask = poll['canAskSince']
    call('fail_as', 'unsupported', 'modifiedDateUnsupported') if wanted == 'changed_since' && can_ask == false
    next wanted if %w[changed_since snapshot].include?(wanted)

    poll['needsDeletions'] || can_ask == false || poll['stampsUnreliable'] ? 'snapshot' : 'changed_since'
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
    found = 0
    familiar = false
    begin
      call('poll_pages', poll, { 'filter' => call('since_filter', since), 'count' => poll['count'] }, lambda { |page|
        found += page['resources'].length
        known, strangers = page['resources'].partition { |one| call('familiar?', poll, one) }
        familiar ||= !known.empty?
        strangers.each { |one| poll['strangers'][one['id']] = true }
        call('compare_all', poll, page)
      })
    rescue ::StandardError => e
      raise unless call('filter_refusal?', call('failure_of', e))

      next 'filter_refused'
    end
    # "ge" includes the newest known resource: in an empty response, the filter or that resource is gone.
    next 'nobody_found' if found.zero?
    # For the same reason, one of them is known, unless this is the directory of another tenant.
    next 'nobody_known' unless familiar

    # A clock that was set back stamps changes with times before the newest.
    answered_at = poll['run']['answeredAt']
    next 'clock_set_back' if !answered_at.nil? && answered_at + 1_500 < since

    call('compare_held_changes', poll)
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
    poll.merge!('source' => 'snapshot', 'newest' => nil, 'pages' => 0, 'held' => {})
    seen = {}
    familiar = 0
    checked = poll['canReadById'] == true
    call('poll_pages', poll, { 'count' => poll['count'] }, lambda { |page|
      resources = page['resources']
      resources.each { |one| seen[one['id']] = true }
      poll['listed'] = poll['listed'].concat(resources.map { |one| one['id'] }).first(3)
      familiar += resources.count { |one| call('familiar?', poll, one) }
      call('check_list', poll, resources) unless checked || resources.empty?
      checked ||= !resources.empty?
      call('compare_all', poll, page)
    })
    missing = poll['entries'].reject { |id, _| seen.key?(id) }
    next unless familiar.positive? || poll['respelled'].positive? ||
                call('guard_directory', poll, missing.keys, seen.length)

    call('judge_held', poll)
    call('look_for_missing', poll, poll['entries'].reject { |id, _| seen.key?(id) })
    call('judge_held', poll)
  end,

  # Whether a resource was known before this poll.
  familiar?: lambda do |poll, one|
    poll['entries'].key?(one['id']) && !poll['strangers'].key?(one['id'])
  end,

  compare_all: lambda do |poll, page|
    listed = call('replace_contradictory', poll, page)
    call('complete_active', poll, call('complete_members', poll, listed)).each { |one| call('compare', poll, one) }
  end,

  unsettled_since: lambda do |poll, all|
    next all ? nil : poll['cursor']['unsettledSinceInMs'] unless poll['cursor'].nil?

    poll['pages'] > 1 && !poll['fromBeginning'] ? poll['firstAnsweredAt'] || poll['startedAt'] : nil
  end,

  # No missing resource counts as deleted before the provider, asked by ID, says so.
  look_for_missing: lambda do |poll, missing|
    if missing.empty?
      call('learn_unknown_id', poll) if poll['needsDeletions']
      next
    end
    # URLs resolve "." and "..", so a resource with such an ID cannot be requested.
    losses = missing.sort.reject { |id, _| ['.', '..'].include?(id) }.map do |id, before|
      { 'id' => id, 'before' => before, 'after' => nil, 'resource' => nil }
    end
    events = losses.to_h { |loss| [loss, call('selected_events', poll, loss)] }
    reported = losses.reject { |loss| events[loss].empty? }
    missed = reported.flat_map { |loss| events[loss].flat_map { |event| call('losses_of', poll, event, loss) } }
    kinds = call('exceeded_limits', poll, call('count_losses', call('not_approved', poll, poll['losses'] + missed)))
            .map { |one| one['kind'] }
    # Nobody is looked up whose loss would be held.
    poll['heldMissing'] = call('not_approved', poll, missed).select { |loss| kinds.include?(loss['kind']) }
    held = poll['heldMissing'].map { |loss| loss['subject']['id'] }
    # Removals that are not reported are not worth a request each, if the list was cut short.
    asked = (losses.length > poll['limit'] ? reported : losses).reject { |loss| held.include?(loss['id']) }
    next if asked.empty?

    readable = call('try_listed', poll)
    # Where not even a listed resource can be read by ID, a 404 proves nothing.
    next if readable == 'absent'

    results = asked.map { |loss| call('ask_by_id', poll, loss['id']) }
    asked.zip(results).each do |loss, result|
      gone = result == 'absent' || (readable == 'found' && call('gone_by_habit?', poll, loss['id'], result))
      call('settle', poll, loss) if gone
      call('compare', poll, result) if result.is_a?(::Hash)
    end
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

    # A change that becomes visible late is still found.
    since = [poll['newest'], (poll['firstAnsweredAt'] || poll['newest']) - poll['lookBackInMs']].min
    all || before.nil? ? since : [before, since].max
  end,

  # Tries the filter after a full read, if it could be used.
  try_since: lambda do |poll|
    known = poll['canAskSince']
    next false unless poll['stamped']
    next known if known == false || poll['newest'].nil? || call('strategy_of', poll) != 'changed_since'

    call('understands_since', poll, poll['newest'])
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

  # A realistic event.
  sample_event: lambda do |name, type, changes, data|
    one = call('sample_of', name)
    key = "#{name}/#{one['id']}/#{type}/7.h3Jd9aQ1"
    event = {
      'id' => key, 'type' => type, 'occurredAt' => one['meta']['lastModified'], 'resource' => name,
      'subject' => call('subject_of', one), 'data' => data, 'source' => 'snapshot', 'cause' => nil, 'isLate' => false,
      'dedupeKey' => key,
      'changes' => changes.map do |change|
                     { 'from' => nil, 'to' => nil, 'fromKnown' => true, 'toKnown' => true }.merge(change)
                   end
    }
    call('with_event_pills', [event])[0]
  end,

  # The identifying attributes of a resource.
  subject_of: lambda do |one|
    name = ->(key) { one[key].is_a?(::String) && one[key] != '' ? one[key] : nil }
    { 'id' => name.call('id') || '', 'externalId' => name.call('externalId'), 'userName' => name.call('userName'),
      'displayName' => name.call('displayName') }
  end
}
