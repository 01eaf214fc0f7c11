# frozen_string_literal: true

# Made by `rolecall package workato` from its manifest: change that, and make this file again. The methods are the same
# for every manifest; in the source of rolecall, under hosts/workato, each of them is explained.

{
  title: 'SCIM provisioning',
  connection: {
    fields: [
      {
        name: 'baseUrl',
        label: 'SCIM base URL',
        optional: false,
        hint: 'The address of the SCIM service. Workato: https://workato.com/scim/v2, or the address for your data ' \
              'center.',
        type: 'string',
        control_type: 'text'
      },
      {
        name: 'token',
        label: 'SCIM token',
        optional: false,
        hint: 'The bearer token of the SCIM service. Workato: Workspace admin, Settings, Login methods, SCIM.',
        type: 'string',
        control_type: 'password'
      },
      {
        name: 'timeoutInMs',
        label: 'Time-out of one try',
        optional: true,
        default: '30000',
        hint: 'How long one request may take, in milliseconds, before it counts as lost.',
        type: 'integer',
        control_type: 'integer',
        convert_input: 'integer_conversion'
      },
      {
        name: 'deadlineInMs',
        label: 'Time-out of a step',
        optional: true,
        default: '120000',
        hint: 'How long a request may take with all its repeats and waits, in milliseconds.',
        type: 'integer',
        control_type: 'integer',
        convert_input: 'integer_conversion'
      },
      {
        name: 'requestsPerMinute',
        label: 'Requests a minute',
        optional: true,
        hint: 'The largest number of requests in a minute, where the provider states one. Left out: as many as it ' \
              'takes.',
        type: 'integer',
        control_type: 'integer',
        convert_input: 'integer_conversion'
      },
      {
        name: 'maxResponseBytes',
        label: 'Largest answer',
        optional: true,
        default: '67108864',
        hint: 'The largest answer that is read, in bytes.',
        type: 'integer',
        control_type: 'integer',
        convert_input: 'integer_conversion'
      },
      {
        name: 'allowPlainHttp',
        label: 'Allow plain HTTP',
        optional: true,
        default: 'false',
        hint: 'Send the token over http without encryption to other machines too. Leave it off outside a test ' \
              'network.',
        type: 'boolean',
        control_type: 'checkbox'
      },
      {
        name: 'security_event_token_bearerToken',
        label: 'Security event tokens, pushed: bearer token',
        optional: true,
        hint: 'For the trigger "New pushed event". The token that the sender has to show, where one is agreed.',
        type: 'string',
        control_type: 'password'
      },
      {
        name: 'workato_audit_log_bearerToken',
        label: 'Workato audit log streaming: token',
        optional: true,
        hint: 'For the trigger "New pushed event". The token that the stream sends in its header "Authorization", as ' \
              'it was set up in Workato.',
        type: 'string',
        control_type: 'password'
      },
      {
        name: 'workato_audit_log_previousBearerToken',
        label: 'Workato audit log streaming: previous token',
        optional: true,
        hint: 'For the trigger "New pushed event". The token before, while it is being changed.',
        type: 'string',
        control_type: 'password'
      }
    ],
    authorization: {
      type: 'custom_auth',
      apply: lambda do |connection|
        headers('Authorization' => "Bearer #{connection['token']}")
      end
    },
    base_uri: lambda do |connection|
      "#{connection['baseUrl'].to_s.strip.sub(%r{/+\z}, '')}/"
    end
  },
  test: lambda do |connection|
    call('test_connection', connection)
  end,
  actions: {
    create_user: {
      title: 'Create user',
      subtitle: 'Creates a user, and fails if there is one with the same user name.',
      description: lambda do |_input, _picklist_label|
        'Create <span class="provider">user</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Creates a user, and fails if there is one with the same user name. Running the step again may fail, or do ' \
          'it twice.'
      end,
      display_priority: 21,
      input_fields: lambda do |object_definitions|
        object_definitions['create_user_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'create_user', input, input_schema)
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['user']
      end,
      sample_output: lambda do |_connection, _input|
        call('sample_of', 'User')
      end
    },
    get_user: {
      title: 'Get user',
      subtitle: 'Reads one user, and fails if there is none.',
      description: lambda do |_input, _picklist_label|
        'Get <span class="provider">user</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Reads one user, and fails if there is none. Running the step again with the same input does no harm.'
      end,
      display_priority: 20,
      input_fields: lambda do |object_definitions|
        object_definitions['get_user_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'get_user', input, input_schema)
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['user']
      end,
      sample_output: lambda do |_connection, _input|
        call('sample_of', 'User')
      end
    },
    find_user: {
      title: 'Find user',
      subtitle: 'Looks for one user, and gives nothing if there is none.',
      description: lambda do |_input, _picklist_label|
        'Find <span class="provider">user</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Looks for one user, and gives nothing if there is none. Running the step again with the same input does ' \
          'no harm. When there is none, the output is empty: check whether its ID is present.'
      end,
      display_priority: 19,
      input_fields: lambda do |object_definitions|
        object_definitions['find_user_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'find_user', input, input_schema)
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['user']
      end,
      sample_output: lambda do |_connection, _input|
        call('sample_of', 'User')
      end
    },
    search_users: {
      title: 'Search users',
      subtitle: 'Lists the users that have all the values given; give none to list everybody.',
      description: lambda do |_input, _picklist_label|
        'Search <span class="provider">users</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Lists the users that have all the values given; give none to list everybody. Running the step again with ' \
          'the same input does no harm.'
      end,
      display_priority: 18,
      input_fields: lambda do |object_definitions|
        object_definitions['search_users_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'search_users', input, input_schema)
      end,
      output_fields: lambda do |object_definitions|
        [
          { name: 'totalResults', label: 'Total results', type: 'integer' },
          { name: 'truncated', label: 'Truncated', type: 'boolean' },
          { name: 'resources', label: 'Results', type: 'array', of: 'object', properties: object_definitions['user'] }
        ]
      end,
      sample_output: lambda do |_connection, _input|
        { 'totalResults' => 1, 'truncated' => false, 'resources' => [call('sample_of', 'User')] }
      end,
      summarize_output: ['resources']
    },
    update_user: {
      title: 'Update user',
      subtitle: 'Changes the attributes that are given, and leaves all others as they are.',
      description: lambda do |_input, _picklist_label|
        'Update <span class="provider">user</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Changes the attributes that are given, and leaves all others as they are. Running the step again with the ' \
          'same input does no harm. To take a value away, switch its field to formula mode and enter <b>clear</b>; a ' \
          'field left empty is not changed.'
      end,
      display_priority: 17,
      input_fields: lambda do |object_definitions|
        object_definitions['update_user_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'update_user', input, input_schema)
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['user']
      end,
      sample_output: lambda do |_connection, _input|
        call('sample_of', 'User')
      end
    },
    replace_user: {
      title: 'Replace user',
      subtitle: 'Replaces the whole user: what is not given is taken away.',
      description: lambda do |_input, _picklist_label|
        'Replace <span class="provider">user</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Replaces the whole user: what is not given is taken away. Running the step again with the same input does ' \
          'no harm.'
      end,
      display_priority: 16,
      input_fields: lambda do |object_definitions|
        object_definitions['replace_user_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'replace_user', input, input_schema)
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['user']
      end,
      sample_output: lambda do |_connection, _input|
        call('sample_of', 'User')
      end
    },
    upsert_user: {
      title: 'Create or update user',
      subtitle: 'Creates a user, or updates the attributes given if there is one with the same user name.',
      description: lambda do |_input, _picklist_label|
        'Create <span class="provider">or update user</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Creates a user, or updates the attributes given if there is one with the same user name. Running the step ' \
          'again with the same input does no harm.'
      end,
      display_priority: 15,
      input_fields: lambda do |object_definitions|
        object_definitions['upsert_user_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'upsert_user', input, input_schema)
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['user']
      end,
      sample_output: lambda do |_connection, _input|
        call('sample_of', 'User')
      end
    },
    deactivate_user: {
      title: 'Deactivate user',
      subtitle: 'Ends the user\'s access and keeps the account, so that it can be given back.',
      description: lambda do |_input, _picklist_label|
        'Deactivate <span class="provider">user</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Ends the user\'s access and keeps the account, so that it can be given back. Running the step again with ' \
          'the same input does no harm.'
      end,
      display_priority: 14,
      input_fields: lambda do |object_definitions|
        object_definitions['deactivate_user_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'deactivate_user', input, input_schema)
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['user']
      end,
      sample_output: lambda do |_connection, _input|
        call('sample_of', 'User')
      end
    },
    reactivate_user: {
      title: 'Reactivate user',
      subtitle: 'Gives access back to a user who was deactivated.',
      description: lambda do |_input, _picklist_label|
        'Reactivate <span class="provider">user</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Gives access back to a user who was deactivated. Running the step again with the same input does no harm.'
      end,
      display_priority: 13,
      input_fields: lambda do |object_definitions|
        object_definitions['reactivate_user_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'reactivate_user', input, input_schema)
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['user']
      end,
      sample_output: lambda do |_connection, _input|
        call('sample_of', 'User')
      end
    },
    delete_user: {
      title: 'Delete user',
      subtitle: 'Deletes a user for good; one who is already gone counts as deleted.',
      description: lambda do |_input, _picklist_label|
        'Delete <span class="provider">user</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Deletes a user for good; one who is already gone counts as deleted. Running the step again with the same ' \
          'input does no harm.'
      end,
      display_priority: 12,
      input_fields: lambda do |object_definitions|
        object_definitions['delete_user_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'delete_user', input, input_schema)
      end,
      output_fields: lambda do |_object_definitions|
        [
          { name: 'id', label: 'SCIM ID', type: 'string' },
          { name: 'deleted', label: 'Deleted', type: 'boolean' },
          { name: 'alreadyGone', label: 'Already gone', type: 'boolean' }
        ]
      end,
      sample_output: lambda do |_connection, _input|
        { 'id' => '2819c223-7f76-453a-919d-413861904646', 'deleted' => true, 'alreadyGone' => false }
      end
    },
    set_workato_role: {
      title: 'Set Workato role',
      subtitle: 'Sets the user\'s role in one environment of a Workato workspace.',
      description: lambda do |_input, _picklist_label|
        'Set <span class="provider">Workato role</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Sets the user\'s role in one environment of a Workato workspace. Running the step again with the same ' \
          'input does no harm.'
      end,
      display_priority: 11,
      input_fields: lambda do |object_definitions|
        object_definitions['set_workato_role_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'set_workato_role', input, input_schema)
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['user']
      end,
      sample_output: lambda do |_connection, _input|
        call('sample_of', 'User')
      end
    },
    create_group: {
      title: 'Create group',
      subtitle: 'Creates a group.',
      description: lambda do |_input, _picklist_label|
        'Create <span class="provider">group</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Creates a group. Running the step again may fail, or do it twice.'
      end,
      display_priority: 10,
      input_fields: lambda do |object_definitions|
        object_definitions['create_group_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'create_group', input, input_schema)
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['group']
      end,
      sample_output: lambda do |_connection, _input|
        call('sample_of', 'Group')
      end
    },
    get_group: {
      title: 'Get group',
      subtitle: 'Reads one group, and fails if there is none.',
      description: lambda do |_input, _picklist_label|
        'Get <span class="provider">group</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Reads one group, and fails if there is none. Running the step again with the same input does no harm.'
      end,
      display_priority: 9,
      input_fields: lambda do |object_definitions|
        object_definitions['get_group_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'get_group', input, input_schema)
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['group']
      end,
      sample_output: lambda do |_connection, _input|
        call('sample_of', 'Group')
      end
    },
    search_groups: {
      title: 'Search groups',
      subtitle: 'Lists the groups that have all the values given; give none to list every group.',
      description: lambda do |_input, _picklist_label|
        'Search <span class="provider">groups</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Lists the groups that have all the values given; give none to list every group. Running the step again ' \
          'with the same input does no harm.'
      end,
      display_priority: 8,
      input_fields: lambda do |object_definitions|
        object_definitions['search_groups_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'search_groups', input, input_schema)
      end,
      output_fields: lambda do |object_definitions|
        [
          { name: 'totalResults', label: 'Total results', type: 'integer' },
          { name: 'truncated', label: 'Truncated', type: 'boolean' },
          {
            name: 'resources',
            label: 'Results',
            type: 'array',
            of: 'object',
            properties: object_definitions['group']
          }
        ]
      end,
      sample_output: lambda do |_connection, _input|
        { 'totalResults' => 1, 'truncated' => false, 'resources' => [call('sample_of', 'Group')] }
      end,
      summarize_output: ['resources']
    },
    update_group: {
      title: 'Update group',
      subtitle: 'Changes the attributes that are given, and leaves all others as they are; members, when given, are ' \
                'the whole new list.',
      description: lambda do |_input, _picklist_label|
        'Update <span class="provider">group</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Changes the attributes that are given, and leaves all others as they are; members, when given, are the ' \
          'whole new list. Running the step again with the same input does no harm. To take a value away, switch its ' \
          'field to formula mode and enter <b>clear</b>; a field left empty is not changed.'
      end,
      display_priority: 7,
      input_fields: lambda do |object_definitions|
        object_definitions['update_group_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'update_group', input, input_schema)
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['group']
      end,
      sample_output: lambda do |_connection, _input|
        call('sample_of', 'Group')
      end
    },
    delete_group: {
      title: 'Delete group',
      subtitle: 'Deletes a group and leaves its members; one that is already gone counts as deleted.',
      description: lambda do |_input, _picklist_label|
        'Delete <span class="provider">group</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Deletes a group and leaves its members; one that is already gone counts as deleted. Running the step ' \
          'again with the same input does no harm.'
      end,
      display_priority: 6,
      input_fields: lambda do |object_definitions|
        object_definitions['delete_group_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'delete_group', input, input_schema)
      end,
      output_fields: lambda do |_object_definitions|
        [
          { name: 'id', label: 'SCIM ID', type: 'string' },
          { name: 'deleted', label: 'Deleted', type: 'boolean' },
          { name: 'alreadyGone', label: 'Already gone', type: 'boolean' }
        ]
      end,
      sample_output: lambda do |_connection, _input|
        { 'id' => 'e9e30dba-f08f-4109-8486-d5c6a331660a', 'deleted' => true, 'alreadyGone' => false }
      end
    },
    add_group_members: {
      title: 'Add group members',
      subtitle: 'Adds users to a group; those who are in it stay in it.',
      description: lambda do |_input, _picklist_label|
        'Add <span class="provider">group members</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Adds users to a group; those who are in it stay in it. Running the step again with the same input does no ' \
          'harm.'
      end,
      display_priority: 5,
      input_fields: lambda do |object_definitions|
        object_definitions['add_group_members_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'add_group_members', input, input_schema)
      end,
      output_fields: lambda do |_object_definitions|
        [
          { name: 'id', label: 'SCIM ID', type: 'string' },
          {
            name: 'members',
            label: 'Members',
            type: 'array',
            of: 'object',
            properties: [{ name: 'value', label: 'SCIM ID', type: 'string' }]
          },
          { name: 'requests', label: 'Requests', type: 'integer' }
        ]
      end,
      sample_output: lambda do |_connection, _input|
        {
          'id' => 'e9e30dba-f08f-4109-8486-d5c6a331660a',
          'members' => [{ 'value' => '2819c223-7f76-453a-919d-413861904646' }],
          'requests' => 1
        }
      end
    },
    remove_group_members: {
      title: 'Remove group members',
      subtitle: 'Takes users out of a group; those who are not in it stay out.',
      description: lambda do |_input, _picklist_label|
        'Remove <span class="provider">group members</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Takes users out of a group; those who are not in it stay out. Running the step again with the same input ' \
          'does no harm.'
      end,
      display_priority: 4,
      input_fields: lambda do |object_definitions|
        object_definitions['remove_group_members_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'remove_group_members', input, input_schema)
      end,
      output_fields: lambda do |_object_definitions|
        [
          { name: 'id', label: 'SCIM ID', type: 'string' },
          {
            name: 'members',
            label: 'Members',
            type: 'array',
            of: 'object',
            properties: [{ name: 'value', label: 'SCIM ID', type: 'string' }]
          },
          { name: 'requests', label: 'Requests', type: 'integer' }
        ]
      end,
      sample_output: lambda do |_connection, _input|
        {
          'id' => 'e9e30dba-f08f-4109-8486-d5c6a331660a',
          'members' => [{ 'value' => '2819c223-7f76-453a-919d-413861904646' }],
          'requests' => 1
        }
      end
    },
    bulk_users: {
      title: 'Change many users',
      subtitle: 'Runs one action for every row, and gives a result for each; a row that fails never stops the others.',
      description: lambda do |_input, _picklist_label|
        'Change <span class="provider">many users</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Runs one action for every row, and gives a result for each; a row that fails never stops the others. ' \
          'Running the step again with the same input does no harm.'
      end,
      display_priority: 3,
      batch: true,
      config_fields: [
        {
          name: 'action',
          label: 'Action',
          optional: false,
          default: 'upsert_user',
          hint: 'What to do with every row.',
          type: 'string',
          control_type: 'select',
          pick_list: 'action',
          toggle_hint: 'Select from list',
          toggle_field: {
            name: 'action',
            label: 'Action',
            optional: false,
            type: 'string',
            control_type: 'text',
            hint: 'One of: upsert_user, create_user, update_user, deactivate_user, reactivate_user, delete_user, ' \
                  'set_workato_role.',
            toggle_hint: 'Enter value or map a datapill'
          }
        }
      ],
      input_fields: lambda do |object_definitions|
        object_definitions['bulk_users_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'bulk_users', input, input_schema)
      end,
      output_fields: lambda do |_object_definitions|
        [
          { name: 'succeeded', label: 'Succeeded', type: 'integer' },
          { name: 'failed', label: 'Failed', type: 'integer' },
          {
            name: 'results',
            label: 'Results',
            type: 'array',
            of: 'object',
            properties: [
              { name: 'row', label: 'Row', type: 'integer' },
              { name: 'ok', label: 'OK', type: 'boolean' },
              { name: 'id', label: 'SCIM ID', type: 'string' },
              {
                name: 'output',
                label: 'Output',
                type: 'object',
                properties: [
                  { name: 'schemas', label: 'Schemas', type: 'array', of: 'string' },
                  { name: 'id', label: 'Id', type: 'string' },
                  { name: 'externalId', label: 'External id', type: 'string' },
                  { name: 'userName', label: 'User name', type: 'string' },
                  {
                    name: 'name',
                    label: 'Name',
                    type: 'object',
                    properties: [
                      { name: 'givenName', label: 'Given name', type: 'string' },
                      { name: 'familyName', label: 'Family name', type: 'string' },
                      { name: 'formatted', label: 'Formatted', type: 'string' }
                    ]
                  },
                  { name: 'displayName', label: 'Display name', type: 'string' },
                  { name: 'title', label: 'Title', type: 'string' },
                  { name: 'active', label: 'Active', type: 'boolean' },
                  {
                    name: 'emails',
                    label: 'Emails',
                    type: 'array',
                    of: 'object',
                    properties: [
                      { name: 'value', label: 'Value', type: 'string' },
                      { name: 'type', label: 'Type', type: 'string' },
                      { name: 'primary', label: 'Primary', type: 'boolean' }
                    ]
                  },
                  {
                    name: 'groups',
                    label: 'Groups',
                    type: 'array',
                    of: 'object',
                    properties: [
                      { name: 'value', label: 'Value', type: 'string' },
                      { name: 'display', label: 'Display', type: 'string' },
                      { name: 'type', label: 'Type', type: 'string' }
                    ]
                  },
                  {
                    name: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
                    label: 'Urn:ietf:params:scim:schemas:extension:enterprise:2.0:user',
                    type: 'object',
                    properties: [
                      { name: 'department', label: 'Department', type: 'string' },
                      { name: 'employeeNumber', label: 'Employee number', type: 'string' }
                    ]
                  },
                  {
                    name: 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole',
                    label: 'Urn:ietf:params:scim:schemas:workato:1.0:workato role',
                    type: 'object',
                    properties: [
                      { name: 'workato_role', label: 'Workato role', type: 'string' },
                      { name: 'workato_role_test', label: 'Workato role test', type: 'string' },
                      { name: 'workato_role_prod', label: 'Workato role prod', type: 'string' }
                    ]
                  },
                  {
                    name: 'meta',
                    label: 'Meta',
                    type: 'object',
                    properties: [
                      { name: 'resourceType', label: 'Resource type', type: 'string' },
                      { name: 'created', label: 'Created', type: 'string' },
                      { name: 'lastModified', label: 'Last modified', type: 'string' },
                      { name: 'version', label: 'Version', type: 'string' },
                      { name: 'location', label: 'Location', type: 'string' }
                    ]
                  }
                ]
              },
              {
                name: 'error',
                label: 'Error',
                type: 'object',
                properties: [
                  { name: 'code', label: 'Code', type: 'string' },
                  { name: 'message', label: 'Message', type: 'string' }
                ]
              }
            ]
          }
        ]
      end,
      sample_output: lambda do |_connection, _input|
        {
          'succeeded' => 1,
          'failed' => 0,
          'results' => [
            {
              'row' => 0,
              'ok' => true,
              'id' => '2819c223-7f76-453a-919d-413861904646',
              'output' => call('sample_of', 'User')
            }
          ]
        }
      end,
      summarize_input: ['rows'],
      summarize_output: ['results']
    },
    discover_provider: {
      title: 'Discover provider',
      subtitle: 'Reads what the provider can do: its configuration, resource types and schemas.',
      description: lambda do |_input, _picklist_label|
        'Discover <span class="provider">provider</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Reads what the provider can do: its configuration, resource types and schemas. Running the step again ' \
          'with the same input does no harm.'
      end,
      display_priority: 2,
      input_fields: lambda do |object_definitions|
        object_definitions['discover_provider_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'discover_provider', input, input_schema)
      end,
      output_fields: lambda do |_object_definitions|
        [
          {
            name: 'serviceProviderConfig',
            label: 'Configuration',
            type: 'object',
            properties: [
              {
                name: 'patch',
                label: 'Patch',
                type: 'object',
                properties: [{ name: 'supported', label: 'Supported', type: 'boolean' }]
              },
              {
                name: 'bulk',
                label: 'Bulk',
                type: 'object',
                properties: [
                  { name: 'supported', label: 'Supported', type: 'boolean' },
                  { name: 'maxOperations', label: 'Max operations', type: 'number' },
                  { name: 'maxPayloadSize', label: 'Max payload size', type: 'number' }
                ]
              },
              {
                name: 'filter',
                label: 'Filter',
                type: 'object',
                properties: [
                  { name: 'supported', label: 'Supported', type: 'boolean' },
                  { name: 'maxResults', label: 'Max results', type: 'number' }
                ]
              },
              {
                name: 'changePassword',
                label: 'Change password',
                type: 'object',
                properties: [{ name: 'supported', label: 'Supported', type: 'boolean' }]
              },
              {
                name: 'sort',
                label: 'Sort',
                type: 'object',
                properties: [{ name: 'supported', label: 'Supported', type: 'boolean' }]
              },
              {
                name: 'etag',
                label: 'Etag',
                type: 'object',
                properties: [{ name: 'supported', label: 'Supported', type: 'boolean' }]
              },
              {
                name: 'authenticationSchemes',
                label: 'Authentication schemes',
                type: 'array',
                of: 'object',
                properties: [
                  { name: 'type', label: 'Type', type: 'string' },
                  { name: 'name', label: 'Name', type: 'string' },
                  { name: 'description', label: 'Description', type: 'string' }
                ]
              }
            ]
          },
          {
            name: 'resourceTypes',
            label: 'Resource types',
            type: 'array',
            of: 'object',
            properties: [
              { name: 'name', label: 'Name', type: 'string' },
              { name: 'endpoint', label: 'Endpoint', type: 'string' },
              { name: 'schema', label: 'Schema', type: 'string' }
            ]
          },
          {
            name: 'schemas',
            label: 'Schemas',
            type: 'array',
            of: 'object',
            properties: [
              { name: 'id', label: 'Id', type: 'string' },
              { name: 'name', label: 'Name', type: 'string' },
              {
                name: 'attributes',
                label: 'Attributes',
                type: 'array',
                of: 'object',
                properties: [
                  { name: 'name', label: 'Name', type: 'string' },
                  { name: 'type', label: 'Type', type: 'string' },
                  { name: 'multiValued', label: 'Multi valued', type: 'boolean' }
                ]
              }
            ]
          }
        ]
      end,
      sample_output: lambda do |_connection, _input|
        {
          'serviceProviderConfig' => {
            'patch' => { 'supported' => true },
            'bulk' => { 'supported' => true, 'maxOperations' => 1000, 'maxPayloadSize' => 1_048_576 },
            'filter' => { 'supported' => true, 'maxResults' => 200 },
            'changePassword' => { 'supported' => false },
            'sort' => { 'supported' => true },
            'etag' => { 'supported' => true },
            'authenticationSchemes' => [
              {
                'type' => 'oauthbearertoken',
                'name' => 'Bearer token',
                'description' => 'A bearer token in the Authorization header.'
              }
            ]
          },
          'resourceTypes' => [
            { 'name' => 'User', 'endpoint' => '/Users', 'schema' => 'urn:ietf:params:scim:schemas:core:2.0:User' }
          ],
          'schemas' => [
            {
              'id' => 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole',
              'name' => 'WorkatoRole',
              'attributes' => [{ 'name' => 'workato_role', 'type' => 'string', 'multiValued' => false }]
            }
          ]
        }
      end
    },
    custom_request: {
      title: 'Custom request',
      subtitle: 'Sends any SCIM request, for what no other action does.',
      description: lambda do |_input, _picklist_label|
        'Custom <span class="provider">request</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        'Sends any SCIM request, for what no other action does. Running the step again may fail, or do it twice.'
      end,
      display_priority: 1,
      input_fields: lambda do |object_definitions|
        object_definitions['custom_request_input']
      end,
      execute: lambda do |connection, input, input_schema|
        call('run_action', connection, 'custom_request', input, input_schema)
      end,
      output_fields: lambda do |_object_definitions|
        [
          { name: 'status', label: 'Status', type: 'integer' },
          {
            name: 'headers',
            label: 'Headers',
            type: 'object',
            properties: [{ name: 'content-type', label: 'Content-type', type: 'string' }]
          },
          {
            name: 'body',
            label: 'Body',
            type: 'object',
            properties: [
              { name: 'schemas', label: 'Schemas', type: 'array', of: 'string' },
              { name: 'totalResults', label: 'Total results', type: 'number' },
              {
                name: 'Resources',
                label: 'Resources',
                type: 'array',
                of: 'object',
                properties: [
                  { name: 'id', label: 'Id', type: 'string' },
                  { name: 'userName', label: 'User name', type: 'string' }
                ]
              }
            ]
          }
        ]
      end,
      sample_output: lambda do |_connection, _input|
        {
          'status' => 200,
          'headers' => { 'content-type' => 'application/scim+json' },
          'body' => {
            'schemas' => ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
            'totalResults' => 1,
            'Resources' => [{ 'id' => '2819c223-7f76-453a-919d-413861904646', 'userName' => 'ada@example.com' }]
          }
        }
      end
    }
  },
  webhook_keys: lambda do |params, _headers, _payload|
    "#{params['source']}/#{params['stream']}"
  end,
  triggers: {
    user_provisioned: {
      title: 'User provisioned',
      subtitle: 'Starts when a user is created.',
      description: lambda do |_input, _picklist_label|
        '<span class="provider">User provisioned</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        call('poll_help', 'Starts when a user is created.')
      end,
      display_priority: 10,
      input_fields: lambda do |object_definitions|
        object_definitions['user_provisioned_input']
      end,
      poll: lambda do |connection, input, closure|
        call('poll_trigger', connection, 'user_provisioned', input, closure)
      end,
      dedup: lambda do |event|
        event['dedupeKey']
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['user_event']
      end,
      sample_output: lambda do |_connection, _input|
        call('sample_event', 'User', 'create', [], call('sample_of', 'User'))
      end
    },
    user_updated: {
      title: 'User updated',
      subtitle: 'Starts when attributes of a user change, roles included.',
      description: lambda do |_input, _picklist_label|
        '<span class="provider">User updated</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        call('poll_help', 'Starts when attributes of a user change, roles included.')
      end,
      display_priority: 9,
      input_fields: lambda do |object_definitions|
        object_definitions['user_updated_input']
      end,
      poll: lambda do |connection, input, closure|
        call('poll_trigger', connection, 'user_updated', input, closure)
      end,
      dedup: lambda do |event|
        event['dedupeKey']
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['user_event']
      end,
      sample_output: lambda do |_connection, _input|
        call(
          'sample_event',
          'User',
          'patch',
          [
            {
              'path' => 'title',
              'from' => 'Analyst',
              'to' => 'Senior analyst',
              'fromKnown' => true,
              'toKnown' => true
            }
          ],
          call('sample_of', 'User').merge({ 'title' => 'Senior analyst' })
        )
      end
    },
    user_role_changed: {
      title: 'User role changed',
      subtitle: 'Starts when a user gets another role, a Workato role or any other.',
      description: lambda do |_input, _picklist_label|
        '<span class="provider">User role changed</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        call('poll_help', 'Starts when a user gets another role, a Workato role or any other.')
      end,
      display_priority: 8,
      input_fields: lambda do |object_definitions|
        object_definitions['user_role_changed_input']
      end,
      poll: lambda do |connection, input, closure|
        call('poll_trigger', connection, 'user_role_changed', input, closure)
      end,
      dedup: lambda do |event|
        event['dedupeKey']
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['user_event']
      end,
      sample_output: lambda do |_connection, _input|
        call(
          'sample_event',
          'User',
          'patch',
          [
            {
              'path' => 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role',
              'from' => 'Analyst',
              'to' => 'Admin',
              'fromKnown' => true,
              'toKnown' => true
            }
          ],
          call('sample_of', 'User').merge({
            'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole' => {
              'workato_role' => 'Admin',
              'workato_role_test' => 'Operator',
              'workato_role_prod' => 'NoAccess'
            }
          })
        )
      end
    },
    user_deprovisioned: {
      title: 'User deprovisioned',
      subtitle: 'Starts when a user loses access; the type says whether it was deactivated or deleted.',
      description: lambda do |_input, _picklist_label|
        '<span class="provider">User deprovisioned</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        call('poll_help', 'Starts when a user loses access; the type says whether it was deactivated or deleted.')
      end,
      display_priority: 7,
      input_fields: lambda do |object_definitions|
        object_definitions['user_deprovisioned_input']
      end,
      poll: lambda do |connection, input, closure|
        call('poll_trigger', connection, 'user_deprovisioned', input, closure)
      end,
      dedup: lambda do |event|
        event['dedupeKey']
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['user_event']
      end,
      sample_output: lambda do |_connection, _input|
        call(
          'sample_event',
          'User',
          'deactivate',
          [{ 'path' => 'active', 'from' => true, 'to' => false, 'fromKnown' => true, 'toKnown' => true }],
          call('sample_of', 'User').merge({ 'active' => false })
        )
      end
    },
    user_reactivated: {
      title: 'User reactivated',
      subtitle: 'Starts when a user who was deactivated gets access again.',
      description: lambda do |_input, _picklist_label|
        '<span class="provider">User reactivated</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        call('poll_help', 'Starts when a user who was deactivated gets access again.')
      end,
      display_priority: 6,
      input_fields: lambda do |object_definitions|
        object_definitions['user_reactivated_input']
      end,
      poll: lambda do |connection, input, closure|
        call('poll_trigger', connection, 'user_reactivated', input, closure)
      end,
      dedup: lambda do |event|
        event['dedupeKey']
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['user_event']
      end,
      sample_output: lambda do |_connection, _input|
        call(
          'sample_event',
          'User',
          'activate',
          [{ 'path' => 'active', 'from' => false, 'to' => true, 'fromKnown' => true, 'toKnown' => true }],
          call('sample_of', 'User')
        )
      end
    },
    group_created: {
      title: 'Group created',
      subtitle: 'Starts when a group is created.',
      description: lambda do |_input, _picklist_label|
        '<span class="provider">Group created</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        call('poll_help', 'Starts when a group is created.')
      end,
      display_priority: 5,
      input_fields: lambda do |object_definitions|
        object_definitions['group_created_input']
      end,
      poll: lambda do |connection, input, closure|
        call('poll_trigger', connection, 'group_created', input, closure)
      end,
      dedup: lambda do |event|
        event['dedupeKey']
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['group_event']
      end,
      sample_output: lambda do |_connection, _input|
        call(
          'sample_event',
          'Group',
          'create',
          [
            {
              'path' => 'members[value eq "2819c223-7f76-453a-919d-413861904646"]',
              'from' => nil,
              'to' => { 'value' => '2819c223-7f76-453a-919d-413861904646' },
              'fromKnown' => true,
              'toKnown' => true
            }
          ],
          call('sample_of', 'Group')
        )
      end
    },
    group_updated: {
      title: 'Group updated',
      subtitle: 'Starts when attributes of a group change, such as its name; its members have a trigger of their own.',
      description: lambda do |_input, _picklist_label|
        '<span class="provider">Group updated</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        call('poll_help', 'Starts when attributes of a group change, such as its name; its members have a trigger of ' \
                          'their own.')
      end,
      display_priority: 4,
      input_fields: lambda do |object_definitions|
        object_definitions['group_updated_input']
      end,
      poll: lambda do |connection, input, closure|
        call('poll_trigger', connection, 'group_updated', input, closure)
      end,
      dedup: lambda do |event|
        event['dedupeKey']
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['group_event']
      end,
      sample_output: lambda do |_connection, _input|
        call(
          'sample_event',
          'Group',
          'patch',
          [
            {
              'path' => 'displayName',
              'from' => 'Research',
              'to' => 'Engineering',
              'fromKnown' => true,
              'toKnown' => true
            }
          ],
          call('sample_of', 'Group')
        )
      end
    },
    group_deleted: {
      title: 'Group deleted',
      subtitle: 'Starts when a group is deleted.',
      description: lambda do |_input, _picklist_label|
        '<span class="provider">Group deleted</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        call('poll_help', 'Starts when a group is deleted.')
      end,
      display_priority: 3,
      input_fields: lambda do |object_definitions|
        object_definitions['group_deleted_input']
      end,
      poll: lambda do |connection, input, closure|
        call('poll_trigger', connection, 'group_deleted', input, closure)
      end,
      dedup: lambda do |event|
        event['dedupeKey']
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['group_event']
      end,
      sample_output: lambda do |_connection, _input|
        call(
          'sample_event',
          'Group',
          'delete',
          [
            {
              'path' => 'members[value eq "2819c223-7f76-453a-919d-413861904646"]',
              'from' => { 'value' => '2819c223-7f76-453a-919d-413861904646' },
              'to' => nil,
              'fromKnown' => true,
              'toKnown' => true
            }
          ],
          nil
        )
      end
    },
    group_membership_changed: {
      title: 'Group membership changed',
      subtitle: 'Starts when somebody comes into a group or leaves it, also because the group was created or deleted.',
      description: lambda do |_input, _picklist_label|
        '<span class="provider">Group membership changed</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        call('poll_help', 'Starts when somebody comes into a group or leaves it, also because the group was created ' \
                          'or deleted.')
      end,
      display_priority: 2,
      input_fields: lambda do |object_definitions|
        object_definitions['group_membership_changed_input']
      end,
      poll: lambda do |connection, input, closure|
        call('poll_trigger', connection, 'group_membership_changed', input, closure)
      end,
      dedup: lambda do |event|
        event['dedupeKey']
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['group_event']
      end,
      sample_output: lambda do |_connection, _input|
        call(
          'sample_event',
          'Group',
          'patch',
          [
            {
              'path' => 'members[value eq "2819c223-7f76-453a-919d-413861904646"]',
              'from' => nil,
              'to' => { 'value' => '2819c223-7f76-453a-919d-413861904646' },
              'fromKnown' => true,
              'toKnown' => true
            }
          ],
          call('sample_of', 'Group')
        )
      end
    },
    provisioning_event: {
      title: 'Provisioning event',
      subtitle: 'Starts with every change of a user or a group, whatever it is.',
      description: lambda do |_input, _picklist_label|
        '<span class="provider">Provisioning event</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |_input, _picklist_label|
        call('poll_help', 'Starts with every change of a user or a group, whatever it is.')
      end,
      display_priority: 1,
      input_fields: lambda do |object_definitions|
        object_definitions['provisioning_event_input']
      end,
      poll: lambda do |connection, input, closure|
        call('poll_trigger', connection, 'provisioning_event', input, closure)
      end,
      dedup: lambda do |event|
        event['dedupeKey']
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['provisioning_event']
      end,
      sample_output: lambda do |_connection, _input|
        call(
          'sample_event',
          'User',
          'deactivate',
          [{ 'path' => 'active', 'from' => true, 'to' => false, 'fromKnown' => true, 'toKnown' => true }],
          call('sample_of', 'User').merge({ 'active' => false })
        )
      end
    },
    pushed_event: {
      title: 'New pushed event',
      subtitle: 'Starts at once when a sender pushes an event about a user or group.',
      description: lambda do |_input, _picklist_label|
        '<span class="provider">New pushed event</span> in <span class="provider">SCIM provisioning</span>'
      end,
      help: lambda do |input, _picklist_label, _connection, webhook_base_url|
        call('push_help', input || {}, webhook_base_url)
      end,
      display_priority: 0,
      config_fields: [
        {
          name: 'source',
          label: 'Sent by',
          optional: false,
          type: 'string',
          control_type: 'select',
          pick_list: 'pushed_source',
          hint: 'Whose events start the recipe. The secrets of senders are set in the connection.'
        },
        {
          name: 'stream',
          label: 'Sender name',
          optional: true,
          type: 'string',
          control_type: 'text',
          hint: 'Tells several senders of one sort apart: any word, which then stands in the address. Other recipes ' \
                'get nothing of this sender.'
        }
      ],
      input_fields: lambda do |object_definitions|
        object_definitions['pushed_event_input']
      end,
      webhook_key: lambda do |_connection, input|
        "#{input['source']}/#{input['stream']}"
      end,
      webhook_payload_type: 'raw',
      webhook_notification: lambda do |input, payload, _input_schema, _output_schema, headers, _params, connection|
        # Everything stands in this one lambda: when a message comes in, Workato lets no method be called and no
        # request be sent. Nothing of a message is read before it is known who sent it. What is refused starts no
        # job, and why it was is said with `puts`.
        data = parse_json(<<~'JSON')
          {"resources":{
          "User":{"endpoint":"/Users","schema":"urn:ietf:params:scim:schemas:core:2.0:User",
           "extensions":["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
           "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole"],"attributes":{"schemas":[0],"id":0,"externalId":0,
           "meta":{"resourceType":0,"created":2,"lastModified":2,"location":0,"version":0},"userName":0,
           "name":{"formatted":0,"familyName":0,"givenName":0,"middleName":0,"honorificPrefix":0,"honorificSuffix":0},
           "displayName":0,"nickName":0,"profileUrl":0,"title":0,"userType":0,"preferredLanguage":0,"locale":0,
           "timezone":0,"active":1,"password":0,"emails":[{"value":0,"display":0,"type":0,"primary":1}],
           "phoneNumbers":[{"value":0,"display":0,"type":0,"primary":1}],"ims":[{"value":0,"display":0,"type":0,
           "primary":1}],"photos":[{"value":0,"display":0,"type":0,"primary":1}],"addresses":[{"formatted":0,
           "streetAddress":0,"locality":0,"region":0,"postalCode":0,"country":0,"type":0,"primary":1}],
           "groups":[{"value":0,"$ref":0,"display":0,"type":0}],"entitlements":[{"value":0,"display":0,"type":0,
           "primary":1}],"roles":[{"value":0,"display":0,"type":0,"primary":1}],"x509Certificates":[{"value":2,
           "display":0,"type":0,"primary":1}],
           "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":0,"costCenter":0,
           "organization":0,"division":0,"department":0,"manager":{"value":0,"$ref":0,"displayName":0}},
           "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole":{"workato_role":0,"workato_role_test":0,
           "workato_role_prod":0}}},
          "Group":{"endpoint":"/Groups","schema":"urn:ietf:params:scim:schemas:core:2.0:Group","extensions":[],
           "attributes":{"schemas":[0],"id":0,"externalId":0,"meta":{"resourceType":0,"created":2,"lastModified":2,
           "location":0,"version":0},"displayName":0,"members":[{"value":0,"$ref":0,"type":0,"display":0}]}}},
          "audit":{
          "names":{"team_invitation_accept":["User","create"],"team_membership_deleted":["User","delete"],
           "team_membership_suspended":["User","deactivate"],"team_membership_restored":["User","activate"],
           "team_membership_role_updated":["User","update"],"team_membership_groups_updated":["User","update"],
           "team_membership_updated":["User","update"],"user_group_created":["Group","create"],
           "user_group_updated":["Group","update"],"user_group_deleted":["Group","delete"]},
          "fields":{"source":"source","before":"before","after":"after","removed":"removed"}},
          "secrets":{
          "security_event_token":["security_event_token_bearerToken"],
          "workato_audit_log":["workato_audit_log_bearerToken","workato_audit_log_previousBearerToken"]}}
        JSON
        refuse = ->(code, what) { throw :refused, "#{code}: #{what}" }
        flag = ->(value) { value.to_s.casecmp('true').zero? }
        hash = ->(value) { value.is_a?(::Hash) ? value : {} }
        list = ->(value) { value.is_a?(::Array) ? value : [] }
        text_or_nil = ->(value) { value if value.is_a?(::String) && value != '' }
        header = lambda do |name|
          found = headers.to_h.find { |key, _| key.to_s.tr('_', '-').casecmp(name).zero? }
          found.nil? ? nil : Array(found[1]).join(', ').strip
        end
        same = lambda do |one, other|
          one.bytesize == other.bytesize && one.bytes.zip(other.bytes).map { |a, b| a ^ b }.sum.zero?
        end
        require_secret = lambda do |secrets, plain|
          given = header.call('Authorization')
          readings = [plain ? given : nil, given.to_s[/\Abearer +(.*)\z/i, 1]].compact
          next if readings.product(secrets).map { |one, other| same.call(one, other) }.any?

          missing = given.nil? ? 'The header "Authorization" is missing.' : 'The "Authorization" is wrong.'
          refuse.call('auth', secrets.empty? ? 'The connection has no token for this sender.' : missing)
        end
        read_json = lambda do |bytes|
          unreadable = ->(why) { refuse.call('invalid_input', "The message #{why}.") }
          text = bytes.dup.force_encoding('UTF-8')
          unreadable.call('is not UTF-8') unless text.valid_encoding?
          begin
            ::JSON.parse(text.delete_prefix("\uFEFF"), max_nesting: 64)
          rescue ::JSON::NestingError
            unreadable.call('has more than 64 levels')
          rescue ::JSON::ParserError
            unreadable.call('is not JSON')
          end
        end
        in_ms = ->(time) { time.is_a?(::Numeric) && time.abs <= 8.64e12 ? (time * 1000).truncate : nil }
        now_in_ms = (::Time.now.to_f * 1000).floor

        shape_of = lambda do |attributes|
          attributes.each_with_object({}) do |(name, kind), shape|
            one = kind.is_a?(::Array) ? kind[0] : kind
            inner = one.is_a?(::Hash) ? shape_of.call(one) : nil
            shape[name.downcase] = { 'name' => name, 'many' => kind.is_a?(::Array), 'shape' => inner,
                                     'type' => inner ? 'complex' : one }
          end
        end
        id_text = lambda do |value|
          next text_or_nil.call(value) unless value.is_a?(::Numeric)

          (value == value.to_i ? value.to_i : value).to_s
        end
        read_object = nil
        read_value = lambda do |known, value|
          case known['type']
          when 'complex' then value.is_a?(::Hash) ? read_object.call(known['shape'], value) : value
          when 1 then { 'true' => true, 'false' => false }.fetch(value.to_s.downcase, value)
          when 0 then value.is_a?(::Numeric) ? id_text.call(value) : value
          else value
          end
        end
        read_object = lambda do |shape, object|
          object.each_with_object({}) do |(name, item), result|
            known = shape[name.downcase]
            if item.nil? || known.nil? then result[name] = item unless item.nil?
            elsif known['many']
              result[known['name']] = (item.is_a?(::Array) ? item : [item]).map { |one| read_value.call(known, one) }
            else
              result[known['name']] = read_value.call(known, item)
            end
          end
        end
        kinds = data['resources'].to_h do |name, kind|
          [name, kind.merge('name' => name, 'shape' => shape_of.call(kind['attributes']))]
        end
        extension_named = ->(kind, name) { kind['extensions'].find { |id| id.casecmp(name).zero? } }

        print_filter = lambda do |text|
          words = text.scan(/"(?:[^"\\]|\\.)*"|[^\s"]+/m)
          groups = [[]]
          until words.empty?
            name, operator = words.shift(2)
            break if operator.nil? || !%w[eq ne co sw ew gt ge lt le pr].include?(operator.downcase)

            value = operator.casecmp('pr').zero? ? nil : words.shift
            value = value.downcase if value.to_s.match?(/\A(true|false|null)\z/i)
            value = ::JSON.generate(value) unless value.nil? || value.match?(/\A(".*"|-?\d.*|true|false|null)\z/m)
            groups.last << [name, operator.downcase, value].compact.join(' ')
            joint = words.shift.to_s.downcase
            joint == 'or' ? groups << [] : (break unless joint == 'and')
          end
          next text unless words.empty? && groups.none?(&:empty?)

          terms = groups.map { |all| all.join(' and ') }
          terms.each_index { |at| terms[at] = "(#{terms[at]})" if groups[at].length > 1 } if groups.length > 1
          terms.join(' or ')
        end
        read_path = lambda do |kind, text|
          form = /\A\s*(?:(urn:[\w.:%~!$&'*+;=@-]+):)?([a-z$][\w$-]*)(?:\[(.*)\])?(?:\.([a-z$][\w$-]*))?\s*\z/im
          match = form.match(text)
          schema, name, filter, sub = match.nil? ? [nil, text, nil, nil] : match.captures
          schema = nil if schema.to_s.casecmp(kind['schema']).zero?
          core = match && match[1] && schema.nil?
          if schema
            schema = extension_named.call(kind, schema) || schema
          elsif !core && !kind['shape'].key?(name.downcase)
            having = kind['extensions'].select { |id| kind['shape'][id.downcase]['shape'].key?(name.downcase) }
            schema = having[0] if having.length == 1
          end
          shape = schema ? (kind['shape'][schema.downcase] || {})['shape'] || {} : kind['shape']
          known = shape[name.downcase]
          inner = sub && known && (known['shape'] || {})[sub.downcase]
          name = known['name'] if known
          sub = inner['name'] if inner
          filter = print_filter.call(filter) if filter
          {
            'schema' => schema, 'attribute' => name, 'filter' => filter, 'sub' => sub,
            'many' => !known.nil? && known['many'], 'type' => ((sub ? inner : known) || {})['type'],
            'text' => "#{schema && "#{schema}:"}#{name}#{filter && "[#{filter}]"}#{sub && ".#{sub}"}"
          }
        end
        value_of = lambda do |kind, path, value|
          if !path['many'] && value.is_a?(::Array) && value.length == 1 && path['type']
            value = value[0]
            value = value['value'] if path['type'] != 'complex' && value.is_a?(::Hash) && value.key?('value')
          end
          held = path['sub'] ? { path['sub'] => value } : value
          top = { path['attribute'] => path['filter'] ? [held] : held }
          read = read_object.call(kind['shape'], path['schema'] ? { path['schema'] => top } : top)
          whole = hash.call(path['schema'] ? read[path['schema']] : read)[path['attribute']]
          whole = whole[0] if (path['filter'] || path['sub']) && whole.is_a?(::Array)
          path['sub'] ? hash.call(whole)[path['sub']] : whole
        end

        change_from = lambda do |path, from, to|
          { 'path' => path, 'from' => from, 'to' => to, 'fromKnown' => true, 'toKnown' => true }
        end
        change_to = ->(path, to) { change_from.call(path, nil, to).merge('fromKnown' => false) }
        change_of = ->(path) { change_to.call(path, nil).merge('toKnown' => false) }
        item_path = ->(path, id) { "#{path}[value eq #{::JSON.generate(id)}]" }
        items_of = lambda do |value|
          items = list.call(value).select { |item| hash.call(item)['value'].is_a?(::String) }
          items.to_h { |item| [item['value'], item] }
        end
        members_of = lambda do |resource|
          items_of.call(hash.call(resource)['members']).map do |id, item|
            change_from.call(item_path.call('members', id), nil, item)
          end
        end
        time_text = ->(ms) { ::Time.at(ms / 1000, ms % 1000, :millisecond).utc.strftime('%Y-%m-%dT%H:%M:%S.%LZ') }
        key_of = ->(*parts) { parts.map { |part| part.gsub('%', '%25').gsub('/', '%2F') }.join('/') }
        make_event = lambda do |type, parts, changes|
          {
            'id' => parts['id'], 'type' => type, 'occurredAt' => time_text.call(parts['at']),
            'resource' => parts['kind'], 'subject' => parts['subject'], 'changes' => changes,
            'data' => type == 'delete' ? nil : parts['data'],
            'source' => input['source'], 'cause' => parts['cause'], 'isLate' => false,
            'dedupeKey' => key_of.call(*parts['key'], type)
          }
        end
        update_events = lambda do |parts, changes, type, even_without|
          real = changes.select { |one| !one['fromKnown'] || !one['toKnown'] || one['from'] != one['to'] }
          activity = real.find { |one| one['path'] == 'active' && one['toKnown'] && [true, false].include?(one['to']) }
          rest = real.reject { |one| one.equal?(activity) }
          events = []
          events << make_event.call(activity['to'] ? 'activate' : 'deactivate', parts, [activity]) if activity
          events << make_event.call(type, parts, rest) if !rest.empty? || even_without
          events
        end
        subject_of = lambda do |id, *shown|
          %w[externalId userName displayName].each_with_object({ 'id' => id }) do |name, subject|
            subject[name] = shown.map { |one| text_or_nil.call(one[name]) }.compact.first
          end
        end

        decode = lambda do |text|
          bytes = text.match?(/\A[\w-]*\z/) ? text.tr('-_', '+/').unpack1('m') : nil
          bytes if bytes && [bytes].pack('m0').delete('=').tr('+/', '-_') == text
        end
        public_key = lambda do |jwk|
          asn = ::OpenSSL::ASN1
          number = ->(name) { asn::Integer.new(::OpenSSL::BN.new(decode.call(jwk[name]), 2)) }
          type, bits =
            case jwk['kty']
            when 'RSA'
              [[asn::ObjectId.new('rsaEncryption'), asn::Null.new(nil)],
               asn::Sequence.new([number.call('n'), number.call('e')]).to_der]
            when 'EC'
              curve = { 'P-256' => 'prime256v1', 'P-384' => 'secp384r1', 'P-521' => 'secp521r1' }[jwk['crv']]
              [[asn::ObjectId.new('id-ecPublicKey'), asn::ObjectId.new(curve)],
               "\x04".b + decode.call(jwk['x']) + decode.call(jwk['y'])]
            else
              [[asn::ObjectId.new(jwk['crv'] == 'Ed448' ? '1.3.101.113' : '1.3.101.112')], decode.call(jwk['x'])]
            end
          ::OpenSSL::PKey.read(asn::Sequence.new([asn::Sequence.new(type), asn::BitString.new(bits)]).to_der)
        end
        signed_by = lambda do |algorithm, jwk, message, signature|
          key = public_key.call(jwk)
          digest = "SHA#{algorithm[2..]}"
          case algorithm[0, 2]
          when 'RS' then key.verify(::OpenSSL::Digest.new(digest), signature, message)
          when 'PS' then key.verify_pss(digest, signature, message, salt_length: :digest, mgf1_hash: digest)
          when 'ES'
            half = { '256' => 32, '384' => 48, '512' => 66 }[algorithm[2..]]
            next false unless signature.bytesize == 2 * half

            numbers = [signature[0, half], signature[half, half]].map do |part|
              ::OpenSSL::ASN1::Integer.new(::OpenSSL::BN.new(part, 2))
            end
            key.verify(::OpenSSL::Digest.new(digest), ::OpenSSL::ASN1::Sequence.new(numbers).to_der, message)
          else key.verify(nil, signature, message)
          end
        rescue ::StandardError
          false
        end
        fits = lambda do |jwk, algorithm, id|
          curves = {
            'ES256' => ['P-256'], 'ES384' => ['P-384'], 'ES512' => ['P-521'], 'EdDSA' => %w[Ed25519 Ed448]
          }[algorithm]
          kty = { 'R' => 'RSA', 'P' => 'RSA' }.fetch(algorithm[0], algorithm == 'EdDSA' ? 'OKP' : 'EC')
          jwk.is_a?(::Hash) && (id.nil? || jwk['kid'] == id) && jwk['kty'] == kty &&
            (curves.nil? || curves.include?(jwk['crv'])) && [nil, algorithm].include?(jwk['alg']) &&
            [nil, 'sig'].include?(jwk['use']) && (jwk['key_ops'].nil? || list.call(jwk['key_ops']).include?('verify'))
        end
        malformed = ->(why) { refuse.call('invalid_input', "The token #{why}.") }
        read_token = lambda do |token|
          unreadable = 'The body is no signed token: it must be one JWS in its compact form.'
          parts = token.split('.', -1).map { |part| decode.call(part) }
          refuse.call('invalid_input', unreadable) if parts.length != 3 || parts.any?(&:nil?) || parts[0].empty?
          head = read_json.call(parts[0])
          refuse.call('invalid_input', unreadable) unless head.is_a?(::Hash)
          taken = %w[RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA]
          unless taken.include?(head['alg'])
            refuse.call('auth', "The token's algorithm is not one of #{taken.join(', ')}.")
          end
          malformed.call('has critical parameters') if head.key?('crit')
          types = %w[secevent+jwt application/secevent+jwt jwt]
          if head.key?('typ') && !types.include?(head['typ'].to_s.downcase)
            malformed.call('is typed as something else than "secevent+jwt"')
          end
          malformed.call('has a "kid" that is no text') if head.key?('kid') && !head['kid'].is_a?(::String)
          begin
            keys = list.call(hash.call(::JSON.parse(input['jwks'].to_s))['keys'])
          rescue ::JSON::ParserError
            keys = []
          end
          known = keys.select { |jwk| fits.call(jwk, head['alg'], head['kid']) }
          if known.empty?
            refuse.call('auth', 'The issuer has published no key with the "kid" and for the algorithm of the token.')
          end
          message = token[0...token.rindex('.')]
          unless known.any? { |jwk| signed_by.call(head['alg'], jwk, message, parts[2]) }
            refuse.call('auth', 'The signature does not fit the token.')
          end
          read_json.call(parts[1])
        end
        check_claims = lambda do |claims|
          malformed.call('has claims that are no JSON object') unless claims.is_a?(::Hash)
          unless claims['iss'] == input['issuer']
            refuse.call('auth', 'The "iss" of the token is not the issuer that is expected here.')
          end
          unless Array(claims['aud']).include?(input['audience'])
            refuse.call('auth', 'The "aud" of the token does not name this receiver.')
          end
          issued, expires, begins, happened = %w[iat exp nbf toe].map { |name| in_ms.call(claims[name]) }
          ahead = now_in_ms + 300_000
          malformed.call('has no "iat"') if issued.nil?
          malformed.call('is dated in the future') if issued > ahead
          malformed.call('is too old') if issued < now_in_ms - ((input['maxAgeInSeconds'] || 604_800).to_i * 1000)
          malformed.call('has expired') if claims.key?('exp') && (expires || 0) <= now_in_ms - 300_000
          malformed.call('is not to be used yet') if claims.key?('nbf') && (begins.nil? || begins > ahead)
          jti = text_or_nil.call(claims['jti'])
          malformed.call('has no "jti", or too long a one') if jti.nil? || jti.length > 1_000
          malformed.call('has no "events"') if hash.call(claims['events']).empty?
          claims.merge('at' => happened && happened < issued + 1_000 ? happened : issued)
        end
        read_subject = lambda do |subject, shown_data|
          subject = hash.call(subject)
          usable = ->(one) { !one.key?('format') || %w[scim uri opaque].include?(one['format']) }
          aliases = subject['format'] == 'aliases' ? list.call(subject['identifiers']) : [subject]
          aliases.select { |one| one.is_a?(::Hash) && usable.call(one) }.each do |one|
            shown = one.reject { |name, _| %w[format uri id].include?(name) }
            path = one['uri'].is_a?(::String) ? one['uri'].sub(/[?#].*\z/m, '').sub(%r{/+\z}, '') : ''
            *, kind, last = path.include?('/') ? path.split('/', -1) : [nil, nil]
            id = last.to_s.match?(/%(?!\h\h)/) ? '' : last.to_s.b.gsub(/%(\h\h)/) { ::Regexp.last_match(1).hex.chr }
            id = id.dup.force_encoding('UTF-8')
            if id.valid_encoding? && id != ''
              found = kinds.values.find { |known| known['endpoint'].casecmp("/#{kind}").zero? }
              throw :subject, [found, id, shown]
            end
            named = list.call(hash.call(shown_data)['schemas']).map { |schema| schema.to_s.downcase }
            found = kinds.values.find { |known| named.include?(known['schema'].downcase) }
            throw :subject, [found, one['id'], shown] if text_or_nil.call(one['id']) && found
          end
          refuse.call('invalid_input', 'The "sub_id" names no SCIM resource: its "uri" must end with the kind and ' \
                                       'the id, as "/Users/2819c223" does.')
        end
        operations_of = ->(told) { [told['Operations'], told['operations']].find { |one| one.is_a?(::Array) } }
        patch_changes = lambda do |kind, operations|
          changes = {}
          keep = lambda do |change, whole = false|
            changes.delete_if { |path, _| whole && path.start_with?("#{change['path']}[") }
            changes.delete(change['path'])
            changes[change['path']] = change
          end
          keep_items = lambda do |path, items, removed|
            items.each do |given|
              read = value_of.call(kind, path, [given.is_a?(::Hash) ? given : { 'value' => given }])
              item = read.is_a?(::Array) ? read[0] : read
              id = hash.call(item)['value']
              next keep.call(change_of.call(path['text'])) unless id.is_a?(::String)

              keep.call(change_to.call(item_path.call(path['text'], id), removed ? nil : item))
            end
          end
          change = lambda do |operation, path, value|
            whole = path['many'] && !path['filter'] && !path['sub']
            if operation == 'remove'
              some = whole && value.is_a?(::Array) && !value.empty?
              some ? keep_items.call(path, value, true) : keep.call(change_to.call(path['text'], nil), whole)
            elsif whole && operation == 'add'
              keep_items.call(path, value.is_a?(::Array) ? value : [value], false)
            elsif !path['many'] && path['type'] == 'complex' && value.is_a?(::Hash)
              value.each { |name, item| change.call(operation, read_path.call(kind, "#{path['text']}.#{name}"), item) }
            else
              read = value_of.call(kind, path, value)
              keep.call(change_to.call(path['text'], read == [] ? nil : read), whole)
            end
          end
          apply = lambda do |operation, text, value|
            extension = extension_named.call(kind, text)
            if extension && value.is_a?(::Hash)
              value.each { |name, item| apply.call(operation, "#{extension}:#{name}", item) }
            elsif text.casecmp(kind['schema']).zero? && value.is_a?(::Hash)
              value.each { |name, item| apply.call(operation, name, item) }
            else
              path = read_path.call(kind, text)
              still = path['schema'].nil? && %w[id schemas meta].include?(path['attribute'])
              change.call(operation, path, value) unless still
            end
          end
          understood = operations.map do |one|
            operation = hash.call(one)['op'].to_s.downcase
            next false unless %w[add replace remove].include?(operation)

            if text_or_nil.call(one['path'].is_a?(::String) ? one['path'].strip : nil)
              apply.call(operation, one['path'].strip, one['value'])
            elsif one['value'].is_a?(::Hash)
              one['value'].each { |name, item| apply.call(operation, name, item) }
            else
              next false
            end
            true
          end
          [changes.values, understood.all?]
        end
        read_set = lambda do |claims|
          told = {}
          claims['events'].each do |uri, event|
            name = uri.downcase
            next unless name.start_with?('urn:ietf:params:scim:event:prov:')

            type, form = name.delete_prefix('urn:ietf:params:scim:event:prov:').split(':', -1)
            forms = { 'create' => %w[full notice], 'patch' => %w[full notice], 'put' => %w[full notice],
                      'delete' => [nil], 'activate' => [nil], 'deactivate' => [nil] }
            next unless forms[type].to_a.include?(form) && name.count(':') == (form ? 7 : 6)

            carried = hash.call(event)
            if form == 'full'
              unless carried['data'].is_a?(::Hash)
                refuse.call('invalid_input', "The event \"#{uri[0, 100]}\" has no \"data\".")
              end
              told[type] = { 'data' => carried['data'], 'names' => [] }
            else
              names = form ? list.call(carried['attributes']).select { |one| one.is_a?(::String) } : []
              told[type] ||= { 'names' => names }
            end
          end
          next [] if told.empty?

          shown_data = told.values.map { |one| one['data'] }.compact.find { |one| operations_of.call(one).nil? }
          kind, id, shown = catch(:subject) { read_subject.call(claims['sub_id'], shown_data) }
          next [] if kind.nil?

          resource = shown_data && read_object.call(kind['shape'], shown_data.merge('id' => id))
          parts = {
            'id' => claims['jti'], 'at' => claims['at'], 'kind' => kind['name'], 'data' => resource,
            'subject' => subject_of.call(id, read_object.call(kind['shape'], shown), resource || {}),
            'key' => ['set', claims['iss'], claims['jti']]
          }
          next [make_event.call('delete', parts, [])] if told.key?('delete')
          next [make_event.call('create', parts, members_of.call(resource))] if told.key?('create')

          read = [told['patch'], told['put']].compact.map do |update|
            if update['data'].nil?
              paths = update['names'].uniq.map { |name| read_path.call(kind, name) }
              paths = paths.reject { |path| path['schema'].nil? && %w[id schemas meta].include?(path['attribute']) }
              next [paths.map { |path| change_of.call(path['text']) }, !update['names'].empty?]
            end
            operations = operations_of.call(update['data'])
            operations.nil? ? [[], false] : patch_changes.call(kind, operations)
          end
          changes = read.flat_map(&:first)
          said = changes.find { |one| one['path'] == 'active' && [true, false].include?(one['to']) }
          active = said && said['to']
          active = !told.key?('deactivate') if said.nil? && (told.key?('deactivate') || told.key?('activate'))
          shown_off = hash.call(resource)['active'] == false && flag.call(input['treatInactivePutAsDeactivation'])
          active = false if active.nil? && shown_off
          unless active.nil?
            others = changes.reject { |one| one['path'] == 'active' }
            changes = [change_to.call('active', active), *others]
          end
          type = told.key?('put') && !told.key?('patch') ? 'put' : 'patch'
          update_events.call(parts, changes, type, read.any? { |one| !one[1] })
        end

        resource_changes = lambda do |kind, before, after|
          between = lambda do |path, from, to|
            from == to ? [] : [change_from.call(path, from, to)]
          end
          names = ->(one, other) { [*one.keys, *other.keys].uniq - %w[id schemas meta] }
          names.call(before, after).flat_map do |name|
            from = before[name]
            to = after[name]
            known = kind['shape'][name.downcase]
            if known && known['type'] == 'complex' && !known['many']
              mark = kind['extensions'].include?(name) ? ':' : '.'
              from = hash.call(from)
              to = hash.call(to)
              names.call(from, to).flat_map { |part| between.call("#{name}#{mark}#{part}", from[part], to[part]) }
            elsif name == 'members'
              from = items_of.call(from)
              to = items_of.call(to)
              ((from.keys | to.keys) - (from.keys & to.keys)).map do |id|
                change_from.call(item_path.call(name, id), from[id], to[id])
              end
            else
              between.call(name, from, to)
            end
          end
        end
        read_flat = lambda do |kind, id, values|
          target = {}
          hash.call(values).each do |name, value|
            next if name == data['audit']['fields']['removed']

            extension = extension_named.call(kind, name)
            if extension && value.is_a?(::Hash)
              target[extension] = hash.call(target[extension]).merge(value)
              next
            end
            path = read_path.call(kind, name)
            inner = [path['attribute'], path['sub']].compact
            inner = [path['schema'], *inner] if path['schema']
            if name == 'groups' && value.is_a?(::Array)
              value = value.map { |one| one.is_a?(::String) ? { 'display' => one } : one }
            end
            node = inner[0..-2].reduce(target) do |at, key|
              at[key] = {} unless at[key].is_a?(::Hash)
              at[key]
            end
            node[inner.last] = value
          end
          read_object.call(kind['shape'], target.merge('id' => id))
        end
        read_entry = lambda do |entry|
          about_all = hash.call(hash.call(hash.call(entry)['content'])['attributes'])
          id = id_text.call(hash.call(entry)['id'])
          unless id && about_all['event'].is_a?(::String)
            refuse.call('invalid_input', 'The message has no "id", or no "content.attributes.event".')
          end
          name, meaning = data['audit']['names'][about_all['event']]
          kind = kinds[name]
          next [] if kind.nil?

          about = hash.call(about_all['resource'])
          member = hash.call(about['member'])
          subject_id = id_text.call(name == 'User' && !member['id'].nil? ? member['id'] : about['id'])
          next [] if subject_id.nil?

          details = hash.call(about_all['details'])
          fields = data['audit']['fields']
          before, after = %w[before after].map { |side| read_flat.call(kind, subject_id, details[fields[side]]) }
          dated = /\A(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?\z/i
          written = dated.match(about_all['timestamp'].to_s)
          begin
            at = written && (::Time.parse("#{written[1]}T#{written[2]}#{written[3] || 'Z'}").to_r * 1000).floor
          rescue ::ArgumentError
            at = nil
          end
          told = { 'displayName' => about['name'] }
          told = { 'userName' => member['email'], 'displayName' => member['name'] } if name == 'User'
          parts = {
            'id' => id, 'at' => at || now_in_ms, 'kind' => name,
            'subject' => subject_of.call(subject_id, meaning == 'delete' ? before : after, told),
            'data' => meaning == 'create' && after.length > 1 ? after : nil,
            'cause' => text_or_nil.call(details[fields['source']]),
            'key' => [input['source'], id_text.call(hash.call(about_all['team'])['id']).to_s, id]
          }
          next [make_event.call('create', parts, members_of.call(after))] if meaning == 'create'
          next [make_event.call('delete', parts, [])] if meaning == 'delete'

          changes = resource_changes.call(kind, before, after)
          next update_events.call(parts, changes, 'patch', changes.empty?) if meaning == 'update'

          active = meaning == 'activate'
          said = changes.find { |one| one['path'] == 'active' && one['to'] == active }
          others = changes.reject { |one| one['path'] == 'active' }
          update_events.call(parts, [said || change_to.call('active', active), *others], 'patch', false)
        end

        body = payload.to_s.b
        known_to = hash.call(connection)
        secrets = data['secrets'][input['source']].to_a.map { |name| text_or_nil.call(known_to[name]) }.compact
        events = nil
        refused = catch(:refused) do
          refuse.call('invalid_input', 'The body is larger than 2097152 bytes.') if body.bytesize > 2_097_152
          if input['source'] == 'workato_audit_log'
            require_secret.call(secrets, true)
            message = read_json.call(body)
            events = (message.is_a?(::Array) ? message : [message]).flat_map { |entry| read_entry.call(entry) }
          else
            require_secret.call(secrets, false) unless secrets.empty?
            type = header.call('Content-Type').to_s.split(';')[0].to_s.strip.downcase
            unless ['', 'application/secevent+jwt'].include?(type)
              refuse.call('invalid_input', 'The "Content-Type" is not application/secevent+jwt.')
            end
            events = read_set.call(check_claims.call(read_token.call(body)))
          end
          nil
        end
        puts "Refused. #{refused}" unless refused.nil?
        events
      end,
      dedup: lambda do |event|
        event['dedupeKey']
      end,
      output_fields: lambda do |object_definitions|
        object_definitions['provisioning_event']
      end,
      sample_output: lambda do |_connection, _input|
        call(
          'sample_event',
          'User',
          'deactivate',
          [{ 'path' => 'active', 'from' => true, 'to' => false, 'fromKnown' => true, 'toKnown' => true }],
          call('sample_of', 'User').merge({ 'active' => false })
        )
      end
    }
  },
  object_definitions: {
    user: {
      fields: lambda do |connection, _config_fields, _object_definitions|
        call('resource_fields', 'User') +
          call('provider_fields', connection, 'User', 'received')
      end
    },
    user_attributes: {
      fields: lambda do |connection, _config_fields, _object_definitions|
        [
          {
            name: 'userName',
            label: 'User name',
            optional: true,
            sticky: true,
            hint: 'The name the user signs in with, unique at the provider. In Workato it is the e-mail address.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'name',
            label: 'Name',
            optional: true,
            sticky: true,
            hint: 'The parts of the user\'s name.',
            type: 'object',
            properties: call('sub_fields', 'User', 'name')
          },
          {
            name: 'displayName',
            label: 'Display name',
            optional: true,
            sticky: true,
            hint: 'The name shown to other people.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'emails',
            label: 'E-mail addresses',
            optional: true,
            sticky: true,
            hint: 'All e-mail addresses of the user; at most one of them is primary.',
            type: 'array',
            of: 'object',
            properties: call('sub_fields', 'User', 'emails')
          },
          call('with_text', {
            name: 'active',
            label: 'Active',
            optional: true,
            sticky: true,
            hint: 'Whether the user may sign in.',
            type: 'boolean',
            control_type: 'checkbox'
          }, 'One of: true, false.'),
          {
            name: 'externalId',
            label: 'External ID',
            optional: true,
            sticky: true,
            hint: 'The user\'s id in the identity provider, such as an Okta user id.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'title',
            label: 'Job title',
            optional: true,
            sticky: true,
            hint: 'The user\'s title, such as "Vice President".',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'department',
            label: 'Department',
            optional: true,
            sticky: true,
            hint: 'The department the user works in.',
            type: 'string',
            control_type: 'text'
          },
          call('with_text', {
            name: 'workato_role',
            label: 'Workato role (DEV)',
            optional: true,
            sticky: true,
            hint: 'The user\'s role in the DEV environment of a Workato workspace. Case-sensitive.',
            type: 'string',
            control_type: 'select',
            pick_list: 'workato_role'
          }, 'Such as: Admin, Analyst, Operator, NoAccess, Environment admin, Builder, Member. Others are taken too.'),
          call('with_text', {
            name: 'workato_role_test',
            label: 'Workato role (TEST)',
            optional: true,
            sticky: true,
            hint: 'The user\'s role in the TEST environment of a Workato workspace. Case-sensitive.',
            type: 'string',
            control_type: 'select',
            pick_list: 'workato_role'
          }, 'Such as: Admin, Analyst, Operator, NoAccess, Environment admin, Builder, Member. Others are taken too.'),
          call('with_text', {
            name: 'workato_role_prod',
            label: 'Workato role (PROD)',
            optional: true,
            sticky: true,
            hint: 'The user\'s role in the PROD environment of a Workato workspace. Case-sensitive.',
            type: 'string',
            control_type: 'select',
            pick_list: 'workato_role'
          }, 'Such as: Admin, Analyst, Operator, NoAccess, Environment admin, Builder, Member. Others are taken too.'),
          {
            name: 'employeeNumber',
            label: 'Employee number',
            optional: true,
            hint: 'The number or code given to the user by the organization.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'organization',
            label: 'Organization',
            optional: true,
            hint: 'The organization the user works for.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'division',
            label: 'Division',
            optional: true,
            hint: 'The division the user works in.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'costCenter',
            label: 'Cost center',
            optional: true,
            hint: 'The cost center that pays for the user.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'manager',
            label: 'Manager',
            optional: true,
            hint: 'The user\'s manager, named by the manager\'s SCIM id.',
            type: 'object',
            properties: call('sub_fields', 'User', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager')
          },
          {
            name: 'userType',
            label: 'User type',
            optional: true,
            hint: 'How the user belongs to the organization, such as "Employee" or "Contractor".',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'phoneNumbers',
            label: 'Phone numbers',
            optional: true,
            hint: 'All phone numbers of the user; at most one of them is primary.',
            type: 'array',
            of: 'object',
            properties: call('sub_fields', 'User', 'phoneNumbers')
          },
          {
            name: 'addresses',
            label: 'Addresses',
            optional: true,
            hint: 'All postal addresses of the user; at most one of them is primary.',
            type: 'array',
            of: 'object',
            properties: call('sub_fields', 'User', 'addresses')
          },
          {
            name: 'preferredLanguage',
            label: 'Preferred language',
            optional: true,
            hint: 'The language the user wants to read, as a language tag.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'locale',
            label: 'Locale',
            optional: true,
            hint: 'Where the user is, for the form of numbers and dates, as a language tag.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'timezone',
            label: 'Time zone',
            optional: true,
            hint: 'The user\'s time zone, by its name in the IANA database.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'nickName',
            label: 'Nickname',
            optional: true,
            hint: 'What the user is called in everyday life.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'profileUrl',
            label: 'Profile URL',
            optional: true,
            hint: 'The address of a page about the user.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'photos',
            label: 'Photos',
            optional: true,
            hint: 'The addresses of pictures of the user.',
            type: 'array',
            of: 'object',
            properties: call('sub_fields', 'User', 'photos')
          },
          {
            name: 'ims',
            label: 'Instant messaging addresses',
            optional: true,
            hint: 'All instant messaging addresses of the user.',
            type: 'array',
            of: 'object',
            properties: call('sub_fields', 'User', 'ims')
          },
          {
            name: 'entitlements',
            label: 'Entitlements',
            optional: true,
            hint: 'What the user has been given, such as licences.',
            type: 'array',
            of: 'object',
            properties: call('sub_fields', 'User', 'entitlements')
          },
          {
            name: 'roles',
            label: 'Roles',
            optional: true,
            hint: 'The user\'s roles, at providers that keep them in SCIM\'s own attribute.',
            type: 'array',
            of: 'object',
            properties: call('sub_fields', 'User', 'roles')
          },
          {
            name: 'x509Certificates',
            label: 'X.509 certificates',
            optional: true,
            hint: 'Certificates issued to the user, as base64-encoded DER.',
            type: 'array',
            of: 'object',
            properties: call('sub_fields', 'User', 'x509Certificates')
          },
          {
            name: 'password',
            label: 'Password',
            optional: true,
            hint: 'An initial password, where the provider takes one. It is never read back.',
            type: 'string',
            control_type: 'password'
          }
        ] +
          call('provider_fields', connection, 'User', 'sent')
      end
    },
    user_reference: {
      fields: lambda do |_connection, _config_fields, _object_definitions|
        [
          {
            name: 'id',
            label: 'SCIM ID',
            optional: true,
            sticky: true,
            hint: 'The provider\'s own id of the user, as create_user or find_user gives it.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'userName',
            label: 'User name',
            optional: true,
            sticky: true,
            hint: 'The name the user signs in with.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'externalId',
            label: 'External ID',
            optional: true,
            sticky: true,
            hint: 'The user\'s id in the identity provider.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'email',
            label: 'E-mail',
            optional: true,
            sticky: true,
            hint: 'One of the user\'s e-mail addresses.',
            type: 'string',
            control_type: 'text'
          }
        ]
      end
    },
    group: {
      fields: lambda do |connection, _config_fields, _object_definitions|
        call('resource_fields', 'Group') +
          call('provider_fields', connection, 'Group', 'received')
      end
    },
    group_attributes: {
      fields: lambda do |connection, _config_fields, _object_definitions|
        [
          {
            name: 'displayName',
            label: 'Group name',
            optional: true,
            sticky: true,
            hint: 'The name of the group.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'externalId',
            label: 'External ID',
            optional: true,
            sticky: true,
            hint: 'The group\'s id in the identity provider.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'members',
            label: 'Members',
            optional: true,
            hint: 'The members of the group, each by the SCIM id of a user or group.',
            type: 'array',
            of: 'object',
            properties: call('sub_fields', 'Group', 'members')
          }
        ] +
          call('provider_fields', connection, 'Group', 'sent')
      end
    },
    group_reference: {
      fields: lambda do |_connection, _config_fields, _object_definitions|
        [
          {
            name: 'id',
            label: 'SCIM ID',
            optional: true,
            sticky: true,
            hint: 'The provider\'s own id of the group, as create_group or search_groups gives it.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'displayName',
            label: 'Group name',
            optional: true,
            sticky: true,
            hint: 'The name of the group.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'externalId',
            label: 'External ID',
            optional: true,
            sticky: true,
            hint: 'The group\'s id in the identity provider.',
            type: 'string',
            control_type: 'text'
          }
        ]
      end
    },
    event: {
      fields: lambda do |_connection, _config_fields, _object_definitions|
        [
          { name: 'id', label: 'Event ID', type: 'string' },
          { name: 'type', label: 'Type', type: 'string' },
          { name: 'occurredAt', label: 'Occurred at', type: 'date_time' },
          { name: 'resource', label: 'Resource', type: 'string' },
          {
            name: 'subject',
            label: 'Subject',
            type: 'object',
            properties: [
              { name: 'id', label: 'SCIM ID', type: 'string' },
              { name: 'externalId', label: 'External ID', type: 'string' },
              { name: 'userName', label: 'User name', type: 'string' },
              { name: 'displayName', label: 'Display name', type: 'string' }
            ]
          },
          {
            name: 'changes',
            label: 'Changes',
            type: 'array',
            of: 'object',
            properties: [
              { name: 'path', label: 'Attribute', type: 'string' },
              { name: 'from', label: 'From', type: 'string' },
              { name: 'to', label: 'To', type: 'string' },
              { name: 'fromKnown', label: 'From is known', type: 'boolean' },
              { name: 'toKnown', label: 'To is known', type: 'boolean' }
            ]
          },
          { name: 'source', label: 'Source', type: 'string' },
          { name: 'cause', label: 'Cause', type: 'string' },
          { name: 'isLate', label: 'Is late', type: 'boolean' },
          { name: 'dedupeKey', label: 'Dedupe key', type: 'string' }
        ]
      end
    },
    user_event: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['event'] +
          [{ name: 'data', label: 'Data', type: 'object', properties: object_definitions['user'] }]
      end
    },
    group_event: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['event'] +
          [{ name: 'data', label: 'Data', type: 'object', properties: object_definitions['group'] }]
      end
    },
    provisioning_event: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['event'] +
          [{ name: 'data', label: 'Data', type: 'object', properties: [{ name: 'id', label: 'Id', type: 'string' }] }]
      end
    },
    common_fields: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        [
          {
            name: 'user',
            label: 'User',
            optional: false,
            hint: 'The user, named in one of these ways.',
            type: 'object',
            properties: object_definitions['user_reference']
          },
          {
            name: 'ifVersion',
            label: 'Only if version',
            optional: true,
            hint: 'Change it only if this is still its version, as meta.version gave it; otherwise the step fails.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'attributes',
            label: 'Only these attributes',
            optional: true,
            hint: 'The attributes to ask for; the id always comes too. Left out: all. Separate several with commas.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'excludedAttributes',
            label: 'Not these attributes',
            optional: true,
            hint: 'Attributes to leave out, such as the members of a large group. Separate several with commas.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'group',
            label: 'Group',
            optional: false,
            hint: 'The group, named in one of these ways.',
            type: 'object',
            properties: object_definitions['group_reference']
          },
          {
            name: 'filter',
            label: 'SCIM filter',
            optional: true,
            hint: 'A SCIM filter, for what the fields above cannot say. Together with them, both must hold.',
            type: 'string',
            control_type: 'text-area'
          },
          {
            name: 'limit',
            label: 'At most',
            optional: true,
            sticky: true,
            default: '1000',
            hint: 'The largest number of results; the step reads as many pages as it takes.',
            type: 'integer',
            control_type: 'integer',
            convert_input: 'integer_conversion'
          },
          {
            name: 'pageSize',
            label: 'Page size',
            optional: true,
            default: '100',
            hint: 'How many results to ask for in one request.',
            type: 'integer',
            control_type: 'integer',
            convert_input: 'integer_conversion'
          },
          {
            name: 'sortBy',
            label: 'Sort by',
            optional: true,
            hint: 'The attribute to sort by, where the provider can sort.',
            type: 'string',
            control_type: 'text'
          },
          call('with_text', {
            name: 'sortOrder',
            label: 'Sort order',
            optional: true,
            hint: 'Which way to sort.',
            type: 'string',
            control_type: 'select',
            pick_list: 'sort_order'
          }, 'One of: ascending, descending.')
        ]
      end
    },
    trigger_fields: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        [
          {
            name: 'filter',
            label: 'Only those that fit',
            optional: true,
            hint: 'A SCIM filter, which the resource fits as it is or as it was before.',
            type: 'string',
            control_type: 'text-area'
          },
          call('with_text', {
            name: 'startFrom',
            label: 'Start from',
            optional: true,
            default: 'now',
            hint: 'Whether those who are there at the first poll count as just created.',
            type: 'string',
            control_type: 'select',
            pick_list: 'start_from'
          }, 'One of: now, beginning.'),
          call('with_text', {
            name: 'strategy',
            label: 'How to poll',
            optional: true,
            default: 'auto',
            hint: 'How to find out what has changed. Leave it automatic unless the provider needs another way.',
            type: 'string',
            control_type: 'select',
            pick_list: 'strategy'
          }, 'One of: auto, changed_since, snapshot.'),
          {
            name: 'massChangeLimit',
            label: 'Mass-change limit',
            optional: true,
            hint: 'The most users who may lose access in one poll before it stops and reports none. Left out: 20, or ' \
                  '10 % of all if that is more.',
            type: 'integer',
            control_type: 'integer',
            convert_input: 'integer_conversion'
          },
          {
            name: 'pageSize',
            label: 'Page size',
            optional: true,
            hint: 'How many to ask for in one request. Left out: as many as the provider says it gives, at most 1000.',
            type: 'integer',
            control_type: 'integer',
            convert_input: 'integer_conversion'
          },
          {
            name: 'group',
            label: 'Only in this group',
            optional: true,
            hint: 'The group that the user is in, or was in before.',
            type: 'object',
            properties: object_definitions['group_reference']
          },
          {
            name: 'changedAttributes',
            label: 'Only when these changed',
            optional: true,
            hint: 'SCIM attributes, of which at least one must have changed, such as title or emails. Separate ' \
                  'several with commas.',
            type: 'string',
            control_type: 'text'
          }
        ]
      end
    },
    create_user_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['user_attributes'].required('userName')
      end
    },
    get_user_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['common_fields'].only('user', 'attributes', 'excludedAttributes')
      end
    },
    find_user_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['common_fields'].only('user', 'attributes', 'excludedAttributes')
      end
    },
    search_users_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['user_attributes'].only(
          'userName',
          'displayName',
          'active',
          'externalId',
          'title',
          'department',
          'workato_role',
          'workato_role_test',
          'workato_role_prod',
          'userType'
        ) +
          [
            {
              name: 'email',
              label: 'E-mail',
              optional: true,
              sticky: true,
              hint: 'One of the user\'s e-mail addresses.',
              type: 'string',
              control_type: 'text'
            },
            {
              name: 'givenName',
              label: 'Given name',
              optional: true,
              sticky: true,
              hint: 'The user\'s given name.',
              type: 'string',
              control_type: 'text'
            },
            {
              name: 'familyName',
              label: 'Family name',
              optional: true,
              sticky: true,
              hint: 'The user\'s family name.',
              type: 'string',
              control_type: 'text'
            }
          ] +
          object_definitions['common_fields'].only(
            'filter',
            'limit',
            'pageSize',
            'sortBy',
            'sortOrder',
            'attributes',
            'excludedAttributes'
          )
      end
    },
    update_user_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['common_fields'].only('user') +
          object_definitions['user_attributes'] +
          object_definitions['common_fields'].only('ifVersion')
      end
    },
    replace_user_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['common_fields'].only('user') +
          object_definitions['user_attributes'].required('userName') +
          object_definitions['common_fields'].only('ifVersion')
      end
    },
    upsert_user_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['user_attributes'].required('userName')
      end
    },
    deactivate_user_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['common_fields'].only('user', 'ifVersion')
      end
    },
    reactivate_user_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['common_fields'].only('user', 'ifVersion')
      end
    },
    delete_user_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['common_fields'].only('user')
      end
    },
    set_workato_role_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['common_fields'].only('user') +
          [
            call('with_text', {
              name: 'environment',
              label: 'Environment',
              optional: true,
              sticky: true,
              default: 'dev',
              hint: 'The environment that the role is for.',
              type: 'string',
              control_type: 'select',
              pick_list: 'environment'
            }, 'One of: dev, test, prod.'),
            call('with_text', {
              name: 'role',
              label: 'Role',
              optional: false,
              hint: 'The role, spelled exactly as in Workato: a built-in one, or the name of a custom role.',
              type: 'string',
              control_type: 'select',
              pick_list: 'workato_role'
            }, 'Such as: Admin, Analyst, Operator, NoAccess, Environment admin, Builder, Member. Others are taken too.')
          ] +
          object_definitions['common_fields'].only('ifVersion')
      end
    },
    create_group_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['group_attributes'].required('displayName')
      end
    },
    get_group_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['common_fields'].only('group', 'attributes', 'excludedAttributes')
      end
    },
    search_groups_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['group_attributes'].only('displayName', 'externalId') +
          [
            {
              name: 'member',
              label: 'Member',
              optional: true,
              sticky: true,
              hint: 'The SCIM id of a user or group that is a member.',
              type: 'string',
              control_type: 'text'
            }
          ] +
          object_definitions['common_fields'].only(
            'filter',
            'limit',
            'pageSize',
            'sortBy',
            'sortOrder',
            'attributes',
            'excludedAttributes'
          )
      end
    },
    update_group_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['common_fields'].only('group') +
          object_definitions['group_attributes'] +
          object_definitions['common_fields'].only('ifVersion')
      end
    },
    delete_group_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['common_fields'].only('group')
      end
    },
    add_group_members_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['common_fields'].only('group') +
          [
            {
              name: 'members',
              label: 'Members',
              optional: false,
              hint: 'The users to add, each named in one of these ways.',
              type: 'array',
              of: 'object',
              properties: object_definitions['user_reference']
            }
          ]
      end
    },
    remove_group_members_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['common_fields'].only('group') +
          [
            {
              name: 'members',
              label: 'Members',
              optional: false,
              hint: 'The users to take out, each named in one of these ways.',
              type: 'array',
              of: 'object',
              properties: object_definitions['user_reference']
            }
          ]
      end
    },
    bulk_users_input: {
      fields: lambda do |_connection, config_fields, object_definitions|
        [
          {
            name: 'rows',
            label: 'Rows',
            optional: false,
            hint: 'One object for each row, with the fields of the chosen action.',
            type: 'array',
            of: 'object',
            properties: object_definitions["#{config_fields['action'] || 'upsert_user'}_input"]
          }
        ]
      end
    },
    discover_provider_input: {
      fields: lambda do |_connection, _config_fields, _object_definitions|
        []
      end
    },
    custom_request_input: {
      fields: lambda do |_connection, _config_fields, _object_definitions|
        [
          call('with_text', {
            name: 'method',
            label: 'Method',
            optional: true,
            sticky: true,
            default: 'GET',
            hint: 'The HTTP method.',
            type: 'string',
            control_type: 'select',
            pick_list: 'method'
          }, 'One of: GET, POST, PUT, PATCH, DELETE.'),
          {
            name: 'path',
            label: 'Path',
            optional: false,
            hint: 'The path below the base URL, such as /Users/2819c223.',
            type: 'string',
            control_type: 'text'
          },
          {
            name: 'query',
            label: 'Query',
            optional: true,
            sticky: true,
            hint: 'The query parameters, by name. Give an object as JSON.',
            type: 'string',
            control_type: 'text-area'
          },
          {
            name: 'body',
            label: 'Body',
            optional: true,
            sticky: true,
            hint: 'The body of the request, as JSON. Give an object as JSON.',
            type: 'string',
            control_type: 'text-area'
          }
        ]
      end
    },
    user_provisioned_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['trigger_fields'].only(
          'filter',
          'group',
          'startFrom',
          'strategy',
          'massChangeLimit',
          'pageSize'
        )
      end
    },
    user_updated_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['trigger_fields'].only(
          'changedAttributes',
          'filter',
          'group',
          'startFrom',
          'strategy',
          'massChangeLimit',
          'pageSize'
        )
      end
    },
    user_role_changed_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        [
          call('with_text', {
            name: 'roleFrom',
            label: 'Only from this role',
            optional: true,
            sticky: true,
            hint: 'The role before the change. A change that does not say what it was counts too.',
            type: 'string',
            control_type: 'select',
            pick_list: 'workato_role'
          }, 'Such as: Admin, Analyst, Operator, NoAccess, Environment admin, Builder, Member. Others are taken too.'),
          call('with_text', {
            name: 'roleTo',
            label: 'Only to this role',
            optional: true,
            sticky: true,
            hint: 'The role after the change.',
            type: 'string',
            control_type: 'select',
            pick_list: 'workato_role'
          }, 'Such as: Admin, Analyst, Operator, NoAccess, Environment admin, Builder, Member. Others are taken too.')
        ] +
          object_definitions['trigger_fields'].only(
            'filter',
            'group',
            'startFrom',
            'strategy',
            'massChangeLimit',
            'pageSize'
          )
      end
    },
    user_deprovisioned_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['trigger_fields'].only(
          'filter',
          'group',
          'startFrom',
          'strategy',
          'massChangeLimit',
          'pageSize'
        )
      end
    },
    user_reactivated_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['trigger_fields'].only(
          'filter',
          'group',
          'startFrom',
          'strategy',
          'massChangeLimit',
          'pageSize'
        )
      end
    },
    group_created_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['trigger_fields'].only(
          'filter',
          'startFrom',
          'strategy',
          'massChangeLimit',
          'pageSize'
        )
      end
    },
    group_updated_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['trigger_fields'].only('changedAttributes', 'filter') +
          [
            {
              name: 'group',
              label: 'Only this group',
              optional: true,
              hint: 'The one group that it is about.',
              type: 'object',
              properties: object_definitions['group_reference']
            }
          ] +
          object_definitions['trigger_fields'].only('startFrom', 'strategy', 'massChangeLimit', 'pageSize')
      end
    },
    group_deleted_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['trigger_fields'].only('filter') +
          [
            {
              name: 'group',
              label: 'Only this group',
              optional: true,
              hint: 'The one group that it is about.',
              type: 'object',
              properties: object_definitions['group_reference']
            }
          ] +
          object_definitions['trigger_fields'].only('startFrom', 'strategy', 'massChangeLimit', 'pageSize')
      end
    },
    group_membership_changed_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['trigger_fields'].only('filter') +
          [
            {
              name: 'group',
              label: 'Only this group',
              optional: true,
              hint: 'The one group that it is about.',
              type: 'object',
              properties: object_definitions['group_reference']
            }
          ] +
          object_definitions['trigger_fields'].only('startFrom', 'strategy', 'massChangeLimit', 'pageSize')
      end
    },
    provisioning_event_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['trigger_fields'].only(
          'changedAttributes',
          'filter',
          'startFrom',
          'strategy',
          'massChangeLimit',
          'pageSize'
        )
      end
    },
    pushed_event_input: {
      fields: lambda do |_connection, config_fields, _object_definitions|
        {
          'security_event_token' => [
            {
              name: 'issuer',
              label: 'Issuer',
              optional: false,
              hint: 'Who signs the tokens: their "iss".',
              type: 'string',
              control_type: 'text'
            },
            {
              name: 'audience',
              label: 'Audience',
              optional: false,
              hint: 'Whom the tokens are for: a value of their "aud".',
              type: 'string',
              control_type: 'text'
            },
            {
              name: 'jwks',
              label: 'Public keys (JWKS)',
              optional: false,
              type: 'string',
              control_type: 'text-area',
              hint: 'Where the public keys of the issuer are. Open that address and paste all that it shows, such as ' \
                    '{"keys": […]}; paste it anew when the issuer changes its keys, since Workato cannot fetch it ' \
                    'when an event comes in.'
            },
            {
              name: 'maxAgeInSeconds',
              label: 'Longest age',
              optional: true,
              default: '604800',
              hint: 'How old a token may be, in seconds. A sender repeats what was not acknowledged, so that this is ' \
                    'days, not minutes.',
              type: 'integer',
              control_type: 'integer',
              convert_input: 'integer_conversion'
            },
            call('with_text', {
              name: 'treatInactivePutAsDeactivation',
              label: 'Replacement can deactivate',
              optional: true,
              default: 'false',
              hint: 'Tells a deactivation whenever a replaced user is not active: for a provider that sends no ' \
                    'event of its own when it deactivates. Somebody who was not active before is then told again.',
              type: 'boolean',
              control_type: 'checkbox'
            }, 'One of: true, false.')
          ]
        }.fetch(config_fields['source'], [])
      end
    }
  },
  pick_lists: {
    action: lambda do |_connection|
      [
        ['Create or update', 'upsert_user'],
        ['Create', 'create_user'],
        ['Update', 'update_user'],
        ['Deactivate', 'deactivate_user'],
        ['Reactivate', 'reactivate_user'],
        ['Delete', 'delete_user'],
        ['Set Workato role', 'set_workato_role']
      ]
    end,
    pushed_source: lambda do |_connection|
      [
        ['Security event tokens, pushed', 'security_event_token'],
        ['Workato audit log streaming', 'workato_audit_log']
      ]
    end,
    workato_role: lambda do |_connection|
      [
        ['Admin', 'Admin'],
        ['Analyst', 'Analyst'],
        ['Operator', 'Operator'],
        ['No access', 'NoAccess'],
        ['Environment admin', 'Environment admin'],
        ['Builder', 'Builder'],
        ['Member', 'Member']
      ]
    end,
    sort_order: lambda do |_connection|
      [['Ascending', 'ascending'], ['Descending', 'descending']]
    end,
    start_from: lambda do |_connection|
      [['Now', 'now'], ['The beginning', 'beginning']]
    end,
    strategy: lambda do |_connection|
      [['Automatic', 'auto'], ['Changed since', 'changed_since'], ['Snapshot', 'snapshot']]
    end,
    environment: lambda do |_connection|
      [['DEV', 'dev'], ['TEST', 'test'], ['PROD', 'prod']]
    end,
    method: lambda do |_connection|
      [['GET', 'GET'], ['POST', 'POST'], ['PUT', 'PUT'], ['PATCH', 'PATCH'], ['DELETE', 'DELETE']]
    end
  },
  methods: {
    # What the manifest declares.
    definition: lambda do
      parse_json(<<~'JSON')
        {"connection":{
        "type":"object",
        "properties":{"baseUrl":{"$ref":"s1"},"token":{"$ref":"s1"},"timeoutInMs":{"$ref":"s2"},
         "deadlineInMs":{"$ref":"s3"},"requestsPerMinute":{"$ref":"s4"},"maxResponseBytes":{"$ref":"s5"},
         "allowPlainHttp":{"$ref":"s6"},"security_event_token_bearerToken":{"type":"string"},
         "workato_audit_log_bearerToken":{"type":"string"},"workato_audit_log_previousBearerToken":{"type":"string"}},
        "required":["baseUrl","token"],
        "additionalProperties":false},
        "resources":{
        "User":{"name":"User","title":"User","endpoint":"/Users",
         "schema":"urn:ietf:params:scim:schemas:core:2.0:User",
         "extensions":["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
         "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole"],"extensionNames":["EnterpriseUser","WorkatoRole"],
         "reference":"user","lookupKeys":[{"key":"id","attributes":["id"]},{"key":"userName",
         "attributes":["userName"]},{"key":"externalId","attributes":["externalId"]},{"key":"email",
         "attributes":["emails.value","userName"]}],"uniqueKeys":["userName"],"retainedAttributes":["userName",
         "externalId","active","title","userType",
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
         "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role",
         "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role_test",
         "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role_prod","roles"],
         "paths":{"department":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
         "workato_role":"urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role",
         "workato_role_test":"urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role_test",
         "workato_role_prod":"urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role_prod",
         "employeeNumber":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
         "organization":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization",
         "division":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",
         "costCenter":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",
         "manager":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"},
         "attributes":[{"name":"schemas","type":"reference","multiValued":true,"caseExact":true},{"name":"id",
         "type":"string","caseExact":true,"mutability":"readOnly"},{"name":"externalId","type":"string",
         "caseExact":true},{"name":"meta","type":"complex","mutability":"readOnly",
         "subAttributes":[{"name":"resourceType","type":"string","caseExact":true,"mutability":"readOnly"},
         {"name":"created","type":"dateTime","mutability":"readOnly"},{"name":"lastModified","type":"dateTime",
         "mutability":"readOnly"},{"name":"location","type":"reference","caseExact":true,"mutability":"readOnly"},
         {"name":"version","type":"string","caseExact":true,"mutability":"readOnly"}]},{"name":"userName",
         "type":"string"},{"name":"name","type":"complex","subAttributes":[{"name":"formatted","type":"string",
         "description":"The full name, including all middle names, titles and suffixes, formatted for display."},
         {"name":"familyName","type":"string",
         "description":"The family name of the User, or last name in most Western languages."},{"name":"givenName",
         "type":"string","description":"The given name of the User, or first name in most Western languages."},
         {"name":"middleName","type":"string","description":"The middle name(s) of the User."},
         {"name":"honorificPrefix","type":"string",
         "description":"The honorific prefix(es) of the User, or title in most Western languages."},
         {"name":"honorificSuffix","type":"string",
         "description":"The honorific suffix(es) of the User, or suffix in most Western languages."}]},
         {"name":"displayName","type":"string"},{"name":"nickName","type":"string"},{"name":"profileUrl",
         "type":"reference","caseExact":true},{"name":"title","type":"string"},{"name":"userType","type":"string"},
         {"name":"preferredLanguage","type":"string"},{"name":"locale","type":"string"},{"name":"timezone",
         "type":"string"},{"name":"active","type":"boolean"},{"name":"password","type":"string","caseExact":true,
         "returned":"never"},{"name":"emails","type":"complex","multiValued":true,"subAttributes":[{"name":"value",
         "type":"string","description":"An email address."},{"name":"display","type":"string",
         "description":"A human-readable name, primarily used for display purposes."},{"name":"type","type":"string",
         "description":"A label indicating the attribute's function.","canonicalValues":["work","home","other"]},
         {"name":"primary","type":"boolean",
         "description":"Whether this is the preferred value of the attribute; 'true' appears at most once."}]},
         {"name":"phoneNumbers","type":"complex","multiValued":true,"subAttributes":[{"name":"value","type":"string",
         "description":"A phone number, in the format of RFC 3966 where possible."},{"name":"display",
         "type":"string","description":"A human-readable name, primarily used for display purposes."},{"name":"type",
         "type":"string","description":"A label indicating the attribute's function.","canonicalValues":["work",
         "home","mobile","fax","pager","other"]},{"name":"primary","type":"boolean",
         "description":"Whether this is the preferred value of the attribute; 'true' appears at most once."}]},
         {"name":"ims","type":"complex","multiValued":true,"subAttributes":[{"name":"value","type":"string",
         "description":"An instant messaging address."},{"name":"display","type":"string",
         "description":"A human-readable name, primarily used for display purposes."},{"name":"type","type":"string",
         "description":"A label indicating the attribute's function.","canonicalValues":["aim","gtalk","icq","xmpp",
         "msn","skype","qq","yahoo"]},{"name":"primary","type":"boolean",
         "description":"Whether this is the preferred value of the attribute; 'true' appears at most once."}]},
         {"name":"photos","type":"complex","multiValued":true,"subAttributes":[{"name":"value","type":"reference",
         "description":"A URL of a photo of the User.","caseExact":true},{"name":"display","type":"string",
         "description":"A human-readable name, primarily used for display purposes."},{"name":"type","type":"string",
         "description":"A label indicating the attribute's function.","canonicalValues":["photo","thumbnail"]},
         {"name":"primary","type":"boolean",
         "description":"Whether this is the preferred value of the attribute; 'true' appears at most once."}]},
         {"name":"addresses","type":"complex","multiValued":true,"subAttributes":[{"name":"formatted",
         "type":"string",
         "description":"The full mailing address, formatted for display or use with a mailing label."},
         {"name":"streetAddress","type":"string",
         "description":"The full street address, which may include house number, street name and PO box."},
         {"name":"locality","type":"string","description":"The city or locality."},{"name":"region","type":"string",
         "description":"The state or region."},{"name":"postalCode","type":"string",
         "description":"The zip code or postal code."},{"name":"country","type":"string",
         "description":"The country, in ISO 3166-1 alpha-2 \"short\" code format."},{"name":"type","type":"string",
         "description":"A label indicating the attribute's function.","canonicalValues":["work","home","other"]},
         {"name":"primary","type":"boolean",
         "description":"Whether this is the preferred value of the attribute; 'true' appears at most once."}]},
         {"name":"groups","type":"complex","multiValued":true,"mutability":"readOnly",
         "subAttributes":[{"name":"value","type":"string","caseExact":true,"mutability":"readOnly"},{"name":"$ref",
         "type":"reference","caseExact":true,"mutability":"readOnly"},{"name":"display","type":"string",
         "mutability":"readOnly"},{"name":"type","type":"string","mutability":"readOnly","canonicalValues":["direct",
         "indirect"]}]},{"name":"entitlements","type":"complex","multiValued":true,"subAttributes":[{"name":"value",
         "type":"string","description":"The value of an entitlement."},{"name":"display","type":"string",
         "description":"A human-readable name, primarily used for display purposes."},{"name":"type","type":"string",
         "description":"A label indicating the attribute's function."},{"name":"primary","type":"boolean",
         "description":"Whether this is the preferred value of the attribute; 'true' appears at most once."}]},
         {"name":"roles","type":"complex","multiValued":true,"subAttributes":[{"name":"value","type":"string",
         "description":"The value of a role."},{"name":"display","type":"string",
         "description":"A human-readable name, primarily used for display purposes."},{"name":"type","type":"string",
         "description":"A label indicating the attribute's function."},{"name":"primary","type":"boolean",
         "description":"Whether this is the preferred value of the attribute; 'true' appears at most once."}]},
         {"name":"x509Certificates","type":"complex","multiValued":true,"subAttributes":[{"name":"value",
         "type":"binary","description":"The value of an X.509 certificate, base64-encoded DER.","caseExact":true},
         {"name":"display","type":"string",
         "description":"A human-readable name, primarily used for display purposes."},{"name":"type","type":"string",
         "description":"A label indicating the attribute's function."},{"name":"primary","type":"boolean",
         "description":"Whether this is the preferred value of the attribute; 'true' appears at most once."}]}],
         "extensionAttributes":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":[{"name":"employeeNumber",
         "type":"string"},{"name":"costCenter","type":"string"},{"name":"organization","type":"string"},
         {"name":"division","type":"string"},{"name":"department","type":"string"},{"name":"manager",
         "type":"complex","subAttributes":[{"name":"value","type":"string",
         "description":"The id of the SCIM resource representing the User's manager.","caseExact":true},
         {"name":"$ref","type":"reference",
         "description":"The URI of the SCIM resource representing the User's manager.","caseExact":true},
         {"name":"displayName","type":"string","mutability":"readOnly"}]}],
         "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole":[{"name":"workato_role","type":"string",
         "caseExact":true,"canonicalValues":["Admin","Analyst","Operator","NoAccess"]},{"name":"workato_role_test",
         "type":"string","caseExact":true,"canonicalValues":["Admin","Analyst","Operator","NoAccess"]},
         {"name":"workato_role_prod","type":"string","caseExact":true,"canonicalValues":["Admin","Analyst",
         "Operator","NoAccess"]}]}},
        "Group":{"name":"Group","title":"Group","endpoint":"/Groups",
         "schema":"urn:ietf:params:scim:schemas:core:2.0:Group","extensions":[],"extensionNames":[],
         "reference":"group","lookupKeys":[{"key":"id","attributes":["id"]},{"key":"displayName",
         "attributes":["displayName"]},{"key":"externalId","attributes":["externalId"]}],"uniqueKeys":["externalId",
         "displayName"],"retainedAttributes":["displayName","externalId","members"],"paths":{},
         "attributes":[{"name":"schemas","type":"reference","multiValued":true,"caseExact":true},{"name":"id",
         "type":"string","caseExact":true,"mutability":"readOnly"},{"name":"externalId","type":"string",
         "caseExact":true},{"name":"meta","type":"complex","mutability":"readOnly",
         "subAttributes":[{"name":"resourceType","type":"string","caseExact":true,"mutability":"readOnly"},
         {"name":"created","type":"dateTime","mutability":"readOnly"},{"name":"lastModified","type":"dateTime",
         "mutability":"readOnly"},{"name":"location","type":"reference","caseExact":true,"mutability":"readOnly"},
         {"name":"version","type":"string","caseExact":true,"mutability":"readOnly"}]},{"name":"displayName",
         "type":"string"},{"name":"members","type":"complex","multiValued":true,"subAttributes":[{"name":"value",
         "type":"string","description":"Identifier of the member of this Group.","caseExact":true},{"name":"$ref",
         "type":"reference","description":"The URI of the SCIM resource that is the member.","caseExact":true},
         {"name":"type","type":"string","description":"A label indicating the type of resource, 'User' or 'Group'.",
         "canonicalValues":["User","Group"]},{"name":"display","type":"string",
         "description":"A human-readable name of the member, primarily used for display purposes."}]}],
         "extensionAttributes":{}}},
        "actions":{
        "create_user":{"operation":{"type":"create","resource":"User","onConflict":"fail"},"takesResource":true,
         "fields":"f1","input":{"$ref":"s15"}},
        "get_user":{"operation":{"type":"read","resource":"User","onMissing":"fail"},"fields":"f2",
         "input":{"$ref":"s22"}},
        "find_user":{"operation":{"type":"read","resource":"User","onMissing":"null"},"fields":"f2",
         "input":{"$ref":"s22"}},
        "search_users":{"operation":{"type":"search","resource":"User"},"fields":"f3","input":{"$ref":"s26"}},
        "update_user":{"operation":{"type":"patch","resource":"User","operations":"given"},"takesResource":true,
         "fields":"f1","input":{"$ref":"s27"}},
        "replace_user":{"operation":{"type":"replace","resource":"User"},"takesResource":true,"fields":"f1",
         "input":{"$ref":"s33"}},
        "upsert_user":{"operation":{"type":"create","resource":"User","onConflict":"update"},"takesResource":true,
         "fields":"f1","input":{"$ref":"s15"}},
        "deactivate_user":{"operation":{"type":"patch","resource":"User","operations":[{"op":"replace",
         "path":"active","value":false}],"verify":{"active":false}},"fields":"f2","input":{"$ref":"s34"}},
        "reactivate_user":{"operation":{"type":"patch","resource":"User","operations":[{"op":"replace",
         "path":"active","value":true}],"verify":{"active":true}},"fields":"f2","input":{"$ref":"s34"}},
        "delete_user":{"operation":{"type":"delete","resource":"User"},"fields":"f2","input":{"$ref":"s35"}},
        "set_workato_role":{"operation":{"type":"patch","resource":"User","operations":[{"op":"replace",
         "path":"urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:{environment}","value":"{role}"}],
         "maps":{"environment":{"dev":"workato_role","test":"workato_role_test","prod":"workato_role_prod"}}},
         "fields":"f4","input":{"$ref":"s37"}},
        "create_group":{"operation":{"type":"create","resource":"Group","onConflict":"fail"},"takesResource":true,
         "fields":"f5","input":{"$ref":"s40"}},
        "get_group":{"operation":{"type":"read","resource":"Group","onMissing":"fail"},"fields":"f2",
         "input":{"$ref":"s43"}},
        "search_groups":{"operation":{"type":"search","resource":"Group"},"fields":"f6","input":{"$ref":"s44"}},
        "update_group":{"operation":{"type":"patch","resource":"Group","operations":"given"},"takesResource":true,
         "fields":"f5","input":{"$ref":"s45"}},
        "delete_group":{"operation":{"type":"delete","resource":"Group"},"fields":"f2","input":{"$ref":"s46"}},
        "add_group_members":{"operation":{"type":"members","resource":"Group","change":"add","chunkSize":100},
         "fields":"f7","input":{"$ref":"s48"}},
        "remove_group_members":{"operation":{"type":"members","resource":"Group","change":"remove","chunkSize":100},
         "fields":"f7","input":{"$ref":"s48"}},
        "bulk_users":{"operation":{"type":"bulk","actions":["upsert_user","create_user","update_user",
         "deactivate_user","reactivate_user","delete_user","set_workato_role"]},"fields":"f8","input":{"$ref":"s51"}},
        "discover_provider":{"operation":{"type":"discover"},"fields":"f2","input":{"$ref":"s52"}},
        "custom_request":{"operation":{"type":"request"},"fields":"f9","input":{"$ref":"s54"}}},
        "triggers":{
        "user_provisioned":{"detect":{"resources":["User"],"types":["create"]},"fields":[{"key":"group",
         "kind":"reference","resource":"Group"}],"input":{"$ref":"s59"}},
        "user_updated":{"detect":{"resources":["User"],"types":["patch","put"]},"fields":[{"key":"group",
         "kind":"reference","resource":"Group"}],"input":{"$ref":"s60"}},
        "user_role_changed":{"detect":{"resources":["User"],"types":["patch","put"],
         "changed":["urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role",
         "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role_test",
         "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role_prod","roles"]},"fields":[{"key":"group",
         "kind":"reference","resource":"Group"}],"input":{"$ref":"s61"}},
        "user_deprovisioned":{"detect":{"resources":["User"],"types":["deactivate","delete"]},
         "fields":[{"key":"group","kind":"reference","resource":"Group"}],"input":{"$ref":"s59"}},
        "user_reactivated":{"detect":{"resources":["User"],"types":["activate"]},"fields":[{"key":"group",
         "kind":"reference","resource":"Group"}],"input":{"$ref":"s59"}},
        "group_created":{"detect":{"resources":["Group"],"types":["create"]},"fields":[],"input":{"$ref":"s62"}},
        "group_updated":{"detect":{"resources":["Group"],"types":["patch","put"],"except":["members"]},
         "fields":[{"key":"group","kind":"reference","resource":"Group"}],"input":{"$ref":"s60"}},
        "group_deleted":{"detect":{"resources":["Group"],"types":["delete"]},"fields":[{"key":"group",
         "kind":"reference","resource":"Group"}],"input":{"$ref":"s59"}},
        "group_membership_changed":{"detect":{"resources":["Group"],"types":["create","patch","put","delete"],
         "changed":["members"]},"fields":[{"key":"group","kind":"reference","resource":"Group"}],
         "input":{"$ref":"s59"}},
        "provisioning_event":{"detect":{"resources":["User","Group"],"types":["create","patch","put","delete",
         "activate","deactivate"]},"fields":[],"input":{"$ref":"s63"}}},
        "fields":{
        "f1":[{"key":"userName","attribute":"userName"},{"key":"name","attribute":"name"},{"key":"displayName",
         "attribute":"displayName"},{"key":"emails","attribute":"emails"},{"key":"active","attribute":"active"},
         {"key":"externalId","attribute":"externalId"},{"key":"title","attribute":"title"},{"key":"department",
         "attribute":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"},{"key":"workato_role",
         "attribute":"urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role"},{"key":"workato_role_test",
         "attribute":"urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role_test"},
         {"key":"workato_role_prod",
         "attribute":"urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role_prod"},
         {"key":"employeeNumber",
         "attribute":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"},
         {"key":"organization",
         "attribute":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization"},{"key":"division",
         "attribute":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division"},{"key":"costCenter",
         "attribute":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter"},{"key":"manager",
         "attribute":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"},{"key":"userType",
         "attribute":"userType"},{"key":"phoneNumbers","attribute":"phoneNumbers"},{"key":"addresses",
         "attribute":"addresses"},{"key":"preferredLanguage","attribute":"preferredLanguage"},{"key":"locale",
         "attribute":"locale"},{"key":"timezone","attribute":"timezone"},{"key":"nickName","attribute":"nickName"},
         {"key":"profileUrl","attribute":"profileUrl"},{"key":"photos","attribute":"photos"},{"key":"ims",
         "attribute":"ims"},{"key":"entitlements","attribute":"entitlements"},{"key":"roles","attribute":"roles"},
         {"key":"x509Certificates","attribute":"x509Certificates"},{"key":"password","attribute":"password"}],
        "f2":[],
        "f3":[{"key":"userName","attribute":"userName"},{"key":"displayName","attribute":"displayName"},
         {"key":"active","attribute":"active"},{"key":"externalId","attribute":"externalId"},{"key":"title",
         "attribute":"title"},{"key":"department",
         "attribute":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"},{"key":"workato_role",
         "attribute":"urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role"},{"key":"workato_role_test",
         "attribute":"urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role_test"},
         {"key":"workato_role_prod",
         "attribute":"urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role_prod"},{"key":"userType",
         "attribute":"userType"},{"key":"email","attribute":"emails.value"},{"key":"givenName",
         "attribute":"name.givenName"},{"key":"familyName","attribute":"name.familyName"},{"key":"limit",
         "default":1000},{"key":"pageSize","default":100}],
        "f4":[{"key":"environment","default":"dev"}],
        "f5":[{"key":"displayName","attribute":"displayName"},{"key":"externalId","attribute":"externalId"},
         {"key":"members","attribute":"members"}],
        "f6":[{"key":"displayName","attribute":"displayName"},{"key":"externalId","attribute":"externalId"},
         {"key":"member","attribute":"members.value"},{"key":"limit","default":1000},{"key":"pageSize",
         "default":100}],
        "f7":[{"key":"members","kind":"references","resource":"User"}],
        "f8":[{"key":"action","default":"upsert_user"}],
        "f9":[{"key":"method","default":"GET"}]},
        "schemas":{
        "s1":{"type":"string","minLength":1},
        "s2":{"type":"integer","default":30000,"minimum":1,"maximum":600000},
        "s3":{"type":"integer","default":120000,"minimum":1,"maximum":3600000},
        "s4":{"type":"integer","minimum":1,"maximum":1000000},
        "s5":{"type":"integer","default":67108864,"minimum":1024,"maximum":1073741824},
        "s6":{"type":"boolean","default":false},
        "s7":{"type":"object","properties":{"formatted":{"type":"string"},"familyName":{"type":"string"},
         "givenName":{"type":"string"},"middleName":{"type":"string"},"honorificPrefix":{"type":"string"},
         "honorificSuffix":{"type":"string"}},"additionalProperties":false},
        "s8":{"type":"object","properties":{"value":{"type":"string"},"display":{"type":"string"},
         "type":{"type":"string"},"primary":{"type":"boolean"}},"additionalProperties":false},
        "s9":{"type":"array","items":{"$ref":"s8"}},
        "s10":{"type":"object","properties":{"value":{"type":"string"},"$ref":{"type":"string"}},
         "additionalProperties":false},
        "s11":{"type":"object","properties":{"formatted":{"type":"string"},"streetAddress":{"type":"string"},
         "locality":{"type":"string"},"region":{"type":"string"},"postalCode":{"type":"string"},
         "country":{"type":"string"},"type":{"type":"string"},"primary":{"type":"boolean"}},
         "additionalProperties":false},
        "s12":{"type":"array","items":{"$ref":"s11"}},
        "s13":{"type":"object","properties":{"employeeNumber":{"type":"string"},"costCenter":{"type":"string"},
         "organization":{"type":"string"},"division":{"type":"string"},"department":{"type":"string"},
         "manager":{"$ref":"s10"}},"additionalProperties":false},
        "s14":{"type":"object","properties":{"workato_role":{"type":"string"},"workato_role_test":{"type":"string"},
         "workato_role_prod":{"type":"string"}},"additionalProperties":false},
        "s15":{"type":"object","properties":{"userName":{"$ref":"s1"},"name":{"$ref":"s7"},
         "displayName":{"$ref":"s1"},"emails":{"$ref":"s9"},"active":{"type":"boolean"},"externalId":{"$ref":"s1"},
         "title":{"$ref":"s1"},"department":{"$ref":"s1"},"workato_role":{"$ref":"s1"},
         "workato_role_test":{"$ref":"s1"},"workato_role_prod":{"$ref":"s1"},"employeeNumber":{"$ref":"s1"},
         "organization":{"$ref":"s1"},"division":{"$ref":"s1"},"costCenter":{"$ref":"s1"},"manager":{"$ref":"s10"},
         "userType":{"$ref":"s1"},"phoneNumbers":{"$ref":"s9"},"addresses":{"$ref":"s12"},
         "preferredLanguage":{"$ref":"s1"},"locale":{"$ref":"s1"},"timezone":{"$ref":"s1"},"nickName":{"$ref":"s1"},
         "profileUrl":{"$ref":"s1"},"photos":{"$ref":"s9"},"ims":{"$ref":"s9"},"entitlements":{"$ref":"s9"},
         "roles":{"$ref":"s9"},"x509Certificates":{"$ref":"s9"},"password":{"$ref":"s1"},
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"$ref":"s13"},
         "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole":{"$ref":"s14"}},"required":["userName"],
         "additionalProperties":false},
        "s16":{"type":"object","properties":{"id":{"$ref":"s1"}},"required":["id"],"additionalProperties":false},
        "s17":{"type":"object","properties":{"userName":{"$ref":"s1"}},"required":["userName"],
         "additionalProperties":false},
        "s18":{"type":"object","properties":{"externalId":{"$ref":"s1"}},"required":["externalId"],
         "additionalProperties":false},
        "s19":{"type":"object","properties":{"email":{"$ref":"s1"}},"required":["email"],
         "additionalProperties":false},
        "s20":{"oneOf":[{"$ref":"s16"},{"$ref":"s17"},{"$ref":"s18"},{"$ref":"s19"}]},
        "s21":{"type":"array","items":{"$ref":"s1"}},
        "s22":{"type":"object","properties":{"user":{"$ref":"s20"},"attributes":{"$ref":"s21"},
         "excludedAttributes":{"$ref":"s21"}},"required":["user"],"additionalProperties":false},
        "s23":{"type":"integer","default":1000,"minimum":1,"maximum":1000000},
        "s24":{"type":"integer","default":100,"minimum":1,"maximum":10000},
        "s25":{"type":"string","enum":["ascending","descending"],"minLength":1},
        "s26":{"type":"object","properties":{"userName":{"$ref":"s1"},"displayName":{"$ref":"s1"},
         "active":{"type":"boolean"},"externalId":{"$ref":"s1"},"title":{"$ref":"s1"},"department":{"$ref":"s1"},
         "workato_role":{"$ref":"s1"},"workato_role_test":{"$ref":"s1"},"workato_role_prod":{"$ref":"s1"},
         "userType":{"$ref":"s1"},"email":{"$ref":"s1"},"givenName":{"$ref":"s1"},"familyName":{"$ref":"s1"},
         "filter":{"$ref":"s1"},"limit":{"$ref":"s23"},"pageSize":{"$ref":"s24"},"sortBy":{"$ref":"s1"},
         "sortOrder":{"$ref":"s25"},"attributes":{"$ref":"s21"},"excludedAttributes":{"$ref":"s21"}},
         "additionalProperties":false},
        "s27":{"type":"object","properties":{"user":{"$ref":"s20"},"userName":{"$ref":"s1"},"name":{"$ref":"s7",
         "nullable":true},"displayName":{"$ref":"s1","nullable":true},"emails":{"$ref":"s9","nullable":true},
         "active":{"type":"boolean","nullable":true},"externalId":{"$ref":"s1","nullable":true},"title":{"$ref":"s1",
         "nullable":true},"department":{"$ref":"s1","nullable":true},"workato_role":{"$ref":"s1","nullable":true},
         "workato_role_test":{"$ref":"s1","nullable":true},"workato_role_prod":{"$ref":"s1","nullable":true},
         "employeeNumber":{"$ref":"s1","nullable":true},"organization":{"$ref":"s1","nullable":true},
         "division":{"$ref":"s1","nullable":true},"costCenter":{"$ref":"s1","nullable":true},"manager":{"$ref":"s10",
         "nullable":true},"userType":{"$ref":"s1","nullable":true},"phoneNumbers":{"$ref":"s9","nullable":true},
         "addresses":{"$ref":"s12","nullable":true},"preferredLanguage":{"$ref":"s1","nullable":true},
         "locale":{"$ref":"s1","nullable":true},"timezone":{"$ref":"s1","nullable":true},"nickName":{"$ref":"s1",
         "nullable":true},"profileUrl":{"$ref":"s1","nullable":true},"photos":{"$ref":"s9","nullable":true},
         "ims":{"$ref":"s9","nullable":true},"entitlements":{"$ref":"s9","nullable":true},"roles":{"$ref":"s9",
         "nullable":true},"x509Certificates":{"$ref":"s9","nullable":true},"password":{"$ref":"s1","nullable":true},
         "ifVersion":{"$ref":"s1"},"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"$ref":"s13"},
         "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole":{"$ref":"s14"}},"required":["user"],
         "additionalProperties":false},
        "s28":{"type":"array","items":{"type":"string"}},
        "s29":{"type":"string","format":"date-time"},
        "s30":{"type":"object","properties":{"resourceType":{"type":"string"},"created":{"$ref":"s29"},
         "lastModified":{"$ref":"s29"},"location":{"type":"string"},"version":{"type":"string"}}},
        "s31":{"type":"object","properties":{"value":{"type":"string"},"$ref":{"type":"string"},
         "display":{"type":"string"},"type":{"type":"string"}}},
        "s32":{"type":"array","items":{"$ref":"s31"}},
        "s33":{"type":"object","properties":{"user":{"$ref":"s20"},"userName":{"$ref":"s1"},"name":{"$ref":"s7"},
         "displayName":{"$ref":"s1"},"emails":{"$ref":"s9"},"active":{"type":"boolean"},"externalId":{"$ref":"s1"},
         "title":{"$ref":"s1"},"department":{"$ref":"s1"},"workato_role":{"$ref":"s1"},
         "workato_role_test":{"$ref":"s1"},"workato_role_prod":{"$ref":"s1"},"employeeNumber":{"$ref":"s1"},
         "organization":{"$ref":"s1"},"division":{"$ref":"s1"},"costCenter":{"$ref":"s1"},"manager":{"$ref":"s10"},
         "userType":{"$ref":"s1"},"phoneNumbers":{"$ref":"s9"},"addresses":{"$ref":"s12"},
         "preferredLanguage":{"$ref":"s1"},"locale":{"$ref":"s1"},"timezone":{"$ref":"s1"},"nickName":{"$ref":"s1"},
         "profileUrl":{"$ref":"s1"},"photos":{"$ref":"s9"},"ims":{"$ref":"s9"},"entitlements":{"$ref":"s9"},
         "roles":{"$ref":"s9"},"x509Certificates":{"$ref":"s9"},"password":{"$ref":"s1"},"ifVersion":{"$ref":"s1"},
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"$ref":"s13"},
         "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole":{"$ref":"s14"},"schemas":{"$ref":"s28"},
         "id":{"type":"string"},"meta":{"$ref":"s30"},"groups":{"$ref":"s32"}},"required":["user","userName"],
         "additionalProperties":false},
        "s34":{"type":"object","properties":{"user":{"$ref":"s20"},"ifVersion":{"$ref":"s1"}},"required":["user"],
         "additionalProperties":false},
        "s35":{"type":"object","properties":{"user":{"$ref":"s20"}},"required":["user"],"additionalProperties":false},
        "s36":{"type":"string","default":"dev","enum":["dev","test","prod"],"minLength":1},
        "s37":{"type":"object","properties":{"user":{"$ref":"s20"},"environment":{"$ref":"s36"},"role":{"$ref":"s1"},
         "ifVersion":{"$ref":"s1"}},"required":["user","role"],"additionalProperties":false},
        "s38":{"type":"object","properties":{"value":{"type":"string"},"$ref":{"type":"string"},
         "type":{"type":"string"},"display":{"type":"string"}},"additionalProperties":false},
        "s39":{"type":"array","items":{"$ref":"s38"}},
        "s40":{"type":"object","properties":{"displayName":{"$ref":"s1"},"externalId":{"$ref":"s1"},
         "members":{"$ref":"s39"}},"required":["displayName"],"additionalProperties":false},
        "s41":{"type":"object","properties":{"displayName":{"$ref":"s1"}},"required":["displayName"],
         "additionalProperties":false},
        "s42":{"oneOf":[{"$ref":"s16"},{"$ref":"s41"},{"$ref":"s18"}]},
        "s43":{"type":"object","properties":{"group":{"$ref":"s42"},"attributes":{"$ref":"s21"},
         "excludedAttributes":{"$ref":"s21"}},"required":["group"],"additionalProperties":false},
        "s44":{"type":"object","properties":{"displayName":{"$ref":"s1"},"externalId":{"$ref":"s1"},
         "member":{"$ref":"s1"},"filter":{"$ref":"s1"},"limit":{"$ref":"s23"},"pageSize":{"$ref":"s24"},
         "sortBy":{"$ref":"s1"},"sortOrder":{"$ref":"s25"},"attributes":{"$ref":"s21"},
         "excludedAttributes":{"$ref":"s21"}},"additionalProperties":false},
        "s45":{"type":"object","properties":{"group":{"$ref":"s42"},"displayName":{"$ref":"s1"},
         "externalId":{"$ref":"s1","nullable":true},"members":{"$ref":"s39","nullable":true},
         "ifVersion":{"$ref":"s1"}},"required":["group"],"additionalProperties":false},
        "s46":{"type":"object","properties":{"group":{"$ref":"s42"}},"required":["group"],
         "additionalProperties":false},
        "s47":{"type":"array","minItems":1,"items":{"$ref":"s20"}},
        "s48":{"type":"object","properties":{"group":{"$ref":"s42"},"members":{"$ref":"s47"}},"required":["group",
         "members"],"additionalProperties":false},
        "s49":{"type":"string","default":"upsert_user","enum":["upsert_user","create_user","update_user",
         "deactivate_user","reactivate_user","delete_user","set_workato_role"],"minLength":1},
        "s50":{"type":"array","items":{"type":"object"}},
        "s51":{"type":"object","properties":{"action":{"$ref":"s49"},"rows":{"$ref":"s50"}},"required":["rows"],
         "additionalProperties":false},
        "s52":{"type":"object","properties":{},"additionalProperties":false},
        "s53":{"type":"string","default":"GET","enum":["GET","POST","PUT","PATCH","DELETE"],"minLength":1},
        "s54":{"type":"object","properties":{"method":{"$ref":"s53"},"path":{"$ref":"s1"},"query":{"type":"object"},
         "body":{"type":"object"}},"required":["path"],"additionalProperties":false},
        "s55":{"type":"string","default":"now","enum":["now","beginning"],"minLength":1},
        "s56":{"type":"string","default":"auto","enum":["auto","changed_since","snapshot"],"minLength":1},
        "s57":{"type":"integer","minimum":0},
        "s58":{"type":"integer","minimum":1,"maximum":10000},
        "s59":{"type":"object","properties":{"filter":{"$ref":"s1"},"group":{"$ref":"s42"},
         "startFrom":{"$ref":"s55"},"strategy":{"$ref":"s56"},"massChangeLimit":{"$ref":"s57"},
         "pageSize":{"$ref":"s58"}},"additionalProperties":false},
        "s60":{"type":"object","properties":{"changedAttributes":{"$ref":"s21"},"filter":{"$ref":"s1"},
         "group":{"$ref":"s42"},"startFrom":{"$ref":"s55"},"strategy":{"$ref":"s56"},
         "massChangeLimit":{"$ref":"s57"},"pageSize":{"$ref":"s58"}},"additionalProperties":false},
        "s61":{"type":"object","properties":{"roleFrom":{"$ref":"s1"},"roleTo":{"$ref":"s1"},"filter":{"$ref":"s1"},
         "group":{"$ref":"s42"},"startFrom":{"$ref":"s55"},"strategy":{"$ref":"s56"},
         "massChangeLimit":{"$ref":"s57"},"pageSize":{"$ref":"s58"}},"additionalProperties":false},
        "s62":{"type":"object","properties":{"filter":{"$ref":"s1"},"startFrom":{"$ref":"s55"},
         "strategy":{"$ref":"s56"},"massChangeLimit":{"$ref":"s57"},"pageSize":{"$ref":"s58"}},
         "additionalProperties":false},
        "s63":{"type":"object","properties":{"changedAttributes":{"$ref":"s21"},"filter":{"$ref":"s1"},
         "startFrom":{"$ref":"s55"},"strategy":{"$ref":"s56"},"massChangeLimit":{"$ref":"s57"},
         "pageSize":{"$ref":"s58"}},"additionalProperties":false}}}
      JSON
    end,

    sample_of: lambda do |name|
      {
        'User' => {
          'id' => '2819c223-7f76-453a-919d-413861904646',
          'schemas' => [
            'urn:ietf:params:scim:schemas:core:2.0:User',
            'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
            'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole'
          ],
          'externalId' => '00u1a2b3c4d5E6F7g8h9',
          'userName' => 'ada@example.com',
          'name' => { 'givenName' => 'Ada', 'familyName' => 'Lovelace', 'formatted' => 'Ada Lovelace' },
          'displayName' => 'Ada Lovelace',
          'title' => 'Analyst',
          'active' => true,
          'emails' => [{ 'value' => 'ada@example.com', 'type' => 'work', 'primary' => true }],
          'groups' => [
            { 'value' => 'e9e30dba-f08f-4109-8486-d5c6a331660a', 'display' => 'Engineering', 'type' => 'direct' }
          ],
          'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User' => {
            'department' => 'Engineering',
            'employeeNumber' => '1815'
          },
          'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole' => {
            'workato_role' => 'Analyst',
            'workato_role_test' => 'Operator',
            'workato_role_prod' => 'NoAccess'
          },
          'meta' => {
            'resourceType' => 'User',
            'created' => '2026-01-23T04:56:22.000Z',
            'lastModified' => '2026-05-13T04:42:34.000Z',
            'version' => 'W/"3694e05e9dff591"',
            'location' => 'https://example.com/scim/v2/Users/2819c223-7f76-453a-919d-413861904646'
          }
        },
        'Group' => {
          'id' => 'e9e30dba-f08f-4109-8486-d5c6a331660a',
          'schemas' => ['urn:ietf:params:scim:schemas:core:2.0:Group'],
          'displayName' => 'Engineering',
          'members' => [
            { 'value' => '2819c223-7f76-453a-919d-413861904646', 'display' => 'Ada Lovelace', 'type' => 'User' }
          ],
          'meta' => {
            'resourceType' => 'Group',
            'created' => '2026-01-23T04:56:22.000Z',
            'lastModified' => '2026-05-13T04:42:34.000Z',
            'version' => 'W/"3694e05e9dff592"',
            'location' => 'https://example.com/scim/v2/Groups/e9e30dba-f08f-4109-8486-d5c6a331660a'
          }
        }
      }[name]
    end,

    # Actions: one method for each operation of the manifest's language. None knows an action by its key.

    open_run: lambda do |given|
      definition = call('definition')
      definition['actions'].each_value { |action| action['fields'] = definition['fields'][action['fields']] }
      connection = call('read_connection', definition, given)
      rate = connection['requestsPerMinute']
      burst = [1, ((rate || 0) / 30.0).floor].max
      spacing = rate.nil? ? 0 : 60_000.0 / (rate - burst + 1)
      {
        'definition' => definition, 'connection' => connection, 'baseUrl' => connection['baseUrl'],
        'limiter' => { 'spacingInMs' => spacing, 'burstInMs' => spacing * (burst - 1), 'dueAt' => 0,
                       'pausedUntil' => 0 },
        'shapes' => {}, 'confirmed' => [], 'capabilities' => nil
      }
    end,

    read_connection: lambda do |definition, given|
      schema = definition['connection']
      schemas = definition['schemas']
      input = call('plain', given).slice(*schema['properties'].keys).reject { |_, value| value.nil? || value == '' }
      input = call('coerce', schemas, schema, input)
      problems = call('problems_of', schemas, schema, input)
      problems += call('base_url_problems', input) if problems.empty?
      if problems.empty? && input['token'].match?(/[^\x21-\x7e]/)
        problems << { 'path' => 'token', 'message' => 'has a space, a line break or a letter that no token has: copy ' \
                                                      'it again, without what stands around it' }
      end
      unless problems.empty?
        call('fail_with_problems', problems.map { |one| one.merge('path' => "connection.#{one['path']}") })
      end
      presets = schema['properties'].transform_values { |one| call('schema_at', schemas, one)['default'] }.compact
      url = input['baseUrl'].strip
      path = ::URI.parse(url).path.sub(%r{/+\z}, '')
      presets.merge(input).merge('baseUrl' => "#{call('origin_of', url)}#{path}")
    end,

    base_url_problems: lambda do |input|
      refuse = ->(message) { [{ 'path' => 'baseUrl', 'message' => message }] }
      no_url = refuse.call('is no URL: give the whole address, such as "https://workato.com/scim/v2"')
      begin
        uri = ::URI.parse(input['baseUrl'].strip)
      rescue ::StandardError
        uri = nil
      end
      next no_url if uri.nil? || uri.scheme.nil?
      next refuse.call('must begin with "https://"') unless %w[http https].include?(uri.scheme.downcase)
      next no_url if uri.host.to_s.empty?
      next refuse.call('must not hold a name or password: the token goes into "token"') unless uri.userinfo.nil?
      next refuse.call('must end before "?" and "#"') unless uri.query.nil? && uri.fragment.nil?

      loopback = uri.host.match?(/\A(localhost|\[::1\]|127(\.\d{1,3}){3})\z/i)
      next [] if uri.scheme.casecmp('https').zero? || loopback || input['allowPlainHttp'] == true

      refuse.call('would send the token without encryption: use "https://", or set "allowPlainHttp" on a test network')
    end,

    test_connection: lambda do |connection|
      call('as_job_error', lambda {
        run = call('open_run', connection)
        begin
          call('send_scim', run, { 'method' => 'GET', 'path' => '/ServiceProviderConfig' })['body'] || {}
        rescue ::StandardError => e
          raise unless %w[not_found unsupported forbidden provider_fault].include?(call('failure_of', e)['code'])

          resource = run['definition']['resources'].values.first
          answer = call('ask_list', run,
                        { 'method' => 'GET', 'path' => resource['endpoint'], 'query' => { 'count' => '1' } })
          { 'totalResults' => call('read_list', answer['body'])['total'] }
        end
      })
    end,

    run_action: lambda do |connection, key, input, form|
      call('as_job_error', lambda {
        run = call('open_run', connection)
        action = run['definition']['actions'][key]
        call('do_action', run, action, call('read_input', run, action, input, form)) || {}
      })
    end,

    read_input: lambda do |run, action, given, form|
      schemas = run['definition']['schemas']
      schema = call('schema_with_extensions', run, action, given, form)
      input = call('coerce', schemas, schema, call('plain', given))
      input = call('without_empty_groups', schemas, schema, input)
      problems = call('problems_of', schemas, schema, input)
      call('fail_with_problems', problems) unless problems.empty?
      input
    end,

    schema_with_extensions: lambda do |run, action, given, form|
      schema = call('schema_at', run['definition']['schemas'], action['input'])
      next schema unless action['takesResource'] && given.is_a?(::Hash)

      resource = call('resource_of', run, action)

      known = schema['properties']
      own = given.keys.map(&:to_s).select { |name| name.match?(/\Aurn:/i) && !known.key?(name) }
      resource['extensions'] |= own
      own.each { |id| resource['extensionAttributes'][id] ||= [] }
      schema.merge('properties' => known.merge(own.to_h { |id| [id, call('schema_of_group', form, id)] }))
    end,

    schema_of_group: lambda do |form, id|
      group = (form || []).find { |field| field['name'] == id } || {}
      types = { 'boolean' => 'boolean', 'integer' => 'integer', 'number' => 'number', 'date_time' => 'string' }
      properties = (group['properties'] || []).to_h do |field|
        type = types[field['type'].to_s]
        [field['name'], type.nil? ? {} : { 'type' => type, 'nullable' => true }]
      end
      { 'type' => 'object', 'properties' => properties }
    end,

    do_action: lambda do |run, action, input|
      call("do_#{action['operation']['type']}", run, action, input)
    end,

    resource_of: lambda do |run, action|
      run['definition']['resources'][action['operation']['resource']]
    end,

    do_read: lambda do |run, action, input|
      resource = call('resource_of', run, action)
      reference = input[resource['reference']]
      projection = call('projection_of', input)
      found = if reference.key?('id')
                call('read_by_id', run, resource, reference['id'], projection)
              else
                call('find_referenced', run, resource, reference, projection)
              end
      call('fail_not_found', resource, reference) if found.nil? && action['operation']['onMissing'] == 'fail'
      found
    end,

    do_search: lambda do |run, action, input|
      resource = call('resource_of', run, action)
      equalities = action['fields'].select { |field| field['attribute'] && input.key?(field['key']) }
                                   .map { |field| { 'path' => field['attribute'], 'value' => input[field['key']] } }
      limit = input['limit'] || call('default_of', action, 'limit')
      size = input['pageSize'] || call('default_of', action, 'pageSize') || 100
      query = {
        'filter' => call('search_filter', equalities, input['filter']), 'sortBy' => input['sortBy'],
        'sortOrder' => input['sortOrder'], 'attributes' => input['attributes'],
        'excludedAttributes' => input['excludedAttributes'], 'count' => [size, limit].compact.min
      }
      found = []
      unfit = 0
      total = 0
      truncated = false
      call('read_pages', run, resource, query, lambda { |page|
        fitting = call('only_fitting', resource, page['resources'], equalities)
        unfit += page['resources'].length - fitting.length
        taken = limit.nil? ? fitting : fitting.first(limit - found.length)
        found.concat(taken)
        truncated = found.length == limit && (taken.length < fitting.length || !page['last'])
        total = unfit.positive? ? found.length : page['total']
        truncated
      })
      { 'totalResults' => total, 'truncated' => truncated, 'resources' => found }
    end,

    default_of: lambda do |action, key|
      field = action['fields'].find { |one| one['key'] == key }
      field && field['default']
    end,

    search_filter: lambda do |equalities, raw|
      printed = equalities.empty? ? nil : call('print_equalities', equalities)
      next printed if raw.nil?

      begin
        call('parse_filter', raw)
      rescue ::ArgumentError => e
        call('fail_with_problems', [{
          'path' => 'filter',
          'message' => "is no SCIM filter: #{e.message}. A filter looks like: userName eq \"ada@example.com\" and " \
                       'active eq true'
        }])
      end
      printed.nil? ? raw : "#{printed} and (#{raw})"
    end,

    do_discover: lambda do |run, _action, _input|
      config, types, schemas = %w[/ServiceProviderConfig /ResourceTypes /Schemas].map do |path|
        call('ask_discovery', run, path)
      end
      if config.nil? && types.nil? && schemas.nil?
        call('fail_with', 'unsupported', {
          'what' => 'The provider has none of /ServiceProviderConfig, /ResourceTypes and /Schemas.',
          'nextStep' => 'Check the base URL; if it is right, the provider does not say what it can do, and the ' \
                        'other actions may still work.'
        })
      end
      {
        'serviceProviderConfig' => config.is_a?(::Hash) ? config : nil,
        'resourceTypes' => call('list_of', types), 'schemas' => call('list_of', schemas)
      }
    end,

    ask_discovery: lambda do |run, path|
      call('send_scim', run, { 'method' => 'GET', 'path' => path })['body']
    rescue ::StandardError => e
      raise unless %w[not_found unsupported].include?(call('failure_of', e)['code'])
    end,

    list_of: lambda do |body|
      next [] if body.nil?

      (body.is_a?(::Array) ? body : call('read_list', body)['resources']).select { |one| one.is_a?(::Hash) }
    end,

    do_request: lambda do |run, _action, input|
      answer = call('send_scim', run, {
        'method' => input['method'] || 'GET', 'path' => call('check_path', run, input['path']),
        'query' => call('check_query', input['query'] || {}), 'body' => input['body']
      })
      headers = answer['headers'].reject { |name, _| name == 'set-cookie' }
      { 'status' => answer['status'], 'headers' => headers, 'body' => answer['body'] }
    end,

    check_path: lambda do |run, path|
      kept = []
      path.split('/', -1).drop(1).each do |segment|
        dots = segment.gsub(/%2e/i, '.')
        if dots == '..' then kept.empty? ? (break kept = nil) : kept.pop
        elsif dots != '.' then kept << segment
        end
      end
      base = ::URI.parse(run['baseUrl']).path
      next "/#{kept.join('/')}" if path.start_with?('/') && !kept.nil? && !path.match?(/[?#\\]/) && !base.nil?

      call('fail_with_problems', [{
        'path' => 'path',
        'message' => 'must begin with "/" and stay below the base URL, such as "/Users"; what follows "?" goes ' \
                     'into "query"'
      }])
    end,

    check_query: lambda do |query|
      odd = query.reject { |_, value| value.is_a?(::String) || value.is_a?(::Numeric) || [true, false].include?(value) }
      unless odd.empty?
        call('fail_with_problems', odd.keys.map do |name|
          { 'path' => "query.#{name}", 'message' => 'must be text, a number, true or false' }
        end)
      end
      query.transform_values { |value| value.is_a?(::Numeric) ? call('print_number', value) : value.to_s }
    end,

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
      { 'id' => found['id'], 'version' => (found['meta'] || {})['version'] }
    end,

    send_change: lambda do |run, resource, target, change|
      wanted = change['ifVersion']
      if wanted&.match?(/[^\x20-\x7e]/)
        call('fail_with_problems', [{ 'path' => 'ifVersion', 'message' => 'has a character that no version has' }])
      end
      version = wanted || target['version']
      races = 0
      loop do
        request = change.reject { |name, _| name == 'ifVersion' }
        path = call('resource_path', resource, target['id'])
        answer = call('send_scim', run, request.merge('path' => path, 'ifMatch' => version))
        break call('must_read', run, resource, target['id']) if answer['body'].nil?

        break call('normalise', run, resource, answer['body'])
      rescue ::StandardError => e
        details = call('failure_of', e)
        call('confirm_service', run, resource) if details['code'] == 'not_found'
        raise e unless details['code'] == 'precondition_failed'

        call('fail_on_version', details, e) unless wanted.nil?
        call('fail_on_races', details) if races == 3
        races += 1
        version = call('target_of', call('must_read', run, resource, target['id']))['version']
      end
    end,

    fail_on_version: lambda do |details, problem|
      raise problem unless details['attempts'] > 1

      call('fail_again', details, 'precondition_failed',
           'It has been changed since the version that was given, maybe by this step: an answer was lost.',
           "Read it again, and repeat the change if it is not there. #{call('unknown_outcome')}")
    end,

    fail_on_races: lambda do |details|
      call('fail_again', details, 'conflict', 'Somebody else keeps changing the same resource.',
           'Run the step again when the other change is done.')
    end,

    do_patch: lambda do |run, action, input|
      resource = call('resource_of', run, action)
      change = call('patch_change', call('patch_operations', run, action, input))
      target = call('find_target', run, resource, input)
      changed = call('send_change', run, resource, target, change.merge('ifVersion' => input['ifVersion']))
      call('verify', resource, action, changed)
      changed
    end,

    patch_change: lambda do |operations|
      {
        'method' => 'PATCH', 'body' => call('patch_body', operations),
        'repeatable' => operations.none? { |one| one['op'] == 'add' }
      }
    end,

    patch_body: lambda do |operations|
      { 'schemas' => ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], 'Operations' => operations }
    end,

    patch_operations: lambda do |run, action, input|
      templates = action['operation']['operations']
      unless templates == 'given'
        presets = action['fields'].select { |field| field.key?('default') }
                                  .to_h { |field| [field['key'], field['default']] }
        next call('fill_template', templates, action['operation']['maps'] || {}, presets.merge(input))
      end
      given = call('given_attributes', action, call('resource_of', run, action), input)
      changes = call('given_to_operations', given)
      if changes.empty?
        call('fail_with_problems', [{ 'path' => '',
                                      'message' => 'it gives nothing to change: give at least one field to set' }])
      end
      changes
    end,

    verify: lambda do |resource, action, changed|
      (action['operation']['verify'] || {}).each do |path, wanted|
        values = call('values_at', changed, call('json_path_of', resource, path))
        next if values.empty? || values == [wanted]

        shown = ::JSON.generate(values[0])
        call('fail_with', 'provider_fault', {
          'what' => "The provider said that it was done, but \"#{path}\" is still #{shown}.",
          'nextStep' => 'Do it by hand at the provider now, and report this to its support.'
        })
      end
    end,

    do_replace: lambda do |run, action, input|
      resource = call('resource_of', run, action)
      target = call('find_target', run, resource, input)
      body = call('to_resource', resource, call('given_attributes', action, resource, input))
      call('send_change', run, resource, target,
           { 'method' => 'PUT', 'body' => body.merge('id' => target['id']), 'ifVersion' => input['ifVersion'] })
    end,

    do_delete: lambda do |run, action, input|
      resource = call('resource_of', run, action)
      target = call('find_target_or_none', run, resource, input[resource['reference']])
      next { 'id' => nil, 'deleted' => true, 'alreadyGone' => true } if target.nil?

      begin
        call('send_scim', run, { 'method' => 'DELETE', 'path' => call('resource_path', resource, target['id']) })
        { 'id' => target['id'], 'deleted' => true, 'alreadyGone' => false }
      rescue ::StandardError => e
        details = call('failure_of', e)
        raise unless details['code'] == 'not_found'

        call('confirm_service', run, resource)
        { 'id' => target['id'], 'deleted' => true, 'alreadyGone' => details['attempts'] == 1 }
      end
    end,

    do_members: lambda do |run, action, input|
      resource = call('resource_of', run, action)
      group = call('find_target', run, resource, input)
      ids = call('find_members', run, action, input)
      size = action['operation']['chunkSize']
      path = call('resource_path', resource, group['id'])
      ids.each_slice(size).with_index do |chunk, at|
        operations = call('member_operations', action['operation']['change'], chunk)
        begin
          call('send_scim', run, { 'method' => 'PATCH', 'path' => path, 'body' => call('patch_body', operations),
                                   'repeatable' => true })
        rescue ::StandardError => e
          details = call('failure_of', e)
          raise if at.zero? || details.empty?

          call('fail_again', details, details['code'],
               "#{at * size} of #{ids.length} members were done before this: #{details['message']}",
               'Run the step again with the same list: those who are done stay as they are.')
        end
      end
      { 'id' => group['id'], 'members' => ids.map { |id| { 'value' => id } },
        'requests' => (ids.length / size.to_f).ceil }
    end,

    member_operations: lambda do |change, ids|
      next [{ 'op' => 'add', 'path' => 'members', 'value' => ids.map { |id| { 'value' => id } } }] if change == 'add'

      ids.map { |id| { 'op' => 'remove', 'path' => "members[value eq #{::JSON.generate(id)}]" } }
    end,

    find_members: lambda do |run, action, input|
      field = action['fields'].find { |one| one['kind'] == 'references' }
      resource = run['definition']['resources'][field['resource']]
      references = input[field['key']]
      targets = references.map { |reference| call('find_target_or_none', run, resource, reference) }
      missing = references.each_index.select { |at| targets[at].nil? }.map { |at| references[at] }
      unless missing.empty?
        names = missing.first(10).map { |reference| call('print_reference', reference) }
        in_all = missing.length > names.length ? " (#{missing.length} in all)" : ''
        call('fail_with', 'not_found', {
          'what' => "There is no #{resource['title'].downcase} with #{names.join(', or ')}#{in_all}. Nobody was " \
                    'added or taken out.',
          'nextStep' => 'Take them out of the list, or provision them first, and run the step again.'
        })
      end
      targets.map { |target| target['id'] }.uniq
    end,

    do_create: lambda do |run, action, input|
      creation = call('creation_of', run, action, input)
      case action['operation']['onConflict']
      when 'return'
        call('find_existing', creation) || call('create_or', creation, ->(existing) { existing })
      when 'update'
        update = ->(existing) { call('update_existing', creation, existing) }
        existing = call('find_existing', creation)
        existing.nil? ? call('create_or', creation, update) : update.call(existing)
      else call('create', creation)
      end
    end,

    creation_of: lambda do |run, action, input|
      resource = call('resource_of', run, action)
      given = call('given_attributes', action, resource, input)
      body = call('to_resource', resource, given)
      identity = resource['uniqueKeys'].map do |path|
        { 'path' => path, 'value' => call('values_at', body, call('json_path_of', resource, path)).first }
      end
      identity = identity.find { |one| one['value'].is_a?(::String) }
      started = run['maybeSentSince'] || call('now_in_ms')
      { 'run' => run, 'resource' => resource, 'given' => given, 'body' => body, 'identity' => identity,
        'startedAt' => started }
    end,

    create: lambda do |creation|
      run = creation['run']
      resource = creation['resource']
      look_up = creation['identity'] && ->(deadline_at) { call('look_for_own', creation, deadline_at) }
      begin
        answer = call('send_scim', run, { 'method' => 'POST', 'path' => resource['endpoint'],
                                          'body' => creation['body'], 'lookUp' => look_up })
        next call('read_created', creation, answer) if answer['body'].nil?

        call('normalise', run, resource, answer['body'])
      rescue ::StandardError => e
        details = call('failure_of', e)
        maybe_own = details['code'] == 'conflict' && (details['attempts'] > 1 || run['maybeSentSince'])
        own = maybe_own ? call('look_for_own', creation, nil) : nil
        raise e if own.nil?

        own['body']
      end
    end,

    create_or: lambda do |creation, otherwise|
      call('create', creation)
    rescue ::StandardError => e
      existing = call('failure_of', e)['code'] == 'conflict' ? call('find_existing', creation) : nil
      raise e if existing.nil?

      otherwise.call(existing)
    end,

    find_existing: lambda do |creation|
      identity = creation['identity']
      next nil if identity.nil?

      found = call('look_up', creation['run'], creation['resource'], identity, {})['found']
      next found[0] if found.length < 2

      call('fail_with', 'conflict', {
        'what' => "#{found.length} of them have #{identity['path']} \"#{identity['value']}\", so it is not clear " \
                  'which one is meant.',
        'nextStep' => 'Update the right one by its id.'
      })
    end,

    update_existing: lambda do |creation, existing|
      identity = creation['identity'] || {}
      given = creation['given'].reject { |one| one['path'] == identity['path'] }
      operations = call('without_no_ops', call('given_to_operations', given), creation['resource'], existing)
      next existing if operations.empty?

      call('send_change', creation['run'], creation['resource'], call('target_of', existing),
           call('patch_change', operations))
    end,

    look_for_own: lambda do |creation, deadline_at|
      next nil if creation['identity'].nil?

      looked = call('look_up', creation['run'], creation['resource'], creation['identity'],
                    { 'deadlineAt' => deadline_at })
      own = looked['found'].find { |one| call('own?', creation, one, looked['clockAheadInMs']) }
      own && { 'status' => 201, 'headers' => {}, 'body' => own, 'attempts' => 1 }
    end,

    own?: lambda do |creation, one, clock_ahead|
      sent = creation['body']['externalId']
      next false if !sent.nil? && !one['externalId'].nil? && one['externalId'] != sent

      created_at = call('time_in_ms', (one['meta'] || {})['created'])
      created_at.nil? || created_at >= creation['startedAt'] + clock_ahead - 3_000
    end,

    read_created: lambda do |creation, answer|
      run = creation['run']
      location = call('redirect_target', run, '', answer).to_s
      id = answer['headers']['location'].to_s.empty? ? '' : call('last_segment', location.sub(/[?#].*/, ''))
      created = id.empty? ? nil : call('read_by_id', run, creation['resource'], id, {})
      next created unless created.nil?

      own = call('look_for_own', creation, nil)
      next own['body'] unless own.nil?

      call('fail_with', 'provider_fault', {
        'what' => 'The provider said that it was created, but neither showed it nor said where it is.',
        'nextStep' => 'Look for it at the provider before you run the step again.'
      })
    end,

    # Many rows at once: in POSTs to /Bulk (RFC 7644 §3.7) where the provider has it and one request can do the row,
    # else one by one. A row that a bulk answer refuses is run by itself, so that it is repeated, or its conflict
    # settled, as the action says; so is one that was not answered, which may have been done.

    do_bulk: lambda do |run, action, input|
      keys = action['operation']['actions']
      key = input['action'] || keys[0]
      row_action = keys.include?(key) ? run['definition']['actions'][key] : nil
      if row_action.nil?
        call('fail_with_problems', [{ 'path' => 'action', 'message' => "must be one of #{keys.join(', ')}" }])
      end
      bulk = { 'run' => run, 'action' => row_action, 'rows' => input['rows'], 'results' => [], 'refusal' => nil }
      results = call('run_bulk', bulk)
      succeeded = results.count { |result| result['ok'] }
      { 'succeeded' => succeeded, 'failed' => results.length - succeeded, 'results' => results }
    end,

    run_bulk: lambda do |bulk|
      bulk['rows'] = bulk['rows'].each_with_index.map do |row, at|
        call('read_input', bulk['run'], bulk['action'], row, nil)
      rescue ::StandardError => e
        call('fail_row', bulk, at, e)
        row
      end
      limits = call('open_rows', bulk).length > 1 ? call('bulk_limits', bulk['run'], bulk['action']) : nil
      unless limits.nil?
        call('bulk_chunks', call('plan_rows', bulk), limits).each { |chunk| call('send_bulk', bulk, chunk) }
      end
      call('run_rows', bulk, call('open_rows', bulk), nil)
      raise bulk['refusal'] if bulk['refusal'] && bulk['results'].none? { |result| result['ok'] }

      bulk['results']
    end,

    open_rows: lambda do |bulk|
      bulk['rows'].each_index.select { |at| bulk['results'][at].nil? }
    end,

    bulk_limits: lambda do |run, action|
      next nil unless %w[create patch replace delete].include?(action['operation']['type'])

      bulk = call('capabilities_of', run)['bulk']
      next nil unless bulk.is_a?(::Hash) && [true, 'true'].include?(bulk['supported'])

      positive = ->(value, otherwise) { value.is_a?(::Numeric) && value.positive? ? value : otherwise }
      { 'operations' => positive.call(bulk['maxOperations'], 100),
        'bytes' => positive.call(bulk['maxPayloadSize'], 1_048_576) }
    end,

    capabilities_of: lambda do |run|
      run['capabilities'] ||= begin
        body = call('send_scim', run, { 'method' => 'GET', 'path' => '/ServiceProviderConfig' })['body']
        body.is_a?(::Hash) ? body : {}
      rescue ::StandardError => e
        code = call('failure_of', e)['code']
        raise if code.nil? || %w[auth rate_limited unavailable].include?(code)

        {}
      end
    end,

    plan_rows: lambda do |bulk|
      call('open_rows', bulk).map do |at|
        step = call('bulk_step', bulk['run'], bulk['action'], bulk['rows'][at])
        step && { 'row' => at, 'step' => step, 'bytes' => ::JSON.generate(step).bytesize + 64 }
      rescue ::StandardError => e
        call('fail_row', bulk, at, e)
        nil
      end.compact
    end,

    bulk_step: lambda do |run, action, input|
      operation = action['operation']
      resource = call('resource_of', run, action)
      case operation['type']
      when 'create'
        body = call('to_resource', resource, call('given_attributes', action, resource, input))
        { 'method' => 'POST', 'path' => resource['endpoint'], 'body' => body }
      when 'delete'
        id = input[resource['reference']]['id']
        id && { 'method' => 'DELETE', 'path' => call('resource_path', resource, id) }
      when 'patch'
        next nil if operation['verify'] || input['ifVersion']

        body = call('patch_body', call('patch_operations', run, action, input))
        { 'method' => 'PATCH', 'path' => call('path_of_target', run, resource, input), 'body' => body }
      when 'replace'
        next nil if input['ifVersion']

        body = call('to_resource', resource, call('given_attributes', action, resource, input))
        { 'method' => 'PUT', 'path' => call('path_of_target', run, resource, input), 'body' => body }
      end
    end,

    path_of_target: lambda do |run, resource, input|
      id = input[resource['reference']]['id'] || call('find_target', run, resource, input)['id']
      call('resource_path', resource, id)
    end,

    bulk_chunks: lambda do |planned, limits|
      most = [limits['operations'], 200].min
      chunks = []
      bytes = 0
      planned.each do |row|
        if chunks.empty? || chunks.last.length == most || bytes + row['bytes'] > limits['bytes'] * 0.9
          chunks << []
          bytes = 0
        end
        chunks.last << row
        bytes += row['bytes']
      end
      chunks
    end,

    send_bulk: lambda do |bulk, chunk|
      next unless bulk['refusal'].nil?

      started = call('now_in_ms')
      operations = chunk.map do |row|
        step = row['step']
        { 'method' => step['method'], 'path' => step['path'], 'bulkId' => "row#{row['row']}", 'data' => step['body'] }
          .compact
      end
      answered = []
      begin
        body = { 'schemas' => ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], 'Operations' => operations }
        answer = call('send_scim', bulk['run'], { 'method' => 'POST', 'path' => '/Bulk', 'body' => body })
        answered = call('read_bulk_answer', bulk, chunk, answer['body'])
      rescue ::StandardError => e
        details = call('failure_of', e)
        raise if details.empty?

        bulk['refusal'] = e if details['code'] == 'auth'
      end
      call('run_rows', bulk, chunk.map { |row| row['row'] } - answered, started)
    end,

    read_bulk_answer: lambda do |bulk, chunk, body|
      answers = body.is_a?(::Hash) && body['Operations'].is_a?(::Array) ? body['Operations'] : []
      answers = answers.select { |answer| answer.is_a?(::Hash) }
      chunk.each_with_index.map do |row, at|
        by_place = answers.length == chunk.length && answers[at]['bulkId'].nil? ? answers[at] : nil
        answer = answers.find { |one| one['bulkId'] == "row#{row['row']}" } || by_place
        status = answer && (answer['status'].is_a?(::Hash) ? answer['status']['code'] : answer['status']).to_s
        next nil unless status&.match?(/\A\d+\z/)

        if status.to_i < 300
          step = row['step']
          id = call('last_segment', step['method'] == 'POST' ? answer['location'] : step['path'])
          result = { 'row' => row['row'], 'ok' => true }
          bulk['results'][row['row']] = id.empty? ? result : result.merge('id' => id)
        end
        row['row']
      end.compact
    end,

    run_rows: lambda do |bulk, rows, since|
      run = since.nil? ? bulk['run'] : bulk['run'].merge('maybeSentSince' => since)
      rows.each do |at|
        raise bulk['refusal'] if bulk['refusal']

        output = call('do_action', run, bulk['action'], bulk['rows'][at])
        result = { 'row' => at, 'ok' => true }
        result['id'] = output['id'] if output.is_a?(::Hash) && output['id'].is_a?(::String)
        bulk['results'][at] = result.merge('output' => output)
      rescue ::StandardError => e
        call('fail_row', bulk, at, e)
      end
    end,

    fail_row: lambda do |bulk, at, problem|
      details = call('failure_of', problem)
      raise problem if details.empty?

      bulk['refusal'] = problem if details['code'] == 'auth'
      bulk['results'][at] = { 'row' => at, 'ok' => false, 'error' => call('show_failure', details) }
    end,

    # Polls: what has happened since the closure of the poll before. Everybody is compared with a snapshot, which
    # stands in the closure; the provider is asked only for those who changed where it can be. Nothing is reported,
    # and the closure before still holds, when anything goes wrong.

    poll_trigger: lambda do |connection, key, input, closure|
      call('as_job_error', lambda {
        run = call('open_run', connection)
        trigger = run['definition']['triggers'][key]
        polled = call('poll', run, trigger, call('read_input', run, trigger, input || {}, nil), call('plain', closure))
        { events: polled['events'].reverse, next_poll: polled['cursor'], can_poll_more: polled['more'] }
      })
    end,

    most_events: lambda do
      1_000
    end,

    closure_limit: lambda do
      1_048_576
    end,

    poll: lambda do |run, trigger, input, kept|
      resources = trigger['detect']['resources'].map { |name| run['definition']['resources'][name] }
      before = call('read_cursor', kept, run['baseUrl'])
      selects = call('selector_of', run, trigger, input)
      narrowing = call('narrowing_of', run, trigger, input)
      events = []
      polled = {}
      resources.each do |resource|
        cursor = before['resources'][resource['name']]
        options = {
          'run' => run, 'resource' => resource, 'cursor' => cursor, 'strategy' => input['strategy'],
          'needsDeletions' => trigger['detect']['types'].include?('delete'),
          'fromBeginning' => input['startFrom'] == 'beginning', 'massChangeLimit' => input['massChangeLimit'],
          'pageSize' => input['pageSize'], 'room' => call('most_events') - events.length,
          'round' => "#{before['epoch']}.#{before['sequence'] + 1}",
          'fits' => ->(one) { narrowing.call(resource, one) }, 'selects' => selects
        }
        begin
          polled[resource['name']] = call('poll_resource', options)
          events.concat(polled[resource['name']]['events'])
        rescue ::StandardError => e
          details = call('failure_of', e)
          absent = details['code'] == 'unsupported' || (details['code'] == 'provider_fault' && details['status'] == 404)
          raise if resources.length == 1 || !cursor.nil? || !absent
        end
      end
      call('finish_poll', before, polled, events)
    end,

    finish_poll: lambda do |before, polled, events|
      changed = polled.values.any? { |one| one['changed'] } || !events.empty?
      cursor = before.merge(
        'sequence' => before['sequence'] + (changed ? 1 : 0),
        'resources' => before['resources'].merge(polled.transform_values { |one| one['cursor'] })
      )
      size = ::JSON.generate(cursor).length
      limit = call('closure_limit')
      if size > limit
        known = cursor['resources'].values.sum { |one| one['entries'].length }
        call('fail_with', 'unsupported', {
          'what' => "What has to be remembered of #{known} users and groups takes #{size} characters, and this " \
                    "host can hold #{limit}.",
          'nextStep' => 'Poll it from where a store can be kept, such as rolecall watch with --state, or take a ' \
                        'push source instead.'
        })
      end
      ordered = events.each_with_index.sort_by { |event, at| [call('time_in_ms', event['occurredAt']), at] }
      { 'events' => ordered.map(&:first), 'cursor' => cursor, 'more' => polled.values.any? { |one| one['more'] } }
    end,

    read_cursor: lambda do |kept, provider|
      if kept.nil? || kept == {}
        epoch = (rand * (36**8)).floor.to_s(36).rjust(8, '0')
        next { 'version' => 1, 'provider' => provider, 'epoch' => epoch, 'sequence' => 0, 'resources' => {} }
      end
      version = kept.is_a?(::Hash) ? kept['version'] : nil
      unless version.is_a?(::Integer) && version >= 1 && kept['resources'].is_a?(::Hash)
        message = 'is none that a poll has given: give back what the last poll gave, or nothing to start anew'
        call('fail_with_problems', [{ 'path' => 'cursor', 'message' => message }])
      end
      if version > 1
        call('fail_with', 'unsupported', {
          'what' => "The state was written by a newer release: its version is #{version}, and this release knows 1.",
          'nextStep' => 'Use that release, or start anew with another state.'
        })
      end
      unless kept['provider'] == provider
        call('fail_with_problems', [{
          'path' => 'cursor',
          'message' => "belongs to #{kept['provider']}, and the connection is to #{provider}: there, everybody " \
                       'would look deleted. Give the connection its own state'
        }])
      end
      kept
    end,

    poll_resource: lambda do |options|
      cursor = options['cursor']
      options['run']['answeredAt'] = nil
      poll = options.merge(
        'entries' => (cursor || {})['entries'].to_h.dup,
        'tracker' => call('tracker_of', options['resource'], (cursor || {})['columns'] || []),
        'events' => [], 'source' => 'changed_since', 'pages' => 0, 'leaving' => 0, 'differing' => 0, 'more' => false,
        'changed' => false, 'firstAnsweredAt' => nil, 'newest' => nil, 'stamped' => true,
        'startedAt' => call('now_in_ms')
      )
      poll['known'] = poll['entries'].length
      poll['limit'] = options['massChangeLimit'] || [20, (poll['known'] * 0.1).floor].max
      poll['count'] = options['pageSize'] || (cursor || {})['pageSize'] || call('page_size_of', options['run'])
      can_ask = (cursor || {})['canAskSince']
      why = if cursor.nil? then 'first_poll'
            elsif call('strategy_of', poll, can_ask) == 'snapshot' then 'strategy'
            else
              call('read_changed', poll)
            end
      can_ask = false if why == 'filter_refused'
      unless why.nil?
        call('read_everybody', poll)
        can_ask = call('try_since', poll, can_ask)
      end
      call('guard', poll, poll['leaving'])
      {
        'events' => poll['events'], 'more' => poll['more'], 'changed' => poll['changed'],
        'cursor' => {
          'columns' => poll['tracker']['columns'].map { |column| column.slice('path', 'kept') },
          'entries' => poll['entries'], 'sinceInMs' => call('next_since', poll, !why.nil?), 'canAskSince' => can_ask,
          'pageSize' => (cursor || {})['pageSize'] || poll['count'],
          'unsettledSinceInMs' => call('unsettled_since', poll, !why.nil?)
        }
      }
    end,

    page_size_of: lambda do |run|
      filter = call('capabilities_of', run)['filter']
      most = filter.is_a?(::Hash) ? filter['maxResults'] : nil
      [most.is_a?(::Numeric) && most.positive? ? most : 1_000, 1_000].min
    end,

    strategy_of: lambda do |poll, can_ask|
      wanted = poll['strategy']
      if wanted == 'changed_since' && can_ask == false
        call('fail_with', 'unsupported', {
          'what' => 'The provider cannot be asked for what has changed: it does not understand a filter on ' \
                    'meta.lastModified.',
          'nextStep' => 'Set "strategy" to "snapshot", or to "auto".'
        })
      end
      next wanted if %w[changed_since snapshot].include?(wanted)

      poll['needsDeletions'] || can_ask == false ? 'snapshot' : 'changed_since'
    end,

    since_filter: lambda do |time|
      "meta.lastModified ge \"#{call('print_time', time)}\""
    end,

    print_time: lambda do |time|
      ::Time.at(time / 1000, (time % 1000) * 1000).utc.strftime('%Y-%m-%dT%H:%M:%S.%LZ')
    end,

    read_changed: lambda do |poll|
      since = poll['cursor']['sinceInMs']
      next 'filter_untried' if since.nil? || poll['cursor']['canAskSince'] != true

      found = 0
      begin
        call('poll_pages', poll, { 'filter' => call('since_filter', since), 'count' => poll['count'] }, lambda { |page|
          found += page['resources'].length
          call('compare_all', poll, page['resources'])
        })
      rescue ::StandardError => e
        raise unless call('filter_refusal?', call('failure_of', e))

        next 'filter_refused'
      end
      next 'nobody_found' if found.zero?

      answered_at = poll['run']['answeredAt']
      !answered_at.nil? && answered_at + 1_500 < since ? 'clock_set_back' : nil
    end,

    poll_pages: lambda do |poll, query, take|
      call('read_pages', poll['run'], poll['resource'], query, lambda { |page|
        poll['pages'] += 1
        poll['firstAnsweredAt'] ||= poll['run']['answeredAt']
        take.call(page)
        false
      })
    end,

    filter_refusal?: lambda do |details|
      %w[invalid_input unsupported not_found].include?(details['code']) || details['status'] == 500
    end,

    read_everybody: lambda do |poll|
      poll.merge!('source' => 'snapshot', 'newest' => nil, 'pages' => 0)
      missing = poll['entries'].dup
      call('poll_pages', poll, { 'count' => poll['count'] }, lambda { |page|
        page['resources'].each { |one| missing.delete(one['id']) }
        call('compare_all', poll, page['resources'])
      })
      call('look_for_missing', poll, missing)
    end,

    compare_all: lambda do |poll, resources|
      whole = resources.map { |one| (call('lacks_members?', poll, one) && call('ask_by_id', poll, one['id'])) || one }
      whole.each { |one| call('compare', poll, one) }
    end,

    lacks_members?: lambda do |poll, one|
      next false unless one['members'].nil? && poll['resource']['retainedAttributes'].include?('members')

      before = poll['entries'][one['id']]
      !before.nil? && !call('changes_of_loss', poll['tracker'], before).empty?
    end,

    compare: lambda do |poll, one|
      call('note_time', poll, one)
      before = poll['entries'][one['id']]
      after = call('entry_of', poll['tracker'], one, poll['fits'].call(one) != false, before)
      next if before == after

      call('settle', poll, { 'id' => one['id'], 'before' => before, 'after' => after, 'resource' => one })
    end,

    settle: lambda do |poll, difference|
      events = call('selected_events', poll, difference)
      poll['leaving'] += events.count { |event| %w[deactivate delete].include?(event['type']) }
      if !events.empty? && poll['events'].length >= poll['room']
        poll['more'] = true
        next
      end
      poll['differing'] += 1
      poll['changed'] = true
      poll['events'].concat(events)
      poll['entries'][difference['id']] = difference['after']
      poll['entries'].delete(difference['id']) if difference['after'].nil?
    end,

    selected_events: lambda do |poll, difference|
      next [] if poll['cursor'].nil? && !poll['fromBeginning']
      next [] if difference['before'].nil? && call('overlooked?', poll, difference['resource'])

      asked = [difference['before'], difference['after']].compact.any? { |entry| !entry.start_with?('-') }
      asked ? call('events_of', poll, difference).select { |event| poll['selects'].call(event) } : []
    end,

    overlooked?: lambda do |poll, one|
      since = poll['source'] == 'snapshot' ? (poll['cursor'] || {})['unsettledSinceInMs'] : nil
      created_at = since && call('time_in_ms', ((one || {})['meta'] || {})['created'])
      !created_at.nil? && created_at < since
    end,

    unsettled_since: lambda do |poll, all|
      next all ? nil : poll['cursor']['unsettledSinceInMs'] unless poll['cursor'].nil?

      poll['pages'] > 1 && !poll['fromBeginning'] ? poll['firstAnsweredAt'] || poll['startedAt'] : nil
    end,

    look_for_missing: lambda do |poll, missing|
      losses = missing.reject { |id, _| ['.', '..'].include?(id) }.map do |id, before|
        { 'id' => id, 'before' => before, 'after' => nil, 'resource' => nil }
      end
      reported = losses.reject { |loss| call('selected_events', poll, loss).empty? }
      call('guard', poll, poll['leaving'] + reported.length)
      asked = losses.length > poll['limit'] ? reported : losses
      found = asked.map { |loss| call('ask_by_id', poll, loss['id']) }
      asked.zip(found).each { |loss, one| one.nil? ? call('settle', poll, loss) : call('compare', poll, one) }
    end,

    ask_by_id: lambda do |poll, id|
      path = call('resource_path', poll['resource'], id)
      answer = call('send_scim', poll['run'], { 'method' => 'GET', 'path' => path })
      found = call('normalise', poll['run'], poll['resource'], answer['body'])
      next found if found['id'] == id

      call('fail_with', 'provider_fault', {
        'what' => "The provider was asked for #{id}, and answered with #{found['id']}.",
        'nextStep' => 'Nothing was reported. Ask the provider; the next poll looks again.'
      })
    rescue ::StandardError => e
      raise unless call('failure_of', e)['code'] == 'not_found'
    end,

    guard: lambda do |poll, leaving|
      next if leaving <= poll['limit']

      title = poll['resource']['title'].downcase
      call('fail_with', 'mass_change_blocked', {
        'what' => "#{leaving} of #{poll['known']} #{title}s would be reported as deactivated or deleted at once, " \
                  "and the limit is #{poll['limit']}. None was reported, and nothing is lost: the next poll looks " \
                  'again.',
        'nextStep' => 'See at the provider whether it is true. If it is, poll once with "massChangeLimit" at ' \
                      "#{leaving} or more."
      })
    end,

    last_modified: lambda do |one|
      stamp = (one['meta'] || {})['lastModified']
      stamp && call('time_in_ms', stamp)
    end,

    note_time: lambda do |poll, one|
      time = call('last_modified', one)
      if time.nil?
        poll['stamped'] = false
        next
      end
      answered_at = poll['run']['answeredAt']
      next if !answered_at.nil? && time > answered_at + 1_500

      poll['newest'] = [poll['newest'] || time, time].max
    end,

    next_since: lambda do |poll, all|
      before = (poll['cursor'] || {})['sinceInMs']
      next all ? nil : before if poll['more']
      next before if !all && poll['pages'] > 1 && poll['differing'].positive?
      next all ? nil : before if poll['newest'].nil?

      since = [poll['newest'], (poll['firstAnsweredAt'] || poll['newest']) - 2_000].min
      all || before.nil? ? since : [before, since].max
    end,

    try_since: lambda do |poll, known|
      next poll['stamped'] ? known : false if known == false || !poll['stamped']
      next known if call('strategy_of', poll, known) != 'changed_since' || poll['newest'].nil?

      understands = call('understands_since', poll, poll['newest'])
      call('strategy_of', poll, understands)
      understands
    end,

    understands_since: lambda do |poll, newest|
      some = call('count_since', poll, newest)
      nobody = call('count_since', poll, newest + (366 * 24 * 3_600_000))
      some.positive? && nobody.zero?
    rescue ::StandardError => e
      details = call('failure_of', e)
      raise if details.empty?

      call('filter_refusal?', details) ? false : nil
    end,

    count_since: lambda do |poll, time|
      answer = call('send_scim', poll['run'], {
        'method' => 'GET', 'path' => poll['resource']['endpoint'],
        'query' => { 'filter' => call('since_filter', time), 'count' => '1' },
        'deadlineAt' => call('now_in_ms') + 10_000
      })
      call('read_list', answer['body'])['resources'].length
    end,

    events_of: lambda do |poll, difference|
      tracker = poll['tracker']
      before = difference['before']
      after = difference['after']
      if after.nil?
        next [] if before.nil?

        next [call('event_of', poll, difference, 'delete', call('changes_of_loss', tracker, before))]
      end
      changes = call('changes_between', tracker, before, after, difference['resource'])
      next [call('event_of', poll, difference, 'create', changes)] if before.nil?

      access = changes.find { |change| change['path'] == 'active' }
      others = changes.reject { |change| change['path'] == 'active' }
      events = []
      if !access.nil? && (access['to'] != false) != (access['from'] != false)
        events << call('event_of', poll, difference, access['to'] == false ? 'deactivate' : 'activate', [access])
      end
      events << call('event_of', poll, difference, 'patch', others) unless others.empty?
      events
    end,

    event_of: lambda do |poll, difference, type, changes|
      print = call('fingerprint', "#{difference['before']}>#{difference['after']}")
      key = "#{poll['resource']['name']}/#{difference['id']}/#{type}/#{poll['round']}.#{print}"
      one = difference['resource']
      time = (one && call('last_modified', one)) || poll['startedAt']
      subject = one || call('remembered_of', poll['tracker'], difference['id'], difference['before'])
      {
        'id' => key, 'type' => type, 'occurredAt' => call('print_time', time), 'resource' => poll['resource']['name'],
        'subject' => call('subject_of', subject), 'changes' => changes, 'data' => one, 'source' => poll['source'],
        'cause' => nil, 'isLate' => false, 'dedupeKey' => key
      }
    end,

    sample_event: lambda do |name, type, changes, data|
      one = call('sample_of', name)
      key = "#{name}/#{one['id']}/#{type}/7.h3Jd9aQ1"
      {
        'id' => key, 'type' => type, 'occurredAt' => one['meta']['lastModified'], 'resource' => name,
        'subject' => call('subject_of', one), 'data' => data, 'source' => 'snapshot', 'cause' => nil, 'isLate' => false,
        'dedupeKey' => key,
        'changes' => changes.map do |change|
                       { 'from' => nil, 'to' => nil, 'fromKnown' => true, 'toKnown' => true }.merge(change)
                     end
      }
    end,

    poll_help: lambda do |description|
      "#{description} What has changed is found by comparing: the first poll only looks who is there, unless you say " \
        'otherwise. Each event comes at least once, with a key of its own, in order for each user. When more users ' \
        'lose access at once than the limit, the trigger stops with mass_change_blocked instead of starting jobs.'
    end,

    push_help: lambda do |input, base|
      text = 'Starts at once when a sender pushes an event. Nothing is taken whose token or signature is wrong. ' \
             'A sender repeats what was lost on the way: each event has a key of its own, and starts one job.'
      source = input['source'].to_s
      next text if base.to_s == '' || source == ''

      stream = input['stream'].to_s
      query = ::URI.encode_www_form([['source', source], *(stream == '' ? [] : [['stream', stream]])])
      "#{text} Put this address into the settings of the sender:<br><b>#{call('to_html', "#{base}?#{query}")}</b>"
    end,

    subject_of: lambda do |one|
      name = ->(key) { one[key].is_a?(::String) && one[key] != '' ? one[key] : nil }
      { 'id' => name.call('id') || '', 'externalId' => name.call('externalId'), 'userName' => name.call('userName'),
        'displayName' => name.call('displayName') }
    end,

    # Snapshots: what is kept of a resource, as a text in which two that say the same are the same, and what differs.

    tracker_of: lambda do |resource, known|
      tracker = { 'resource' => resource, 'columns' => [], 'written' => {} }
      known.each { |column| call('add_column', tracker, column['path'], column['kept']) }
      resource['retainedAttributes'].each { |path| call('column_of', tracker, path) }
      tracker
    end,

    kept_as: lambda do |tracker, path, attribute|
      next 'print' unless tracker['resource']['retainedAttributes'].include?(path)

      (attribute || {})['multiValued'] ? 'items' : 'value'
    end,

    add_column: lambda do |tracker, path, kept|
      attribute = call('attribute_at', tracker['resource'], path)
      tracker['columns'] << { 'path' => path, 'kept' => kept, 'attribute' => attribute }
      tracker['written'][path] = tracker['columns'].length - 1 if kept == call('kept_as', tracker, path, attribute)
      tracker['columns'].length - 1
    end,

    column_of: lambda do |tracker, path|
      attribute = call('attribute_at', tracker['resource'], path)
      tracker['written'][path] || call('add_column', tracker, path, call('kept_as', tracker, path, attribute))
    end,

    tracked?: lambda do |tracker, path|
      attribute = call('attribute_at', tracker['resource'], path) || {}
      attribute['mutability'] != 'readOnly' || tracker['resource']['retainedAttributes'].include?(path)
    end,

    entry_of: lambda do |tracker, one, fits, before|
      places = (tracker['places'] ||= {})
      cells = {}
      flat = one.flat_map do |name, value|
        next [[name, value]] unless tracker['resource']['extensions'].include?(name)

        value.is_a?(::Hash) ? value.map { |sub, item| ["#{name}:#{sub}", item] } : []
      end
      flat.each do |path, value|
        next if %w[id meta schemas].include?(path)

        place = places.fetch(path) do
          places[path] = call('tracked?', tracker, path) && call('column_of', tracker, path)
        end
        cells[place] = call('keep', tracker['columns'][place], value) if place
      end
      active = tracker['columns'].index { |column| column['path'] == 'active' }
      if active && ![true, false].include?(cells[active])
        cells[active] = before.nil? ? nil : call('parse_entry', before)[active]
      end
      call('print_entry', fits, (0...tracker['columns'].length).map { |at| cells[at] })
    end,

    print_entry: lambda do |fits, cells|
      cells = cells.dup
      cells.pop while !cells.empty? && cells.last.nil?
      "#{fits ? '' : '-'}#{::JSON.generate(cells)}"
    end,

    parse_entry: lambda do |text|
      ::JSON.parse(text.delete_prefix('-'))
    end,

    keep: lambda do |column, value|
      if column['kept'] == 'items'
        keys = (value.is_a?(::Array) ? value : [value].compact).map { |item| call('key_of_item', item) }
        next keys.empty? ? nil : keys.uniq.sort
      end
      plain = call('canonical', value, column['attribute'])
      next plain if plain.nil? || column['kept'] == 'value'

      call('short_fingerprint', ::JSON.generate(plain))
    end,

    canonical: lambda do |value, attribute|
      case value
      when nil, '' then nil
      when ::Array
        items = value.map { |item| call('canonical', item, attribute) }.compact
                     .uniq { |item| ::JSON.generate(item) }.sort_by { |item| ::JSON.generate(item) }
        items.empty? ? nil : items
      when ::Hash
        subs = (attribute || {})['subAttributes'] || []
        result = value.keys.sort.each_with_object({}) do |name, all|
          sub = subs.find { |one| one['name'] == name }
          next if %w[$ref display].include?(name)
          next if sub && sub['mutability'] == 'readOnly' && name != 'value'

          plain = name == 'primary' && value[name] == false ? nil : call('canonical', value[name], sub)
          all[name] = plain unless plain.nil?
        end
        result.empty? ? nil : result
      when ::Float then value == value.to_i ? value.to_i : value
      else value
      end
    end,

    key_of_item: lambda do |item|
      value = item.is_a?(::Hash) ? item['value'] : item
      unless value.is_a?(::String)
        next ::JSON.generate(call('canonical', value.nil? ? item : value, nil))
      end
      next value unless value.start_with?('{')

      begin
        inner = ::JSON.parse(value)
        name = inner.is_a?(::Hash) ? inner['value'] || inner['displayName'] : nil
        name.is_a?(::String) ? name : value
      rescue ::JSON::ParserError
        value
      end
    end,

    changes_between: lambda do |tracker, before, after, one|
      now = call('parse_entry', after)
      if before.nil?
        next call('member_paths', tracker).flat_map do |path|
          cell, = call('cell_at', tracker, now, path)
          call('item_changes', path, [], Array(cell), call('raw_at', tracker, one, path))
        end
      end
      old = call('parse_entry', before)
      tracker['columns'].map { |column| column['path'] }.uniq.flat_map do |path|
        call('change_at', tracker, path, old, now, one)
      end
    end,

    changes_of_loss: lambda do |tracker, before|
      old = call('parse_entry', before)
      call('member_paths', tracker).flat_map do |path|
        cell, = call('cell_at', tracker, old, path)
        call('item_changes', path, Array(cell), [], nil)
      end
    end,

    member_paths: lambda do |tracker|
      tracker['resource']['retainedAttributes'].select do |path|
        path == 'members' && (call('attribute_at', tracker['resource'], path) || {})['multiValued']
      end
    end,

    raw_at: lambda do |tracker, one, path|
      next one[path] if one.key?(path)

      keys = call('json_path_of', tracker['resource'], path)
      keys.reduce(one) { |value, key| value.is_a?(::Hash) ? value[key] : nil }
    end,

    cell_at: lambda do |tracker, cells, path|
      columns = tracker['columns']
      at = columns.each_index.select { |one| columns[one]['path'] == path && !cells[one].nil? }.last
      at.nil? ? [nil, 'value'] : [cells[at], columns[at]['kept']]
    end,

    change_at: lambda do |tracker, path, before, after, one|
      old, old_kept = call('cell_at', tracker, before, path)
      now, now_kept = call('cell_at', tracker, after, path)
      next [] if old == now

      attribute = call('attribute_at', tracker['resource'], path)
      raw = call('raw_at', tracker, one, path)
      again = old_kept == now_kept ? nil : call('keep', { 'kept' => old_kept, 'attribute' => attribute }, raw)
      next [] if !old.nil? && !now.nil? && old == again

      if [old_kept, now_kept].include?('items') && old_kept != 'print'
        next call('item_changes', path, old.is_a?(::Array) ? old : [], now.is_a?(::Array) ? now : [], raw)
      end

      known = old.nil? || old_kept != 'print'
      [{ 'path' => path, 'from' => known ? old : nil, 'to' => raw, 'fromKnown' => known, 'toKnown' => true }]
    end,

    item_changes: lambda do |path, before, after, raw|
      items = (raw.is_a?(::Array) ? raw : [raw].compact).to_h { |item| [call('key_of_item', item), item] }
      change = lambda do |key, from, to|
        { 'path' => "#{path}[value eq #{::JSON.generate(key)}]", 'from' => from, 'to' => to, 'fromKnown' => true,
          'toKnown' => true }
      end
      (before - after).map { |key| change.call(key, { 'value' => key }, nil) } +
        (after - before).map { |key| change.call(key, nil, items[key] || { 'value' => key }) }
    end,

    remembered_of: lambda do |tracker, id, entry|
      cells = call('parse_entry', entry)
      tracker['resource']['retainedAttributes'].each_with_object({ 'id' => id }) do |path, one|
        cell, kept = call('cell_at', tracker, cells, path)
        next if cell.nil? || kept == 'print'

        value = kept == 'items' ? cell.map { |key| { 'value' => key } } : cell
        call('set_at', one, call('json_path_of', tracker['resource'], path), value)
      end
    end,

    fingerprint: lambda do |text|
      call('print_hash', call('murmur', text, 0x9747b28c)) + call('print_hash', call('murmur', text, 0x3c6ef372))
    end,

    short_fingerprint: lambda do |text|
      call('print_hash', call('murmur', text, 0x9747b28c))[0, 4]
    end,

    print_hash: lambda do |hash|
      digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
      (0...5).map { |digit| digits[(hash >> (digit * 6)) & 63] }.join
    end,

    murmur: lambda do |text, seed|
      units = text.encode('UTF-16LE').unpack('v*')
      mask = 0xffffffff
      scramble = lambda do |block|
        mixed = (block * 0xcc9e2d51) & mask
        ((((mixed << 15) | (mixed >> 17)) & mask) * 0x1b873593) & mask
      end
      hash = seed
      units.each_slice(2) do |low, high|
        if high.nil? then hash ^= scramble.call(low)
        else
          hash ^= scramble.call(low | (high << 16))
          hash = ((hash << 13) | (hash >> 19)) & mask
          hash = ((hash * 5) + 0xe6546b64) & mask
        end
      end
      hash ^= units.length * 2
      hash = ((hash ^ (hash >> 16)) * 0x85ebca6b) & mask
      hash = ((hash ^ (hash >> 13)) * 0xc2b2ae35) & mask
      hash ^ (hash >> 16)
    end,

    # Selections: which events a trigger starts with, and about whom.

    selector_of: lambda do |run, trigger, input|
      detect = trigger['detect']
      given = input['changedAttributes']
      wanted = given && call('changed_paths', run, detect['resources'], given)
      ->(event) { call('selects?', detect, wanted, input, event) }
    end,

    selects?: lambda do |detect, wanted, input, event|
      next false unless detect['resources'].include?(event['resource']) && detect['types'].include?(event['type'])

      changes = event['changes']
      from = input['roleFrom']
      to = input['roleTo']
      next from.nil? && to.nil? if event['type'] == 'put' && changes.empty?

      at_one = ->(change, paths) { paths.any? { |path| call('at_path?', change['path'], path) } }
      of_trigger = detect['changed'] ? changes.select { |change| at_one.call(change, detect['changed']) } : changes
      next false if detect['changed'] && of_trigger.empty?
      next false if detect['except'] && changes.all? { |change| at_one.call(change, detect['except']) }
      next false if wanted && changes.none? { |change| at_one.call(change, wanted) }

      (from.nil? || of_trigger.any? { |change| call('side_has?', change, 'from', from) }) &&
        (to.nil? || of_trigger.any? { |change| call('side_has?', change, 'to', to) })
    end,

    at_path?: lambda do |changed, wanted|
      one = changed.downcase
      other = wanted.downcase
      below = ->(path, above) { path.start_with?(above) && path[above.length..].match?(/\A[.\[:]/) }
      one == other || below.call(one, other) || below.call(other, one)
    end,

    side_has?: lambda do |change, side, wanted|
      next true unless change["#{side}Known"]

      value = change[side]
      (value.is_a?(::Array) ? value : [value]).any? { |item| !item.nil? && call('key_of_item', item) == wanted }
    end,

    changed_paths: lambda do |run, names, given|
      known = names.map { |name| run['definition']['resources'][name] }
      given.each_with_index.map do |wanted, at|
        plain = wanted.gsub(/\[.*?\]/, '')
        found = known.map { |one| one['paths'][wanted] || (call('attribute_at', one, plain) && wanted) }.compact.first
        found ||= wanted if wanted.match?(/\Aurn:/i)
        if found.nil?
          call('fail_with_problems', [{
            'path' => "changedAttributes[#{at}]",
            'message' => "is no attribute of a #{names.join(' or ')}: name one as SCIM does, such as \"title\" or " \
                         '"name.familyName"'
          }])
        end
        found
      end
    end,

    narrowing_of: lambda do |run, trigger, input|
      tests = [call('filter_test', input['filter']), call('group_test', run, trigger, input)].compact
      lambda do |resource, one|
        answers = tests.map { |test| test.call(resource, one) }
        next false if answers.include?(false)

        answers.include?(nil) ? nil : true
      end
    end,

    filter_test: lambda do |text|
      next nil if text.nil?

      begin
        filter = call('parse_filter', text)
      rescue ::ArgumentError => e
        call('fail_with_problems', [{
          'path' => 'filter',
          'message' => "is no SCIM filter: #{e.message}. A filter looks like: department eq \"Engineering\" and " \
                       'active eq true'
        }])
      end
      ->(resource, one) { call('matches?', filter, one, resource, '') }
    end,

    group_test: lambda do |run, trigger, input|
      field = trigger['fields'].find { |one| one['kind'] == 'reference' && input[one['key']] }
      next nil if field.nil?

      reference = input[field['key']]
      named = run['definition']['resources'][field['resource']]
      if trigger['detect']['resources'].include?(named['name'])
        next ->(resource, one) { call('named?', resource, one, reference) }
      end

      group = call('find_group', run, named, reference)
      ids = ->(items) { Array(items).map { |item| item.is_a?(::Hash) ? item['value'] : nil }.compact }
      members = ids.call((group || {})['members'])
      lambda do |_resource, one|
        !group.nil? && (members.include?(one['id']) || ids.call(one['groups']).include?(group['id']))
      end
    end,

    named?: lambda do |resource, one, reference|
      way, value = reference.first
      paths = (resource['lookupKeys'].find { |named| named['key'] == way } || { 'attributes' => [] })['attributes']
      answers = paths.map { |path| call('fits?', resource, one, [{ 'path' => path, 'value' => value }]) }
      next true if answers.include?(true)

      answers.include?(nil) ? nil : false
    end,

    find_group: lambda do |run, resource, reference|
      next call('find_referenced', run, resource, reference, {}) unless reference.key?('id')

      call('ask_by_id', { 'run' => run, 'resource' => resource }, reference['id'])
    end,

    matches?: lambda do |filter, value, resource, above|
      case filter['kind']
      when 'and' then filter['filters'].all? { |one| call('matches?', one, value, resource, above) }
      when 'or' then filter['filters'].any? { |one| call('matches?', one, value, resource, above) }
      when 'not' then !call('matches?', filter['filter'], value, resource, above)
      when 'present' then !call('filter_values', filter['path'], value, resource, above).empty?
      else call('compares?', filter, value, resource, above)
      end
    end,

    compares?: lambda do |filter, value, resource, above|
      operator = filter['operator']
      wanted = filter['value']
      compared = call('filter_values', filter['path'], value, resource, above)
                 .map { |one| one.is_a?(::Hash) ? one['value'] : one }
      next operator == (wanted.nil? ? 'eq' : 'ne') if compared.empty?

      traits = call('filter_traits', filter['path'], resource, above)
      next compared.none? { |one| call('compare_values?', one, 'eq', wanted, traits) } if operator == 'ne'

      compared.any? { |one| call('compare_values?', one, operator, wanted, traits) }
    end,

    filter_values: lambda do |path, value, resource, above|
      schema = call('filter_schema', path, resource, above)
      holder = schema.nil? ? value : call('property_of', value, schema)
      found = holder.is_a?(::Hash) ? call('property_of', holder, path['attribute']) : nil
      items = found.is_a?(::Array) ? found : [found]
      if path['filter']
        inner = call('filter_name_of', path, resource, above)
        items = items.select { |item| item.is_a?(::Hash) && call('matches?', path['filter'], item, resource, inner) }
      end
      if path['subAttribute']
        items = items.map { |item| item.is_a?(::Hash) ? call('property_of', item, path['subAttribute']) : nil }
      end
      items.flatten(1).reject { |one| one.nil? || one == '' }
    end,

    property_of: lambda do |holder, name|
      holder.fetch(name) { holder.find { |key, _| key.casecmp(name).zero? }&.last }
    end,

    filter_name_of: lambda do |path, resource, above|
      next "#{above}.#{path['attribute']}" unless above == ''

      schema = call('filter_schema', path, resource, above)
      next path['attribute'] if schema.nil?

      id = resource['extensions'].find { |one| one.casecmp(schema).zero? } || schema
      "#{id}:#{path['attribute']}"
    end,

    filter_schema: lambda do |path, resource, above|
      schema = path['schema']
      next schema.casecmp(resource['schema']).zero? ? nil : schema if schema
      next nil if above != '' || call('attribute_at', resource, path['attribute'])

      resource['extensions'].find { |id| call('attribute_at', resource, "#{id}:#{path['attribute']}") }
    end,

    filter_traits: lambda do |path, resource, above|
      name = call('filter_name_of', path, resource, above)
      name = "#{name}.#{path['subAttribute']}" if path['subAttribute']
      found = call('attribute_at', resource, name) || {}
      sub = (found['subAttributes'] || []).find { |one| one['name'] == 'value' }
      found = sub if found['type'] == 'complex' && sub
      { 'time' => found['type'] == 'dateTime', 'exact' => found['caseExact'] == true }
    end,

    compare_values?: lambda do |one, operator, wanted, traits|
      next call('compare_texts?', one, operator, wanted, traits) if one.is_a?(::String) && wanted.is_a?(::String)
      next call('ordered?', one <=> wanted, operator) if one.is_a?(::Numeric) && wanted.is_a?(::Numeric)

      operator == 'eq' && one == wanted
    end,

    compare_texts?: lambda do |one, operator, wanted, traits|
      times = traits['time'] ? [call('time_in_ms', one), call('time_in_ms', wanted)] : [nil]
      next call('ordered?', times[0] <=> times[1], operator) if times.all?

      text, other = traits['exact'] ? [one, wanted] : [one.downcase, wanted.downcase]
      case operator
      when 'co' then text.include?(other)
      when 'sw' then text.start_with?(other)
      when 'ew' then text.end_with?(other)
      else call('ordered?', text <=> other, operator)
      end
    end,

    ordered?: lambda do |difference, operator|
      case operator
      when 'eq' then difference.zero?
      when 'gt' then difference.positive?
      when 'ge' then difference >= 0
      when 'lt' then difference.negative?
      when 'le' then difference <= 0
      else false
      end
    end,

    # Lists and look-ups: finding one resource, and reading all pages of many.

    ask_list: lambda do |run, request|
      call('send_scim', run, request)
    rescue ::StandardError => e
      details = call('failure_of', e)
      raise unless details['code'] == 'not_found'

      call('fail_again', details, 'provider_fault',
           'There is no SCIM service at the base URL, or it has no resources of this kind: the answer is 404.',
           'Check the base URL; discover_provider shows what the provider has.')
    end,

    projection_of: lambda do |input|
      %w[attributes excludedAttributes].each_with_object({}) do |name, query|
        query[name] = input[name].join(',') if input[name].is_a?(::Array) && !input[name].empty?
      end
    end,

    find_referenced: lambda do |run, resource, reference, projection|
      way, value = reference.first
      refused = nil
      named = resource['lookupKeys'].find { |one| one['key'] == way }
      found = named['attributes'].each do |path|
        looked = call('look_up', run, resource, { 'path' => path, 'value' => value }, { 'query' => projection })
        break { 'one' => call('only_one', looked['found'], resource, reference) }
      rescue ::StandardError => e
        details = call('failure_of', e)
        raise unless details['scimType'] == 'invalidFilter' || details['code'] == 'unsupported'

        refused = e
      end
      raise refused unless found.is_a?(::Hash)

      found['one']
    end,

    only_one: lambda do |found, resource, reference|
      next found[0] if found.length < 2

      named = call('print_reference', reference)
      ids = found.first(5).map { |one| one['id'] }.join(', ')
      call('fail_with', 'conflict', {
        'what' => "#{found.length} #{resource['title'].downcase}s have #{named}, so it is not clear which one is " \
                  'meant.',
        'nextStep' => "Name it by id: #{ids}#{found.length > 5 ? ', …' : ''}."
      })
    end,

    print_reference: lambda do |reference|
      reference.map { |way, value| "#{way} \"#{value}\"" }.join(', ')
    end,

    fail_not_found: lambda do |resource, reference|
      call('fail_with', 'not_found', {
        'what' => "There is no #{resource['title'].downcase} with #{call('print_reference', reference)}.",
        'nextStep' => 'Check its spelling; it may have been deleted, or not been provisioned yet.'
      })
    end,

    look_up: lambda do |run, resource, equality, options|
      all, answer = call('ask_equal', run, resource, equality, options)
      fitting = call('only_fitting', resource, all, [equality])
      shown = fitting.any? { |one| call('fits?', resource, one, [equality]) }
      ignored = !all.empty? && !shown &&
                (fitting.empty? || call('ignores_filters?', run, resource, equality, options))
      if ignored
        call('fail_with', 'provider_fault', {
          'what' => "The provider was asked for the #{resource['title'].downcase} with #{equality['path']} " \
                    "\"#{equality['value']}\", and answered with others: it ignores filters.",
          'nextStep' => 'Name it by its SCIM id.',
          'attempts' => answer['attempts']
        })
      end
      answered_at = call('time_in_ms', answer['headers']['date'])
      { 'found' => fitting, 'clockAheadInMs' => answered_at.nil? ? 0 : answered_at - call('now_in_ms') }
    end,

    ask_equal: lambda do |run, resource, equality, options|
      answer = call('ask_list', run, {
        'method' => 'GET',
        'path' => resource['endpoint'],
        'query' => { 'filter' => call('print_equalities', [equality]) }.merge(options['query'] || {}),
        'deadlineAt' => options['deadlineAt']
      })
      list = call('read_list', answer['body'])
      [list['resources'].map { |one| call('normalise', run, resource, one) }, answer]
    end,

    ignores_filters?: lambda do |run, resource, equality, options|
      nobody = { 'path' => equality['path'], 'value' => "nobody-#{call('now_in_ms')}@rolecall.invalid" }
      all, = call('ask_equal', run, resource, nobody, options)
      !all.empty?
    end,

    confirm_service: lambda do |run, resource|
      next if run['confirmed'].include?(resource['name'])

      begin
        answer = call('ask_list', run,
                      { 'method' => 'GET', 'path' => resource['endpoint'], 'query' => { 'count' => '1' } })
        call('read_list', answer['body'])
      rescue ::StandardError => e
        raise unless %w[forbidden invalid_input unsupported].include?(call('failure_of', e)['code'])
      end
      run['confirmed'] << resource['name']
    end,

    read_by_id: lambda do |run, resource, id, projection|
      request = { 'method' => 'GET', 'path' => call('resource_path', resource, id), 'query' => projection }
      call('normalise', run, resource, call('send_scim', run, request)['body'])
    rescue ::StandardError => e
      raise unless call('failure_of', e)['code'] == 'not_found'

      call('confirm_service', run, resource)
      nil
    end,

    must_read: lambda do |run, resource, id|
      call('read_by_id', run, resource, id, {}) || call('fail_not_found', resource, { 'id' => id })
    end,

    read_pages: lambda do |run, resource, query, take|
      ids = {}
      cursors = {}
      progress = { 'pass' => 1, 'read' => 0, 'stale' => 0, 'fewest' => nil, 'most' => 0 }
      position = {}
      loop do
        page = call('read_page', run, resource, query, position)
        all = page['resources'].map { |one| call('normalise', run, resource, one) }
        fresh = all.select { |one| ids.key?(one['id']) ? false : ids[one['id']] = true }
        call('advance', progress, page, fresh.length)
        round = progress['pass'] == 1 && progress['stale'] == 2
        call('fail_round', ids.length) if round || cursors.key?(page['cursor'])
        step = call('next_step', page, progress, ids.length, fresh.length, position.key?('cursor'))
        full = take.call({ 'resources' => fresh, 'total' => [page['total'] || 0, ids.length].max,
                           'last' => step == 'end' })
        break if full || step == 'end'

        if step == 'again'
          progress.merge!('pass' => 2, 'read' => 0, 'most' => 0)
          position = { 'startIndex' => '1' }
        elsif page['cursor'].nil? then position = { 'startIndex' => (progress['read'] + 1).to_s }
        else
          cursors[page['cursor']] = true
          position = { 'cursor' => page['cursor'] }
        end
      end
    end,

    advance: lambda do |progress, page, fresh|
      count = page['resources'].length
      progress['read'] += count
      progress['stale'] = count.positive? && fresh.zero? ? progress['stale'] + 1 : 0
      progress['fewest'] = [progress['fewest'], page['total']].compact.min
      progress['most'] = [progress['most'], page['total']].compact.max
    end,

    next_step: lambda do |page, progress, known, fresh, by_cursor|
      total = page['total']
      next 'on' unless page['cursor'].nil?

      if by_cursor
        call('fail_cut_short', known, progress['fewest']) if progress['fewest'] && known < progress['fewest']
        next 'end'
      end
      next fresh.zero? ? 'end' : 'on' if total.nil?

      call('fail_cut_short', progress['read'], total) if page['resources'].empty? && progress['read'] < total
      next 'on' if progress['read'] < total

      shifted = known < total || total < progress['most']
      next shifted ? 'again' : 'end' if progress['pass'] == 1

      call('fail_cut_short', known, total) if known < total
      'end'
    end,

    read_page: lambda do |run, resource, query, position|
      parameters = query.slice('filter', 'sortBy', 'sortOrder').compact
                        .merge(call('projection_of', query))
                        .merge('count' => query['count'].to_s).merge(position)
      length = run['baseUrl'].length + resource['endpoint'].length + call('print_query', parameters).length
      answer = length > 2000 ? call('post_search', run, resource, query, position) : nil
      answer ||= call('ask_list', run, { 'method' => 'GET', 'path' => resource['endpoint'], 'query' => parameters })
      call('read_list', answer['body'])
    end,

    post_search: lambda do |run, resource, query, position|
      body = { 'schemas' => ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'] }.merge(query.compact)
      body['cursor'] = position['cursor'] if position['cursor']
      body['startIndex'] = position['startIndex'].to_i if position['startIndex']
      begin
        call('send_scim', run, { 'method' => 'POST', 'path' => "#{resource['endpoint']}/.search", 'body' => body,
                                 'repeatable' => true })
      rescue ::StandardError => e
        raise unless %w[not_found unsupported].include?(call('failure_of', e)['code'])
      end
    end,

    fail_cut_short: lambda do |read, total|
      call('fail_with', 'provider_fault', {
        'what' => "The list was cut short: the provider counts #{total} results, but gave #{read}.",
        'nextStep' => 'Run the step again; if it goes on, try a smaller page size, and ask the provider.'
      })
    end,

    fail_round: lambda do |read|
      call('fail_with', 'provider_fault', {
        'what' => "The list comes round again after #{read} results: the provider gives the same page for ever.",
        'nextStep' => 'Narrow the search so that it fits into fewer pages, and ask the provider.'
      })
    end,

    # SCIM: attributes and their paths, resources as providers answer them, filters, PATCH operations.

    json_path_of: lambda do |resource, path|
      extension = resource['extensions'].select { |id| path.start_with?("#{id}:") }.max_by(&:length)
      next [extension, *path.delete_prefix("#{extension}:").split('.')] unless extension.nil?

      path.delete_prefix("#{resource['schema']}:").split('.')
    end,

    values_at: lambda do |value, path|
      next value.flat_map { |item| call('values_at', item, path) } if value.is_a?(::Array)
      next value.nil? ? [] : [value] if path.empty?

      value.is_a?(::Hash) ? call('values_at', value[path[0]], path.drop(1)) : []
    end,

    set_at: lambda do |target, path, value|
      inner = path[0..-2].reduce(target) do |node, key|
        node[key] = {} unless node[key].is_a?(::Hash)
        node[key]
      end
      inner[path.last] = value
    end,

    attribute_at: lambda do |resource, path|
      keys = call('json_path_of', resource, path)
      attributes = resource['attributes']
      attributes = resource['extensionAttributes'][keys.shift] || [] if resource['extensions'].include?(keys[0])
      keys.reduce(nil) do |found, key|
        among = found.nil? ? attributes : found['subAttributes'] || []
        match = among.find { |attribute| attribute['name'].casecmp(key).zero? }
        break nil if match.nil?

        match
      end
    end,

    normalise: lambda do |run, resource, body|
      shape = (run['shapes'][resource['name']] ||= call('shape_of_resource', resource))
      read = body.is_a?(::Hash) ? call('read_object', shape, body) : nil
      next read if !read.nil? && read['id'].is_a?(::String) && read['id'] != ''

      why = body.is_a?(::Hash) ? 'it has no id' : 'it is no JSON object'
      call('fail_with', 'provider_fault', {
        'what' => "The answer is no SCIM #{resource['title']}: #{why}.",
        'nextStep' => 'Check that the base URL is the one of the SCIM service; if it is, ask the provider.'
      })
    end,

    shape_of_resource: lambda do |resource|
      shape = call('shape_of', resource['attributes'])
      resource['extensionAttributes'].each do |id, attributes|
        shape[id.downcase] = { 'name' => id, 'type' => 'complex', 'shape' => call('shape_of', attributes) }
      end
      shape
    end,

    shape_of: lambda do |attributes|
      attributes.each_with_object({}) do |attribute, shape|
        inner = attribute['type'] == 'complex' ? call('shape_of', attribute['subAttributes'] || []) : nil
        shape[attribute['name'].downcase] = {
          'name' => attribute['name'], 'type' => attribute['type'], 'many' => attribute['multiValued'], 'shape' => inner
        }
      end
    end,

    read_object: lambda do |shape, object|
      object.each_with_object({}) do |(name, item), result|
        next if item.nil?

        known = shape[name] || shape[name.downcase]
        if known.nil? then result[name] = item
        elsif known['many']
          result[known['name']] = (item.is_a?(::Array) ? item : [item]).map { |one| call('read_value', known, one) }
        else
          result[known['name']] = call('read_value', known, item)
        end
      end
    end,

    read_value: lambda do |known, value|
      case known['type']
      when 'complex' then value.is_a?(::Hash) ? call('read_object', known['shape'], value) : value
      when 'boolean' then { 'true' => true, 'false' => false }.fetch(value.to_s.downcase, value)
      when 'string', 'reference' then value.is_a?(::Numeric) ? call('print_number', value) : value
      else value
      end
    end,

    print_number: lambda do |value|
      (value.is_a?(::Float) && value == value.to_i ? value.to_i : value).to_s
    end,

    read_list: lambda do |body|
      list = body.is_a?(::Hash) ? body : {}
      resources = list['Resources'] || list['resources']
      total = list['totalResults']
      total = total.to_i if total.is_a?(::String) && total.match?(/\A\d+\z/)
      total = nil unless total.is_a?(::Integer) && total >= 0
      unless resources.is_a?(::Array) || (resources.nil? && !total.nil?)
        call('fail_with', 'provider_fault', {
          'what' => "The answer is no SCIM list: #{body.nil? ? 'it is empty' : 'it has no "Resources"'}.",
          'nextStep' => 'Check that the base URL is the one of the SCIM service; if it is, ask the provider.'
        })
      end
      cursor = list['nextCursor']
      {
        'resources' => resources || [],
        'total' => total,
        'cursor' => cursor.is_a?(::String) && cursor != '' ? cursor : nil
      }
    end,

    print_equalities: lambda do |equalities|
      equalities.map { |one| "#{one['path']} eq #{::JSON.generate(one['value'])}" }.join(' and ')
    end,

    fits?: lambda do |resource, one, equalities|
      fits = true
      equalities.each do |equality|
        values = call('values_at', one, call('json_path_of', resource, equality['path']))
        exact = (call('attribute_at', resource, equality['path']) || {})['caseExact'] == true
        if values.empty? then fits = nil
        elsif values.none? { |value| call('same_value?', value, equality['value'], exact) }
          fits = false
          break
        end
      end
      fits
    end,

    same_value?: lambda do |one, other, exact|
      next one == other if exact || !one.is_a?(::String) || !other.is_a?(::String)

      one.downcase == other.downcase
    end,

    only_fitting: lambda do |resource, all, equalities|
      fits = all.map { |one| call('fits?', resource, one, equalities) }
      ignored = fits.include?(false)
      all.each_index.select { |at| fits[at] || (fits[at].nil? && !ignored) }.map { |at| all[at] }
    end,

    given_attributes: lambda do |action, resource, input|
      given = {}
      action['fields'].each do |field|
        path = field['attribute']
        given[path] = input[field['key']] if path && input.key?(field['key'])
      end
      resource['extensions'].each do |extension|
        next unless input[extension].is_a?(::Hash)

        input[extension].each do |name, value|
          path = "#{extension}:#{name}"
          if given.key?(path) && given[path] != value
            call('fail_with_problems', [{ 'path' => "#{extension}.#{name}",
                                          'message' => 'is given twice, with different values: give it once' }])
          end
          given[path] = value
        end
      end
      given.map { |path, value| { 'path' => path, 'value' => value } }
    end,

    to_resource: lambda do |resource, given|
      body = {}
      given.each do |one|
        path = call('json_path_of', resource, one['path'])
        call('set_at', body, path, one['value']) unless one['value'].nil?
      end
      { 'schemas' => [resource['schema'], *resource['extensions'].select { |id| body.key?(id) }] }.merge(body)
    end,

    given_to_operations: lambda do |given|
      given.flat_map do |one|
        path = one['path']
        value = one['value']
        if value.nil? || value == [] then [{ 'op' => 'remove', 'path' => path }]
        elsif value.is_a?(::Hash)
          value.map { |name, item| { 'op' => 'replace', 'path' => "#{path}.#{name}", 'value' => item } }
        else
          [{ 'op' => 'replace', 'path' => path, 'value' => value }]
        end
      end
    end,

    without_no_ops: lambda do |operations, resource, current|
      operations.reject do |one|
        values = call('values_at', current, call('json_path_of', resource, one['path']))
        value = one['value']
        wanted = value.is_a?(::Array) ? value : [value]
        values == (one['op'] == 'remove' ? [] : wanted)
      end
    end,

    fill_template: lambda do |templates, maps, input|
      templates.map do |template|
        path = template['path'].gsub(/\{(\w+)\}/) do
          name = ::Regexp.last_match(1)
          (maps[name] || {})[input[name].to_s] || input[name].to_s
        end
        filled = { 'op' => template['op'], 'path' => path }
        filled['value'] = call('fill_value', template['value'], input) if template.key?('value')
        filled
      end
    end,

    fill_value: lambda do |value, input|
      case value
      when ::String
        match = /\A\{(\w+)\}\z/.match(value)
        match.nil? ? value : input[match[1]]
      when ::Array then value.map { |item| call('fill_value', item, input) }
      when ::Hash then value.transform_values { |item| call('fill_value', item, input) }
      else value
      end
    end,

    resource_path: lambda do |resource, id|
      segment = id.match?(/\A\.{1,2}\z/) ? id.gsub('.', '%252E') : call('encode_segment', id)
      "#{resource['endpoint']}/#{segment}"
    end,

    encode_segment: lambda do |text|
      call('encode', text).gsub(/%(21|27|28|29|2A|7E)/) { |one| one.delete('%').hex.chr }
    end,

    last_segment: lambda do |path|
      ::URI.decode_www_form_component(path.to_s.split('/', -1).last.to_s.gsub('+', '%2B'))
    rescue ::StandardError
      ''
    end,

    # SCIM filters (RFC 7644 §3.4.2.2), read as a tree: operators and attribute names in any case, `not` over `and`
    # over `or`. A reader is a hash of the text and of the place that was reached.

    parse_filter: lambda do |text|
      reader = { 'text' => text, 'at' => 0 }
      call('filter_match', reader, /\s*/)
      filter = call('filter_or', reader, 0)
      call('filter_match', reader, /\s*/)
      call('filter_expected', reader, 'the end') if reader['at'] < text.length
      filter
    end,

    filter_match: lambda do |reader, pattern|
      match = /\G(?:#{pattern.source})/im.match(reader['text'], reader['at'])
      reader['at'] = match.end(0) unless match.nil?
      match
    end,

    filter_take: lambda do |reader, character|
      next false unless reader['text'][reader['at']] == character

      reader['at'] += 1
      true
    end,

    filter_word?: lambda do |reader, word|
      before = reader['at']
      call('filter_match', reader, /\s*/)
      found = call('filter_match', reader, /[^\s()\[\]"]+/)
      next true if found && found[0].casecmp(word).zero?

      reader['at'] = before
      false
    end,

    filter_expected: lambda do |reader, expected|
      rest = reader['text'][reader['at'], 20].to_s
      found = rest.empty? ? 'the end' : ::JSON.generate(rest)
      raise ::ArgumentError, "Expected #{expected}, found #{found} at position #{reader['at']}"
    end,

    filter_or: lambda do |reader, depth|
      call('filter_joined', reader, depth, 'or', -> { call('filter_and', reader, depth) })
    end,

    filter_and: lambda do |reader, depth|
      call('filter_joined', reader, depth, 'and', -> { call('filter_term', reader, depth) })
    end,

    filter_joined: lambda do |reader, depth, kind, read|
      raise ::ArgumentError, "More than 64 levels of nesting at position #{reader['at']}" if depth > 64

      filters = [read.call]
      filters << read.call while call('filter_word?', reader, kind)
      filters.length == 1 ? filters[0] : { 'kind' => kind, 'filters' => filters }
    end,

    filter_term: lambda do |reader, depth|
      call('filter_match', reader, /\s*/)
      if call('filter_word?', reader, 'not')
        call('filter_match', reader, /\s*/)
        call('filter_expected', reader, '"(" after not') unless call('filter_take', reader, '(')
        next { 'kind' => 'not', 'filter' => call('filter_grouped', reader, depth, ')') }
      end
      next call('filter_grouped', reader, depth, ')') if call('filter_take', reader, '(')

      call('filter_comparison', reader, depth)
    end,

    filter_grouped: lambda do |reader, depth, ending|
      filter = call('filter_or', reader, depth + 1)
      call('filter_match', reader, /\s*/)
      call('filter_expected', reader, "\"#{ending}\"") unless call('filter_take', reader, ending)
      filter
    end,

    filter_name: lambda do |reader|
      call('filter_match', reader, /(?:(urn:[\w.:+%~!$&'*;=@-]+):)?([A-Za-z$][\w$-]*)/)
    end,

    filter_path: lambda do |reader, depth|
      match = call('filter_name', reader)
      call('filter_expected', reader, 'an attribute name') if match.nil?
      path = { 'schema' => match[1], 'attribute' => match[2] }
      path['filter'] = call('filter_grouped', reader, depth, ']') if call('filter_take', reader, '[')
      if call('filter_take', reader, '.')
        sub = call('filter_name', reader)
        call('filter_expected', reader, 'a sub-attribute name') if sub.nil? || sub[1]
        path['subAttribute'] = sub[2]
      end
      path.compact
    end,

    filter_comparison: lambda do |reader, depth|
      path = call('filter_path', reader, depth)
      before = reader['at']
      call('filter_match', reader, /\s*/)
      found = call('filter_match', reader, /[^\s()\[\]"]+/)
      word = found && found[0].downcase
      next { 'kind' => 'present', 'path' => path } if word == 'pr'

      if %w[eq ne co sw ew gt ge lt le].include?(word)
        call('filter_match', reader, /\s*/)
        next { 'kind' => 'compare', 'path' => path, 'operator' => word, 'value' => call('filter_value', reader) }
      end
      reader['at'] = before
      next { 'kind' => 'present', 'path' => path } if path['filter'] && path['subAttribute'].nil?

      call('filter_match', reader, /\s*/)
      call('filter_expected', reader, 'an operator (eq, ne, co, sw, ew, gt, ge, lt, le or pr)')
    end,

    filter_value: lambda do |reader|
      next call('filter_text', reader) if reader['text'][reader['at']] == '"'

      number = call('filter_match', reader, /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.:+-])/)
      next ::JSON.parse(number[0]) unless number.nil?

      before = reader['at']
      word = call('filter_match', reader, /[^\s()\[\]"]+/)
      known = { 'true' => true, 'false' => false, 'null' => nil }
      next known[word[0].downcase] if word && known.key?(word[0].downcase)

      reader['at'] = before
      call('filter_expected', reader, 'a value: a string in double quotes, a number, true, false or null')
    end,

    filter_text: lambda do |reader|
      before = reader['at']
      quoted = call('filter_match', reader, %r{"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u\h{4}))*"})
      next ::JSON.parse(quoted[0]) unless quoted.nil?

      reader['at'] = before
      call('filter_expected', reader, 'a string with a closing quote and JSON escapes')
    end,

    # HTTP: one request with all its attempts. The SDK's own repeats are not used: they know no Retry-After, and they
    # run the whole step again, a create too.

    send_scim: lambda do |run, given|
      request = {
        'repeatable' => %w[GET PUT DELETE].include?(given['method']),
        'deadlineAt' => call('now_in_ms') + run['connection']['deadlineInMs'],
        'once' => run['once'],
        'sent' => 0,
        'mustLook' => false
      }.merge(given.compact)
      loop do
        step = call('attempt', run, request)
        break step['answer'] if step['answer']

        sleep(step['waitInMs'] / 1000.0)
      end
    end,

    attempt: lambda do |run, request|
      found = request['mustLook'] ? call('look_before_repeat', request) : nil
      next { 'answer' => found } if found

      request['mustLook'] = false
      answer = call('send_once', run, request)
      next call('after_break', run, request, answer['broken']) if answer['broken']

      call('after_answer', run, request, answer)
    end,

    look_before_repeat: lambda do |request|
      call('look_up_own', request)
    rescue ::StandardError => e
      details = call('failure_of', e)
      raise if details.empty?

      what = details['message'].delete_suffix(" #{details['nextStep']}")
      next_step = "#{details['nextStep']} #{call('unknown_outcome')}"
      call('fail_again', details.merge('attempts' => request['sent']), details['code'], what, next_step)
    end,

    look_up_own: lambda do |request|
      found = request['lookUp']&.call(request['deadlineAt'])
      found&.merge('attempts' => request['sent'])
    end,

    send_once: lambda do |run, request|
      call('await_turn', run, request)
      request['sent'] += 1
      url = call('url_of', request)
      redirects = 0
      loop do
        answer = call('exchange', run, request, url)
        target = redirects < 3 ? call('redirect_of', run, request, url, answer) : nil
        break answer if target.nil?

        url = target
        redirects += 1
      end
    end,

    await_turn: lambda do |run, request|
      limiter = run['limiter']
      due = limiter['spacingInMs'].zero? ? 0 : limiter['dueAt'] - limiter['burstInMs']
      wait = [limiter['pausedUntil'], due].max - call('now_in_ms')
      if call('now_in_ms') + [wait, 0].max >= request['deadlineAt']
        call('no_time_left', request, wait.positive? ? wait : nil)
      end
      sleep(wait / 1000.0) if wait.positive?
      limiter['dueAt'] = [limiter['dueAt'], call('now_in_ms')].max + limiter['spacingInMs']
    end,

    no_time_left: lambda do |request, wait|
      if wait.nil?
        call('fail_with', 'unavailable', {
          'what' => 'The time allowed was over before the request could be sent: too many others were under way.',
          'nextStep' => 'Run the step again later, or raise "deadlineInMs" in the connection.',
          'attempts' => request['sent']
        })
      end
      call('fail_with', 'rate_limited', {
        'what' => 'The provider, or the rate in the connection, asks for a pause that is longer than the time ' \
                  'allowed.',
        'nextStep' => "Run the step again in #{(wait / 1000.0).ceil} seconds.",
        'attempts' => request['sent'],
        'retryAfterInMs' => wait
      })
    end,

    url_of: lambda do |request|
      path = request['path'].delete_prefix('/').gsub(/[^\x21-\x7e]|["<>^`{|}\\\[\]#?]/) { |one| call('encode', one) }
      path = "./#{path}" unless path.match?(%r{\A[\w.~%-]+(/|\z)})
      query = request['query'] || {}
      query.empty? ? path : "#{path}?#{call('print_query', query)}"
    end,

    encode: lambda do |text|
      ::URI.encode_www_form_component(text).gsub('+', '%20')
    end,

    print_query: lambda do |query|
      query.map { |name, value| "#{call('encode', name)}=#{call('encode', value)}" }.join('&')
    end,

    exchange: lambda do |run, request, url|
      limit = call('time_out_in_ms', run, request)
      begin
        answer = ::Timeout.timeout(limit / 1000.0) { call('ask', request, url) }
        size = run['connection']['maxResponseBytes']
        if answer['body'].to_s.bytesize > size
          next { 'broken' => { 'code' => 'TOO_LARGE', 'message' => "the answer is larger than #{size} bytes",
                               'maybeSent' => true, 'transient' => false } }
        end
        answer
      rescue ::StandardError => e
        { 'broken' => call('break_of', "#{e.class} #{e.message} #{e.cause.class}", limit) }
      end
    end,

    ask: lambda do |request, url|
      verbs = {
        'GET' => -> { get(url) }, 'POST' => -> { post(url) }, 'PUT' => -> { put(url) },
        'PATCH' => -> { patch(url) }, 'DELETE' => -> { delete(url) }
      }
      asked = verbs[request['method']].call.headers(call('headers_of', request))
      asked = asked.request_body(::JSON.generate(request['body'])) unless request['body'].nil?
      asked = asked.response_format_raw.ignore_redirection.after_response do |status, body, headers|
        { 'received' => call('received', status, body, headers) }
      end
      asked = asked.after_error_response(/.*/) do |status, body, headers, message|
        { 'received' => call('received', status, body, headers, message) }
      end
      asked.fetch('received')
    end,

    headers_of: lambda do |request|
      {
        'Accept' => 'application/scim+json, application/json;q=0.9',
        'User-Agent' => 'rolecall',
        'Content-Type' => request['body'].nil? ? nil : 'application/scim+json',
        'If-Match' => request['ifMatch']
      }.reject { |name, value| value.nil? && name != 'Content-Type' }
    end,

    received: lambda do |status, body, headers, message = ''|
      next { 'broken' => call('break_of', message.to_s, 0) } if status.to_i.zero?

      text = body.to_s.dup.force_encoding('UTF-8').scrub.delete_prefix("\uFEFF")
      named = (headers || {}).each_with_object({}) do |(name, value), all|
        all[name.to_s.downcase.tr('_', '-')] = Array(value).join(', ')
      end
      { 'status' => status.to_i, 'headers' => named, 'body' => text }
    end,

    time_out_in_ms: lambda do |run, request|
      left = request['deadlineAt'] - call('now_in_ms')
      left = (left * 0.8).floor if request['lookUp']
      [1, [run['connection']['timeoutInMs'], left].min].max
    end,

    break_of: lambda do |words, limit|
      kinds = [
        ['ENOTFOUND', /\b(ENOTFOUND|SocketError|getaddrinfo|Name or service not known)/i, 'there is no such host'],
        ['ECONNREFUSED', /ECONNREFUSED|Connection refused/i, 'the connection was refused'],
        ['EHOSTUNREACH', /EHOSTUNREACH|No route to host/i, 'the host cannot be reached'],
        ['ENETUNREACH', /ENETUNREACH|Network is unreachable/i, 'the network cannot be reached'],
        ['CERT', /SSL|certificate/i, 'its certificate or encryption was refused'],
        ['ERR_INVALID_URL', /InvalidURI|bad URI/i, 'the request could not be written'],
        ['ETIMEDOUT', /Timeout|Timed out|execution expired|ETIMEDOUT/i, "it took longer than #{limit} ms"],
        ['ECONNRESET', //, 'the connection was reset']
      ]
      code, _, message = kinds.find { |_, pattern, _| pattern.match?(words) }
      unsent = %w[ENOTFOUND ECONNREFUSED EHOSTUNREACH ENETUNREACH CERT ERR_INVALID_URL].include?(code)
      lasting = %w[ENOTFOUND CERT ERR_INVALID_URL].include?(code)
      { 'code' => code, 'message' => message, 'maybeSent' => !unsent, 'transient' => !lasting }
    end,

    redirect_of: lambda do |run, request, url, answer|
      next nil unless [301, 302, 303, 307, 308].include?(answer['status'])

      target = call('redirect_target', run, url, answer)
      next nil if target.nil? || call('origin_of', target) != call('origin_of', run['baseUrl'])

      [307, 308].include?(answer['status']) || request['method'] == 'GET' ? target : nil
    end,

    redirect_target: lambda do |run, url, answer|
      target = ::URI.join("#{run['baseUrl']}/", url, answer['headers']['location'].to_s)
      target.host.to_s.empty? ? nil : target.to_s
    rescue ::StandardError
      nil
    end,

    origin_of: lambda do |url|
      uri = ::URI.parse(url).normalize
      "#{uri.scheme}://#{uri.host}#{uri.port == uri.default_port ? '' : ":#{uri.port}"}"
    end,

    after_answer: lambda do |run, request, answer|
      read = call('read_body', answer)
      if answer['status'] < 300
        next call('after_unreadable', run, request, answer, read['kind']) unless read['kind'] == 'json'

        run['answeredAt'] = call('time_in_ms', answer['headers']['date']) || run['answeredAt']
        next { 'answer' => answer.merge('body' => read['body'], 'attempts' => request['sent']) }
      end
      pause = call('retry_after_in_ms', answer['headers'])
      if answer['status'] == 429
        limiter = run['limiter']
        limiter['pausedUntil'] = [limiter['pausedUntil'], call('now_in_ms') + [250, pause || 0].max].max
      end
      outcome = { 'status' => answer['status'], 'retryAfterInMs' => pause }
      call('decide', request, outcome, lambda { |unknown|
        if answer['status'] < 400
          call('fail_on_redirect', run, request, answer)
        else
          context = { 'attempts' => request['sent'], 'token' => run['connection']['token'],
                      'retryAfterInMs' => pause, 'unknown' => unknown }
          call('fail_on_answer', answer, read, context)
        end
      })
    end,

    read_body: lambda do |answer|
      text = answer['body']
      begin
        { 'kind' => 'json', 'body' => text.strip.empty? ? nil : ::JSON.parse(text, max_nesting: false) }
      rescue ::JSON::ParserError
        page = text.match?(/\A\s*</) || answer['headers']['content-type'].to_s.include?('html')
        { 'kind' => page ? 'page' : 'garbage' }
      end
    end,

    after_unreadable: lambda do |run, request, answer, kind|
      outcome = { 'maybeSent' => true, 'transient' => kind == 'garbage' }
      call('decide', request, outcome, lambda { |unknown|
        ending = unknown ? " #{call('unknown_outcome')}" : ''
        parts = { 'status' => answer['status'], 'attempts' => request['sent'],
                  'requestId' => call('request_id_of', answer['headers'], run['connection']['token']) }
        said = {
          'page' => {
            'what' => 'The answer is a web page, not SCIM: it may come from a proxy or a login page.',
            'nextStep' => 'Check that the base URL is the one of the SCIM service, and that nothing stands before it.'
          },
          'garbage' => {
            'what' => 'The answer is not JSON, or was cut short.',
            'nextStep' => 'Run the step again; if it goes on, ask the provider.'
          }
        }[kind]
        call('fail_with', 'provider_fault', parts.merge(said, 'nextStep' => "#{said['nextStep']}#{ending}"))
      })
    end,

    fail_on_redirect: lambda do |run, request, answer|
      token = run['connection']['token']
      target = call('redirect_target', run, run['baseUrl'], answer)
      address = target.nil? ? 'nowhere' : call('redact', target.sub(/[?#].*/, ''), token)
      call('fail_with', 'provider_fault', {
        'what' => "The provider sends the request on (status #{answer['status']}) to #{address}. It was not " \
                  'followed, so that the token stays where it belongs.',
        'nextStep' => 'If you trust that address, put it into the connection as the base URL.',
        'status' => answer['status'],
        'attempts' => request['sent'],
        'requestId' => call('request_id_of', answer['headers'], token)
      })
    end,

    after_break: lambda do |run, request, broken|
      call('decide', request, broken, lambda { |unknown|
        tries = request['sent'] == 1 ? 'at the one try' : "at #{request['sent']} tries"
        host = call('origin_of', run['baseUrl']).sub(%r{\A\w+://}, '')
        steps = {
          'ENOTFOUND' => 'Check the base URL: there is no such host.',
          'ECONNREFUSED' => 'Check the base URL and its port: nothing listens there.',
          'TOO_LARGE' => 'Ask for less: a smaller page size, or fewer attributes.',
          'ETIMEDOUT' => 'Run the step again later, or raise "timeoutInMs" in the connection.'
        }
        otherwise = 'Run the step again later; if it goes on, check the base URL and the network.'
        call('fail_with', broken['code'] == 'TOO_LARGE' ? 'provider_fault' : 'unavailable', {
          'what' => "There is no answer from #{host}, #{tries}: #{broken['message']}.",
          'nextStep' => unknown ? call('unknown_outcome') : steps[broken['code']] || otherwise,
          'attempts' => request['sent']
        })
      })
    end,

    decide: lambda do |request, outcome, fail|
      decision = call('decide_retry', request, outcome)
      if decision['waitInMs'] && (!decision['lookFirst'] || request['lookUp'])
        request['mustLook'] = decision['lookFirst']
        next { 'waitInMs' => decision['waitInMs'] }
      end
      begin
        fail.call(decision['lookFirst'])
      rescue ::StandardError => e
        found = decision['lookFirst'] ? call('look_once_more', request) : nil
        raise e if found.nil?

        { 'answer' => found }
      end
    end,

    look_once_more: lambda do |request|
      call('look_up_own', request)
    rescue ::StandardError
      nil
    end,

    decide_retry: lambda do |request, outcome|
      status = outcome['status']
      later = [408, 429, 500, 502, 503, 504].include?(status)
      acted = status.nil? ? outcome['maybeSent'] : later && ![408, 429].include?(status)
      look_first = !request['repeatable'] && acted
      next { 'lookFirst' => look_first } unless status.nil? ? outcome['transient'] : later

      asked = outcome['retryAfterInMs']
      asked = nil if asked&.zero?
      wait = asked || (rand * [20_000, 500 * (2**(request['sent'] - 1))].min).ceil
      most = status.nil? && !outcome['maybeSent'] ? 5 : 10
      most = 1 if request['once']
      in_time = call('now_in_ms') + wait < request['deadlineAt']
      next { 'lookFirst' => look_first } unless request['sent'] < most && in_time

      { 'waitInMs' => wait, 'lookFirst' => look_first }
    end,

    retry_after_in_ms: lambda do |headers|
      text = headers['retry-after'].to_s.strip
      next nil if text.empty?
      next (text.to_f * 1000).ceil if text.match?(/\A\d+(\.\d+)?\z/)

      till = call('time_in_ms', text)
      till && [0, till - (call('time_in_ms', headers['date']) || call('now_in_ms'))].max
    end,

    # Answers that refuse: what each status means, and the sentences for it.

    unknown_outcome: lambda do
      'It may have been done all the same: look before you do it again.'
    end,

    redact: lambda do |text, token|
      text.to_s.gsub(token, '[token]').gsub(call('encode', token), '[token]')
    end,

    request_id_of: lambda do |headers, token|
      names = %w[x-request-id x-okta-request-id x-correlation-id request-id]
      id = names.map { |name| headers[name] }.compact.first
      id && call('redact', id, token)
    end,

    fail_on_answer: lambda do |answer, read, context|
      page = read['kind'] == 'page'
      said = call('read_scim_error', read['body'], context['token'])
      code = call('code_of_answer', answer['status'], page, said['scimType'])
      what, next_step = call('sentences_of', code, answer['status'], page, said, context)
      next_step = "#{next_step} #{call('unknown_outcome')}" if context['unknown']
      parts = {
        'what' => what, 'nextStep' => next_step, 'status' => answer['status'], 'attempts' => context['attempts'],
        'requestId' => call('request_id_of', answer['headers'], context['token']),
        'retryAfterInMs' => context['retryAfterInMs']
      }
      call('fail_with', code, said.merge(parts))
    end,

    code_of_answer: lambda do |status, page, scim_type|
      next 'conflict' if scim_type == 'uniqueness'

      case status
      when 401 then 'auth'
      when 403 then 'forbidden'
      when 404, 410 then page ? 'provider_fault' : 'not_found'
      when 405, 501, 505 then 'unsupported'
      when 409 then 'conflict'
      when 412 then 'precondition_failed'
      when 429 then 'rate_limited'
      when 408, 500, 502, 503, 504 then 'unavailable'
      when 400..499 then 'invalid_input'
      else 'provider_fault'
      end
    end,

    sentences_of: lambda do |code, status, page, said, context|
      quote = said['detail'].nil? ? '' : " It says: \"#{said['detail'].sub(/[\s.]+\z/, '')}\"."
      wait = context['retryAfterInMs']
      later = wait.nil? ? 'later' : "in #{(wait / 1000.0).ceil} seconds"
      case code
      when 'invalid_input'
        ["The provider refused the input with status #{status}.#{quote}", call('step_of_scim_type', said['scimType'])]
      when 'auth'
        ["The provider did not accept the token.#{quote}",
         'Check that it was copied whole, and that it has not expired or been refreshed; put the current one into ' \
         'the connection.']
      when 'forbidden'
        if page
          ['Something on the way to the provider refused the request with a web page.',
           'Check the proxy and the base URL.']
        else
          ["The provider does not let this token do that.#{quote}",
           'Give the token the right to do it, and check that SCIM is enabled at the provider.']
        end
      when 'not_found'
        ["The provider has no such resource.#{quote}", 'Check the id or name; it may have been deleted.']
      when 'conflict'
        ["Something at the provider is in the way.#{quote}",
         'If it is the same user or group, update it instead of creating it; otherwise choose another name.']
      when 'precondition_failed'
        ['It has been changed since the version that was given.',
         'Read it again, and repeat the change if it is still wanted.']
      when 'rate_limited'
        ['The provider asks for fewer requests, and there was no time left to wait.',
         "Run the step again #{later}, or lower \"requestsPerMinute\" in the connection."]
      when 'unavailable'
        tries = context['attempts'] == 1 ? 'at the one try' : "#{context['attempts']} times"
        ["The provider failed with status #{status}, #{tries}.#{quote}",
         "Run the step again #{later}; if it goes on, ask the provider."]
      when 'unsupported'
        ["The provider cannot do this (status #{status}).#{quote}",
         'Use another action for it; discover_provider shows what it supports.']
      else
        what = "The provider answered with status #{status}, which SCIM does not know.#{quote}"
        what = "The answer is a web page with status #{status}, not SCIM." if page
        [what, 'Check that the base URL is the one of the SCIM service; if it is, ask the provider.']
      end
    end,

    step_of_scim_type: lambda do |scim_type|
      {
        'invalidFilter' => 'Use a simpler filter: many providers only know "eq" and "and", on a few attributes.',
        'tooMany' => 'Narrow the search.',
        'mutability' => 'Leave out the attribute that cannot be changed.',
        'invalidPath' => 'Check the name of the attribute.',
        'noTarget' => 'Check that what is to be changed is there.',
        'invalidValue' => 'Check the values: spelling, and upper and lower case; role names count both.',
        'sensitive' => 'Put what is secret into the body, not into the address.',
        'invalidCursor' => 'Start the search again.',
        'expiredCursor' => 'Start the search again.',
        'invalidCount' => 'Use a smaller page size.'
      }[scim_type] || 'Change the input and run the step again.'
    end,

    read_scim_error: lambda do |body, token|
      next {} unless body.is_a?(::Hash)

      list = body['Errors'] || body['errors']
      first = list.is_a?(::Array) ? list[0] : nil
      nested = first.is_a?(::Hash) ? first['description'] || first['message'] : nil
      said = {}
      detail = [body['detail'], nested, body['message'], body['error_description'], body['error']]
               .find { |text| text.is_a?(::String) && text != '' }
      type = body['scimType']
      said['scimType'] = call('redact', type, token) if type.is_a?(::String) && type != ''
      unless detail.nil?
        plain = call('redact', detail, token).gsub(/\s+/, ' ').strip
        said['detail'] = plain.length > 500 ? "#{plain[0, 500]}…" : plain
      end
      said
    end,

    # Values: what Workato's forms give, made what the checks and the provider expect.

    now_in_ms: lambda do
      (now.to_f * 1000).round
    end,

    time_in_ms: lambda do |text|
      (::Time.parse(text.to_s).to_f * 1000).round
    rescue ::StandardError
      nil
    end,

    plain: lambda do |value|
      case value
      when ::Hash then value.each_with_object({}) { |(key, item), all| all[key.to_s] = call('plain', item) }
      when ::Array then value.map { |item| call('plain', item) }
      when ::String then ::String.new(value)
      when ::Symbol then value.to_s
      else value
      end
    end,

    schema_at: lambda do |schemas, schema|
      name = schema['$ref']
      name.nil? ? schema : schemas[name].merge(schema.reject { |key, _| key == '$ref' })
    end,

    coerce: lambda do |schemas, given, value|
      schema = call('schema_at', schemas, given)
      types = Array(schema['type'])
      case value
      when ::Hash
        shapes = [schema, *schema['oneOf']].map { |one| call('schema_at', schemas, one)['properties'] || {} }
        properties = shapes.reduce({}, :merge)
        value.each_with_object({}) do |(name, item), all|
          of = properties[name]
          all[name] = of.nil? ? item : call('coerce', schemas, of, item)
        end
      when ::Array
        schema['items'].nil? ? value : value.map { |item| call('coerce', schemas, schema['items'], item) }
      when ::String then call('coerce_text', schemas, schema, types, value)
      when ::Numeric then types.include?('string') && !types.include?('number') ? value.to_s : value
      else
        types.include?('string') && value.respond_to?(:iso8601) ? value.iso8601 : value
      end
    end,

    coerce_text: lambda do |schemas, schema, types, text|
      next text if types.include?('string') || types.empty?

      if types.include?('boolean') && text.match?(/\A(true|false)\z/i)
        text.casecmp('true').zero?
      elsif types.include?('integer') && text.match?(/\A-?\d+\z/)
        text.to_i
      elsif types.include?('number') && text.match?(/\A-?\d+(\.\d+)?\z/)
        text.to_f
      elsif call('takes_texts?', schemas, schema) && !text.strip.start_with?('[')
        text.split(',').map(&:strip).reject(&:empty?)
      elsif types.include?('array') || types.include?('object')
        begin
          call('coerce', schemas, schema, ::JSON.parse(text))
        rescue ::JSON::ParserError
          text
        end
      else
        text
      end
    end,

    takes_texts?: lambda do |schemas, schema|
      Array(schema['type']).include?('array') && !schema['items'].nil? &&
        call('schema_at', schemas, schema['items'])['type'] == 'string'
    end,

    without_empty_groups: lambda do |schemas, schema, input|
      properties = schema['properties'] || {}
      input.reject do |name, value|
        of = properties[name] && call('schema_at', schemas, properties[name])
        value == {} && !of.nil? && !of['properties'].nil?
      end
    end,

    problems_of: lambda do |schemas, schema, value|
      problems = []
      call('visit', schemas, schema, value, '', problems)
      problems
    end,

    visit: lambda do |schemas, given, value, path, problems|
      schema = call('schema_at', schemas, given)
      if schema['oneOf']
        call('visit_one_of', schemas, schema['oneOf'], value, path, problems)
      elsif schema['type'] && call('types_of', schema).none? { |type| call('of_type?', type, value) }
        wanted = call('types_of', schema).map { |type| call('name_of_type', type) }.join(' or ')
        problems << { 'path' => path, 'message' => "must be #{wanted}, not #{call('name_of_value', value)}" }
      elsif schema['enum'] && !schema['enum'].include?(value)
        allowed = schema['enum'].map { |one| ::JSON.generate(one) }.join(', ')
        problems << { 'path' => path, 'message' => "must be one of #{allowed}" }
      else
        case value
        when ::String then call('visit_text', schema, value, path, problems)
        when ::Numeric then call('visit_number', schema, value, path, problems)
        when ::Array then call('visit_list', schemas, schema, value, path, problems)
        when ::Hash then call('visit_object', schemas, schema, value, path, problems)
        end
      end
    end,

    types_of: lambda do |schema|
      Array(schema['type']) + (schema['nullable'] ? ['null'] : [])
    end,

    visit_text: lambda do |schema, value, path, problems|
      if schema['minLength'] && value.length < schema['minLength']
        problems << { 'path' => path, 'message' => 'must not be empty' }
      end
      if schema['format'] == 'date-time' && !call('date_time?', value)
        problems << { 'path' => path, 'message' => 'must be a date and time such as "2026-05-13T04:42:34Z"' }
      end
    end,

    visit_number: lambda do |schema, value, path, problems|
      least = schema['minimum']
      most = schema['maximum']
      problems << { 'path' => path, 'message' => "must be #{least} or more" } if least && value < least
      problems << { 'path' => path, 'message' => "must be #{most} or less" } if most && value > most
    end,

    visit_list: lambda do |schemas, schema, value, path, problems|
      fewest = schema['minItems']
      most = schema['maxItems']
      if fewest && value.length < fewest
        problems << { 'path' => path, 'message' => "must have #{fewest} or more entries" }
      end
      problems << { 'path' => path, 'message' => "must have #{most} entries or fewer" } if most && value.length > most
      next if schema['items'].nil?

      value.each_with_index { |item, at| call('visit', schemas, schema['items'], item, "#{path}[#{at}]", problems) }
    end,

    visit_object: lambda do |schemas, schema, value, path, problems|
      properties = schema['properties'] || {}
      prefix = path == '' ? '' : "#{path}."
      (schema['required'] || []).each do |name|
        problems << { 'path' => "#{prefix}#{name}", 'message' => 'is missing' } unless value.key?(name)
      end
      value.each do |name, item|
        if properties.key?(name)
          call('visit', schemas, properties[name], item, "#{prefix}#{name}", problems)
        elsif schema['additionalProperties'] == false
          near = call('suggest', name, properties.keys)
          problems << { 'path' => "#{prefix}#{name}", 'message' => "is not known here#{near}" }
        end
      end
    end,

    visit_one_of: lambda do |schemas, shapes, value, path, problems|
      fitting = shapes.count { |shape| call('problems_of', schemas, shape, value).empty? }
      next if fitting == 1

      names = shapes.flat_map { |shape| (call('schema_at', schemas, shape)['properties'] || {}).keys }
      example = ::JSON.generate({ (names[1] || names[0] || 'id') => '…' })
      message = "must be an object with exactly one of #{names.join(', ')}, such as #{example}"
      problems << { 'path' => path, 'message' => message }
    end,

    of_type?: lambda do |type, value|
      case type
      when 'null' then value.nil?
      when 'array' then value.is_a?(::Array)
      when 'object' then value.is_a?(::Hash)
      when 'string' then value.is_a?(::String)
      when 'boolean' then [true, false].include?(value)
      when 'number' then value.is_a?(::Numeric)
      when 'integer' then value.is_a?(::Integer) || (value.is_a?(::Float) && value == value.to_i)
      end
    end,

    name_of_type: lambda do |type|
      {
        'object' => 'an object', 'array' => 'a list', 'string' => 'text', 'number' => 'a number',
        'integer' => 'a whole number', 'boolean' => 'true or false', 'null' => 'null'
      }[type]
    end,

    name_of_value: lambda do |value|
      case value
      when nil then 'null'
      when ::Array then 'a list'
      when ::Hash then 'an object'
      when ::String then 'text'
      when ::Integer then 'a number'
      when ::Float then value == value.to_i ? 'a number' : 'this number'
      else value.to_s
      end
    end,

    date_time?: lambda do |text|
      pattern = /\A(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)\z/
      match = pattern.match(text)
      !match.nil? && ::Date.valid_date?(match[1].to_i, match[2].to_i, match[3].to_i)
    end,

    suggest: lambda do |name, known|
      bare = ->(text) { text.downcase.gsub(/[^a-z0-9]/, '') }
      near = known.find { |one| call('edit_distance', bare.call(name), bare.call(one)) <= 2 }
      near.nil? ? '' : " (did you mean \"#{near}\"?)"
    end,

    edit_distance: lambda do |from, to|
      next 3 if (from.length - to.length).abs > 2

      above = (0..to.length).to_a
      from.each_char.with_index do |character, row|
        current = [row + 1]
        to.each_char.with_index do |other, column|
          swapped = above[column] + (character == other ? 0 : 1)
          current << [current[column] + 1, above[column + 1] + 1, swapped].min
        end
        above = current
      end
      above.last
    end,

    # Errors: what went wrong, by what the recipe builder should do about it.

    fail_with: lambda do |code, parts|
      message = "#{parts['what']} #{parts['nextStep']}"
      details = { 'attempts' => 0 }.merge(parts.compact).merge('code' => code, 'message' => message)
      details.delete('what')
      problem = ::StandardError.new(message)
      problem.define_singleton_method(:failure) { details }
      raise problem
    end,

    failure_of: lambda do |problem|
      problem.respond_to?(:failure) ? problem.failure : {}
    end,

    fail_again: lambda do |details, code, what, next_step|
      call('fail_with', code, details.merge('what' => what, 'nextStep' => next_step))
    end,

    fail_with_problems: lambda do |problems|
      lines = problems.map { |one| one['path'] == '' ? one['message'] : "#{one['path']} #{one['message']}" }
      call('fail_with', 'invalid_input', {
        'what' => "The input is not right: #{lines.join('; ')}.",
        'nextStep' => "Change #{problems.length == 1 ? 'it' : 'these'} and run the step again.",
        'problems' => problems
      })
    end,

    show_failure: lambda do |details|
      names = %w[code message nextStep status scimType detail attempts requestId retryAfterInMs problems]
      names.each_with_object({}) { |name, shown| shown[name] = details[name] unless details[name].nil? }
    end,

    as_job_error: lambda do |work|
      work.call
    rescue ::StandardError => e
      details = call('failure_of', e)
      raise if details.empty?

      error("#{details['code']}: #{details['message']}")
    end,

    # Fields: those of SCIM schemas, of our own and of the provider's, as Workato's schema describes them.

    with_text: lambda do |field, hint|
      text = field.slice(:name, :label, :optional)
                  .merge(type: 'string', control_type: 'text', toggle_hint: 'Enter value or map a datapill', hint: hint)
      field.merge(toggle_hint: 'Select from list', toggle_field: text)
    end,

    resource_fields: lambda do |name|
      resource = call('definition')['resources'][name]
      extensions = resource['extensions'].zip(resource['extensionNames']).map do |id, title|
        { name: id, label: call('humanise', title), type: 'object', optional: true,
          properties: call('attribute_fields', resource['extensionAttributes'][id], 'received') }
      end
      call('attribute_fields', resource['attributes'], 'received') + extensions
    end,

    sub_fields: lambda do |name, path|
      attribute = call('attribute_at', call('definition')['resources'][name], path)
      call('attribute_fields', attribute['subAttributes'], 'sent')
    end,

    provider_fields: lambda do |connection, name, direction|
      run = call('open_run', connection).merge('once' => true)
      types = call('list_of', call('ask_discovery', run, '/ResourceTypes'))
      schemas = call('list_of', call('ask_discovery', run, '/Schemas'))
      call('unknown_extensions', run['definition']['resources'][name], types, schemas).map do |schema|
        {
          name: schema['id'], label: call('humanise', (schema['name'] || schema['id']).to_s), type: 'object',
          custom: true, optional: true, properties: call('attribute_fields', schema['attributes'], direction)
        }
      end
    rescue ::StandardError
      []
    end,

    unknown_extensions: lambda do |resource, types, schemas|
      known = resource['extensions'].map(&:downcase)
      type = types.find { |one| one['schema'].to_s.casecmp(resource['schema']).zero? } || {}
      ids = Array(type['schemaExtensions']).map { |one| one.is_a?(::Hash) ? one['schema'].to_s.downcase : '' }
      (ids - known).map { |id| schemas.find { |schema| schema['id'].to_s.casecmp(id).zero? } }
                   .select { |schema| schema && schema['attributes'].is_a?(::Array) }
    end,

    attribute_fields: lambda do |attributes, direction|
      shown = attributes.select do |attribute|
        attribute.is_a?(::Hash) && attribute['name'].is_a?(::String) &&
          (direction == 'sent' ? attribute['mutability'] != 'readOnly' : attribute['returned'] != 'never')
      end
      shown.map { |attribute| call('attribute_field', attribute, direction) }
    end,

    attribute_field: lambda do |attribute, direction|
      type = { 'boolean' => 'boolean', 'integer' => 'integer', 'decimal' => 'number', 'dateTime' => 'date_time' }
             .fetch(attribute['type'], 'string')
      field = { name: attribute['name'], label: call('humanise', attribute['name']), optional: true }
      field[:hint] = call('to_html', attribute['description'].to_s) if direction == 'sent'
      if attribute['type'] == 'complex'
        inner = { properties: call('attribute_fields', attribute['subAttributes'] || [], direction) }
        next field.merge(attribute['multiValued'] ? { type: 'array', of: 'object' } : { type: 'object' }).merge(inner)
      end
      next field.merge(type: 'array', of: type) if attribute['multiValued']

      values = Array(attribute['canonicalValues']).map(&:to_s)
      next field.merge(type: type) if values.empty? || direction != 'sent'

      choice = field.merge(type: 'string', control_type: 'select',
                           pick_list: values.map { |value| [call('humanise', value), value] })
      call('with_text', choice, call('to_html', "Such as: #{values.join(', ')}. Others are taken too."))
    end,

    humanise: lambda do |name|
      words = name.delete_prefix('$').gsub(/_+/, ' ').gsub(/([a-z0-9])([A-Z])/, '\1 \2').downcase
      words[0].to_s.upcase + words[1..].to_s
    end,

    to_html: lambda do |text|
      text.gsub('&', '&amp;').gsub('<', '&lt;').gsub('>', '&gt;')
    end
  }
}
