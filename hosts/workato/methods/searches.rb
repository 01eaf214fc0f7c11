# frozen_string_literal: true

# Searches: a list with a filter, all pages of it. Names of attributes are sent in full, and refused if the resource
# does not have them: a provider ignores a filter on a name that it does not know, and then returns everybody.
{
  do_search: lambda do |run, action, input|
    resource = call('resource_of', run, action)
    equalities = action['fields'].select { |field| field['attribute'] && input.key?(field['key']) }
                                 .map { |field| { 'path' => field['attribute'], 'value' => input[field['key']] } }
    limit = input['limit'] || call('default_of', action, 'limit')
    filter = call('given_filter', resource, input['filter'])
    query = call('search_query', resource, action, input, call('search_filter', equalities, filter))
    found = []
    unfit = 0
    total = 0
    truncated = false
    take = lambda { |page|
      fitting = call('only_fitting', resource, page['resources'], equalities)
      fitting = call('only_matching', resource, fitting, filter)
      unfit += page['resources'].length - fitting.length
      taken = limit.nil? ? fitting : fitting.first(limit - found.length)
      found.concat(taken)
      cut = found.length == limit && (taken.length < fitting.length || !page['last'])
      unreadable = page['last'] && !cut ? page['unreadable'] : 0
      truncated = cut || unreadable.positive?
      # A provider that ignores the filter counts every resource: then only the matching results are known.
      total = unfit.positive? ? found.length + unreadable : page['total']
      cut
    }
    call('read_pages', run, resource, query, take)
    nothing = query['filter'] && found.empty? && unfit.zero? && total.to_i.zero? && call('needs_value?', filter)
    call('search_list', run, resource, query, equalities, filter, take) if nothing
    { 'totalResults' => total, 'truncated' => truncated, 'resources' => found }
  end,

  # Whether only resources match that show a value. Whether a missing one differs from a value, providers decide
  # differently, and a search that finds nobody must not become one that finds many.
  needs_value?: lambda do |filter|
    next true if filter.nil?
    next false if filter['kind'] == 'not' || filter['operator'] == 'ne'
    next filter['filters'].all? { |one| call('needs_value?', one) } if filter.key?('filters')

    (filter['kind'] == 'present' || !filter['value'].nil?) && call('needs_value?', filter['path']['filter'])
  end,

  # Compares the list where a filter for values finds nothing: providers answer a filter that they do not know with an
  # empty list. The list is left once filters are found to work, or when it is long.
  search_list: lambda do |run, resource, query, equalities, filter, take|
    paths = equalities.map { |one| one['path'] }
    paths += call('filter_paths', filter).map { |path| call('print_filter_path', path) } unless filter.nil?
    works = run['noticed']['filters'][resource['name']]
    search = { 'run' => run, 'resource' => resource, 'works' => works,
               'unproved' => paths.reject { |path| works[path] == true } }
    match = lambda { |one|
      call('fits?', resource, one, equalities) && (filter.nil? || call('matches?', filter, one, resource, ''))
    }
    read = 0
    found = 0
    call('read_pages', run, resource, call('unfiltered', query, paths), lambda { |page|
      matching = page['resources'].select(&match)
      found += matching.length
      control = read.zero? && found.zero? && !page['last']
      proved = control && call('unproved_by_control', search, page['resources']).empty?
      read += page['resources'].length
      last = page['last'] || proved || (found.zero? && read >= call('compare_limit'))
      take.call(page.merge('resources' => matching, 'total' => found, 'unreadable' => 0, 'last' => last)) || last
    })
  rescue ::StandardError => e
    # A provider that has no list without a filter cannot be compared. A part of the list is no result.
    raise if found.to_i.positive?
    raise unless %w[invalid_input unsupported forbidden].include?(call('failure_of', e)['code'])
  end,

  # The same query for the whole list, with the attributes to compare.
  unfiltered: lambda do |query, paths|
    shown = query['attributes'] && (query['attributes'] | paths)
    hidden = query['excludedAttributes']&.reject { |name| paths.any? { |path| path.start_with?(name) } }
    query.merge('filter' => nil, 'count' => 100, 'attributes' => shown, 'excludedAttributes' => hidden)
  end,

  search_query: lambda do |resource, action, input, filter|
    sort = input['sortBy'] && call('searched_path', resource, input['sortBy'], 'sortBy')
    lists = %w[attributes excludedAttributes].to_h do |list|
      [list, input[list]&.each_with_index&.map { |name, at| call('searched_path', resource, name, "#{list}[#{at}]") }]
    end
    size = input['pageSize'] || call('default_of', action, 'pageSize') || 100
    count = [size, input['limit'] || call('default_of', action, 'limit')].compact.min
    { 'filter' => filter, 'sortBy' => sort, 'sortOrder' => input['sortOrder'] }.merge(lists, 'count' => count)
  end,

  # The filter of an input, with the full names of its attributes; nil without one. @raise invalid_input
  given_filter: lambda do |resource, text|
    next nil if text.nil?

    begin
      unknown = []
      filter = call('qualify_filter', resource, call('parse_filter', text), unknown)
    rescue ::ArgumentError => e
      example = call('text_of', 'problems', 'searchExample')
      call('fail_with_problems',
           [call('problem', 'filter', 'notAFilter', { 'reason' => e.message, 'example' => example })])
    end
    call('fail_with_problems', unknown.map { |name| call('not_searched', resource, name, 'filter') }) if unknown.any?
    filter
  end,

  searched_path: lambda do |resource, name, field|
    call('attribute_path', resource, name) ||
      call('fail_with_problems', [call('not_searched', resource, name, field)])
  end,

  not_searched: lambda do |resource, name, field|
    values = { 'name' => name, 'resource' => resource['title'].downcase }
    known = resource['attributes'].map { |one| one['name'] } + resource['fieldKeys']
    problem = call('problem', field, 'unknownAttribute', values)
    problem.merge('message' => "#{problem['message']}#{call('suggest', name, known)}")
  end,

  search_filter: lambda do |equalities, filter|
    printed = equalities.empty? ? nil : call('print_equalities', equalities)
    next printed if filter.nil?

    given = call('print_filter', filter)
    printed.nil? ? given : "#{printed} and (#{given})"
  end,

  # A filter as text, which is read as the same tree again.
  print_filter: lambda do |filter|
    path = call('print_filter_path', filter['path']) if filter.key?('path')
    case filter['kind']
    when 'compare' then "#{path} #{filter['operator']} #{call('print_filter_value', filter['value'])}"
    when 'not' then "not (#{call('print_filter', filter['filter'])})"
    when 'present'
      # RFC 7644 Figure 1 has no `pr` after brackets: `emails[type eq "work"]` asks by itself.
      filter['path']['filter'] && filter['path']['subAttribute'].nil? ? path : "#{path} pr"
    else
      # A nested `and` inside `and` keeps its parentheses.
      parts = filter['filters'].map do |one|
        %w[and or].include?(one['kind']) ? "(#{call('print_filter', one)})" : call('print_filter', one)
      end
      parts.join(" #{filter['kind']} ")
    end
  end,

  print_filter_path: lambda do |path|
    picked = path['filter'] && "[#{call('print_filter', path['filter'])}]"
    name = "#{path['attribute']}#{picked}"
    [[path['schema'], name].compact.join(':'), path['subAttribute']].compact.join('.')
  end,

  print_filter_value: lambda do |value|
    value.is_a?(::Numeric) ? call('print_number', value) : ::JSON.generate(value)
  end,

  # The paths of the attributes that a filter compares.
  filter_paths: lambda do |filter|
    next [filter['path']] if filter.key?('path')

    (filter['filters'] || [filter['filter']]).flat_map { |one| call('filter_paths', one) }
  end,

  # The resources that match a filter. One that does not show what the filter compares is believed, unless another one
  # shows that the provider ignores the filter.
  only_matching: lambda do |resource, all, filter|
    next all if filter.nil?

    keys = call('filter_paths', filter).map do |path|
      call('json_path_of', resource, call('print_filter_path', path))
    end
    matching, others = all.partition { |one| call('matches?', filter, one, resource, '') }
    ignored = others.any? { |one| keys.none? { |key| call('values_at', one, key).empty? } }
    ignored ? matching : all
  end
}
