# frozen_string_literal: true

# Witnesses: some users by whom a plan recognizes the directory that it was made from. Behind one URL can be the
# directories of several tenants.
{
  most_witnesses: -> { 5 },
  # The plan may change some of those that are kept while the list is read.
  most_kept_witnesses: -> { 20 },

  # Keeps the users with the first usernames, in the order of text: the same ones in whatever order the list shows its
  # users.
  keep_witness: lambda do |kept, user|
    id = user['id']
    kept.reject! { |one| one['id'] == id }
    witness = user['userName'].is_a?(::String) ? user.slice('id', 'userName') : user.slice('id')
    name = call('name_of_user', witness)
    next if kept.length >= call('most_kept_witnesses') && name > call('name_of_user', kept.last)

    kept.insert(kept.index { |one| call('name_of_user', one) > name } || kept.length, witness)
    kept.pop if kept.length > call('most_kept_witnesses')
  end,

  # Those who stay as they are, with an ID and a username of their own, once the changes were made. Some providers
  # delete who is deactivated.
  witnesses_of: lambda do |kept, changes|
    leaving = changes.select { |change| call('user_change?', change) }.select do |change|
      %w[delete deactivate].include?(change['kind']) || change['attributes'].any? { |one| one['path'] == 'userName' }
    end
    ids = leaving.to_h { |change| [change['user']['id'], true] }
    kept.reject { |one| ids.key?(one['id']) }.first(call('most_witnesses'))
  end,

  # Whether a change would be made in any directory. A change of a user's values is refused if the user is another one.
  needs_witnesses?: lambda do |change|
    change['kind'] == 'create' || !call('user_change?', change)
  end,

  # Requires that a connection is to the directory that a plan was made from: most of its witnesses are still there.
  # @raise invalid_input if they are not; the error of the reads if nothing shows it
  require_witnesses: lambda do |run, users, witnesses|
    found = witnesses.map { |witness| call('read_witness', call('part_of_turn', run), users, witness) }
    unknown = found.reject { |one| [true, false].include?(one) }
    raise unknown[0] if !unknown.empty? && unknown.length == witnesses.length

    missing = witnesses.each_with_index.select { |_, at| found[at] == false }.map(&:first)
    known = witnesses.length - unknown.length
    next if missing.length * 2 <= known

    names = missing.map do |one|
      call('plan_text', 'witness', { 'user' => call('name_of_user', one), 'id' => one['id'] })
    end
    values = { 'missing' => missing.length, 'known' => known, 'names' => names.join(', ') }
    message = call('plan_text', 'planOfOtherDirectory', values)
    call('fail_with_problems', [{ 'path' => 'plan', 'message' => message }])
  end,

  # Whether a witness is still there, under its username; the error if nothing shows it.
  read_witness: lambda do |run, users, witness|
    user = call('read_by_id', run, users, witness['id'])
    name = witness['userName']
    next false if user.nil?

    name.nil? || call('fold_case', user['userName'].to_s) == call('fold_case', name)
  rescue ::StandardError => e
    details = call('failure_of', e)
    raise e if details.empty? || details['code'] == 'auth'

    e
  end
}
