# frozen_string_literal: true

# Changes of one resource. The resource that the provider shows after a change is compared with the request: several
# products return 200 for a change that they ignore.
{
  # Finds the resource of a reference. A reference by ID needs no request.
  find_target: lambda do |run, resource, input|
    reference = input[resource['reference']]
    call('find_target_or_none', run, resource, reference) || call('fail_not_found', resource, reference)
  end,

  find_target_or_none: lambda do |run, resource, reference|
    next { 'id' => reference['id'] } if reference.key?('id')

    found = call('find_referenced', run, resource, reference, {})
    found && call('target_of', found)
  end,

  target_of: lambda do |found|
    meta = found['meta']
    version = meta.is_a?(::Hash) ? meta['version'] : nil
    # A version that no header can have cannot be sent back.
    usable = version.is_a?(::String) && version.match?(/\A[\x20-\x7e]+\z/)
    { 'id' => found['id'], 'version' => usable ? version : nil }
  end,

  do_patch: lambda do |run, action, input|
    resource = call('resource_of', run, action)
    operations = call('operations_of', run, action, call('with_referenced_ids', run, action, input))
    target = call('find_target', run, resource, input)
    change = call('change_of_patch', action, resource, target['id'], operations)
    call('patch_resource', run, resource, target, change.merge('ifVersion' => input['ifVersion']))
  end,

  change_of_patch: lambda do |action, resource, id, operations|
    gone = lambda {
      one = { 'schemas' => [resource['schema']] }
      operations.each { |given| call('set_at', one, call('json_path_of', resource, given['path']), given['value']) }
      one.merge('id' => id, 'wasDeleted' => true)
    }
    { 'operations' => operations, 'onGone' => action['operation']['onGone'] == 'done' ? gone : nil }
  end,

  # The input with the ID of the resource in place of each reference other than the target's, such as a manager.
  with_referenced_ids: lambda do |run, action, input|
    target = call('resource_of', run, action)['reference']
    fields = action['fields'].select do |field|
      field['kind'] == 'reference' && field['key'] != target && input.key?(field['key'])
    end
    ids = fields.to_h do |field|
      resource = run['definition']['resources'][field['resource']]
      [field['key'], call('find_target', run, resource, { resource['reference'] => input[field['key']] })['id']]
    end
    input.merge(ids)
  end,

  operations_of: lambda do |run, action, input|
    templates = action['operation']['operations']
    unless templates == 'given'
      presets = action['fields'].select { |field| field.key?('default') }
                                .to_h { |field| [field['key'], field['default']] }
      next call('fill_template', templates, action['operation']['maps'] || {}, presets.merge(input))
    end
    given = call('given_attributes', action, call('resource_of', run, action), input)
    changes = call('given_to_operations', given)
    call('fail_with_problems', [call('problem', '', 'nothingToChange')]) if changes.empty?
    changes
  end,

  do_replace: lambda do |run, action, input|
    resource = call('resource_of', run, action)
    target = call('find_target', run, resource, input)
    given = call('given_attributes', action, resource, input)
    change = { 'operations' => call('given_to_operations', given), 'ifVersion' => input['ifVersion'] }
    body = call('to_resource', resource, given).merge('id' => target['id'])
    call('put_resource', run, resource, target, body, change)
  end,

  # DELETE of one resource. A resource that is already gone counts as deleted once its absence is proved.
  do_delete: lambda do |run, action, input|
    resource = call('resource_of', run, action)
    reference = input[resource['reference']]
    id = reference['id']
    if id.nil?
      searched = call('search_referenced', run, resource, reference, {})
      gone = searched['one'].nil? && searched['proved']
      next { 'id' => nil, 'deleted' => true, 'alreadyGone' => true } if gone

      call('fail_not_found', resource, reference) if searched['one'].nil?
      id = searched['one']['id']
    end
    { 'id' => id, 'deleted' => true, 'alreadyGone' => call('delete_by_id', run, resource, id) }
  end,

  # Deletes a resource; returns whether it was already gone. Some providers fail with status 500 in that case, so it
  # is read before the request is retried. Others reject the deletion with a status that can also mean something else.
  delete_by_id: lambda do |run, resource, id|
    gone = { 'status' => 204, 'headers' => {}, 'body' => nil, 'attempts' => 1 }
    look_up = lambda { |deadline_at|
      call('read_by_id', run.merge('deadlineAt' => deadline_at), resource, id).nil? ? gone : nil
    }
    answer = call('send_scim', run, { 'method' => 'DELETE', 'path' => call('resource_path', resource, id),
                                      'repeatable' => false, 'lookUp' => look_up })
    call('require_gone', run, resource, id, answer['status'])
    false
  rescue ::StandardError => e
    details = call('failure_of', e)
    raise unless %w[not_found invalid_input conflict unsupported].include?(details['code'])

    # An earlier run can have deleted it, and a provider can show that late.
    there = call(details['code'] == 'not_found' ? 'still_there?' : 'can_be_read?', run, resource, id)
    if there && details['code'] == 'not_found'
      call('fail_not_gone', 'notDeleted', resource, id, {}, details.slice('status', 'attempts'))
    end
    # A 404 to an ID is proof unless something contradicts it.
    raise unless there == false || details['code'] == 'not_found'

    call('confirm_service', run, resource)
    # After a lost response, this step most likely deleted it.
    details['attempts'] == 1
  end,

  # Requires that a resource whose deletion was confirmed is no longer shown.
  require_gone: lambda do |run, resource, id, status|
    still = call('still_there?', run, resource, id)
    call('fail_not_gone', 'stillShown', resource, id, { 'status' => status }) if still
  end,

  # Whether a deleted resource is still shown some time later: some providers confirm what they ignore, or do later. A
  # provider that has not shown it, and does not say, is believed.
  still_there?: lambda do |run, resource, id|
    read = lambda do |before|
      shown = call('can_be_read?', run, resource, id)
      shown.nil? ? before : shown
    end
    call('read_until', read, ->(shown) { shown != true }, call('deletion_waits'))
  end,

  # After these times, a deleted resource that is still shown is read again, in seconds.
  deletion_waits: -> { [0.5, 2] },

  fail_not_gone: lambda do |text, resource, id, values, details = {}|
    named = { 'resource' => resource['title'].downcase, 'id' => id, 'seconds' => call('deletion_waits').sum }
    call('fail_as', 'provider_fault', text, named.merge(values), details)
  end,

  # Reads what a change was about until it shows the change: a provider can show the state before it for a while.
  # Returns what was read last. A read gets what was read before, which a read that shows nothing does not refute.
  read_until: lambda do |read, changed, waits = [0.5]|
    shown = read.call(nil)
    waits.each do |wait|
      break if changed.call(shown)

      sleep(wait)
      shown = read.call(shown)
    end
    shown
  end,

  # Whether a resource can be read; nil if the provider does not say.
  can_be_read?: lambda do |run, resource, id|
    request = { 'method' => 'GET', 'path' => call('resource_path', resource, id), 'attemptsOn500' => 1 }
    request['deadlineAt'] = [run['deadlineAt'], call('now_in_ms') + 10_000].compact.min
    call('require_same_id', call('normalize', run, resource, call('send_scim', run, request)['body']), id)
    true
  rescue ::StandardError => e
    call('failure_of', e)['code'] == 'not_found' ? false : nil
  end,

  # Changes a resource by PATCH, and returns the changed resource. A change has `operations`, optionally the required
  # version (`ifVersion`), and the result if the provider deletes the resource instead (`onGone`). Without PATCH, the
  # resource is read, changed here, and replaced. Rejected operations that already hold are omitted.
  patch_resource: lambda do |run, resource, target, change|
    call('send_patch', run, resource, target, change)
  rescue ::StandardError => e
    call('fail_if_taken', run, resource, target['id'], change['operations'], e)
    raise e
  end,

  # Fails with who has the unique value of a rejected change or creation, if that is the reason. Some providers return 400
  # for a value that is taken.
  fail_if_taken: lambda do |run, resource, id, values, problem|
    details = call('failure_of', problem)
    next unless [409, 400].include?(details['status'])

    values.select { |one| resource['uniqueKeys'].include?(one['path']) && one['value'].is_a?(::String) }.each do |one|
      holder = call('holder_of', run, resource, one)
      next if holder.nil? || (id && call('same_id?', holder, id))

      values = one.slice('path', 'value').merge('resource' => resource['title'].downcase, 'id' => holder,
                                                'detail' => call('detail_text', details['detail']))
      call('fail_as', 'conflict', 'nameTaken', values, details)
    end
  end,

  # The ID of the resource that has a unique value; nil if the provider does not show it.
  holder_of: lambda do |run, resource, one|
    found = call('find_by_value', run, resource, [one['path']], one['value'])['found']
    found.length == 1 ? found[0]['id'] : nil
  rescue ::StandardError => e
    raise if call('failure_of', e).empty?

    nil
  end,

  send_patch: lambda do |run, resource, target, change|
    operations = change['operations']
    next call('put_patched', run, resource, target, change) if call('without_patch?', run, resource, operations)

    current = call('compared_members', run, resource, target, change)
    next call('set_members_and_others', run, resource, target, change, current) unless current.nil?

    begin
      answer = call('send_versioned', run, resource, target, change, {
        'method' => 'PATCH', 'body' => ->(_) { call('patch_body', operations) },
        # Operations that set or remove are idempotent; `add` is not always.
        'repeatable' => operations.none? { |one| one['op'] == 'add' }
      })
      changed = call('confirm_patch', run, resource, target['id'], change, answer['body'])
      before = change['before']
      before.nil? ? changed : call('require_kept', run, resource, before, operations, changed)
    rescue ::StandardError => e
      call('after_rejection', run, resource, target, change, e)
    end
  end,

  # Confirms a change by PATCH, as confirm_change does, except that no response proves a new unique value.
  confirm_patch: lambda do |run, resource, id, change, body|
    # Other systems know the resource by a unique value, so that a response that shows it is no sufficient proof.
    unique = change['operations'].any? { |one| resource['uniqueKeys'].include?(one['path']) }
    call('confirm_change', run, resource, id, change, unique ? nil : body)
  end,

  # Replaces a resource by PUT, and returns the changed resource.
  put_resource: lambda do |run, resource, target, body, change|
    begin
      request = { 'method' => 'PUT', 'body' => ->(_) { body } }
      answer = call('send_versioned', run, resource, target, change, request)
    rescue ::StandardError => e
      call('fail_if_taken', run, resource, target['id'], change['operations'], e)
      raise e
    end
    call('confirm_change', run, resource, target['id'], change, answer['body'])
  end,

  # Whether changes go by GET and PUT: all of them, or only those with a filter in a path.
  without_patch?: lambda do |run, resource, operations = []|
    noticed = run['noticed']
    noticed['withoutPatch'].include?(resource['name']) ||
      (noticed['rejectsFilterPaths'] && call('filter_path?', operations))
  end,

  filter_path?: lambda do |operations|
    operations.any? { |one| one['path'].include?('[') }
  end,

  # How often a change is retried on a newer version if another client was faster.
  max_races: -> { 3 },

  # Sends a change, with If-Match if a version is known (RFC 7644 §3.14). A version that was looked up here is looked
  # up again if it is stale: after a lost response, the retry is stale, too.
  # The body of the request is a lambda, which is given the resource if it was read again. It returns nil if nothing is
  # left to change, and then so does this.
  send_versioned: lambda do |run, resource, target, change, request|
    path = call('resource_path', resource, target['id'])
    version = call('version_for', run, resource, target, change)
    # A PATCH that sets constants needs no version.
    constant = request['method'] == 'PATCH' && request['repeatable'] && change['ifVersion'].nil?
    version = nil if constant && run['noticed']['rejectsVersions']
    body = request['body'].call(nil)
    races = 0
    until body.nil?
      begin
        sent = request.merge('path' => path, 'body' => body, 'ifMatch' => version)
        break call('send_scim', run, sent)
      rescue ::StandardError => e
        details = call('failure_of', e)
        # After a PATCH, its caller reads the resource.
        if details['code'] == 'not_found' && request['method'] == 'PUT'
          raise e if call('read_by_id', run, resource, target['id']).nil?

          call('fail_if_there', resource, target['id'], details)
        end
        call('fail_on_change', run, resource, details, e) unless details['code'] == 'precondition_failed'

        call('fail_on_version', details, e) unless change['ifVersion'].nil?
        call('fail_as', 'conflict', 'lostRace', {}, details) if races == call('max_races')
        races += 1
        newest = call('must_read', run, resource, target['id'])
        newest_version = call('target_of', newest)['version']
        # A provider that rejects its newest version rejects every version.
        never_met = constant && details['attempts'] == 1 && newest_version == version
        run['noticed']['rejectsVersions'] ||= never_met
        version = never_met ? nil : newest_version
        body = request['body'].call(newest)
      end
    end
  end,

  # Fails for a change that got a 404, although the resource can be read: the method or what it refers to is missing.
  fail_if_there: lambda do |resource, id, details|
    next unless details['code'] == 'not_found'

    values = { 'resource' => resource['title'].downcase, 'id' => id, 'status' => details['status'] || 404,
               'detail' => call('detail_text', details['detail']) }
    call('fail_as', 'provider_fault', 'notChangedThere', values, details)
  end,

  # A change can be rejected because the person has not accepted the invitation yet. The words of the provider say so; or
  # the profile says that users are invited, which leaves both reasons open.
  fail_on_change: lambda do |run, resource, details, problem|
    values = { 'resource' => resource['title'].downcase, 'status' => details['status'],
               'detail' => call('detail_text', details['detail']) }
    if %w[invalid_input forbidden conflict].include?(details['code']) && call('about_invitation?', details)
      call('fail_as', 'conflict', 'invitationPending', values, details)
    end
    # A missing scope has a next step of its own, and only who can sign in is invited.
    general = call('error_text', 'forbidden', values)['nextStep']
    open = details['code'] == 'forbidden' && details['nextStep'] == general
    signs_in = resource['attributes'].any? { |attribute| attribute['name'] == 'active' }
    raise problem unless run['noticed']['invitesUsers'] && open && signs_in

    call('fail_as', details['code'], 'invitationMaybePending', values, details)
  end,

  about_invitation?: lambda do |details|
    text = details['detail'].to_s
    text.match?(/(invite|invited|invitation)\b/i) && text.match?(/\b(accept|pending)/i)
  end,

  fail_on_version: lambda do |details, problem|
    raise problem unless details['attempts'] > 1

    # It can be stale because of this change, whose first response was lost.
    text = call('error_text', 'versionChangedByRequest')
    next_step = "#{text['nextStep']} #{call('text_of', 'parts', 'unknownOutcome')}"
    call('fail_with', 'precondition_failed', details.merge(text, 'nextStep' => next_step))
  end,

  # The version to send. A required version is also compared here, because some providers ignore `If-Match`.
  version_for: lambda do |run, resource, target, change|
    wanted = change['ifVersion']
    next target['version'] if wanted.nil?

    # A client can strip characters that are invalid in a header, and the change would then ignore the version.
    strippable = wanted.match?(/[^\x20-\x7e]/)
    call('fail_with_problems', [call('problem', 'ifVersion', 'versionCharacter')]) if strippable
    current = target['version'] || call('target_of', call('must_read', run, resource, target['id']))['version']
    if current.nil?
      call('fail_as', 'unsupported', 'versionsUnsupported', { 'resource' => resource['title'].downcase })
    end
    same = current.delete_prefix('W/') == wanted.delete_prefix('W/')
    call('fail_as', 'precondition_failed', 'versionChanged') unless same
    wanted
  end,

  # Compares the response with the request. If the response does not contain the resource, or shows that an operation
  # does not hold, the resource is read: the response can be stale.
  confirm_change: lambda do |run, resource, id, change, body|
    operations = change['operations']
    shown = call('shown_resource', run, resource, id, body)
    next shown if shown && operations.all? { |one| call('outcome_of', one, resource, shown) == 'holds' }

    open = ->(one) { operations.find { |given| call('outcome_of', given, resource, one) == 'open' } }
    read = ->(_before) { call('read_by_id', run, resource, id) }
    one = call('read_until', read, ->(now) { now.nil? || open.call(now).nil? })
    if one.nil?
      call('fail_not_found', resource, { 'id' => id }) if change['onGone'].nil?
      # Some providers delete a user on deactivation, which also ends access.
      next change['onGone'].call
    end
    call('require_shown', resource, operations, [one, shown].compact)
    one
  end,

  # Requires every operation to be done, as far as it is shown: the first resource that shows its attribute decides.
  require_shown: lambda do |resource, operations, resources|
    operations.each do |operation|
      decisive = resources.find { |one| call('outcome_of', operation, resource, one) != 'hidden' }
      open = decisive && call('outcome_of', operation, resource, decisive) == 'open'
      call('require_done', resource, operation, decisive) if open
    end
  end,

  # The resource in a response; nil without one, as in a 204 (RFC 7644 §3.5.2).
  shown_resource: lambda do |run, resource, id, body|
    next nil unless body.is_a?(::Hash) && !body['id'].nil?

    one = call('normalize', run, resource, body)
    call('require_same_id', one, id)
    one
  end,

  # Fails for an operation that the provider confirmed but did not apply.
  require_done: lambda do |resource, open, one|
    next if open.nil?

    shown = call('values_at', one, call('json_path_of', resource, open['path']))
    value = ::JSON.generate(shown.length == 1 ? shown[0] : shown)
    call('fail_as', 'provider_fault', 'notApplied', { 'path' => open['path'], 'value' => value })
  end,

  # Handles a rejected PATCH: PATCH is not supported, or operations already hold, or it is an error.
  after_rejection: lambda do |run, resource, target, change, problem|
    details = call('failure_of', problem)
    raise problem unless call('rejection?', details)

    operations = change['operations']
    members = call('sets_members?', operations)
    if details['status'] == 405 || (details['code'] == 'unsupported' && !members)
      call('note_without_patch', run, resource, details['status'] == 405 || !call('filter_path?', operations))
      next call('put_patched', run, resource, target, change)
    end
    current = call('read_by_id', run, resource, target['id'])
    raise problem if current.nil?

    remaining = call('remaining_operations', operations, resource, current)
    # A group without members may only hide them.
    raise problem if remaining.empty? && members && call('hides_members?', run, resource, current)
    next current if remaining.empty?
    if call('sets_members?', remaining)
      next call('set_members_and_others', run, resource, target, change, current, problem)
    end

    if remaining.length == operations.length
      call('fail_if_there', resource, target['id'], details)
      raise problem
    end
    call('send_patch', run, resource, target, change.merge('operations' => remaining))
  end,

  # A provider may lack PATCH, or only paths with a filter.
  note_without_patch: lambda do |run, resource, wholly|
    noticed = run['noticed']
    wholly ? noticed['withoutPatch'] |= [resource['name']] : noticed['rejectsFilterPaths'] = true
  end,

  # Whether a provider rejected a change because of its content, so that nothing was changed.
  rejection?: lambda do |details|
    !details['status'].nil? && %w[invalid_input not_found conflict unsupported].include?(details['code'])
  end,

  # Makes the change at a provider without PATCH: reads the resource, changes it here, and sends all of it.
  put_patched: lambda do |run, resource, target, change|
    current = call('must_read', run, resource, target['id'])
    versioned = call('target_of', current).merge('id' => target['id'])
    body = lambda { |newest|
      current = newest || current
      run['noticed']['showsMembers'] ||= call('member_count', current).positive?
      remaining = call('remaining_operations', change['operations'], resource, current)
      changed = ->(one) { call('apply_operations', change['operations'], resource, one) }
      remaining.empty? ? nil : call('writable', resource, changed.call(current))
    }
    answer = call('send_versioned', run, resource, versioned, change, { 'method' => 'PUT', 'body' => body })
    next current if answer.nil?

    changed = call('confirm_change', run, resource, target['id'], change, answer['body'])
    call('require_kept', run, resource, current, change['operations'], changed)
  end,

  # Requires that a resource still shows what it showed before: some providers drop attributes that PUT does not know, or
  # treat a PATCH as a PUT. Those of deactivated users may go.
  require_kept: lambda do |run, resource, before, operations, changed|
    next changed if call('lost_attributes', resource, before, operations, changed).empty?

    # A response may show only a part.
    current = call('must_read', run, resource, before['id'])
    lost = call('lost_attributes', resource, before, operations, current)
    next current if lost.empty?

    values = { 'resource' => resource['title'].downcase, 'id' => before['id'], 'attributes' => lost.join(', ') }
    call('fail_as', 'provider_fault', 'attributesLost', values)
  end,

  # The paths of what a resource showed before a change, and does not show after it, or in another way.
  lost_attributes: lambda do |resource, before, operations, after|
    next [] if operations.any? { |one| one['path'] == 'active' && one['value'] == false }

    json_path = ->(path) { call('json_path_of', resource, path) }
    within = ->(path, other) { path.first(other.length) == other }
    same = ->(one, other) { call('canonical', one, nil) == call('canonical', other, nil) }
    changed = operations.map { |one| json_path.call(one['path']) }
    # A user who is activated may get other roles.
    activates = changed.any? { |path| path[0] == 'active' }
    decisive = activates ? [] : ['active', *resource['roles']].map(&json_path)
    kept = lambda { |path, value|
      now = path.reduce(after) { |part, name| part.is_a?(::Hash) ? part[name] : nil }
      call('valued?', now) && (same.call(now, value) || decisive.none? { |one| within.call(path, one) })
    }
    own = call('shown_values', resource, before).reject do |path, value|
      changed.any? { |one| within.call(one, path) || within.call(path, one) } || kept.call(path, value)
    end
    own.map { |path, _| path.join(resource['extensions'].include?(path[0]) ? ':' : '.') }
  end,

  # The values that can be written, with their paths: attributes, or the parts of one that has parts, as an extension has.
  shown_values: lambda do |resource, one|
    own = call('writable', resource, one).reject { |name, _| %w[schemas id].include?(name) }
    values = own.flat_map do |name, value|
      value.is_a?(::Hash) ? value.map { |part, inner| [[name, part], inner] } : [[[name], value]]
    end
    values.select { |_, value| call('valued?', value) }
  end,

  valued?: ->(value) { ![nil, '', []].include?(value) },

  # The writable attributes, with the `schemas` that they need (RFC 7643 §3).
  writable: lambda do |resource, one|
    body = one.reject do |name, _|
      attribute = call('attributes_named', resource, nil, [name])[0] || {}
      %w[meta schemas].include?(name) || (attribute['mutability'] == 'readOnly' && name != 'id')
    end
    { 'schemas' => [resource['schema'], *resource['extensions'].select { |id| body.key?(id) }] }.merge(body)
  end
}
