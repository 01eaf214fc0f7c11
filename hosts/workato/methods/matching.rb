# frozen_string_literal: true

# Matching: which user of the provider each row means. Users are added one by one, and little of them is kept. What
# is kept is plain data, so that a read can go on in another run of the step.
{
  match_keys: -> { %w[id externalId userName] },

  # --- rows for one user

  # The desired state with at most one row for each user. Of rows that say the same, the first one counts. Rows that
  # contradict each other become unusable.
  without_repeats: lambda do |state|
    dropped = {}.compare_by_identity
    unusable = []
    problems = []
    repeats = []
    call('match_keys').each do |key|
      call('repeated_by', state['users'], key).each do |users|
        first, *others = users.reject { |user| dropped.key?(user) }
        next if others.empty?

        if others.all? { |other| call('differing_paths', first, other).empty? }
          others.each { |other| dropped[other] = true }
          repeats.concat(others.map { |other| other['row'] })
          next
        end
        text = call('repeat_text', key, first, others[0])
        problems << { 'rows' => users.map { |user| user['row'] }, 'message' => text }
        [first, *others].each do |user|
          dropped[user] = true
          unusable << call('unusable_row', user)
        end
      end
    end
    users = state['users'].reject { |user| dropped.key?(user) }
    state.merge(
      'users' => users, 'unusable' => state['unusable'] + unusable, 'problems' => state['problems'] + problems,
      'notes' => [*state['notes'], *call('repeat_notes', repeats.sort), *call('shared_emails', users)]
    )
  end,

  repeat_notes: lambda do |rows|
    next [] if rows.empty?

    [call('plan_text', rows.length == 1 ? 'repeats' : 'repeat', { 'rows' => call('rows_text', rows) })]
  end,

  # The users of the same key, where there are several, in the order in which the second one comes.
  repeated_by: lambda do |users, key|
    firsts = {}
    repeated = {}
    users.each do |user|
      value = call('comparable_key', key, call('key_in_row', user, key))
      next if value.nil?

      if firsts.key?(value) then (repeated[value] ||= [firsts[value]]) << user
      else
        firsts[value] = user
      end
    end
    repeated.values
  end,

  # A row as one that cannot be used.
  unusable_row: lambda do |user|
    { 'row' => user['row'], 'id' => user['id'], 'userName' => call('desired_text', user, 'userName'),
      'externalId' => call('desired_text', user, 'externalId') }.compact
  end,

  # The value that a desired user has at a path, if it is text.
  desired_text: lambda do |user, path|
    value = (user['attributes'].find { |one| one['path'] == path } || {})['value']
    value.is_a?(::String) && value != '' ? value : nil
  end,

  key_in_row: lambda do |user, key|
    key == 'id' ? user['id'] : call('desired_text', user, key)
  end,

  # The form in which keys are compared: usernames without regard to case, as providers do.
  comparable_key: lambda do |key, value|
    next nil if value.nil? || value == ''

    key == 'userName' ? call('fold_case', value) : value
  end,

  repeat_text: lambda do |key, one, other|
    paths = call('differing_paths', one, other) - [key]
    shown = paths.first(5).map { |path| call('short_path', path) }.join(', ')
    call('plan_text', 'sameKey', {
      'key' => call('plan_text', key), 'value' => call('key_in_row', one, key),
      'differing' => paths.empty? ? '' : call('plan_text', 'differing', { 'paths' => shown })
    })
  end,

  differing_paths: lambda do |one, other|
    before, after = [one, other].map { |user| call('values_of_row', user) }
    (before.keys | after.keys).reject { |path| before[path] == after[path] }
  end,

  values_of_row: lambda do |user|
    values = user['attributes'].to_h { |one| [one['path'], one['value']] }
    items = user['items'].group_by { |one| one['path'] }
    values.merge(items, %w[groups manager id].to_h { |name| [name, user[name]] })
  end,

  # Two rows with one email address may be one person: that is not an error, but worth a look.
  shared_emails: lambda do |users|
    rows = users.each_with_object({}) do |user, all|
      call('emails_in', user).each { |email| (all[email] ||= []) << user['row'] }
    end
    # In the order in which the second row comes.
    shared = rows.transform_values(&:uniq).select { |_, of_email| of_email.length > 1 }
    shared = shared.sort_by.with_index { |(_, of_email), at| [of_email[1], at] }
    notes = shared.first(5).map do |email, of_email|
      call('plan_text', 'sharedEmail', { 'rows' => call('rows_text', of_email), 'email' => email })
    end
    more = shared.length - notes.length
    more.positive? ? [*notes, call('plan_text', 'moreSharedEmails', { 'count' => more })] : notes
  end,

  # The email addresses of a desired user, as they are compared.
  emails_in: lambda do |user|
    lists = user['attributes'].select { |one| one['path'] == 'emails' && one['value'].is_a?(::Array) }
    items = user['items'].select { |one| one['path'] == 'emails' }.map { |one| one['item'] }
    values = (lists.flat_map { |one| one['value'] } + items).map { |item| item.is_a?(::Hash) ? item['value'] : nil }
    values.select { |value| value.is_a?(::String) }.map { |value| call('fold_case', value) }
  end,

  # --- users at the provider

  open_matching: lambda do |sync, state, options|
    rows = state['users']
    index = call('match_keys').to_h do |key|
      values = rows.each_with_index.map { |row, at| [call('comparable_key', key, call('key_in_row', row, key)), at] }
      [key, values.reject { |value, _| value.nil? }.to_h]
    end
    unusable = call('match_keys').to_h do |key|
      described = state['unusable'].group_by { |row| call('comparable_key', key, row[key]) }
      [key, described.reject { |value, _| value.nil? }]
    end
    managers = rows.any? { |row| row.key?('manager') } ? call('manager_path', sync['users']) : nil
    protecting = {}
    {
      'sync' => sync, 'state' => state, 'rows' => rows, 'index' => index, 'unusable' => unusable,
      'managerPath' => managers, 'keys' => options['matchBy'] || call('match_keys'), 'owns' => sync['owner']['owns'],
      # The never-touch patterns, and those that match a user.
      'guard' => call('touch_guard', options['neverTouch'] || [], protecting), 'protecting' => protecting,
      'wantedManagers' => call('wanted_managers', rows), 'hintRows' => call('hint_rows', rows),
      # What is read: by row, the users that it can mean; the owned users whom no row describes, and the number of
      # others, by whether they are active, with their usernames if rows have managers; the unusable rows that find a user.
      'read' => { 'candidates' => {}, 'others' => [], 'strangers' => {}, 'unclear' => {}, 'showsActive' => false,
                  'count' => 0, 'owned' => 0, 'ownedActive' => 0, 'ownedSilent' => 0, 'hints' => {},
                  'managers' => {}, 'strangerNames' => {}, 'copies' => [], 'placed' => {}, 'witnesses' => [] },
      # The rows that describe a user of whom nothing is known for certain, with the reason.
      'doubtful' => {}, 'notes' => []
    }
  end,

  # The path of the ID of a user's manager; nil if the resource has none.
  manager_path: lambda do |resource|
    urn = resource['extensions'].find { |one| call('attributes_named', resource, one, ['manager'])[0] }
    urn.nil? ? nil : "#{urn}:manager.value"
  end,

  # The texts by which rows name managers.
  wanted_managers: lambda do |rows|
    names = rows.map { |row| row['manager'] }.compact.reject(&:empty?)
    names.flat_map { |name| [name, call('fold_case', name)] }.to_h { |name| [name, true] }
  end,

  # The rows by what suggests that a user is who they describe.
  hint_rows: lambda do |rows|
    rows.each_with_index.with_object({}) do |(row, at), all|
      call('hint_keys_of_row', row).each { |key| (all[key] ||= []) << at }
    end
  end,

  # Takes one user of the provider.
  add_user: lambda do |matching, user|
    read = matching['read']
    actual = call('actual_user', matching, user)
    read['count'] += 1
    call('keep_witness', read['witnesses'], user)
    read['showsActive'] = true if actual.key?('active')
    described = call('describe_user', matching, user, actual)
    if actual['isOwned']
      call('count_owned', matching, user, actual, described)
      read['others'] << actual if described.empty?
    elsif described.empty?
      state = actual['active'].to_s
      read['strangers'][state] = read['strangers'][state].to_i + 1
    end
    next unless matching['managerPath']

    read['strangerNames'][user['id']] = actual['userName'] if described.empty? && !actual['isOwned']
    call('manager_keys', user).each do |key|
      read['managers'][key] ||= actual['id'] if matching['wantedManagers'].key?(key)
    end
  end,

  # --- users whom the list has several times

  # Whether another copy of a user that was compared says something else, as far as the plan depends on it.
  contradicts?: lambda do |matching, copy|
    actual = call('actual_user', matching, copy)
    rows = call('rows_of_user', matching, actual)
    kept = call('kept_user', matching, copy['id'])
    # Nothing is kept of a user whom nobody owns and no row describes: a plan changes nothing of that one.
    next !rows.empty? || actual['isOwned'] if kept.nil?
    next true unless kept == actual

    rows.any? do |at|
      known = matching['read']['candidates'][at.to_s].find { |one| one['actual']['id'] == copy['id'] }
      known['changes'] != call('compare_user', matching['sync'], copy, matching['rows'][at])
    end
  end,

  # The positions of the rows that describe a user.
  rows_of_user: lambda do |matching, user|
    call('match_keys').map { |key| matching['index'][key][call('comparable_key', key, user[key])] }.compact.uniq
  end,

  kept_user: lambda do |matching, id|
    read = matching['read']
    # What was kept is indexed once a user is listed again.
    matching['kept'] = nil unless matching['keptCount'] == read['count']
    matching['keptCount'] = read['count']
    matching['kept'] ||= (read['others'] + read['candidates'].values.flatten.map { |one| one['actual'] })
                         .to_h { |actual| [actual['id'], actual] }
    matching['kept'][id]
  end,

  # Reads users by ID whose copies contradict each other: only that says which copy is right. One that cannot be read
  # is left as it is.
  settle_contradictory: lambda do |matching|
    copies = matching['read']['copies']
    copies.map { |copy| copy['id'] }.uniq.each do |id|
      user = call('read_contradictory', matching['sync'], id)
      if user.nil? then copies.each { |copy| call('leave_user', matching, copy) if copy['id'] == id }
      else
        call('forget_user', matching, id, user)
        call('add_user', matching, user.merge('id' => id))
      end
    end
  end,

  read_contradictory: lambda do |sync, id|
    call('read_by_id', call('part_of_turn', sync['run']), sync['users'], id)
  rescue ::StandardError => e
    details = call('failure_of', e)
    raise if details.empty? || details['code'] == 'auth'
  end,

  # Forgets a user, so that it can be added again.
  forget_user: lambda do |matching, id, shown|
    read = matching['read']
    kept = call('kept_user', matching, id)
    read['candidates'].each_value { |candidates| candidates.reject! { |one| one['actual']['id'] == id } }
    read['others'].reject! { |user| user['id'] == id }
    read['unclear'].delete(id)
    read['hints'].delete(id)
    read['count'] -= 1
    call('uncount_stranger', read, shown) if kept.nil?
    next unless kept && kept['isOwned']

    read['owned'] -= 1
    read['ownedActive'] -= 1 if kept['active'] == true
    read['ownedSilent'] -= 1 unless kept.key?('active')
  end,

  # Of a stranger, only the number is kept. Most likely, `active` was as it is now.
  uncount_stranger: lambda do |read, shown|
    counts = read['strangers']
    state = [shown['active'].to_s, *counts.keys].find { |one| counts[one].to_i.positive? }
    counts[state] -= 1
    counts.delete(state) if counts[state].zero?
  end,

  # Leaves a user as it is, because nothing shows which of its copies is right.
  leave_user: lambda do |matching, copy|
    id = copy['id']
    read = matching['read']
    user = call('name_of_user', call('kept_user', matching, id) || { 'id' => id })
    message = call('plan_text', 'contradictoryUser', { 'user' => user, 'id' => id })
    described = read['candidates'].select { |_, candidates| candidates.any? { |one| one['actual']['id'] == id } }
    rows = described.keys.map(&:to_i) | call('rows_of_user', matching, call('actual_user', matching, copy))
    rows.each { |at| matching['doubtful'][at] = message }
    matching['notes'] |= [message] unless matching['doubtful'].value?(message)
    read['unclear'][id] = true
  end,

  actual_user: lambda do |matching, user|
    actual = { 'id' => user['id'] }
    %w[userName externalId].each { |name| actual[name] = user[name] if user[name].is_a?(::String) }
    actual['active'] = user['active'] if [true, false].include?(user['active'])
    manager = matching['managerPath'] && call('value_at', matching['sync'], user, matching['managerPath'])
    actual['managerId'] = manager if manager.is_a?(::String)
    actual.merge('isOwned' => matching['owns'] ? matching['owns'].call(user) : false,
                 'isUntouchable' => matching['guard'].call(user))
  end,

  # The rows that describe a user, each with the keys by which it does.
  describe_user: lambda do |matching, user, actual|
    described = {}
    call('match_keys').each do |key|
      value = call('comparable_key', key, actual[key])
      next if value.nil?

      (matching['unusable'][key][value] || []).each do |row|
        matching['read']['placed'][row['row'].to_s] = true
        matching['read']['unclear'][actual['id']] = true
      end
      at = matching['index'][key][value]
      (described[at] ||= []) << key unless at.nil?
    end
    described.each do |at, keys|
      changes = call('compare_user', matching['sync'], user, matching['rows'][at])
      candidates = (matching['read']['candidates'][at.to_s] ||= [])
      candidates << { 'actual' => actual, 'by' => keys, 'changes' => changes }
    end
  end,

  count_owned: lambda do |matching, user, actual, described|
    read = matching['read']
    read['owned'] += 1
    read['ownedActive'] += 1 if actual['active'] == true
    read['ownedSilent'] += 1 unless actual.key?('active')
    # A row that finds a user creates none. What suggests that a user is of another row matters if the user leaves.
    finding = described.reject { |_, keys| (keys & matching['keys']).empty? }.keys
    hints = call('hint_keys', user).reject { |key| (matching['hintRows'].fetch(key, []) - finding).empty? }
    read['hints'][actual['id']] = hints unless hints.empty?
  end,

  # By what a desired state can name a manager.
  manager_keys: lambda do |user|
    texts = [user['userName'], *call('addresses_of', user)].select { |value| value.is_a?(::String) }
    texts = texts.map { |value| call('fold_case', value) }
    texts << user['externalId'] if user['externalId'].is_a?(::String)
    [*texts, user['id']]
  end,

  addresses_of: lambda do |user|
    emails = user['emails'].is_a?(::Array) ? user['emails'] : []
    emails.map { |item| call('item_value', item) }
  end,

  # Decides which user each row means, once all were compared.
  finish_matching: lambda do |matching|
    read = matching['read']
    rows = matching['rows'].each_with_index.map do |desired, at|
      candidates = read['candidates'][at.to_s] || []
      { 'desired' => desired, 'candidates' => candidates, 'claim' => call('claim_of', matching, candidates),
        'doubt' => matching['doubtful'][at] }
    end
    claims = rows.select { |row| row['claim'] }.group_by { |row| row['claim']['actual']['id'] }
    problems = []
    possible = rows.map { |row| call('match_row', matching, row, claims, problems) }.compact
    conflicts = call('name_conflicts', possible)
    matches = possible.reject { |match| conflicts['rejected'].key?(match) }
    conflicts['rejected'].each_key { |match| read['unclear'][match['nameHeldBy']] = true if match['nameHeldBy'] }
    { 'matches' => matches, 'others' => read['others'] + call('unmatched_users', read, rows, matches),
      'strangers' => read['strangers'], 'unclear' => read['unclear'], 'unplaced' => call('unplaced_rows', matching),
      'problems' => problems.uniq + conflicts['problems'], 'notes' => matching['notes'],
      'showsActive' => read['showsActive'] }
  end,

  # The unusable rows that find no user although they can describe one.
  unplaced_rows: lambda do |matching|
    rows = matching['state']['unusable'].select { |row| row['isDoubtful'] }.map { |row| row['row'] }
    rows.reject { |row| matching['read']['placed'].key?(row.to_s) }
  end,

  # The users whom a row can mean, and none does.
  unmatched_users: lambda do |read, rows, matches|
    known = matches.to_h { |match| [match['desired']['row'], true] }
    matched = matches.map { |match| match['actual'] }.compact.to_h { |actual| [actual['id'], true] }
    rows.each_with_object({}) do |row, unmatched|
      row['candidates'].each do |candidate|
        actual = candidate['actual']
        read['unclear'][actual['id']] = true unless known.key?(row['desired']['row'])
        unmatched[actual['id']] = actual unless matched.key?(actual['id'])
      end
    end.values
  end,

  # The user that a row finds by its first key that finds one.
  claim_of: lambda do |matching, candidates|
    by = matching['keys'].find { |key| candidates.any? { |one| one['by'].include?(key) } }
    by && candidates.find { |one| one['by'].include?(by) }.merge('by' => by)
  end,

  # The user that a row means; nil for a conflict, which is then one of the problems.
  match_row: lambda do |matching, row, claims, problems|
    desired, candidates, claim = row.values_at('desired', 'candidates', 'claim')
    next call('conflict', problems, [row], row['doubt']) if row['doubt']

    same = candidates.select { |one| claim && one['by'].include?(claim['by']) }
    if same.length > 1
      ids = same.map { |one| one['actual']['id'] }.join(', ')
      values = { 'count' => same.length, 'key' => call('plan_text', claim['by']), 'ids' => ids }
      next call('conflict', problems, [row], call('plan_text', 'severalUsers', values))
    end
    own_id = claim && claim['actual']['id']
    holder = candidates.find { |one| one['by'].include?('userName') && one['actual']['id'] != own_id }
    held = holder.nil? ? {} : { 'nameHeldBy' => holder['actual']['id'] }
    next { 'desired' => desired, 'actual' => nil, 'changes' => [] }.merge(held) if claim.nil?

    call('match_claim', matching, row, claims[claim['actual']['id']].reject { |one| one.equal?(row) }, held, problems)
  end,

  match_claim: lambda do |matching, row, rivals, held, problems|
    desired, claim = row.values_at('desired', 'claim')
    actual = claim['actual']
    other = ->(one) { one['claim']['by'] == 'userName' && call('other_person?', matching, one['desired'], actual) }
    # The user of that name is another person, whom another row describes: the name may become free for this one.
    if other.call(row) && rivals.any? { |one| one['claim']['by'] != 'userName' }
      next { 'desired' => desired, 'actual' => nil, 'changes' => [], 'nameHeldBy' => actual['id'] }
    end
    next call('conflict', problems, [row], call('other_person_text', desired, actual)) if other.call(row)

    stronger = rivals.reject { |one| other.call(one) }
    unless stronger.empty?
      text = call('plan_text', 'sameUser', { 'user' => call('name_of_user', actual) })
      next call('conflict', problems, [row, *stronger], text)
    end
    { 'desired' => desired, 'actual' => actual, 'changes' => claim['changes'] }.merge(held)
  end,

  # Whether a user with the username of a row is another one, by its external ID.
  other_person?: lambda do |matching, desired, actual|
    wanted = call('desired_text', desired, 'externalId')
    shown = actual['externalId']
    matching['keys'].include?('externalId') && !wanted.nil? && !shown.nil? && wanted != shown
  end,

  other_person_text: lambda do |desired, actual|
    wanted = call('desired_text', desired, 'externalId')
    call('plan_text', 'otherPerson', actual.slice('userName', 'externalId').merge('wanted' => wanted))
  end,

  # Each row of a conflict finds it.
  conflict: lambda do |problems, rows, message|
    problems << { 'rows' => rows.map { |row| row['desired']['row'] }.sort, 'message' => message }
    nil
  end,

  # How messages name a user.
  name_of_user: lambda do |user|
    user['userName'] || user['externalId'] || user['id'] || call('plan_text', 'namelessUser')
  end,

  # --- names that pass from one user to another

  # Finds the rows whose username another user has. A name can be taken over only from a user who is renamed first,
  # and never in a circle: two users cannot have one name even for a moment.
  name_conflicts: lambda do |matches|
    chains = {
      'byUser' => matches.select { |match| match['actual'] }.to_h { |match| [match['actual']['id'], match] },
      'free' => {}.compare_by_identity, 'rejected' => {}.compare_by_identity, 'problems' => []
    }
    matches.each { |match| call('follow_names', chains, match) }
    chains
  end,

  follow_names: lambda do |chains, start|
    free, rejected, by_user = chains.values_at('free', 'rejected', 'byUser')
    chain = []
    at = start
    until free.key?(at) || rejected.key?(at) || chain.any? { |one| one.equal?(at) }
      break free[at] = true if at['nameHeldBy'].nil?

      holder = by_user[at['nameHeldBy']]
      unless holder && holder['changes'].any? { |change| change['path'] == 'userName' }
        text = call('name_text', 'nameTaken', at, { 'id' => at['nameHeldBy'] })
        break call('reject_name', chains, at, [at['desired']['row']], text)
      end

      chain << at
      at = holder
    end
    call('reject_circle', chains, chain, at)
    # What waits for a rename that cannot be made cannot be made either.
    chain.reverse.reject { |match| rejected.key?(match) }.each do |match|
      holder = by_user[match['nameHeldBy']]
      next free[match] = true unless holder && rejected.key?(holder)

      text = call('name_text', 'nameWaits', match, { 'row' => holder['desired']['row'] })
      call('reject_name', chains, match, [match['desired']['row']], text)
    end
  end,

  reject_circle: lambda do |chains, chain, at|
    from = chain.index { |one| one.equal?(at) }
    next if from.nil?

    circle = chain.drop(from)
    rows = circle.map { |match| match['desired']['row'] }
    renames = circle.first(5).map do |match|
      call('plan_text', 'rename', {
        'row' => match['desired']['row'], 'from' => (match['actual'] || {})['userName'],
        'to' => call('desired_text', match['desired'], 'userName')
      })
    end
    text = call('plan_text', 'circle', { 'renames' => renames.join(', ') })
    circle.each_with_index { |match, index| call('reject_name', chains, match, rows, index.zero? ? text : nil) }
  end,

  reject_name: lambda do |chains, match, rows, text|
    chains['rejected'][match] = true
    chains['problems'] << { 'rows' => rows.sort, 'message' => text } unless text.nil?
  end,

  name_text: lambda do |name, match, values|
    call('plan_text', name, { 'userName' => call('desired_text', match['desired'], 'userName') }.merge(values))
  end,

  # --- one user

  # What has to change so that a user is as desired, one change for each attribute or part of one.
  compare_user: lambda do |sync, actual, desired|
    wanted = call('given_to_operations', desired['attributes']).map { |one| one.values_at('path', 'value') }
    desired['items'].group_by { |one| one['path'] }.each do |path, items|
      wanted << [path, call('with_items', call('value_at', sync, actual, path), items.map { |one| one['item'] })]
    end
    wanted.map do |path, value|
      from = call('value_at', sync, actual, path)
      to = call('nothing?', value) ? nil : value
      call('same_value?', sync, path, from, to) ? nil : { 'path' => path, 'from' => from, 'to' => to }
    end.compact
  end,

  # A path of a user, read once.
  user_path: lambda do |sync, path|
    sync['paths'][path] ||= call('read_path', sync['users'], path)
  end,

  # The value of a user at a path; nil without one.
  value_at: lambda do |sync, user, path|
    keys = call('user_path', sync, path)['keys']
    value = keys.reduce(user) { |node, key| node.is_a?(::Hash) ? node[key] : nil }
    next nil if call('nothing?', value)

    value.is_a?(::Float) && value == value.to_i ? value.to_i : value
  end,

  # Whether two values of an attribute mean the same. Providers add to items, reorder lists, and reformat times and
  # phone numbers, so that an exact comparison would find the same difference again after each change. The spelling of
  # other text counts.
  same_value?: lambda do |sync, path, one, other|
    next true if one == other
    next call('nothing?', one) && call('nothing?', other) if call('nothing?', one) || call('nothing?', other)

    read = call('user_path', sync, path)
    first, sub = read['attributes']
    next call('same_list?', sync, path, read, one, other) if first && first['multiValued'] && sub.nil?

    definition = read['attributes'].last
    unless one.is_a?(::String) && other.is_a?(::String)
      next call('canonical', one, definition) == call('canonical', other, definition)
    end

    if definition && definition['type'] == 'dateTime'
      times = [one, other].map { |text| call('time_in_ms', text) }
      next !times[0].nil? && times[0] == times[1]
    end
    # Providers compare usernames without regard to case, and some change it.
    read['keys'] == ['userName'] && call('fold_case', one) == call('fold_case', other)
  end,

  same_list?: lambda do |sync, path, read, one, other|
    # An attribute of an extension is not at the top of a resource: lists there are compared as they are.
    next call('canonical', one, nil) == call('canonical', other, nil) if read['keys'].length > 1

    shows = lambda { |shown, value|
      list = shown.is_a?(::Array) ? shown : [shown]
      operation = { 'op' => 'replace', 'path' => path, 'value' => value }
      call('outcome_of', operation, sync['users'], { path => list }) == 'holds'
    }
    shows.call(one, other) || shows.call(other, one)
  end,

  # A list with some items set: each one replaces the item of its type, or is added.
  with_items: lambda do |current, wanted|
    items = (current.is_a?(::Array) ? current : []).select { |item| item.is_a?(::Hash) }
    wanted.each do |item|
      at = call('place_of', items, item)
      placed = at.nil? ? item : items[at].merge(item)
      items = at.nil? ? [*items, placed] : items.dup.tap { |all| all[at] = placed }
      next unless placed['primary'] == true

      items = items.map do |other|
        other.equal?(placed) || other['primary'] != true ? other : other.merge('primary' => false)
      end
    end
    items
  end,

  # The item of the same type, or the primary one for an item without a type.
  place_of: lambda do |items, item|
    type, value = item.values_at('type', 'value')
    same = items.index { |one| call('same_text?', one['value'], value) && call('same_text?', one['type'], type) }
    next same unless same.nil?

    unless type.is_a?(::String)
      primary = items.index { |one| one['primary'] == true }
      next primary.nil? && items.length == 1 ? 0 : primary
    end
    # An item without a type can be of any.
    items.index { |one| call('same_text?', one['type'], type) } || items.index { |one| one['type'].nil? }
  end,

  same_text?: lambda do |one, other|
    next one == other unless one.is_a?(::String) && other.is_a?(::String)

    call('fold_case', one) == call('fold_case', other)
  end
}
