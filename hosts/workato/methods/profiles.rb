# frozen_string_literal: true

# What the profile of the provider states in advance, so that no attempt is made that is known to fail.
{
  # The profile of the selected provider. @raise invalid_input if the provider takes other authentication methods
  profile_of: lambda do |definition, input, auth|
    profile = definition['profiles'][input['profile'] || 'other']
    next profile if profile['auth'].nil? || profile['auth'].include?(auth['type'])

    problem = call('problem', 'connection.profile', 'methodOfOther', profile.slice('provider', 'methods'))
    call('fail_with_problems', [problem])
  end,

  # How the provider handles changes and lookups. The run adds what it notices.
  noticed_at_first: lambda do |resources, stated|
    {
      # The resource types whose changes go by GET and PUT, as do those with a filter in a path if these are rejected.
      'withoutPatch' => stated['withoutPatch'] ? resources.map { |one| one['name'] } : [],
      'rejectsFilterPaths' => stated['rejectsFilterPaths'] == true,
      'setsMembersByDifference' => stated['setsMembersByDifference'] == true,
      'membersPerRequest' => stated['membersPerRequest'],
      # Whether some user was seen with groups, so that one without them has none; members likewise.
      'showsGroups' => false, 'showsMembers' => false,
      # Whether every version counts as stale.
      'rejectsVersions' => stated['rejectsVersions'] == true,
      'withoutBulk' => stated['withoutBulk'] == true,
      # Whether created users are invited, so that a rejected change of a user may be early.
      'invitesUsers' => stated['invitesUsers'] == true,
      # By resource type and attribute, whether a filter finds what it should; absent if unknown.
      'filters' => resources.to_h { |one| [one['name'], call('unusable_filters', one, stated)] },
      'capabilities' => nil
    }
  end,

  # The attributes of the lookups of a resource that cannot be filtered.
  unusable_filters: lambda do |resource, stated|
    usable = stated['filterable']
    rejected = stated['notFilterable'] || []
    paths = resource['lookupKeys'].flat_map { |key| key['attributes'] }.uniq
    unusable = paths.select do |path|
      usable&.include?(path) == false || rejected.any? { |one| path == one || path.start_with?("#{one}.") }
    end
    unusable.to_h { |path| [path, false] }
  end
}
