# frozen_string_literal: true

# Holds: the changes of a plan that would take too much away at once, so that a person reviews them first. The first
# reason that applies to a change holds it.
{
  hold_changes: lambda do |given|
    reasons = call('source_reasons', given) + call('loss_reasons', given) +
              call('format_reasons', given) + call('attribute_reasons', given)
    held = given['changes'].map { |change| reasons.index { |reason| reason['holds'].call(change) } }
    ids = {}
    holds = reasons.each_index.map do |at|
      changes = given['changes'].select.with_index { |_, index| held[index] == at }
      next nil if changes.empty?

      ids[at] = call('id_of_hold', changes)
      { 'id' => ids[at], 'reason' => reasons[at]['text'], 'changes' => changes.length,
        'names' => changes.first(10).map { |change| call('name_of_change', change) } }
    end
    changes = given['changes'].each_with_index.map do |change, at|
      held[at].nil? ? change : change.merge('heldBy' => ids[held[at]])
    end
    { 'changes' => changes, 'holds' => holds.compact }
  end,

  # The source itself looks wrong: it is empty, has lost most of its users, or is another one.
  source_reasons: lambda do |given|
    active, described, unplaced = given.values_at('ownedActive', 'described', 'unplaced')
    values = { 'active' => active, 'described' => described }
    all = ->(name) { [{ 'text' => call('plan_text', name, values), 'holds' => ->(_) { true } }] }
    next all.call('noneDescribed') if active.positive? && described.zero?
    # Fewer owned users are no sign that the source is wrong when most of them are missing.
    next all.call('fewDescribed') if active >= 3 && described * 2 < active
    next [] if unplaced.empty?

    name = unplaced.length == 1 ? 'oneRowUnplaced' : 'rowsUnplaced'
    text = call('plan_text', name, { 'count' => unplaced.length, 'rows' => unplaced.first(5).join(', ') })
    [{ 'text' => text, 'holds' => lambda { |change|
      %w[deactivate delete].include?(change['kind']) && !change.key?('row')
    } }]
  end,

  # Too many users would lose access, roles, or memberships.
  loss_reasons: lambda do |given|
    kinds = {}.compare_by_identity
    losses_of = call('losses')['of']
    given['changes'].each { |change| kinds[change] = call('kinds_lost', given['resource'], change, losses_of) }
    call('loss_kinds').map do |kind|
      count = kinds.each_value.count { |lost| lost.include?(kind) }
      # 0 stands for an unknown number: of nothing, nothing is lost.
      known = given['known'][kind].to_i.zero? ? nil : given['known'][kind]
      limit = call('loss_limit', kind, known, given['limits'])
      next nil unless count > limit

      text = call('plan_text', kind, { 'count' => count, 'known' => known || count, 'limit' => limit })
      { 'text' => text, 'holds' => ->(change) { kinds[change].include?(kind) } }
    end.compact
  end,

  # The kinds of losses that a change causes.
  kinds_lost: lambda do |resource, change, losses_of|
    kind = change['kind']
    next ['members'] if kind == 'leave'
    next [] if !call('user_change?', change) || kind == 'create'

    changes = change['attributes'].map { |one| one.merge('fromKnown' => true, 'toKnown' => true) }
    type = %w[deactivate delete].include?(kind) ? kind : 'patch'
    event = { 'type' => type, 'subject' => change['user'], 'changes' => changes }
    losses_of.call(event, resource.slice('name', 'roles').merge('accounts' => true), nil).map { |loss| loss['kind'] }
  end,

  # Values would change as a spreadsheet changes them by itself.
  format_reasons: lambda do |given|
    updates = given['changes'].select { |change| %w[update reactivate].include?(change['kind']) }
    reformatted = updates.flat_map do |change|
      change['attributes'].select { |one| call('spreadsheet_form?', one['from'], one['to']) }
                          .map { |one| one.merge('row' => change['row']) }
    end
    reformatted.group_by { |one| one['path'] }.map do |path, all|
      values = { 'attribute' => call('short_path', path), 'count' => all.length, 'row' => all[0]['row'],
                 'from' => call('item_text', all[0]['from']), 'to' => call('item_text', all[0]['to']) }
      { 'text' => call('plan_text', all.length == 1 ? 'reformattedOnce' : 'reformatted', values),
        'holds' => lambda { |change|
          %w[update reactivate].include?(change['kind']) && change['attributes'].any? do |one|
            one['path'] == path && call('spreadsheet_form?', one['from'], one['to'])
          end
        } }
    end
  end,

  # A value, or those of a list, as a sheet has them.
  item_text: lambda do |value|
    items = value.is_a?(::Array) ? value : [value]
    items.map { |item| call('spreadsheet_value', item).to_s }.join('; ')
  end,

  spreadsheet_value: lambda do |item|
    item.is_a?(::Hash) ? item['value'] : item
  end,

  # Whether a value is what a spreadsheet makes of another one that it takes for a number or a date.
  spreadsheet_form?: lambda do |before, after|
    if before.is_a?(::Array) && after.is_a?(::Array)
      next after.any? do |item|
        before.any? { |one| call('spreadsheet_form?', *[one, item].map { |each| call('spreadsheet_value', each) }) }
      end
    end
    next false unless before.is_a?(::String) && after.is_a?(::String) && before != after

    phone = before.match?(/\A\(?[+0]/) ? before.gsub(%r{[ ()/-]}, '') : ''
    [before, phone].any? { |text| call('plain_number', text) == after } || call('day_number?', before, after)
  end,

  # A number without the zeros that say nothing, and without its plus; nil for another text.
  plain_number: lambda do |text|
    next nil unless text.match?(/\A\+?\d+(\.\d+)?\z/)

    whole = text.sub(/\A\+?0*(?=\d)/, '')
    whole.include?('.') ? whole.sub(/\.?0+\z/, '') : whole
  end,

  # Whether a text is the number that a spreadsheet has for a date.
  day_number?: lambda do |before, after|
    date = before[/\A\d{4}-\d\d-\d\d/]
    next false unless date && after.match?(/\A\d{5}\z/)

    [::Time.utc(1899, 12, 30), ::Time.utc(1904, 1, 1)].any? do |first|
      (first + (after.to_i * 86_400)).strftime('%Y-%m-%d') == date
    end
  end,

  # An attribute would vanish from many users, or many would get another username.
  attribute_reasons: lambda do |given|
    matched = given['matched']
    limit = call('loss_limit', 'users', matched, given['limits'])
    updates = given['changes'].select { |change| %w[update reactivate].include?(change['kind']) }
    paths = updates.flat_map { |change| change['attributes'].select { |one| call('cleared?', one) } }
                   .map { |one| one['path'] }
    values = { 'matched' => matched, 'limit' => limit }
    reasons = paths.tally.select { |_, count| count > limit }.map do |path, count|
      of_path = { 'attribute' => call('short_path', path), 'count' => count }
      text = call('plan_text', 'attributeRemoved', values.merge(of_path))
      { 'text' => text, 'holds' => lambda { |change|
        (change['attributes'] || []).any? { |one| one['path'] == path && call('nothing?', one['to']) }
      } }
    end
    renamed = updates.count { |change| call('renames?', change) }
    next reasons unless renamed > limit

    text = call('plan_text', 'renamed', values.merge('count' => renamed))
    reasons + [{ 'text' => text, 'holds' => ->(change) { call('user_change?', change) && call('renames?', change) } }]
  end,

  cleared?: lambda do |one|
    call('nothing?', one['to']) && !call('nothing?', one['from'])
  end,

  renames?: lambda do |change|
    next false if change['kind'] == 'create'

    before = call('fold_case', change['user']['userName'].to_s)
    change['attributes'].any? { |one| one['path'] == 'userName' && call('fold_case', one['to'].to_s) != before }
  end,

  # The ID of exactly these changes: another value, or one user more, and it is another.
  id_of_hold: lambda do |held|
    keys = held.map do |change|
      attributes = change['attributes']&.map { |one| one.values_at('path', 'from', 'to') }
      whom = (change['user'] || {})['id'] || change['id']
      ::JSON.generate([change['kind'], whom, attributes])
    end
    "hold-#{call('hold_hash', keys.sort.join("\n"))}"
  end,

  name_of_change: lambda do |change|
    kind = change['kind']
    next change['group']['displayName'] if %w[create_group delete_group].include?(kind)

    values = { 'user' => call('name_of_user', change['user']), 'kind' => kind }
    text = { 'join' => 'heldJoin', 'leave' => 'heldLeave' }.fetch(kind, 'heldChange')
    call('plan_text', text, values.merge('group' => (change['group'] || {})['displayName']))
  end
}
