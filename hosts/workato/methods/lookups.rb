# frozen_string_literal: true

# Lookups: finding the resource of a reference or a value, and proving its absence. An empty response alone
# is no proof, because providers ignore filters on attributes that they do not know.
{
  # Finds the one resource of a reference other than by ID; nil if it does not exist.
  find_referenced: lambda do |run, resource, reference, projection|
    call('search_referenced', run, resource, reference, projection)['one']
  end,

  # The same, with whether its absence is proved.
  search_referenced: lambda do |run, resource, reference, projection|
    way, value = reference.first
    paths = resource['lookupKeys'].find { |named| named['key'] == way }['attributes']
    looked = call('find_by_value', run, resource, paths, value, projection)
    { 'one' => call('only_one', looked['found'], resource, reference), 'proved' => looked['proved'] }
  end,

  only_one: lambda do |found, resource, reference|
    next found[0] if found.length < 2

    ids = found.first(5).map { |one| one['id'] }.join(', ')
    call('fail_as', 'conflict', 'ambiguous', {
      'count' => found.length, 'resource' => resource['title'].downcase,
      'reference' => call('print_reference', reference), 'ids' => "#{ids}#{found.length > 5 ? ', …' : ''}"
    })
  end,

  print_reference: lambda do |reference|
    reference.map { |way, value| "#{way} #{::JSON.generate(value)}" }.join(', ')
  end,

  fail_not_found: lambda do |resource, reference|
    call('fail_as', 'not_found', 'notFound',
         { 'resource' => resource['title'].downcase, 'reference' => call('print_reference', reference) })
  end,

  # Finds the resources with a value in one of the attributes, which are tried in turn. An attribute that the
  # provider rejects in a filter is skipped. If no filter is reliable, the list is read and compared. Returns the
  # matches, whether an absence of matches is proved, and the time at the provider by its last response.
  find_by_value: lambda do |run, resource, paths, value, projection = {}|
    search = {
      'run' => run, 'resource' => resource, 'value' => value, 'projection' => projection,
      'unproved' => [], 'rejection' => nil, 'answeredAt' => nil, 'short' => false,
      # By attribute, whether a filter on it finds what it should; absent if unknown.
      'works' => run['noticed']['filters'][resource['name']]
    }
    found = paths.lazy.map { |path| call('find_by_filter', search, path) }.find { |matching| !matching.empty? }
    proved = !found.nil? || search['unproved'].empty?
    found, proved = call('compare_list', search) unless proved
    call('fail_unproved', search, paths) if found.to_a.empty? && !proved
    { 'found' => found.to_a, 'proved' => proved, 'answeredAt' => search['answeredAt'] }
  end,

  fail_unproved: lambda do |search, paths|
    unproved = search['unproved']
    raise search['rejection'] if search['rejection'] && unproved == paths
    next unless call('ignored_by_all?', search)

    call('fail_as', 'provider_fault', 'filterIgnored', {
      'resource' => search['resource']['title'].downcase, 'path' => paths.join(' or '), 'value' => search['value']
    })
  end,

  # The matches of a filter on one attribute. Without any, absence is unproved unless the filter is known to work.
  find_by_filter: lambda do |search, path|
    works = search['works'][path]
    equality = { 'path' => path, 'value' => search['value'] }
    answer = works == false ? nil : call('ask_filter', search, equality)
    matching = answer.nil? ? [] : call('judge_filtered', search, equality, answer)
    ignored = search['works'][path] == false
    hides = matching.empty? && !answer.nil? && !ignored && call('hides_matches?', search, path, answer)
    search['short'] ||= hides
    proof = search['works'][path] == true ||
            (search['works'][path] == 'same case' && call('swap_case', equality['value']) == equality['value'])
    search['unproved'] << path if matching.empty? && (hides || !proof)
    matching
  end,

  # The results of a filter; nil if the provider rejects it.
  ask_filter: lambda do |search, equality|
    answer = call('ask_equal', search, equality, search['projection'])
    search['answeredAt'] = answer['answeredAt']
    answer
  rescue ::StandardError => e
    raise unless call('filter_rejected?', call('failure_of', e))

    search['rejection'] = e
    nil
  end,

  # What the provider returns for a filter: each resource once, whether there are more (by the total or by a cursor),
  # and where those would be. Pages without a result are skipped: some providers filter after they page.
  ask_equal: lambda do |search, equality, projection|
    answer = call('ask_equal_page', search, equality, projection, {})
    99.times do
      break unless answer['all'].empty? && answer['next'].key?('cursor')

      answer = call('ask_equal_page', search, equality, projection, answer['next'])
    end
    answer
  end,

  ask_equal_page: lambda do |search, equality, projection, position|
    run = search['run']
    query = { 'filter' => call('print_equalities', [equality]) }.merge(call('projection_of', projection), position)
    request = { 'method' => 'GET', 'path' => search['resource']['endpoint'], 'query' => query }
    answer = call('send_scim', run, request.merge('attemptsOn500' => 2))
    list = call('read_list', answer['body'])
    entries = list['resources']
    more = list['cursor']
    {
      'all' => entries.map { |one| call('normalize', run, search['resource'], one) }.uniq { |one| one['id'] },
      'short' => (list['total'] || 0) > entries.length || !more.nil?,
      'next' => more.nil? ? { 'startIndex' => (entries.length + 1).to_s } : { 'cursor' => more },
      'answeredAt' => call('time_in_ms', answer['headers']['date'])
    }
  rescue ::StandardError => e
    raise unless call('failure_of', e)['code'] == 'not_found'

    # Some providers return 404 for a filter without a match. Otherwise, it means that there is no SCIM service.
    call('confirm_service', run, search['resource'])
    { 'all' => [], 'short' => false, 'next' => {}, 'answeredAt' => nil }
  end,

  # The results that an answer did not have. Some providers reject a page after the last one.
  ask_more: lambda do |search, equality, answer|
    call('ask_equal_page', search, equality, search['projection'], answer['next'])['all']
  rescue ::StandardError => e
    raise unless call('filter_rejected?', call('failure_of', e))

    []
  end,

  # Whether an answer without results says that there are some. A provider whose total counts everybody, whatever the
  # filter, says so of a value that nobody has, too.
  hides_matches?: lambda do |search, path, answer|
    next false unless answer['all'].empty? && answer['short']

    !call('ask_equal', search, { 'path' => path, 'value' => call('unused_value') }, {})['short']
  end,

  # A value that nobody has.
  unused_value: -> { "nobody-#{call('now_in_ms')}@rolecall.invalid" },

  # RFC 7644 Table 9 defines `invalidFilter`. Some providers return 400 with any `scimType` or none, 403, 500, or 501.
  filter_rejected?: lambda do |details|
    %w[invalid_input unsupported].include?(details['code']) ||
      [['unavailable', 500], ['forbidden', 403]].include?(details.values_at('code', 'status'))
  end,

  # The matches in a filtered response; none if the provider ignored the filter.
  judge_filtered: lambda do |search, equality, answer|
    resource = search['resource']
    all = answer['all']
    fitting = call('only_fitting', resource, all, [equality])
    shown = ->(some) { some.select { |one| call('fits?', resource, one, [equality]) } }
    next [] if all.empty?

    unless shown.call(fitting).empty?
      # Whether a value names one resource cannot be seen on a page that says there are more.
      more = answer['short'] && fitting.length == all.length ? call('ask_more', search, equality, answer) : []
      next shown.call(fitting + more).uniq { |one| one['id'] }
    end

    # Results that do not show the attribute are trusted, unless a value that no resource has returns some, too.
    nobody = equality.merge('value' => call('unused_value'))
    ignored = fitting.empty? || !call('ask_equal', search, nobody, search['projection'])['all'].empty?
    search['works'][equality['path']] = false if ignored
    ignored ? [] : fitting
  end,

  # How many resources of a list are compared with a value if the provider's filters are not reliable.
  compare_limit: -> { 2_000 },

  # Reads the list and compares it with the value. Returns the matches, and whether their absence is proved.
  compare_list: lambda do |search|
    found = []
    read = 0
    all_shown = true
    proved = nil
    query = search['projection'].merge('count' => 100)
    call('read_pages', search['run'], search['resource'], query, lambda { |page|
      page_of = page['resources']
      found.concat(page_of.select { |one| call('has_value?', search, one) })
      all_shown &&= page_of.all? { |one| call('any_shown?', search, one) }
      # A filter that finds a value of a listed resource also proves the absence of another value, unless it hides some.
      control = read.zero? && found.empty? && !page['last'] && !search['short']
      unproved = control ? call('unproved_by_control', search, page_of) : nil
      read += page_of.length
      proved = all_shown if page['last']
      proved = true if unproved == [] || !found.empty?
      enough = read >= call('compare_limit') && !search['short'] && !call('ignored_by_all?', search)
      !proved.nil? || enough
    })
    [found, proved == true]
  end,

  has_value?: lambda do |search, one|
    search['unproved'].any? do |path|
      call('fits?', search['resource'], one, [{ 'path' => path, 'value' => search['value'] }])
    end
  end,

  any_shown?: lambda do |search, one|
    search['unproved'].any? do |path|
      !call('values_at', one, call('json_path_of', search['resource'], path)).empty?
    end
  end,

  ignored_by_all?: lambda do |search|
    search['unproved'].all? { |path| search['works'][path] == false }
  end,

  # Filters for a value of a listed resource, by each unproved attribute. Returns those whose filter does not find it.
  unproved_by_control: lambda do |search, listed|
    search['unproved'].reject do |path|
      keys = call('json_path_of', search['resource'], path)
      known = listed.map { |one| call('values_at', one, keys).first }.find { |value| value.is_a?(::String) }
      next false if known.nil? || search['works'].key?(path)

      (search['works'][path] = call('try_filter', search, path, known)) == true
    end
  end,

  # Whether a filter finds a value that is known to be there, in any case of its letters unless the attribute is
  # `caseExact`. 'same case': only in the same case, so that it proves no absence where case does not matter.
  try_filter: lambda do |search, path, value|
    exact = (call('attribute_at', search['resource'], path) || {})['caseExact']
    swapped = exact ? value : call('swap_case', value)
    next true if call('filter_finds?', search, { 'path' => path, 'value' => swapped })

    swapped != value && call('filter_finds?', search, { 'path' => path, 'value' => value }) ? 'same case' : false
  end,

  swap_case: lambda do |text|
    upper = text.tr('a-z', 'A-Z')
    upper == text ? text.tr('A-Z', 'a-z') : upper
  end,

  filter_finds?: lambda do |search, equality|
    found = call('ask_equal', search, equality, {})['all']
    !found.empty? && found.all? { |one| call('fits?', search['resource'], one, [equality]) }
  rescue ::StandardError => e
    raise unless call('filter_rejected?', call('failure_of', e))

    false
  end,

  # Verifies that a 404 is about the resource, not about the URL, where every resource would look deleted.
  confirm_service: lambda do |run, resource|
    next if run['confirmed'].include?(resource['name'])

    begin
      answer = call('ask_list', run,
                    { 'method' => 'GET', 'path' => resource['endpoint'], 'query' => { 'count' => '1' } })
      call('read_list', answer['body'])
    rescue ::StandardError => e
      # A service that rejects the list with another error exists.
      raise unless %w[forbidden invalid_input unsupported].include?(call('failure_of', e)['code'])
    end
    run['confirmed'] << resource['name']
  end,

  # Reads a resource by its ID; nil if it does not exist. A response with another resource is an error.
  read_by_id: lambda do |run, resource, id, projection = {}|
    query = call('projection_of', projection)
    request = { 'method' => 'GET', 'path' => call('resource_path', resource, id), 'query' => query }
    one = call('normalize', run, resource, call('send_scim', run, request)['body'])
    call('require_same_id', one, id)
    one
  rescue ::StandardError => e
    raise unless call('failure_of', e)['code'] == 'not_found'

    call('confirm_service', run, resource)
    nil
  end,

  must_read: lambda do |run, resource, id|
    call('read_by_id', run, resource, id) || call('fail_not_found', resource, { 'id' => id })
  end,

  same_id?: lambda do |shown, id|
    call('fold_case', shown) == call('fold_case', id) || id.match?(/\A\.{1,2}\z/)
  end,

  # Some providers return an ID in another case. "." and ".." are escaped twice, see resource_path, so that a server
  # sees another ID.
  require_same_id: lambda do |one, id|
    shown = one['id']
    next if call('same_id?', shown, id)

    call('fail_as', 'provider_fault', 'wrongResource', { 'requested' => id, 'returned' => shown })
  end
}
