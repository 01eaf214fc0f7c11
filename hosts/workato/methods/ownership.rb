# frozen_string_literal: true

# Ownership: which users a desired state owns. Only they are ever deactivated for not being in it.
{
  # Reads an ownership such as `externalId:hr-`. @raise invalid_input
  parse_ownership: lambda do |text|
    kind, rest = /\A(externalId|group|filter):(.+)\z/m.match(text).to_a.drop(1)
    next { 'kind' => kind, 'value' => rest } unless kind.nil?

    attribute, _, value = text.partition('=')
    if attribute == '' || value == ''
      values = { 'forms' => call('plan_text', 'ownershipForms') }
      call('fail_with_problems', [{ 'path' => 'ownedBy', 'message' => call('plan_text', 'notAnOwnership', values) }])
    end
    value = { 'true' => true, 'false' => false }.fetch(value, value)
    { 'kind' => 'attribute', 'attribute' => attribute, 'value' => value }
  end,

  # Decides who is owned (`owns`, nil without ownership), and completes a desired user so that it will be, or says why
  # it can never be (`claim`).
  open_owner: lambda do |sync, ownership, member_ids|
    next { 'owns' => nil, 'claim' => ->(user) { user } } if ownership.nil?

    value = ownership['value']
    case ownership['kind']
    when 'externalId'
      { 'owns' => ->(user) { user['externalId'].is_a?(::String) && user['externalId'].start_with?(value) },
        'claim' => ->(user) { call('claim_by_prefix', user, value) } }
    when 'group'
      { 'owns' => ->(user) { member_ids.key?(user['id']) },
        'claim' => ->(user) { call('claim_by_group', user, value) } }
    when 'filter' then call('owner_by_filter', sync, value)
    else call('owner_by_marker', sync, ownership['attribute'], value)
    end
  end,

  claim_by_prefix: lambda do |user, prefix|
    given = call('desired_text', user, 'externalId')
    next call('plan_text', 'noExternalId', { 'prefix' => prefix }) if given.nil?
    next user if given.start_with?(prefix)

    call('plan_text', 'otherExternalId', { 'externalId' => given, 'prefix' => prefix })
  end,

  claim_by_group: lambda do |user, name|
    groups = user['groups'] || []
    named = groups.any? { |one| call('fold_case', one) == call('fold_case', name) }
    named ? user : user.merge('groups' => [*groups, name])
  end,

  owner_by_filter: lambda do |sync, text|
    begin
      filter = call('parse_filter', text)
    rescue ::ArgumentError => e
      values = { 'reason' => e.message, 'example' => 'userType eq "Contractor"' }
      call('fail_with_problems', [call('problem', 'filter', 'notAFilter', values)])
    end
    unknown = []
    qualified = call('qualify_filter', sync['users'], filter, unknown)
    unless unknown.empty?
      message = call('plan_text', 'unknownAttribute', { 'name' => unknown[0], 'suggestion' => '' })
      call('fail_with_problems', [{ 'path' => 'ownedBy.filter', 'message' => message }])
    end
    { 'owns' => ->(user) { call('matches?', qualified, user, sync['users'], '') }, 'claim' => ->(user) { user } }
  end,

  # The filter with the full paths of its attributes. Attributes that the resource lacks are added to `unknown`.
  qualify_filter: lambda do |resource, filter, unknown|
    case filter['kind']
    when 'and', 'or'
      filter.merge('filters' => filter['filters'].map { |one| call('qualify_filter', resource, one, unknown) })
    when 'not' then filter.merge('filter' => call('qualify_filter', resource, filter['filter'], unknown))
    else
      path = filter['path']
      name = path.values_at('attribute', 'subAttribute').compact.join('.')
      text = [path['schema'], name].compact.join(':')
      full = call('attribute_path', resource, text)
      unknown << text if full.nil?
      uri, names = call('split_path', resource, full || text)
      named = { 'schema' => uri, 'attribute' => names[0], 'filter' => path['filter'], 'subAttribute' => names[1] }
      filter.merge('path' => named.compact)
    end
  end,

  owner_by_marker: lambda do |sync, name, value|
    path = call('attribute_path', sync['users'], name)
    if path.nil?
      suggestion = call('suggest', name, sync['users']['fieldKeys'])
      message = call('plan_text', 'unknownAttribute', { 'name' => name, 'suggestion' => suggestion })
      call('fail_with_problems', [{ 'path' => 'ownedBy.attribute', 'message' => message }])
    end
    {
      'owns' => ->(user) { call('same_value?', sync, path, call('value_at', sync, user, path), value) },
      'claim' => lambda { |user|
        others = user['attributes'].reject { |one| one['path'] == path }
        user.merge('attributes' => [*others, { 'path' => path, 'value' => value }])
      }
    }
  end,

  # Compiles never-touch patterns, in which `*` is any text, into a test of a username, external ID, or ID. `used` gets
  # the patterns that match a user.
  touch_guard: lambda do |patterns, used|
    expressions = patterns.to_h do |pattern|
      parts = call('fold_case', pattern).split('*', -1).map { |part| ::Regexp.escape(part) }
      [pattern, ::Regexp.new("\\A#{parts.join('.*')}\\z", ::Regexp::MULTILINE)]
    end
    lambda do |user|
      names = user.values_at('userName', 'externalId', 'id').select { |name| name.is_a?(::String) }
      names = names.map { |name| call('fold_case', name) }
      matching = expressions.select { |_, expression| names.any? { |name| expression.match?(name) } }.keys
      matching.each { |pattern| used[pattern] = true }
      !matching.empty?
    end
  end,

  # The desired state with only rows that can be used: they name known groups, belong to the owner, and are unique.
  prepare_state: lambda do |state, groups, owner|
    named = call('group_problems', state['users'], groups)
    unknown = named.flat_map { |one| one['rows'] }.to_h { |row| [row, true] }
    claims = state['users'].map { |user| [user, owner['claim'].call(user)] }
    unclaimed = claims.select { |_, claimed| claimed.is_a?(::String) }.group_by(&:last)
    unclaimed = unclaimed.map { |message, all| { 'rows' => all.map { |user, _| user['row'] }, 'message' => message } }
    unusable, usable = claims.partition { |user, claimed| claimed.is_a?(::String) || unknown.key?(user['row']) }
    rows = unusable.map do |user, claimed|
      call('unusable_row', user).merge('isDoubtful' => claimed.is_a?(::String))
    end
    problems = state['problems'] + named + unclaimed
    state = state.merge('users' => usable.map(&:last), 'unusable' => state['unusable'] + rows,
                        'problems' => problems)
    call('without_repeats', state)
  end
}
