# frozen_string_literal: true

# Lists: all pages of them, by index or, if the provider returns cursors, by cursor (RFC 9865).
#
# A list that ends before its total, or that loops, is an error: results that were not read must not look like
# results that do not exist. Habits that hide results are noticed and handled: totals that count the page, a first
# page that needs `startIndex` or `cursor`, an order that changes, repeated entries, expired cursors.
{
  # Reads a list page by page, and hands each page to `take` until that returns true.
  read_pages: lambda do |run, resource, query, take|
    reading = call('open_reading', run, resource, query)
    loop do
      page = call('next_page', reading)
      break if take.call(page) || page['last']
    end
  end,

  # How the provider pages the lists of one resource type, as far as it was stated or noticed.
  habits_of: lambda do |run, resource|
    run['habits'][resource['name']] ||= run['preset']['lists'].dup
  end,

  open_reading: lambda do |run, resource, query|
    habits = call('habits_of', run, resource)
    sort_by = query['sortBy'] || habits['sortBy']
    {
      'run' => run, 'resource' => resource, 'query' => query, 'habits' => habits,
      'count' => call('limit_count', query['count'], habits),
      'sortBy' => sort_by, 'sortKeys' => sort_by.nil? ? ['id', *resource['uniqueKeys']] : [],
      'ids' => {}, 'cursors' => {}, 'position' => call('first_position', habits), 'pass' => call('new_pass'),
      'previous' => nil, 'total' => 0, 'prefetched' => nil, 'pages' => 0, 'restarts' => 0,
      # One page without anything new can come of an insert between two requests; two in a row cannot.
      'stale' => 0, 'staleLimit' => 2
    }
  end,

  # One reading of a list from its beginning: what came, and what the provider said about how much there is.
  new_pass: lambda do
    { 'order' => [], 'firstPage' => nil, 'loops' => false, 'read' => 0, 'surplus' => 0, 'fresh' => 0, 'most' => 0,
      'fewest' => nil, 'unreadable' => 0, 'whyUnreadable' => nil, 'pageSizes' => [] }
  end,

  first_position: lambda do |habits|
    next { 'cursor' => '' } if habits['needsCursor']

    habits['needsStartIndex'] ? { 'startIndex' => 1 } : {}
  end,

  next_page: lambda do |reading|
    page = reading['prefetched'] || call('request_next', reading)
    reading['prefetched'] = nil
    fresh = call('take_page', reading, page)
    contradictory, repeated = reading['pass'].values_at('contradictory', 'repeated')
    last = !call('advance_list', reading, page, fresh.length)
    call('end_list', reading) if last
    most, unreadable = reading['pass'].values_at('most', 'unreadable')
    known = reading['ids'].length + unreadable
    { 'resources' => fresh, 'contradictory' => contradictory, 'repeated' => repeated,
      'total' => last ? known : [most, known].max, 'unreadable' => unreadable, 'last' => last }
  end,

  request_next: lambda do |reading|
    loop do
      page = call('get_page', reading, reading['position'], nil, reading['count'])
      # A list that does not go on by cursor may do so by index.
      reading['position'] = {} if call('first_by_cursor?', reading) && page['cursor'].nil?
      break page if reading['pages'].positive? || !reading['position'].empty?

      break call('confirm_first', reading, page)
    rescue ::StandardError => e
      details = call('failure_of', e)
      if %w[expiredCursor invalidCursor].include?(details['scimType']) && reading['position'].key?('cursor')
        call('start_over', reading)
      elsif !reading['count'].nil? && call('count_rejected?', details)
        call('lower_count', reading)
      # Nor were cursors: a provider that rejects them is asked for the list by index.
      elsif call('first_by_cursor?', reading) && call('refusal?', details)
        reading['position'] = {}
      # Sorting was not asked for: a provider that refuses it is asked for the list in another way.
      elsif reading['sortBy'] != reading['query']['sortBy'] && call('refusal?', details)
        call('sort_by_next_key', reading)
      else
        raise
      end
    end
  end,

  # Whether the list begins by cursor, because that is what is known of the provider.
  first_by_cursor?: lambda do |reading|
    reading['position']['cursor'] == '' && reading['pages'].zero?
  end,

  # Some providers return an empty list to everybody who does not send `startIndex`.
  confirm_first: lambda do |reading, page|
    habits = reading['habits']
    if !page['resources'].empty? || !page['cursor'].nil?
      habits['needsStartIndex'] = false
      next page
    end
    next page if habits['needsStartIndex'] == false

    indexed = call('ask_page', reading, { 'startIndex' => 1 }, nil)
    next page if indexed.nil? || indexed['resources'].empty?

    habits['needsStartIndex'] = true
    reading['position'] = { 'startIndex' => 1 }
    indexed
  end,

  get_page: lambda do |reading, position, deadline, count|
    query = reading['query'].merge('sortBy' => reading['sortBy'], 'count' => count)
    call('request_page', reading['run'], reading['resource'], query, position, deadline)
  end,

  # Asks a question about a habit; nil if the provider refuses to answer it. Some servers fail with status 500 at a
  # `startIndex` after the end: that takes ten seconds at most.
  ask_page: lambda do |reading, position, count|
    call('get_page', reading, position, call('now_in_ms') + 10_000, count || reading['count'])
  rescue ::StandardError => e
    details = call('failure_of', e)
    next nil if call('refusal?', details) || [404, 500].include?(details['status'])
    raise if !details['transient'] || details['status'].nil?

    # The provider has answered: it can ask for a longer wait here as at any other page.
    call('get_page', reading, position, nil, count || reading['count'])
  end,

  # RFC 9865 §2.1 has `invalidCount` for a count that is too large; others only say it in words.
  count_rejected?: lambda do |details|
    in_words = details['code'] == 'invalid_input' && details['detail'].to_s.match?(/\bcount\b|page ?size/i)
    details['scimType'] == 'invalidCount' || in_words
  end,

  # The provider takes no such count: sends the largest that it declares, or none.
  lower_count: lambda do |reading|
    rejected = reading['count']
    declared = call('capabilities_of', reading['run'])['filter']
    most = declared.is_a?(::Hash) ? declared['maxResults'] : nil
    reading['habits']['largestCount'] = most.is_a?(::Integer) && most.between?(1, rejected - 1) ? most : 0
    reading['count'] = call('limit_count', rejected, reading['habits'])
    # A cursor belongs to the count that it began with.
    call('begin_pass', reading, call('first_position', reading['habits'])) if reading['position']['cursor'].to_s != ''
  end,

  # The count to send; nil for none.
  limit_count: lambda do |count, habits|
    most = habits['largestCount']
    next count if most.nil? || count.nil?

    most.zero? ? nil : [count, most].min
  end,

  refusal?: lambda do |details|
    %w[invalid_input unsupported].include?(details['code'])
  end,

  # Counts the entries of a page, and returns the resources that no page had before.
  take_page: lambda do |reading, page|
    pass = reading['pass']
    shown = {}
    copies = []
    page['resources'].each do |entry|
      one = call('read_entry', reading, entry)
      # A repeat within one response is no sign that the list moved.
      if one.nil? || shown.key?(one['id']) then pass['surplus'] += 1
      else
        shown[one['id']] = one
      end
      copies << one unless one.nil? || shown[one['id']].equal?(one)
    end
    pass['contradictory'] = copies.reject { |one| shown[one['id']] == one }.map { |one| one['id'] }
    ids = shown.keys
    pass['loops'] ||= !pass['firstPage'].nil? && !ids.empty? && ids == pass['firstPage']
    pass['firstPage'] ||= ids
    pass['order'].concat(ids)
    known, fresh = shown.values.partition { |one| reading['ids'].key?(one['id']) }
    # The copies of resources that this page or an earlier one had already.
    pass['repeated'] = copies + known
    fresh.each { |one| reading['ids'][one['id']] = true }
    pass['read'] += page['resources'].length
    pass['pageSizes'] << page['resources'].length
    pass['fresh'] += fresh.length
    pass['most'] = [pass['most'], page['total'] || 0].max
    pass['fewest'] = [pass['fewest'], page['total']].compact.min
    fresh
  end,

  # One entry that cannot be read holds up no other.
  read_entry: lambda do |reading, entry|
    call('normalize', reading['run'], reading['resource'], entry)
  rescue ::StandardError => e
    raise if call('failure_of', e).empty?

    reading['pass']['unreadable'] += 1
    reading['pass']['whyUnreadable'] = e
    nil
  end,

  # The results accounted for: those read in any pass, and the entries of this pass that add nothing to them.
  counted: lambda do |reading|
    reading['ids'].length + reading['pass']['surplus']
  end,

  # Moves to the next page; whether there is one.
  advance_list: lambda do |reading, page, fresh|
    reading['pages'] += 1
    call('fail_endless', reading['pages'], reading['ids'].length) if reading['pages'] >= 100_000
    reading['stale'] = fresh.positive? ? 0 : reading['stale'] + 1
    next call('advance_by_cursor', reading, page) if !page['cursor'].nil? || reading['position'].key?('cursor')
    next call('end_at_empty_page', reading, page) if page['resources'].empty?
    next call('read_again', reading) if reading['stale'] >= reading['staleLimit'] && !page['total'].nil?

    call('advance_by_index', reading, page, fresh)
  end,

  advance_by_cursor: lambda do |reading, page|
    cursor = page['cursor']
    if cursor.nil?
      # The total may grow meanwhile, and cursors need not show newcomers, so the smallest total counts.
      fewest = reading['pass']['fewest']
      read = call('counted', reading)
      call('fail_cut_short', read, fewest) if fewest && read < fewest
      next false
    end
    known = reading['ids'].length
    call('fail_loop', known) if reading['cursors'].key?(cursor)
    # Some providers filter after they page, so that pages without any result come.
    limit = page['resources'].empty? ? 100 : reading['staleLimit']
    call('fail_endless', reading['stale'], known) if reading['stale'] >= limit
    reading['cursors'][cursor] = true
    reading['position'] = { 'cursor' => cursor }
    true
  end,

  advance_by_index: lambda do |reading, page, fresh|
    habits = reading['habits']
    pass = reading['pass']
    total = page['total']
    size = page['resources'].length
    habits['totalCounts'] ||= 'all' if !total.nil? && total > size
    # RFC 7644 §3.4.2 requires a total; without a useful one, the list ends where nothing new comes.
    if total.nil? || total < size || habits['totalCounts'] == 'page'
      next fresh.positive? && !habits['ignoresStartIndex'] && call('move_on', reading)
    end
    next call('move_on', reading) if pass['read'] < pass['most']

    # A total that is the size of its own page says nothing of the others.
    stated = total == size ? pass['most'] : total
    first_pass = reading['previous'].nil?
    counted = call('counted', reading)
    next call('read_again', reading) if counted < pass['most'] && (first_pass || counted < stated)
    # Entries that left during the pass moved others to a page that had been read already.
    next call('read_again', reading) if first_pass && stated < pass['most']
    next call('full_pages?', pass) && call('confirm_total', reading) if pass['read'] > size
    next false unless habits['totalCounts'].nil?

    call('confirm_end', reading)
  end,

  # Whether the last page had as many entries as the others, so that another one may follow.
  full_pages?: lambda do |pass|
    pass['pageSizes'].uniq.length == 1
  end,

  # Full pages end exactly at the total, which RFC 7644 §3.4.2 does not require to be exact; whether there are more
  # anyway.
  confirm_total: lambda do |reading|
    habits = reading['habits']
    read = reading['pass']['read']
    # Up to the largest total after which nothing more came, totals are believed.
    next false if read <= (habits['believedTotal'] || 0)

    page = call('ask_page', reading, { 'startIndex' => read + 1 }, nil)
    if page.nil? || call('only_known?', reading, page)
      habits['believedTotal'] = read
      next false
    end

    # A larger total counts someone who was added meanwhile.
    habits['totalCounts'] = 'page' if (page['total'] || 0) <= read
    reading['prefetched'] = page
    call('move_on', reading)
  end,

  only_known?: lambda do |reading, page|
    page['resources'].all? { |one| reading['ids'].key?(one.is_a?(::Hash) ? one['id'].to_s : '') }
  end,

  end_at_empty_page: lambda do |reading, page|
    pass = reading['pass']
    total = page['total'] || 0
    next call('require_end', reading) if reading['habits']['totalCounts'] == 'page' || pass['most'].zero?

    if pass['read'] < total
      next true if call('read_by_cursor', reading)

      call('fail_cut_short', pass['read'], total)
    end
    pass['read'] < pass['most'] ? call('read_again', reading) : false
  end,

  # No total says that an empty page is the last: where one followed a full page, the next one is tried.
  require_end: lambda do |reading|
    size = reading['pass']['pageSizes'].reject(&:zero?).last.to_i
    start = reading['position']['startIndex']
    next false if start.nil? || !call('may_end_early?', reading, size)

    call('require_no_more', reading, start + size)
  end,

  # Requires that an empty page, which no total explains, is the last one. `start`: where the next one would begin.
  require_no_more: lambda do |reading, start|
    page = call('ask_page', reading, { 'startIndex' => start }, nil)
    next false if page.nil? || page['resources'].empty?

    call('fail_as', 'provider_fault', 'listHasGap', { 'read' => reading['pass']['read'] })
  end,

  # The first page has as many results as the total says. Either everything came, or the total counts the page: one
  # request for more decides it.
  confirm_end: lambda do |reading|
    habits = reading['habits']
    read = reading['pass']['read']
    unless habits['ignoresStartIndex']
      page = call('ask_page', reading, { 'startIndex' => read + 1 }, nil)
      next call('end_at_rejected_page', reading, read) if page.nil?

      if page['resources'].empty? && (page['total'] || 0) >= read
        habits['totalCounts'] = 'all'
        next false
      end
      unless call('only_known?', reading, page)
        habits['totalCounts'] = 'page'
        reading['prefetched'] = page
        next call('move_on', reading)
      end
      next true if call('read_by_cursor', reading)
      if page['resources'].empty?
        next call('may_end_early?', reading, read) && call('require_no_more', reading, (2 * read) + 1)
      end
    end
    call('widen_page', reading, read)
  end,

  # The next page was rejected: some providers answer 400 or 500 after the last one. A page of one entry shows what the
  # total counts, and with it whether the first page had everything.
  end_at_rejected_page: lambda do |reading, size|
    one = call('may_end_early?', reading, size) ? call('ask_page', reading, {}, 1) : nil
    next false unless one && one['resources'].length == 1

    reading['habits']['totalCounts'] = 'all' unless [nil, 1].include?(one['total'])
    next false unless one['total'] == 1
    next true if call('read_by_cursor', reading)

    call('fail_as', 'provider_fault', 'listPageRejected', { 'size' => size })
  end,

  # Whether a page can be cut: at the count, or at a limit of the provider, which is then a usual or a round number.
  may_end_early?: lambda do |reading, size|
    size > 1 && (size == reading['count'] || [20, 25].include?(size) || (size % 50).zero?)
  end,

  # The provider ignores `startIndex`. Its first page has everything, unless it is cut at `count`, or at the provider's
  # own limit, which is then a round number.
  widen_page: lambda do |reading, size|
    reading['habits']['ignoresStartIndex'] = true
    count = reading['count']
    larger = [size * 10, 10_000].min
    if size == count && larger > size
      page = call('ask_page', reading, {}, larger)
      if !page.nil? && page['resources'].length > size
        reading['count'] = larger
        call('begin_pass', reading, {})
        reading['prefetched'] = page
        next true
      end
    end
    next false unless call('may_end_early?', reading, size)

    smaller = call('ask_page', reading, {}, size - 1)
    # A provider that ignores `count` as well returns everything at once.
    next false if smaller.nil? || smaller['resources'].length >= size

    call('fail_as', 'provider_fault', 'listMaybeCutShort', { 'size' => size })
  end,

  # Index paging leads no further: starts over by cursor, if the provider declares cursors.
  read_by_cursor: lambda do |reading|
    habits = reading['habits']
    next false unless habits['needsCursor'].nil?

    pagination = call('capabilities_of', reading['run'])['pagination']
    habits['needsCursor'] = pagination.is_a?(::Hash) && [true, 'true'].include?(pagination['cursor'])
    habits['needsCursor'] && call('begin_pass', reading, { 'cursor' => '' })
  end,

  move_on: lambda do |reading|
    reading['position'] = { 'startIndex' => reading['pass']['read'] + 1 }
    true
  end,

  # Reads the list again for the results that slipped through: first as it is, since entries that come or go move
  # others to another page, then sorted, since some providers have no order of their own.
  read_again: lambda do |reading|
    pass = reading['pass']
    previous = reading['previous']
    reading['total'] = [reading['total'], pass['most']].max
    if pass['loops'] && (!previous.nil? || reading['stale'] >= reading['staleLimit'])
      next true if call('read_by_cursor', reading)

      call('fail_loop', reading['ids'].length)
    end
    next call('begin_pass', reading, { 'startIndex' => 1 }) if previous.nil?

    # Twice the same entries in the same order: nothing moved, the list repeats some.
    # A page that is shorter than the others before the last may hide a result, though.
    even = pass['pageSizes'][0...-1].uniq.length < 2
    next false if even && pass['fresh'].zero? && pass['read'] == pass['most'] && pass['order'] == previous['order']

    call('sort_by_next_key', reading)
  end,

  sort_by_next_key: lambda do |reading|
    key, *others = reading['sortKeys']
    exhausted = key.nil? && reading['habits']['sortBy'].nil?
    call('fail_cut_short', call('counted', reading), reading['total']) if exhausted
    reading['habits']['sortBy'] = nil
    reading['sortBy'] = key || reading['query']['sortBy']
    reading['sortKeys'] = others
    call('begin_pass', reading, { 'startIndex' => 1 })
  end,

  start_over: lambda do |reading|
    reading['restarts'] += 1
    restarts = reading.slice('restarts')
    call('fail_as', 'unavailable', 'cursorExpired', restarts) if reading['restarts'] > 3
    reading['cursors'].clear
    call('begin_pass', reading, call('first_position', reading['habits']))
  end,

  # Starts the list over; the results read so far stay known.
  begin_pass: lambda do |reading, position|
    reading['previous'] = reading['pass']
    reading['pass'] = call('new_pass')
    # Everything read so far is returned again.
    reading['staleLimit'] = reading['pages'] + 2
    reading['stale'] = 0
    reading['position'] = position
    true
  end,

  end_list: lambda do |reading|
    unreadable = reading['pass']['whyUnreadable']
    raise unreadable if !unreadable.nil? && reading['ids'].empty?

    reading['habits']['sortBy'] = reading['sortBy'] unless reading['sortBy'] == reading['query']['sortBy']
  end,

  # Requests one page of a list.
  request_page: lambda do |run, resource, query, position, deadline|
    parameters = query.slice('filter', 'sortBy', 'sortOrder').compact
                      .merge(call('projection_of', query))
                      .merge(query.slice('count').compact.transform_values(&:to_s))
                      .merge(position.transform_values(&:to_s))
    length = run['baseUrl'].length + resource['endpoint'].length + call('print_query', parameters).length
    # Some servers and proxies take no more than 2,048 characters.
    answer = length > 2000 ? call('post_search', run, resource, query.merge(position), deadline) : nil
    answer ||= call('ask_list', run, { 'method' => 'GET', 'path' => resource['endpoint'], 'query' => parameters,
                                       'deadlineAt' => deadline })
    call('read_list', answer['body'])
  end,

  # RFC 7644 §3.4.3; nil where the provider has no such endpoint, so that a long URL is tried after all.
  post_search: lambda do |run, resource, search, deadline|
    body = { 'schemas' => ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'] }.merge(search.compact)
    begin
      call('send_scim', run, { 'method' => 'POST', 'path' => "#{resource['endpoint']}/.search", 'body' => body,
                               'repeatable' => true, 'deadlineAt' => deadline })
    rescue ::StandardError => e
      raise unless %w[not_found unsupported].include?(call('failure_of', e)['code'])
    end
  end,

  fail_cut_short: lambda do |read, total|
    call('fail_as', 'provider_fault', 'listCutShort', { 'total' => total, 'read' => read })
  end,

  fail_loop: lambda do |read|
    call('fail_as', 'provider_fault', 'listLoops', { 'read' => read })
  end,

  fail_endless: lambda do |pages, read|
    call('fail_as', 'provider_fault', 'listEndless', { 'read' => read, 'pages' => pages })
  end
}
