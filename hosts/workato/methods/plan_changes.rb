# frozen_string_literal: true

# The changes of a plan: of users, of their memberships, and what a person should know about them.
{
  # Turns matched and missing users into changes. Nothing that a never-touch pattern protects changes.
  build_changes: lambda do |matching, matched, options|
    plan = {
      'sync' => matching['sync'], 'matching' => matching, 'matched' => matched,
      'missing' => options['missing'] || 'deactivate',
      'owner' => matching['sync']['owner'], 'guard' => matching['guard'], 'managerPath' => matching['managerPath'],
      'managers' => matching['read']['managers'], 'creations' => call('creations_of', matched['matches']),
      'changes' => [], 'later' => [], 'managed' => {}, 'usable' => [], 'problems' => [], 'untouchable' => 0,
      'creationOf' => {}.compare_by_identity
    }
    rows = matched['matches'].select { |match| match['actual'] }
                             .to_h { |match| [match['actual']['id'], match['desired']['row']] }
    matched['matches'].each do |match|
      next plan['untouchable'] += 1 if call('protected?', plan, match)

      after = match['nameHeldBy'].nil? ? {} : { 'after' => ["row #{rows[match['nameHeldBy']]}"] }
      match['actual'].nil? ? call('plan_create', plan, match, after) : call('plan_update', plan, match, after)
    end
    missing = matched['others'].map { |user| call('plan_missing', plan, call('with_active', matched, user)) }.compact
    plan.merge('changes' => [*call('in_order', plan['changes']), *plan['later'], *missing],
               'notes' => call('manager_notes', plan['managed']))
  end,

  # The users to be created, by username and external ID.
  creations_of: lambda do |matches|
    matches.reject { |match| match['actual'] }.each_with_object({}) do |match, all|
      user_name, external_id = %w[userName externalId].map { |name| call('desired_text', match['desired'], name) }
      next if user_name.nil?

      creation = { 'id' => "row #{match['desired']['row']}", 'userName' => user_name }
      all[call('fold_case', user_name)] = creation
      all[external_id] ||= creation unless external_id.nil?
    end
  end,

  # Where others show that they are active, a user who shows nothing is not.
  with_active: lambda do |matched, user|
    user.key?('active') || !matched['showsActive'] ? user : user.merge('active' => false)
  end,

  protected?: lambda do |plan, match|
    actual = match['actual']
    actual.nil? ? plan['guard'].call(call('names_of_row', match['desired'])) : actual['isUntouchable']
  end,

  names_of_row: lambda do |desired|
    %w[userName externalId].to_h { |name| [name, call('desired_text', desired, name)] }.compact
  end,

  plan_create: lambda do |plan, match, after|
    desired = match['desired']
    user = call('names_of_row', desired)
    next call('row_problem', plan, desired, 'userNameMissing') if user['userName'].nil?

    attributes = call('compare_user', plan['sync'], {}, desired)
    unless attributes.any? { |one| one['path'] == 'active' }
      attributes += [{ 'path' => 'active', 'from' => nil, 'to' => true }]
    end
    manager = call('manager_change', plan, desired, {})
    next if manager == 'unknown'

    plan['creationOf'][match] = "row #{desired['row']}"
    plan['usable'] << match
    later = manager&.key?('toUserOf')
    attributes += [manager] if manager && !later
    change = { 'id' => "row #{desired['row']}", 'kind' => 'create', 'user' => user, 'row' => desired['row'],
               'attributes' => attributes }
    plan['changes'] << change.merge(after)
    call('manager_later', plan, desired, user.merge('createdBy' => change['id']), manager) if later
  end,

  plan_update: lambda do |plan, match, after|
    desired = match['desired']
    actual = call('with_active', plan['matched'], match['actual'])
    manager = call('manager_change', plan, desired, actual)
    next if manager == 'unknown'

    later = manager&.key?('toUserOf')
    attributes = call('attributes_to_update', match, actual) + (manager && !later ? [manager] : [])
    kind = call('kind_of_update', attributes)
    if kind == 'deactivate' && plan['owner']['owns'] && !actual['isOwned']
      next call('row_problem', plan, desired, 'deactivatesOther', { 'user' => actual['userName'] || actual['id'] })
    end

    plan['usable'] << match
    user = call('planned_user', actual)
    call('manager_later', plan, desired, call('changed_user', user, attributes), manager) if later
    next if attributes.empty?

    change = { 'id' => "row #{desired['row']}", 'kind' => kind, 'user' => user, 'row' => desired['row'],
               'attributes' => attributes }
    plan['changes'] << change.merge(after)
  end,

  # Who is in the desired state should be able to sign in.
  attributes_to_update: lambda do |match, actual|
    given = match['desired']['attributes'].any? { |one| one['path'] == 'active' }
    changes = match['changes'].reject { |one| one['path'] == 'active' && one['to'] == actual['active'] }
    next changes if given || actual['active'] != false

    changes + [{ 'path' => 'active', 'from' => false, 'to' => true }]
  end,

  # A manager whom the same plan creates has no ID before: it is set once both users exist.
  manager_later: lambda do |plan, desired, user, manager|
    row = desired['row']
    plan['later'] << { 'id' => "manager of row #{row}", 'kind' => 'update', 'user' => user, 'row' => row,
                       'attributes' => [manager], 'after' => ["row #{row}", manager['toUserOf']] }
  end,

  manager_change: lambda do |plan, desired, actual|
    path = plan['managerPath']
    next nil if path.nil? || !desired.key?('manager')

    manager = desired['manager']
    before = { 'path' => path, 'from' => actual['managerId'] }
    change = before.merge({ 'fromUserName' => call('user_name_of', plan, before['from']) }.compact)
    next change['from'].nil? ? nil : change.merge('to' => nil) if [nil, ''].include?(manager)

    find = ->(all) { all[call('fold_case', manager)] || all[manager] }
    found = find.call(plan['managers'])
    creation = find.call(plan['creations'])
    call('note_manager', plan, desired, actual, found || creation&.fetch('id'))
    named = { 'to' => found, 'toUserName' => call('user_name_of', plan, found) }.compact
    next found == change['from'] ? nil : change.merge(named) unless found.nil?

    next change.merge('to' => creation['userName'], 'toUserOf' => creation['id']) unless creation.nil?

    call('row_problem', plan, desired, 'noManager', { 'manager' => manager })
    'unknown'
  end,

  # Keeps whom a row names as the manager of its user: by ID, or by the change that creates the manager.
  note_manager: lambda do |plan, desired, actual, manager|
    next if manager.nil?

    row = desired['row']
    name = actual['userName'] || call('desired_text', desired, 'userName') || actual['id']
    plan['managed'][actual['id'] || "row #{row}"] = { 'row' => row, 'name' => name, 'manager' => manager }
  end,

  # The username of a user at the provider, by ID.
  user_name_of: lambda do |plan, id|
    next nil if id.nil?

    kept = call('kept_user', plan['matching'], id)
    kept ? kept['userName'] : plan['matching']['read']['strangerNames'][id]
  end,

  # An owned user who is not in the desired state.
  plan_missing: lambda do |plan, user|
    next nil if plan['missing'] == 'keep' || !user['isOwned'] || plan['matched']['unclear'].key?(user['id'])

    if user['isUntouchable']
      plan['untouchable'] += 1
      next nil
    end
    change = { 'id' => "user #{user['id']}", 'user' => call('planned_user', user) }
    next change.merge('kind' => 'delete', 'attributes' => []) if plan['missing'] == 'delete'
    next nil if user['active'] == false

    inactive = { 'path' => 'active', 'from' => user['active'], 'to' => false }
    change.merge('kind' => 'deactivate', 'attributes' => [inactive])
  end,

  row_problem: lambda do |plan, desired, name, values = {}|
    plan['problems'] << { 'rows' => [desired['row']], 'message' => call('plan_text', name, values) }
    nil
  end,

  # A user as a plan names it.
  planned_user: lambda do |user|
    user.slice('id', 'userName', 'externalId', 'active')
  end,

  # A user as a plan names it once its attributes have changed.
  changed_user: lambda do |user, attributes|
    changed = attributes.select { |one| %w[userName externalId active].include?(one['path']) }
    user.merge(changed.to_h { |one| [one['path'], one['to']] }).compact
  end,

  # What a change of attributes means for a user.
  kind_of_update: lambda do |attributes|
    active = attributes.find { |one| one['path'] == 'active' }
    next 'update' if active.nil? || active['to'].nil?
    next 'deactivate' if active['to'] == false

    active['from'] == false ? 'reactivate' : 'update'
  end,

  # Puts what must be made first before what waits for it. There are no circles.
  in_order: lambda do |changes|
    by_id = changes.to_h { |change| [change['id'], change] }
    ordered = {}
    changes.each do |start|
      chain = []
      at = start
      while at && !ordered.key?(at['id'])
        chain << at
        at = by_id[(at['after'] || [])[0]]
      end
      chain.reverse.each { |change| ordered[change['id']] = change }
    end
    ordered.values
  end,

  user_change?: lambda do |change|
    change.key?('attributes')
  end,

  # The number of changes of each kind.
  count_changes: lambda do |changes|
    kinds = %w[create update reactivate deactivate delete create_group delete_group join leave]
    kinds.to_h { |kind| [kind, changes.count { |change| change['kind'] == kind }] }
  end,

  # --- memberships

  # Groups by their names, external IDs, and IDs. A group has `memberIds`, a hash; one to be created has no ID.
  index_groups: lambda do |groups|
    index = { 'byName' => {}, 'names' => groups.map { |group| group['displayName'] }, 'ambiguous' => {} }
    groups.each do |group|
      name = call('fold_case', group['displayName'])
      index['ambiguous'][name] = true if index['byName'].key?(name)
      index['byName'][name] ||= group
    end
    keys = groups.flat_map { |group| group.values_at('externalId', 'id').map { |key| [key, group] } }
    keys.each { |key, group| index['byName'][call('fold_case', key)] ||= group unless key.nil? }
    index
  end,

  find_synced_group: lambda do |index, name|
    index['byName'][call('fold_case', name)]
  end,

  # Why a name of a group cannot be used; nil if it can.
  group_problem: lambda do |index, name|
    next call('plan_text', 'ambiguousGroup', { 'name' => name }) if index['ambiguous'].key?(call('fold_case', name))
    next nil if call('find_synced_group', index, name)

    call('plan_text', 'noGroup', { 'name' => name, 'suggestion' => call('suggest', name, index['names']) })
  end,

  # The rows that name groups which cannot be used. One problem for each name.
  group_problems: lambda do |users, index|
    rows = users.each_with_object({}) do |user, all|
      (user['groups'] || []).uniq.each { |name| (all[name] ||= []) << user['row'] }
    end
    rows.map do |name, of_name|
      message = call('group_problem', index, name)
      message && { 'rows' => of_name, 'message' => message }
    end.compact
  end,

  # Plans who joins and who leaves the managed groups. Only users whose rows say so do.
  plan_memberships: lambda do |plan, groups|
    wanted = {}.compare_by_identity
    described = {}
    plan['usable'].each do |match|
      names = match['desired']['groups']
      actual = match['actual']
      next if names.nil?

      [actual['id'], call('fold_case', actual['id'])].each { |key| described[key] = match } if actual
      found = names.map { |name| call('find_synced_group', groups['index'], name) }.compact
      found.uniq(&:object_id).each { |group| (wanted[group] ||= []) << match }
    end
    groups['managed'].flat_map { |group| call('changes_of_group', plan, group, wanted[group] || [], described) }
  end,

  changes_of_group: lambda do |plan, group, wanted, described|
    named = group.slice('id', 'displayName')
    creation = { 'id' => "group #{group['displayName']}", 'kind' => 'create_group', 'group' => named }
    created = group.key?('id') ? [] : [creation]
    named = named.merge('createdBy' => creation['id']) unless created.empty?
    # Some providers show an ID in another case than in a list.
    present = group['memberIds'].keys.map { |id| described[id] || described[call('fold_case', id)] }
    present = present.compact.uniq(&:object_id)
    rows = ->(matches) { matches.to_h { |match| [match['desired']['row'], true] } }
    here, staying = [present, wanted].map(&rows)
    joining = wanted.reject { |match| here.key?(match['desired']['row']) }
    leaving = present.reject { |match| staying.key?(match['desired']['row']) }
    created + joining.map { |match| call('membership', 'join', named, match, plan['creationOf'][match]) } +
      leaving.map { |match| call('membership', 'leave', named, match, nil) }
  end,

  membership: lambda do |kind, group, match, created_by|
    desired, actual = match.values_at('desired', 'actual')
    after = [created_by, group['createdBy']].compact
    user = { 'userName' => call('desired_text', desired, 'userName'), 'createdBy' => created_by }.compact
    user = call('planned_user', actual) if actual
    whom = actual ? actual['id'] : "row #{desired['row']}"
    change = { 'id' => "#{kind} #{group['id'] || group['displayName']} #{whom}", 'kind' => kind, 'user' => user,
               'group' => group, 'row' => desired['row'] }
    after.empty? ? change : change.merge('after' => after)
  end,

  # --- hints and notes

  # What suggests that two users are one person: their email addresses and their name.
  hint_keys: lambda do |user|
    name = user['name'].is_a?(::Hash) ? user['name'] : {}
    full = "#{name['givenName']} #{name['familyName']}"
    call('hints_from', [*call('addresses_of', user), user['userName']], [full, user['displayName']])
  end,

  hints_from: lambda do |addresses, names|
    addresses, names = [addresses, names].map do |values|
      values.select { |value| value.is_a?(::String) }.map { |value| call('fold_case', value.strip) }
    end
    # A single word is the name of too many.
    addresses.select { |address| address.include?('@') } + names.select { |name| name.include?(' ') }
  end,

  hint_keys_of_row: lambda do |desired|
    text = ->(path) { call('desired_text', desired, path).to_s }
    name = desired['attributes'].find { |one| one['path'] == 'name' && one['value'].is_a?(::Hash) }
    name = { 'givenName' => text.call('name.givenName'), 'familyName' => text.call('name.familyName') }
           .merge(name ? name['value'] : {})
    call('hints_from', [*call('emails_in', desired), text.call('userName')],
         ["#{name['givenName']} #{name['familyName']}", text.call('displayName')])
  end,

  # Adds a hint to users who would be created while one with the same email address or name is deactivated: the
  # username may have changed, and the row does not find its user.
  add_hints: lambda do |changes, hints, users|
    leaving = {}
    changes.select { |change| call('user_change?', change) && !change.key?('row') }.each do |change|
      (hints[change['user']['id']] || []).each { |key| leaving[key] = change }
    end
    next changes if leaving.empty?

    by_row = users.to_h { |user| [user['row'], user] }
    changes.map do |change|
      keys = change['kind'] == 'create' ? call('hint_keys_of_row', by_row[change['row']]) : []
      found = keys.map { |key| leaving[key] }.compact.first
      next change if found.nil?

      values = { 'user' => call('name_of_user', found['user']), 'kind' => found['kind'] }
      change.merge('hint' => call('plan_text', 'maybeRenamed', values))
    end
  end,

  # What the changes of each attribute show when they are seen together.
  attribute_notes: lambda do |matches|
    existing = matches.select { |match| match['actual'] }
    given = ::Hash.new(0)
    changed = ::Hash.new(0)
    without = ::Hash.new(0)
    existing.each do |match|
      match['desired']['attributes'].each { |one| given[one['path']] += 1 unless call('nothing?', one['value']) }
      match['changes'].each { |one| (call('nothing?', one['from']) ? without : changed)[one['path']] += 1 }
    end
    hidden = given.select { |path, count| without[path] == count }.map do |path, _|
      call('plan_text', 'hiddenAttribute', { 'attribute' => call('short_path', path) })
    end
    many = changed.select { |_, count| count >= 20 && count * 2 > existing.length }.map do |path, count|
      values = { 'attribute' => call('short_path', path), 'count' => count, 'all' => existing.length }
      call('plan_text', 'suspiciousAttribute', values)
    end
    hidden + many
  end,

  # The users whose managers go in a circle. A provider may accept that, but most likely it is a mistake.
  manager_notes: lambda do |managed|
    circles = call('manager_circles', managed).map do |circle|
      circle.rotate(circle.each_index.min_by { |at| circle[at]['row'] })
    end
    circles = circles.sort_by { |circle| circle[0]['row'] }
    rest = circles.length - 5
    notes = circles.first(5).map { |circle| call('circle_text', circle) }
    rest.positive? ? [*notes, call('plan_text', 'moreManagerCircles', { 'count' => rest })] : notes
  end,

  manager_circles: lambda do |managed|
    seen = {}
    circles = managed.keys.map do |start|
      chain = {}
      at = start
      while managed.key?(at) && !seen.key?(at)
        seen[at] = true
        chain[at] = managed[at]
        at = managed[at]['manager']
      end
      chain.key?(at) ? chain.values.drop(chain.keys.index(at)) : nil
    end
    circles.compact
  end,

  circle_text: lambda do |circle|
    rows = call('rows_text', circle.map { |one| one['row'] }.sort)
    names = circle.map { |one| one['name'] }
    next call('plan_text', 'ownManager', { 'rows' => rows, 'user' => names[0] }) if names.length == 1

    shown = [*names.first(5), *(names.length > 5 ? ['…'] : []), names[0]]
    call('plan_text', 'managerCircle', { 'rows' => rows, 'users' => shown.join(' → ') })
  end,

  # Why users who are not in the desired state stay as they are.
  ownership_notes: lambda do |matched, read, ownership|
    strangers = call('strangers_note', matched, !ownership.nil?)
    next strangers if ownership.nil? || read['owned'].positive? || read['count'].zero?

    kind, attribute, value = ownership.values_at('kind', 'attribute', 'value')
    text = kind == 'attribute' ? "#{attribute}=#{value}" : "#{kind}:#{value}"
    strangers + [call('plan_text', 'noneOwned', { 'ownership' => text })]
  end,

  # The never-touch patterns that match nobody, most likely because they are misspelled.
  unused_patterns: lambda do |matching, options|
    patterns = (options['neverTouch'] || []).uniq.reject { |pattern| matching['protecting'].key?(pattern) }
    patterns.map { |pattern| call('plan_text', 'protectsNobody', { 'pattern' => pattern }) }
  end,

  strangers_note: lambda do |matched, owned|
    others = matched['others'].reject { |user| user['isOwned'] }
    described = others.count { |user| user.fetch('active', !matched['showsActive']) }
    silent = matched['showsActive'] ? 0 : matched['strangers'][''].to_i
    active = described + matched['strangers']['true'].to_i + silent
    next [] if active.zero?

    users = active == 1 ? call('plan_text', 'oneActiveUser') : call('plan_text', 'activeUsers', { 'count' => active })
    [call('plan_text', owned ? 'notOwned' : 'noOwnership', { 'users' => users })]
  end,

  # What a list that does not show who is active means for a plan.
  active_note: lambda do |matched|
    empty = %w[others strangers].all? { |users| matched[users].empty? } &&
            matched['matches'].none? { |match| match['actual'] }
    matched['showsActive'] || empty ? [] : [call('plan_text', 'activeHidden')]
  end
}
