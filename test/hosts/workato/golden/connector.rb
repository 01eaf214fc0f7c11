# frozen_string_literal: true

# Made by `rolecall package workato` from its manifest: change that, and make this file again.

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
        name: 'limitBytes',
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
        label: 'Allow plain http',
        optional: true,
        default: 'false',
        hint: 'Send the token over http without encryption to other machines too. Leave it off outside a test ' \
              'network.',
        type: 'boolean',
        control_type: 'checkbox'
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
            name: 'filter',
            label: 'Filter',
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
          }, 'One of: ascending, descending.'),
          {
            name: 'ifVersion',
            label: 'Only if version',
            optional: true,
            hint: 'Change it only if this is still its version, as meta.version gave it; otherwise the step fails.',
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
        [
          {
            name: 'filter',
            label: 'Only those that fit',
            optional: true,
            hint: 'A SCIM filter, which the resource fits as it is or as it was before.',
            type: 'string',
            control_type: 'text-area'
          },
          {
            name: 'group',
            label: 'Only in this group',
            optional: true,
            hint: 'The group that the user is in, or was in before.',
            type: 'object',
            properties: object_definitions['group_reference']
          }
        ] +
          object_definitions['common_fields'].only('startFrom', 'strategy', 'massChangeLimit') +
          [
            {
              name: 'pageSize',
              label: 'Page size',
              optional: true,
              hint: 'How many to ask for in one request. Left out: as many as the provider says it gives, at most ' \
                    '1000.',
              type: 'integer',
              control_type: 'integer',
              convert_input: 'integer_conversion'
            }
          ]
      end
    },
    user_updated_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['common_fields'].only('changedAttributes') +
          [
            {
              name: 'filter',
              label: 'Only those that fit',
              optional: true,
              hint: 'A SCIM filter, which the resource fits as it is or as it was before.',
              type: 'string',
              control_type: 'text-area'
            },
            {
              name: 'group',
              label: 'Only in this group',
              optional: true,
              hint: 'The group that the user is in, or was in before.',
              type: 'object',
              properties: object_definitions['group_reference']
            }
          ] +
          object_definitions['common_fields'].only('startFrom', 'strategy', 'massChangeLimit') +
          [
            {
              name: 'pageSize',
              label: 'Page size',
              optional: true,
              hint: 'How many to ask for in one request. Left out: as many as the provider says it gives, at most ' \
                    '1000.',
              type: 'integer',
              control_type: 'integer',
              convert_input: 'integer_conversion'
            }
          ]
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
          }, 'Such as: Admin, Analyst, Operator, NoAccess, Environment admin, Builder, Member. Others are taken too.'),
          {
            name: 'filter',
            label: 'Only those that fit',
            optional: true,
            hint: 'A SCIM filter, which the resource fits as it is or as it was before.',
            type: 'string',
            control_type: 'text-area'
          },
          {
            name: 'group',
            label: 'Only in this group',
            optional: true,
            hint: 'The group that the user is in, or was in before.',
            type: 'object',
            properties: object_definitions['group_reference']
          }
        ] +
          object_definitions['common_fields'].only('startFrom', 'strategy', 'massChangeLimit') +
          [
            {
              name: 'pageSize',
              label: 'Page size',
              optional: true,
              hint: 'How many to ask for in one request. Left out: as many as the provider says it gives, at most ' \
                    '1000.',
              type: 'integer',
              control_type: 'integer',
              convert_input: 'integer_conversion'
            }
          ]
      end
    },
    user_deprovisioned_input: {
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
          {
            name: 'group',
            label: 'Only in this group',
            optional: true,
            hint: 'The group that the user is in, or was in before.',
            type: 'object',
            properties: object_definitions['group_reference']
          }
        ] +
          object_definitions['common_fields'].only('startFrom', 'strategy', 'massChangeLimit') +
          [
            {
              name: 'pageSize',
              label: 'Page size',
              optional: true,
              hint: 'How many to ask for in one request. Left out: as many as the provider says it gives, at most ' \
                    '1000.',
              type: 'integer',
              control_type: 'integer',
              convert_input: 'integer_conversion'
            }
          ]
      end
    },
    user_reactivated_input: {
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
          {
            name: 'group',
            label: 'Only in this group',
            optional: true,
            hint: 'The group that the user is in, or was in before.',
            type: 'object',
            properties: object_definitions['group_reference']
          }
        ] +
          object_definitions['common_fields'].only('startFrom', 'strategy', 'massChangeLimit') +
          [
            {
              name: 'pageSize',
              label: 'Page size',
              optional: true,
              hint: 'How many to ask for in one request. Left out: as many as the provider says it gives, at most ' \
                    '1000.',
              type: 'integer',
              control_type: 'integer',
              convert_input: 'integer_conversion'
            }
          ]
      end
    },
    group_created_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        [
          {
            name: 'filter',
            label: 'Only those that fit',
            optional: true,
            hint: 'A SCIM filter, which the resource fits as it is or as it was before.',
            type: 'string',
            control_type: 'text-area'
          }
        ] +
          object_definitions['common_fields'].only('startFrom', 'strategy', 'massChangeLimit') +
          [
            {
              name: 'pageSize',
              label: 'Page size',
              optional: true,
              hint: 'How many to ask for in one request. Left out: as many as the provider says it gives, at most ' \
                    '1000.',
              type: 'integer',
              control_type: 'integer',
              convert_input: 'integer_conversion'
            }
          ]
      end
    },
    group_updated_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['common_fields'].only('changedAttributes') +
          [
            {
              name: 'filter',
              label: 'Only those that fit',
              optional: true,
              hint: 'A SCIM filter, which the resource fits as it is or as it was before.',
              type: 'string',
              control_type: 'text-area'
            },
            {
              name: 'group',
              label: 'Only this group',
              optional: true,
              hint: 'The one group that it is about.',
              type: 'object',
              properties: object_definitions['group_reference']
            }
          ] +
          object_definitions['common_fields'].only('startFrom', 'strategy', 'massChangeLimit') +
          [
            {
              name: 'pageSize',
              label: 'Page size',
              optional: true,
              hint: 'How many to ask for in one request. Left out: as many as the provider says it gives, at most ' \
                    '1000.',
              type: 'integer',
              control_type: 'integer',
              convert_input: 'integer_conversion'
            }
          ]
      end
    },
    group_deleted_input: {
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
          {
            name: 'group',
            label: 'Only this group',
            optional: true,
            hint: 'The one group that it is about.',
            type: 'object',
            properties: object_definitions['group_reference']
          }
        ] +
          object_definitions['common_fields'].only('startFrom', 'strategy', 'massChangeLimit') +
          [
            {
              name: 'pageSize',
              label: 'Page size',
              optional: true,
              hint: 'How many to ask for in one request. Left out: as many as the provider says it gives, at most ' \
                    '1000.',
              type: 'integer',
              control_type: 'integer',
              convert_input: 'integer_conversion'
            }
          ]
      end
    },
    group_membership_changed_input: {
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
          {
            name: 'group',
            label: 'Only this group',
            optional: true,
            hint: 'The one group that it is about.',
            type: 'object',
            properties: object_definitions['group_reference']
          }
        ] +
          object_definitions['common_fields'].only('startFrom', 'strategy', 'massChangeLimit') +
          [
            {
              name: 'pageSize',
              label: 'Page size',
              optional: true,
              hint: 'How many to ask for in one request. Left out: as many as the provider says it gives, at most ' \
                    '1000.',
              type: 'integer',
              control_type: 'integer',
              convert_input: 'integer_conversion'
            }
          ]
      end
    },
    provisioning_event_input: {
      fields: lambda do |_connection, _config_fields, object_definitions|
        object_definitions['common_fields'].only('changedAttributes') +
          [
            {
              name: 'filter',
              label: 'Only those that fit',
              optional: true,
              hint: 'A SCIM filter, which the resource fits as it is or as it was before.',
              type: 'string',
              control_type: 'text-area'
            }
          ] +
          object_definitions['common_fields'].only('startFrom', 'strategy', 'massChangeLimit') +
          [
            {
              name: 'pageSize',
              label: 'Page size',
              optional: true,
              hint: 'How many to ask for in one request. Left out: as many as the provider says it gives, at most ' \
                    '1000.',
              type: 'integer',
              control_type: 'integer',
              convert_input: 'integer_conversion'
            }
          ]
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
        "properties":{"baseUrl":{"type":"string","minLength":1},"token":{"type":"string","minLength":1},
         "timeoutInMs":{"type":"integer","default":30000,"minimum":1,"maximum":600000},
         "deadlineInMs":{"type":"integer","default":120000,"minimum":1,"maximum":3600000},
         "requestsPerMinute":{"type":"integer","minimum":1,"maximum":1000000},"limitBytes":{"$ref":"s1"},
         "allowPlainHttp":{"type":"boolean","default":false}},
        "required":["baseUrl","token"],
        "additionalProperties":false},
        "resources":{
        "User":{"name":"User","title":"User","endpoint":"/Users",
         "schema":"urn:ietf:params:scim:schemas:core:2.0:User",
         "extensions":["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
         "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole"],"extensionNames":["EnterpriseUser","WorkatoRole"],
         "reference":"user","namedBy":[{"key":"id","attributes":["id"]},{"key":"userName","attributes":["userName"]},
         {"key":"externalId","attributes":["externalId"]},{"key":"email","attributes":["emails.value","userName"]}],
         "identifiedBy":["userName"],"remembered":["userName","externalId","active","title","userType",
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
         "reference":"group","namedBy":[{"key":"id","attributes":["id"]},{"key":"displayName",
         "attributes":["displayName"]},{"key":"externalId","attributes":["externalId"]}],
         "identifiedBy":["externalId","displayName"],"remembered":["displayName","externalId","members"],"paths":{},
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
         "fields":"f1","input":{"$ref":"s8"}},
        "get_user":{"operation":{"type":"read","resource":"User","onMissing":"fail"},"fields":"f2",
         "input":{"$ref":"s14"}},
        "find_user":{"operation":{"type":"read","resource":"User","onMissing":"null"},"fields":"f2",
         "input":{"$ref":"s14"}},
        "search_users":{"operation":{"type":"search","resource":"User"},"fields":"f3","input":{"$ref":"s15"}},
        "update_user":{"operation":{"type":"patch","resource":"User","operations":"given"},"takesResource":true,
         "fields":"f1","input":{"$ref":"s16"}},
        "replace_user":{"operation":{"type":"replace","resource":"User"},"takesResource":true,"fields":"f1",
         "input":{"$ref":"s19"}},
        "upsert_user":{"operation":{"type":"create","resource":"User","onConflict":"update"},"takesResource":true,
         "fields":"f1","input":{"$ref":"s8"}},
        "deactivate_user":{"operation":{"type":"patch","resource":"User","operations":[{"op":"replace",
         "path":"active","value":false}],"verify":{"active":false}},"fields":"f2","input":{"$ref":"s20"}},
        "reactivate_user":{"operation":{"type":"patch","resource":"User","operations":[{"op":"replace",
         "path":"active","value":true}],"verify":{"active":true}},"fields":"f2","input":{"$ref":"s20"}},
        "delete_user":{"operation":{"type":"delete","resource":"User"},"fields":"f2","input":{"$ref":"s21"}},
        "set_workato_role":{"operation":{"type":"patch","resource":"User","operations":[{"op":"replace",
         "path":"urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:{environment}","value":"{role}"}],
         "maps":{"environment":{"dev":"workato_role","test":"workato_role_test","prod":"workato_role_prod"}}},
         "fields":"f4","input":{"$ref":"s23"}},
        "create_group":{"operation":{"type":"create","resource":"Group","onConflict":"fail"},"takesResource":true,
         "fields":"f5","input":{"$ref":"s25"}},
        "get_group":{"operation":{"type":"read","resource":"Group","onMissing":"fail"},"fields":"f2",
         "input":{"$ref":"s27"}},
        "search_groups":{"operation":{"type":"search","resource":"Group"},"fields":"f6","input":{"$ref":"s28"}},
        "update_group":{"operation":{"type":"patch","resource":"Group","operations":"given"},"takesResource":true,
         "fields":"f5","input":{"$ref":"s29"}},
        "delete_group":{"operation":{"type":"delete","resource":"Group"},"fields":"f2","input":{"$ref":"s30"}},
        "add_group_members":{"operation":{"type":"members","resource":"Group","change":"add","chunkSize":100},
         "fields":"f7","input":{"$ref":"s31"}},
        "remove_group_members":{"operation":{"type":"members","resource":"Group","change":"remove","chunkSize":100},
         "fields":"f7","input":{"$ref":"s31"}},
        "bulk_users":{"operation":{"type":"bulk","actions":["upsert_user","create_user","update_user",
         "deactivate_user","reactivate_user","delete_user","set_workato_role"]},"fields":"f8","input":{"$ref":"s33"}},
        "discover_provider":{"operation":{"type":"discover"},"fields":"f2","input":{"type":"object","properties":{},
         "additionalProperties":false}},
        "custom_request":{"operation":{"type":"request"},"fields":"f9","input":{"$ref":"s35"}}},
        "triggers":{
        "user_provisioned":{"detect":{"resources":["User"],"types":["create"]},"fields":[{"key":"group",
         "kind":"reference","resource":"Group"}],"input":{"$ref":"s38"}},
        "user_updated":{"detect":{"resources":["User"],"types":["patch","put"]},"fields":[{"key":"group",
         "kind":"reference","resource":"Group"}],"input":{"$ref":"s39"}},
        "user_role_changed":{"detect":{"resources":["User"],"types":["patch","put"],
         "changed":["urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role",
         "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role_test",
         "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role_prod","roles"]},"fields":[{"key":"group",
         "kind":"reference","resource":"Group"}],"input":{"$ref":"s40"}},
        "user_deprovisioned":{"detect":{"resources":["User"],"types":["deactivate","delete"]},
         "fields":[{"key":"group","kind":"reference","resource":"Group"}],"input":{"$ref":"s38"}},
        "user_reactivated":{"detect":{"resources":["User"],"types":["activate"]},"fields":[{"key":"group",
         "kind":"reference","resource":"Group"}],"input":{"$ref":"s38"}},
        "group_created":{"detect":{"resources":["Group"],"types":["create"]},"fields":[],"input":{"$ref":"s41"}},
        "group_updated":{"detect":{"resources":["Group"],"types":["patch","put"],"except":["members"]},
         "fields":[{"key":"group","kind":"reference","resource":"Group"}],"input":{"$ref":"s39"}},
        "group_deleted":{"detect":{"resources":["Group"],"types":["delete"]},"fields":[{"key":"group",
         "kind":"reference","resource":"Group"}],"input":{"$ref":"s38"}},
        "group_membership_changed":{"detect":{"resources":["Group"],"types":["create","patch","put","delete"],
         "changed":["members"]},"fields":[{"key":"group","kind":"reference","resource":"Group"}],
         "input":{"$ref":"s38"}},
        "provisioning_event":{"detect":{"resources":["User","Group"],"types":["create","patch","put","delete",
         "activate","deactivate"]},"fields":[],"input":{"$ref":"s42"}}},
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
        "s1":{"type":"integer","default":67108864,"minimum":1024,"maximum":1073741824},
        "s2":{"type":"object","properties":{"formatted":{"type":"string"},"familyName":{"type":"string"},
         "givenName":{"type":"string"},"middleName":{"type":"string"},"honorificPrefix":{"type":"string"},
         "honorificSuffix":{"type":"string"}},"additionalProperties":false},
        "s3":{"type":"object","properties":{"value":{"type":"string"},"display":{"type":"string"},
         "type":{"type":"string"},"primary":{"type":"boolean"}},"additionalProperties":false},
        "s4":{"type":"object","properties":{"value":{"type":"string"},"$ref":{"type":"string"}},
         "additionalProperties":false},
        "s5":{"type":"object","properties":{"formatted":{"type":"string"},"streetAddress":{"type":"string"},
         "locality":{"type":"string"},"region":{"type":"string"},"postalCode":{"type":"string"},
         "country":{"type":"string"},"type":{"type":"string"},"primary":{"type":"boolean"}},
         "additionalProperties":false},
        "s6":{"type":"object","properties":{"employeeNumber":{"type":"string"},"costCenter":{"type":"string"},
         "organization":{"type":"string"},"division":{"type":"string"},"department":{"type":"string"},
         "manager":{"$ref":"s4"}},"additionalProperties":false},
        "s7":{"type":"object","properties":{"workato_role":{"type":"string"},"workato_role_test":{"type":"string"},
         "workato_role_prod":{"type":"string"}},"additionalProperties":false},
        "s8":{"type":"object","properties":{"userName":{"type":"string","minLength":1},"name":{"$ref":"s2"},
         "displayName":{"type":"string","minLength":1},"emails":{"type":"array","items":{"$ref":"s3"}},
         "active":{"type":"boolean"},"externalId":{"type":"string","minLength":1},"title":{"type":"string",
         "minLength":1},"department":{"type":"string","minLength":1},"workato_role":{"type":"string","minLength":1},
         "workato_role_test":{"type":"string","minLength":1},"workato_role_prod":{"type":"string","minLength":1},
         "employeeNumber":{"type":"string","minLength":1},"organization":{"type":"string","minLength":1},
         "division":{"type":"string","minLength":1},"costCenter":{"type":"string","minLength":1},
         "manager":{"$ref":"s4"},"userType":{"type":"string","minLength":1},"phoneNumbers":{"type":"array",
         "items":{"$ref":"s3"}},"addresses":{"type":"array","items":{"$ref":"s5"}},
         "preferredLanguage":{"type":"string","minLength":1},"locale":{"type":"string","minLength":1},
         "timezone":{"type":"string","minLength":1},"nickName":{"type":"string","minLength":1},
         "profileUrl":{"type":"string","minLength":1},"photos":{"type":"array","items":{"$ref":"s3"}},
         "ims":{"type":"array","items":{"$ref":"s3"}},"entitlements":{"type":"array","items":{"$ref":"s3"}},
         "roles":{"type":"array","items":{"$ref":"s3"}},"x509Certificates":{"type":"array","items":{"$ref":"s3"}},
         "password":{"type":"string","minLength":1},
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"$ref":"s6"},
         "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole":{"$ref":"s7"}},"required":["userName"],
         "additionalProperties":false},
        "s9":{"type":"object","properties":{"id":{"type":"string","minLength":1}},"required":["id"],
         "additionalProperties":false},
        "s10":{"type":"object","properties":{"userName":{"type":"string","minLength":1}},"required":["userName"],
         "additionalProperties":false},
        "s11":{"type":"object","properties":{"externalId":{"type":"string","minLength":1}},"required":["externalId"],
         "additionalProperties":false},
        "s12":{"type":"object","properties":{"email":{"type":"string","minLength":1}},"required":["email"],
         "additionalProperties":false},
        "s13":{"oneOf":[{"$ref":"s9"},{"$ref":"s10"},{"$ref":"s11"},{"$ref":"s12"}]},
        "s14":{"type":"object","properties":{"user":{"$ref":"s13"},"attributes":{"type":"array",
         "items":{"type":"string","minLength":1}},"excludedAttributes":{"type":"array","items":{"type":"string",
         "minLength":1}}},"required":["user"],"additionalProperties":false},
        "s15":{"type":"object","properties":{"userName":{"type":"string","minLength":1},
         "displayName":{"type":"string","minLength":1},"active":{"type":"boolean"},"externalId":{"type":"string",
         "minLength":1},"title":{"type":"string","minLength":1},"department":{"type":"string","minLength":1},
         "workato_role":{"type":"string","minLength":1},"workato_role_test":{"type":"string","minLength":1},
         "workato_role_prod":{"type":"string","minLength":1},"userType":{"type":"string","minLength":1},
         "email":{"type":"string","minLength":1},"givenName":{"type":"string","minLength":1},
         "familyName":{"type":"string","minLength":1},"filter":{"type":"string","minLength":1},
         "limit":{"type":"integer","default":1000,"minimum":1,"maximum":1000000},"pageSize":{"type":"integer",
         "default":100,"minimum":1,"maximum":10000},"sortBy":{"type":"string","minLength":1},
         "sortOrder":{"type":"string","enum":["ascending","descending"],"minLength":1},"attributes":{"type":"array",
         "items":{"type":"string","minLength":1}},"excludedAttributes":{"type":"array","items":{"type":"string",
         "minLength":1}}},"additionalProperties":false},
        "s16":{"type":"object","properties":{"user":{"$ref":"s13"},"userName":{"type":"string","minLength":1},
         "name":{"$ref":"s2","nullable":true},"displayName":{"type":"string","minLength":1,"nullable":true},
         "emails":{"type":"array","items":{"$ref":"s3"},"nullable":true},"active":{"type":"boolean","nullable":true},
         "externalId":{"type":"string","minLength":1,"nullable":true},"title":{"type":"string","minLength":1,
         "nullable":true},"department":{"type":"string","minLength":1,"nullable":true},
         "workato_role":{"type":"string","minLength":1,"nullable":true},"workato_role_test":{"type":"string",
         "minLength":1,"nullable":true},"workato_role_prod":{"type":"string","minLength":1,"nullable":true},
         "employeeNumber":{"type":"string","minLength":1,"nullable":true},"organization":{"type":"string",
         "minLength":1,"nullable":true},"division":{"type":"string","minLength":1,"nullable":true},
         "costCenter":{"type":"string","minLength":1,"nullable":true},"manager":{"$ref":"s4","nullable":true},
         "userType":{"type":"string","minLength":1,"nullable":true},"phoneNumbers":{"type":"array",
         "items":{"$ref":"s3"},"nullable":true},"addresses":{"type":"array","items":{"$ref":"s5"},"nullable":true},
         "preferredLanguage":{"type":"string","minLength":1,"nullable":true},"locale":{"type":"string","minLength":1,
         "nullable":true},"timezone":{"type":"string","minLength":1,"nullable":true},"nickName":{"type":"string",
         "minLength":1,"nullable":true},"profileUrl":{"type":"string","minLength":1,"nullable":true},
         "photos":{"type":"array","items":{"$ref":"s3"},"nullable":true},"ims":{"type":"array","items":{"$ref":"s3"},
         "nullable":true},"entitlements":{"type":"array","items":{"$ref":"s3"},"nullable":true},
         "roles":{"type":"array","items":{"$ref":"s3"},"nullable":true},"x509Certificates":{"type":"array",
         "items":{"$ref":"s3"},"nullable":true},"password":{"type":"string","minLength":1,"nullable":true},
         "ifVersion":{"type":"string","minLength":1},
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"$ref":"s6"},
         "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole":{"$ref":"s7"}},"required":["user"],
         "additionalProperties":false},
        "s17":{"type":"object","properties":{"resourceType":{"type":"string"},"created":{"type":"string",
         "format":"date-time"},"lastModified":{"type":"string","format":"date-time"},"location":{"type":"string"},
         "version":{"type":"string"}}},
        "s18":{"type":"object","properties":{"value":{"type":"string"},"$ref":{"type":"string"},
         "display":{"type":"string"},"type":{"type":"string"}}},
        "s19":{"type":"object","properties":{"user":{"$ref":"s13"},"userName":{"type":"string","minLength":1},
         "name":{"$ref":"s2"},"displayName":{"type":"string","minLength":1},"emails":{"type":"array",
         "items":{"$ref":"s3"}},"active":{"type":"boolean"},"externalId":{"type":"string","minLength":1},
         "title":{"type":"string","minLength":1},"department":{"type":"string","minLength":1},
         "workato_role":{"type":"string","minLength":1},"workato_role_test":{"type":"string","minLength":1},
         "workato_role_prod":{"type":"string","minLength":1},"employeeNumber":{"type":"string","minLength":1},
         "organization":{"type":"string","minLength":1},"division":{"type":"string","minLength":1},
         "costCenter":{"type":"string","minLength":1},"manager":{"$ref":"s4"},"userType":{"type":"string",
         "minLength":1},"phoneNumbers":{"type":"array","items":{"$ref":"s3"}},"addresses":{"type":"array",
         "items":{"$ref":"s5"}},"preferredLanguage":{"type":"string","minLength":1},"locale":{"type":"string",
         "minLength":1},"timezone":{"type":"string","minLength":1},"nickName":{"type":"string","minLength":1},
         "profileUrl":{"type":"string","minLength":1},"photos":{"type":"array","items":{"$ref":"s3"}},
         "ims":{"type":"array","items":{"$ref":"s3"}},"entitlements":{"type":"array","items":{"$ref":"s3"}},
         "roles":{"type":"array","items":{"$ref":"s3"}},"x509Certificates":{"type":"array","items":{"$ref":"s3"}},
         "password":{"type":"string","minLength":1},"ifVersion":{"type":"string","minLength":1},
         "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"$ref":"s6"},
         "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole":{"$ref":"s7"},"schemas":{"type":"array",
         "items":{"type":"string"}},"id":{"type":"string"},"meta":{"$ref":"s17"},"groups":{"type":"array",
         "items":{"$ref":"s18"}}},"required":["user","userName"],"additionalProperties":false},
        "s20":{"type":"object","properties":{"user":{"$ref":"s13"},"ifVersion":{"type":"string","minLength":1}},
         "required":["user"],"additionalProperties":false},
        "s21":{"type":"object","properties":{"user":{"$ref":"s13"}},"required":["user"],"additionalProperties":false},
        "s22":{"type":"string","default":"dev","enum":["dev","test","prod"],"minLength":1},
        "s23":{"type":"object","properties":{"user":{"$ref":"s13"},"environment":{"$ref":"s22"},
         "role":{"type":"string","minLength":1},"ifVersion":{"type":"string","minLength":1}},"required":["user",
         "role"],"additionalProperties":false},
        "s24":{"type":"object","properties":{"value":{"type":"string"},"$ref":{"type":"string"},
         "type":{"type":"string"},"display":{"type":"string"}},"additionalProperties":false},
        "s25":{"type":"object","properties":{"displayName":{"type":"string","minLength":1},
         "externalId":{"type":"string","minLength":1},"members":{"type":"array","items":{"$ref":"s24"}}},
         "required":["displayName"],"additionalProperties":false},
        "s26":{"type":"object","properties":{"displayName":{"type":"string","minLength":1}},
         "required":["displayName"],"additionalProperties":false},
        "s27":{"type":"object","properties":{"group":{"oneOf":[{"$ref":"s9"},{"$ref":"s26"},{"$ref":"s11"}]},
         "attributes":{"type":"array","items":{"type":"string","minLength":1}},"excludedAttributes":{"type":"array",
         "items":{"type":"string","minLength":1}}},"required":["group"],"additionalProperties":false},
        "s28":{"type":"object","properties":{"displayName":{"type":"string","minLength":1},
         "externalId":{"type":"string","minLength":1},"member":{"type":"string","minLength":1},
         "filter":{"type":"string","minLength":1},"limit":{"type":"integer","default":1000,"minimum":1,
         "maximum":1000000},"pageSize":{"type":"integer","default":100,"minimum":1,"maximum":10000},
         "sortBy":{"type":"string","minLength":1},"sortOrder":{"type":"string","enum":["ascending","descending"],
         "minLength":1},"attributes":{"type":"array","items":{"type":"string","minLength":1}},
         "excludedAttributes":{"type":"array","items":{"type":"string","minLength":1}}},"additionalProperties":false},
        "s29":{"type":"object","properties":{"group":{"oneOf":[{"$ref":"s9"},{"$ref":"s26"},{"$ref":"s11"}]},
         "displayName":{"type":"string","minLength":1},"externalId":{"type":"string","minLength":1,"nullable":true},
         "members":{"type":"array","items":{"$ref":"s24"},"nullable":true},"ifVersion":{"type":"string",
         "minLength":1}},"required":["group"],"additionalProperties":false},
        "s30":{"type":"object","properties":{"group":{"oneOf":[{"$ref":"s9"},{"$ref":"s26"},{"$ref":"s11"}]}},
         "required":["group"],"additionalProperties":false},
        "s31":{"type":"object","properties":{"group":{"oneOf":[{"$ref":"s9"},{"$ref":"s26"},{"$ref":"s11"}]},
         "members":{"type":"array","minItems":1,"items":{"$ref":"s13"}}},"required":["group","members"],
         "additionalProperties":false},
        "s32":{"type":"string","default":"upsert_user","enum":["upsert_user","create_user","update_user",
         "deactivate_user","reactivate_user","delete_user","set_workato_role"],"minLength":1},
        "s33":{"type":"object","properties":{"action":{"$ref":"s32"},"rows":{"type":"array",
         "items":{"type":"object"}}},"required":["rows"],"additionalProperties":false},
        "s34":{"type":"string","default":"GET","enum":["GET","POST","PUT","PATCH","DELETE"],"minLength":1},
        "s35":{"type":"object","properties":{"method":{"$ref":"s34"},"path":{"type":"string","minLength":1},
         "query":{"type":"object"},"body":{"type":"object"}},"required":["path"],"additionalProperties":false},
        "s36":{"type":"string","default":"now","enum":["now","beginning"],"minLength":1},
        "s37":{"type":"string","default":"auto","enum":["auto","changed_since","snapshot"],"minLength":1},
        "s38":{"type":"object","properties":{"filter":{"type":"string","minLength":1},
         "group":{"oneOf":[{"$ref":"s9"},{"$ref":"s26"},{"$ref":"s11"}]},"startFrom":{"$ref":"s36"},
         "strategy":{"$ref":"s37"},"massChangeLimit":{"type":"integer","minimum":0},"pageSize":{"type":"integer",
         "minimum":1,"maximum":10000}},"additionalProperties":false},
        "s39":{"type":"object","properties":{"changedAttributes":{"type":"array","items":{"type":"string",
         "minLength":1}},"filter":{"type":"string","minLength":1},"group":{"oneOf":[{"$ref":"s9"},{"$ref":"s26"},
         {"$ref":"s11"}]},"startFrom":{"$ref":"s36"},"strategy":{"$ref":"s37"},"massChangeLimit":{"type":"integer",
         "minimum":0},"pageSize":{"type":"integer","minimum":1,"maximum":10000}},"additionalProperties":false},
        "s40":{"type":"object","properties":{"roleFrom":{"type":"string","minLength":1},"roleTo":{"type":"string",
         "minLength":1},"filter":{"type":"string","minLength":1},"group":{"oneOf":[{"$ref":"s9"},{"$ref":"s26"},
         {"$ref":"s11"}]},"startFrom":{"$ref":"s36"},"strategy":{"$ref":"s37"},"massChangeLimit":{"type":"integer",
         "minimum":0},"pageSize":{"type":"integer","minimum":1,"maximum":10000}},"additionalProperties":false},
        "s41":{"type":"object","properties":{"filter":{"type":"string","minLength":1},"startFrom":{"$ref":"s36"},
         "strategy":{"$ref":"s37"},"massChangeLimit":{"type":"integer","minimum":0},"pageSize":{"type":"integer",
         "minimum":1,"maximum":10000}},"additionalProperties":false},
        "s42":{"type":"object","properties":{"changedAttributes":{"type":"array","items":{"type":"string",
         "minLength":1}},"filter":{"type":"string","minLength":1},"startFrom":{"$ref":"s36"},
         "strategy":{"$ref":"s37"},"massChangeLimit":{"type":"integer","minimum":0},"pageSize":{"type":"integer",
         "minimum":1,"maximum":10000}},"additionalProperties":false}}}
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

    # What one run of a step works with: the checked connection, and what it learns of the provider on the way.
    open_run: lambda do |given|
      definition = call('definition')
      definition['actions'].each_value { |action| action['fields'] = definition['fields'][action['fields']] }
      connection = call('read_connection', definition, given)
      rate = connection['requestsPerMinute']
      burst = [1, ((rate || 0) / 30.0).floor].max
      # The burst is a part of the minute's requests, so that the rest of them is spread over the whole minute.
      spacing = rate.nil? ? 0 : 60_000.0 / (rate - burst + 1)
      {
        'definition' => definition, 'connection' => connection, 'baseUrl' => connection['baseUrl'],
        'limiter' => { 'spacingInMs' => spacing, 'burstInMs' => spacing * (burst - 1), 'dueAt' => 0,
                       'pausedUntil' => 0 },
        'shapes' => {}, 'confirmed' => [], 'capabilities' => nil
      }
    end,

    # Checks a connection, and fills in its defaults.
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

    # Whether the connection works: the configuration is read, or, where the provider has none, a list of one user.
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

    # Runs an action by its key; nothing found is an empty hash, since a step has no null.
    run_action: lambda do |connection, key, input, form|
      call('as_job_error', lambda {
        run = call('open_run', connection)
        action = run['definition']['actions'][key]
        call('do_action', run, action, call('read_input', run, action, input, form)) || {}
      })
    end,

    # The input as the action's schema wants it. @raise invalid_input
    read_input: lambda do |run, action, given, form|
      schemas = run['definition']['schemas']
      schema = call('schema_with_extensions', run, action, given, form)
      input = call('coerce', schemas, schema, call('plain', given))
      input = call('without_empty_groups', schemas, schema, input)
      problems = call('problems_of', schemas, schema, input)
      call('fail_with_problems', problems) unless problems.empty?
      input
    end,

    # A provider's own extensions, which the form has read from its /Schemas, come under their URIs; from then on the
    # run knows them.
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

    # What the form knows of the types in such a group.
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

    # --- reading

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
        # A provider that ignores the filter counts everybody: then only what was read and fits is known.
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

    # What a provider says of itself (RFC 7644 §4); what it does not say is nil, or an empty list.
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

    # RFC 7644 §4 has these as lists; some providers answer a bare array.
    list_of: lambda do |body|
      next [] if body.nil?

      (body.is_a?(::Array) ? body : call('read_list', body)['resources']).select { |one| one.is_a?(::Hash) }
    end,

    # Any SCIM request, for what no other operation does.
    do_request: lambda do |run, _action, input|
      answer = call('send_scim', run, {
        'method' => input['method'] || 'GET', 'path' => call('check_path', run, input['path']),
        'query' => call('check_query', input['query'] || {}), 'body' => input['body']
      })
      headers = answer['headers'].reject { |name, _| name == 'set-cookie' }
      { 'status' => answer['status'], 'headers' => headers, 'body' => answer['body'] }
    end,

    # The token goes with the request, so the path must stay below the base URL: also where dots are spelled `%2e`.
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

    # --- changing one resource

    # Finds the resource that an input names; by id it asks nobody.
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

    # Sends a change, with If-Match when a version is known (RFC 7644 §3.14), and gives the resource as it then is. A
    # version that was only looked up here is looked up again when it is stale: a lost answer makes the repeat stale
    # too.
    send_change: lambda do |run, resource, target, change|
      wanted = change['ifVersion']
      # A client may strip what no header can hold, and the change would then be made whatever the version is.
      if wanted&.match?(/[^\x20-\x7e]/)
        call('fail_with_problems', [{ 'path' => 'ifVersion', 'message' => 'has a character that no version has' }])
      end
      version = wanted || target['version']
      races = 0
      loop do
        request = change.reject { |name, _| name == 'ifVersion' }
        path = call('resource_path', resource, target['id'])
        answer = call('send_scim', run, request.merge('path' => path, 'ifMatch' => version))
        # RFC 7644 §3.5.2 lets a provider answer 204; then the resource is read.
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

      # It may be stale because of this very change, whose first answer was lost.
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

    # Those that set or take away leave the same when they are sent twice; `add` may not.
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

    # Several products have been seen to answer 200 to `active: false` and to leave the user active.
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
        # After a lost answer it was most likely this step that deleted it.
        { 'id' => target['id'], 'deleted' => true, 'alreadyGone' => details['attempts'] == 1 }
      end
    end,

    # PATCH of a group's members, in chunks. Everybody is found before anything is changed.
    do_members: lambda do |run, action, input|
      resource = call('resource_of', run, action)
      group = call('find_target', run, resource, input)
      ids = call('find_members', run, action, input)
      size = action['operation']['chunkSize']
      path = call('resource_path', resource, group['id'])
      ids.each_slice(size).with_index do |chunk, at|
        operations = call('member_operations', action['operation']['change'], chunk)
        begin
          # Membership is a set: adding who is in it, or removing who is not, changes nothing, so this may be repeated.
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

      # RFC 7644 §3.5.2.2: a "remove" of bare `members` would empty the group, so each one is named in the path.
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

    # --- creating

    # POST of a new resource, which is never repeated without a look whether the one before was done.
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
      # What tells, after a lost answer, whether it was done.
      identity = resource['identifiedBy'].map do |path|
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
        # The look came before the provider was done with the attempt that was lost: its user is in our way now.
        maybe_own = details['code'] == 'conflict' && (details['attempts'] > 1 || run['maybeSentSince'])
        own = maybe_own ? call('look_for_own', creation, nil) : nil
        raise e if own.nil?

        own['body']
      end
    end,

    # Creates it, unless somebody was faster: then `otherwise` is done with what is there.
    create_or: lambda do |creation, otherwise|
      call('create', creation)
    rescue ::StandardError => e
      existing = call('failure_of', e)['code'] == 'conflict' ? call('find_existing', creation) : nil
      raise e if existing.nil?

      otherwise.call(existing)
    end,

    # What is there under the name that the new one would have.
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

    # Sets what was given where it differs; nothing is sent when nothing does.
    update_existing: lambda do |creation, existing|
      identity = creation['identity'] || {}
      given = creation['given'].reject { |one| one['path'] == identity['path'] }
      operations = call('without_no_ops', call('given_to_operations', given), creation['resource'], existing)
      next existing if operations.empty?

      call('send_change', creation['run'], creation['resource'], call('target_of', existing),
           call('patch_change', operations))
    end,

    # Looks for what this creation may have made: it has the same name, and is no older than the first attempt.
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
      # `Date` counts whole seconds, and an answer takes a while to come. A provider that does not say when it was
      # created leaves nothing to go by but the name.
      created_at.nil? || created_at >= creation['startedAt'] + clock_ahead - 3_000
    end,

    # RFC 7644 §3.3 wants the resource in the answer; some providers only say where it is. Where nothing does, it is
    # looked for, and must be new: an empty answer may be that of a proxy which has sent nothing on.
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

    # The rows that have no result yet.
    open_rows: lambda do |bulk|
      bulk['rows'].each_index.select { |at| bulk['results'][at].nil? }
    end,

    # What the provider takes in one bulk request; nil where it has none, or where no request can do an action.
    bulk_limits: lambda do |run, action|
      next nil unless %w[create patch replace delete].include?(action['operation']['type'])

      bulk = call('capabilities_of', run)['bulk']
      next nil unless bulk.is_a?(::Hash) && [true, 'true'].include?(bulk['supported'])

      positive = ->(value, otherwise) { value.is_a?(::Numeric) && value.positive? ? value : otherwise }
      { 'operations' => positive.call(bulk['maxOperations'], 100),
        'bytes' => positive.call(bulk['maxPayloadSize'], 1_048_576) }
    end,

    # What the provider says that it can do (RFC 7643 §5), asked once for a run; one that does not say can do nothing.
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

    # The one request that does the whole of an action; nil where it has to be run.
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
        # An answer to a bulk request need not show the resource, so what must be verified is run by itself.
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
      # However many operations a provider takes, an answer to more than 200 may be longer in coming than the time-out.
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

    # Rows without an answer may have been done or not: they are run at once, looking for their own.
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

    # Takes the results of the rows that were done, and gives those that were answered at all.
    read_bulk_answer: lambda do |bulk, chunk, body|
      answers = body.is_a?(::Hash) && body['Operations'].is_a?(::Array) ? body['Operations'] : []
      answers = answers.select { |answer| answer.is_a?(::Hash) }
      chunk.each_with_index.map do |row, at|
        # Without a bulkId in the answer (RFC 7644 §3.7 asks for it with POST only) its place tells whose it is.
        by_place = answers.length == chunk.length && answers[at]['bulkId'].nil? ? answers[at] : nil
        answer = answers.find { |one| one['bulkId'] == "row#{row['row']}" } || by_place
        # RFC 7644 §3.7.3 has the status as a string; others send a number, or SCIM 1.1's object.
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

      # The token was refused: it will be for every row, and going on would only lock the account.
      bulk['refusal'] = problem if details['code'] == 'auth'
      bulk['results'][at] = { 'row' => at, 'ok' => false, 'error' => call('show_failure', details) }
    end,

    # Polls: what has happened since the closure of the poll before. Everybody is compared with a snapshot, which
    # stands in the closure; the provider is asked only for those who changed where it can be. Nothing is reported,
    # and the closure before still holds, when anything goes wrong.

    # One poll, as Workato takes it.
    poll_trigger: lambda do |connection, key, input, closure|
      call('as_job_error', lambda {
        run = call('open_run', connection)
        trigger = run['definition']['triggers'][key]
        polled = call('poll', run, trigger, call('read_input', run, trigger, input || {}, nil), call('plain', closure))
        # Workato takes events from the end: the oldest has to stand there.
        { events: polled['events'].reverse, next_poll: polled['cursor'], can_poll_more: polled['more'] }
      })
    end,

    # Workato takes no more events than these of one poll; more are left to the next.
    most_events: lambda do
      1_000
    end,

    # The largest closure that is given to Workato to keep, in characters.
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
          # Many providers have no groups: what is about everything is then about users.
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
      # The order in which things happened; those of one time stay in the order in which they were found.
      ordered = events.each_with_index.sort_by { |event, at| [call('time_in_ms', event['occurredAt']), at] }
      { 'events' => ordered.map(&:first), 'cursor' => cursor, 'more' => polled.values.any? { |one| one['more'] } }
    end,

    # The closure that was kept, or that of a first poll.
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

    # Looks once at one kind of resource.
    poll_resource: lambda do |options|
      cursor = options['cursor']
      # The provider's own time, as its answers state it.
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

    # As JavaScript prints a time: in UTC, with milliseconds.
    print_time: lambda do |time|
      ::Time.at(time / 1000, (time % 1000) * 1000).utc.strftime('%Y-%m-%dT%H:%M:%S.%LZ')
    end,

    # Reads what has changed. Gives the reason why everything has to be read instead, if there is one.
    read_changed: lambda do |poll|
      since = poll['cursor']['sinceInMs']
      next 'filter_untried' if since.nil? || poll['cursor']['canAskSince'] != true

      found = 0
      begin
        call('poll_pages', poll, { 'filter' => call('since_filter', since), 'count' => poll['count'] }, lambda { |page|
          found += page['resources'].length
          page['resources'].each { |one| call('compare', poll, one) }
        })
      rescue ::StandardError => e
        raise unless call('filter_refusal?', call('failure_of', e))

        next 'filter_refused'
      end
      # "ge" includes the newest who is known: an answer with nobody says that the filter, or the newest, is gone.
      next 'nobody_found' if found.zero?

      # A clock that was set back stamps changes with times that lie before the newest.
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

    # Whether the provider does not take a filter: it says so, or it fails.
    filter_refusal?: lambda do |details|
      %w[invalid_input unsupported not_found].include?(details['code']) || details['status'] == 500
    end,

    read_everybody: lambda do |poll|
      poll.merge!('source' => 'snapshot', 'newest' => nil, 'pages' => 0)
      missing = poll['entries'].dup
      call('poll_pages', poll, { 'count' => poll['count'] }, lambda { |page|
        page['resources'].each do |one|
          missing.delete(one['id'])
          call('compare', poll, one)
        end
      })
      call('look_for_missing', poll, missing)
    end,

    # Compares a resource with what is known of it, and keeps what follows.
    compare: lambda do |poll, one|
      call('note_time', poll, one)
      before = poll['entries'][one['id']]
      after = call('entry_of', poll['tracker'], one, poll['fits'].call(one) != false, before)
      next if before == after

      call('settle', poll, { 'id' => one['id'], 'before' => before, 'after' => after, 'resource' => one })
    end,

    # Gives the events of a difference, and takes it into the snapshot; both, or neither.
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

    # The events of a difference that the trigger starts with.
    selected_events: lambda do |poll, difference|
      next [] if poll['cursor'].nil? && !poll['fromBeginning']
      next [] if difference['before'].nil? && call('overlooked?', poll, difference['resource'])

      # Who fitted before counts too: it is the deactivated whom a filter on "active" no longer fits.
      asked = [difference['before'], difference['after']].compact.any? { |entry| !entry.start_with?('-') }
      asked ? call('events_of', poll, difference).select { |event| poll['selects'].call(event) } : []
    end,

    # Whether somebody was there already when a first read, whose list may have shifted, passed over them.
    overlooked?: lambda do |poll, one|
      since = poll['source'] == 'snapshot' ? (poll['cursor'] || {})['unsettledSinceInMs'] : nil
      created_at = since && call('time_in_ms', ((one || {})['meta'] || {})['created'])
      !created_at.nil? && created_at < since
    end,

    unsettled_since: lambda do |poll, all|
      next all ? nil : poll['cursor']['unsettledSinceInMs'] unless poll['cursor'].nil?

      poll['pages'] > 1 && !poll['fromBeginning'] ? poll['firstAnsweredAt'] || poll['startedAt'] : nil
    end,

    # Nobody who is missing is taken for deleted before the provider, asked by id, has said so.
    look_for_missing: lambda do |poll, missing|
      losses = missing.map { |id, before| { 'id' => id, 'before' => before, 'after' => nil, 'resource' => nil } }
      reported = losses.reject { |loss| call('selected_events', poll, loss).empty? }
      call('guard', poll, poll['leaving'] + reported.length)
      # Those who are not reported are not worth a request each, should the list have been cut short.
      asked = losses.length > poll['limit'] ? reported : losses
      found = asked.map { |loss| call('ask_by_id', poll, loss['id']) }
      asked.zip(found).each { |loss, one| one.nil? ? call('settle', poll, loss) : call('compare', poll, one) }
    end,

    ask_by_id: lambda do |poll, id|
      path = call('resource_path', poll['resource'], id)
      answer = call('send_scim', poll['run'], { 'method' => 'GET', 'path' => path })
      call('normalise', poll['run'], poll['resource'], answer['body'])
    rescue ::StandardError => e
      # The list has just been read, so that the service is there, and the answer is about the resource.
      raise unless call('failure_of', e)['code'] == 'not_found'
    end,

    # Nobody is reported when more than the limit may have lost access at once.
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
      # A stamp from the future would hide all that is changed until then.
      answered_at = poll['run']['answeredAt']
      next if !answered_at.nil? && time > answered_at + 1_500

      poll['newest'] = [poll['newest'] || time, time].max
    end,

    # What the next poll asks from.
    next_since: lambda do |poll, all|
      before = (poll['cursor'] || {})['sinceInMs']
      # Those who had no room are found again only if they are asked for again.
      next all ? nil : before if poll['more']
      # A list of several pages may shift without a trace. It is read once more from the same time, until nothing
      # differs.
      next before if !all && poll['pages'] > 1 && poll['differing'].positive?
      next all ? nil : before if poll['newest'].nil?

      # What was stamped so long before it could be read is still found.
      since = [poll['newest'], (poll['firstAnsweredAt'] || poll['newest']) - 2_000].min
      all || before.nil? ? since : [before, since].max
    end,

    # Tries the filter, when everybody has been read and it could be of use.
    try_since: lambda do |poll, known|
      next poll['stamped'] ? known : false if known == false || !poll['stamped']
      next known if call('strategy_of', poll, known) != 'changed_since' || poll['newest'].nil?

      understands = call('understands_since', poll, poll['newest'])
      call('strategy_of', poll, understands)
      understands
    end,

    # Whether a provider understands the filter: somebody was changed at that time, and nobody in a year to come. Some
    # ignore the filter, and some answer it with nobody. Nil when it could not be tried now.
    understands_since: lambda do |poll, newest|
      some = call('count_since', poll, newest)
      nobody = call('count_since', poll, newest + (366 * 24 * 3_600_000))
      some.positive? && nobody.zero?
    rescue ::StandardError => e
      details = call('failure_of', e)
      raise if details.empty?

      call('filter_refusal?', details) ? false : nil
    end,

    # Some providers fail with status 500 at a filter, which would be tried for minutes: so long may an answer take.
    count_since: lambda do |poll, time|
      answer = call('send_scim', poll['run'], {
        'method' => 'GET', 'path' => poll['resource']['endpoint'],
        'query' => { 'filter' => call('since_filter', time), 'count' => '1' },
        'deadlineAt' => call('now_in_ms') + 10_000
      })
      call('read_list', answer['body'])['resources'].length
    end,

    # --- events

    # The events that a difference makes: one for `active`, and one for all else.
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
      # Who is not said to be inactive is active: only a step from the one to the other is an event.
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

    # An event as it really looks.
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

    # What the form of a trigger that polls says above its fields.
    poll_help: lambda do |description|
      "#{description} What has changed is found by comparing: the first poll only looks who is there, unless you say " \
        'otherwise. Each event comes at least once, with a key of its own, in order for each user. When more users ' \
        'lose access at once than the limit, the trigger stops with mass_change_blocked instead of starting jobs.'
    end,

    # The names that a resource shows of itself.
    subject_of: lambda do |one|
      name = ->(key) { one[key].is_a?(::String) && one[key] != '' ? one[key] : nil }
      { 'id' => name.call('id') || '', 'externalId' => name.call('externalId'), 'userName' => name.call('userName'),
        'displayName' => name.call('displayName') }
    end,

    # Snapshots: what is kept of a resource, as a text in which two that say the same are the same, and what differs.

    # What entries of one kind of resource hold: its columns, those that were kept and those that are met.
    tracker_of: lambda do |resource, known|
      tracker = { 'resource' => resource, 'columns' => [], 'written' => {} }
      known.each { |column| call('add_column', tracker, column['path'], column['kept']) }
      resource['remembered'].each { |path| call('column_of', tracker, path) }
      tracker
    end,

    # How an attribute is kept: its value, the keys of its items, or a fingerprint.
    kept_as: lambda do |tracker, path, attribute|
      next 'print' unless tracker['resource']['remembered'].include?(path)

      (attribute || {})['multiValued'] ? 'items' : 'value'
    end,

    add_column: lambda do |tracker, path, kept|
      attribute = call('attribute_at', tracker['resource'], path)
      tracker['columns'] << { 'path' => path, 'kept' => kept, 'attribute' => attribute }
      # One column for each path is written; those that were written another way before are only read.
      tracker['written'][path] = tracker['columns'].length - 1 if kept == call('kept_as', tracker, path, attribute)
      tracker['columns'].length - 1
    end,

    column_of: lambda do |tracker, path|
      attribute = call('attribute_at', tracker['resource'], path)
      tracker['written'][path] || call('add_column', tracker, path, call('kept_as', tracker, path, attribute))
    end,

    tracked?: lambda do |tracker, path|
      attribute = call('attribute_at', tracker['resource'], path) || {}
      attribute['mutability'] != 'readOnly' || tracker['resource']['remembered'].include?(path)
    end,

    # What is kept of a resource. What the answer does not say of `active` stays as `before` has it.
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
      cells[active] = call('parse_entry', before)[active] if active && cells[active].nil? && !before.nil?
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

    # The one form of a value in which two that mean the same are the same: keys in order, lists as sets, and without
    # what says nothing: null, empty texts and lists, `primary: false`, and what the provider derives for display.
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

    # What an item of a multi-valued attribute is told by: its `value`, where it has one. Entra ID sends roles whose
    # value is JSON in a text: then it is the value in there.
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

    # What is not what it was; without `before`, what a new resource is said to change.
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

    # What is said to change when a resource goes.
    changes_of_loss: lambda do |tracker, before|
      old = call('parse_entry', before)
      call('member_paths', tracker).flat_map do |path|
        cell, = call('cell_at', tracker, old, path)
        call('item_changes', path, Array(cell), [], nil)
      end
    end,

    member_paths: lambda do |tracker|
      tracker['resource']['remembered'].select do |path|
        path == 'members' && (call('attribute_at', tracker['resource'], path) || {})['multiValued']
      end
    end,

    # The value that a path has in a resource, as it stands there.
    raw_at: lambda do |tracker, one, path|
      # The URI of an extension that no schema knows may have dots in it.
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
      # A column that was kept another way says the same when it is kept that way again.
      again = old_kept == now_kept ? nil : call('keep', { 'kept' => old_kept, 'attribute' => attribute }, raw)
      next [] if !old.nil? && !now.nil? && old == again

      if [old_kept, now_kept].include?('items') && old_kept != 'print'
        next call('item_changes', path, old.is_a?(::Array) ? old : [], now.is_a?(::Array) ? now : [], raw)
      end

      known = old.nil? || old_kept != 'print'
      [{ 'path' => path, 'from' => known ? old : nil, 'to' => raw, 'fromKnown' => known, 'toKnown' => true }]
    end,

    # One change for each item that came or went, so that nobody has to compare two lists.
    item_changes: lambda do |path, before, after, raw|
      items = (raw.is_a?(::Array) ? raw : [raw].compact).to_h { |item| [call('key_of_item', item), item] }
      change = lambda do |key, from, to|
        { 'path' => "#{path}[value eq #{::JSON.generate(key)}]", 'from' => from, 'to' => to, 'fromKnown' => true,
          'toKnown' => true }
      end
      (before - after).map { |key| change.call(key, { 'value' => key }, nil) } +
        (after - before).map { |key| change.call(key, nil, items[key] || { 'value' => key }) }
    end,

    # A resource as far as an entry remembers it.
    remembered_of: lambda do |tracker, id, entry|
      cells = call('parse_entry', entry)
      tracker['resource']['remembered'].each_with_object({ 'id' => id }) do |path, one|
        cell, kept = call('cell_at', tracker, cells, path)
        next if cell.nil? || kept == 'print'

        value = kept == 'items' ? cell.map { |key| { 'value' => key } } : cell
        call('set_at', one, call('json_path_of', tracker['resource'], path), value)
      end
    end,

    # A fingerprint of a text: 60 bits, as characters of base64url. It tells whether something has changed; it is no
    # protection against somebody who wants two texts to have the same one.
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

    # MurmurHash3 for 32 bits (Austin Appleby, public domain), over the text's UTF-16 units, two to a block.
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

    # The test of what happened, as a lambda that takes an event.
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
      # A source may say that something was replaced without saying what: that cannot be judged, so that it passes.
      next from.nil? && to.nil? if event['type'] == 'put' && changes.empty?

      at_one = ->(change, paths) { paths.any? { |path| call('at_path?', change['path'], path) } }
      of_trigger = detect['changed'] ? changes.select { |change| at_one.call(change, detect['changed']) } : changes
      next false if detect['changed'] && of_trigger.empty?
      next false if detect['except'] && changes.all? { |change| at_one.call(change, detect['except']) }
      next false if wanted && changes.none? { |change| at_one.call(change, wanted) }

      (from.nil? || of_trigger.any? { |change| call('side_has?', change, 'from', from) }) &&
        (to.nil? || of_trigger.any? { |change| call('side_has?', change, 'to', to) })
    end,

    # Whether a change at one path is a change of another: they are the same, or one is below the other.
    at_path?: lambda do |changed, wanted|
      one = changed.downcase
      other = wanted.downcase
      below = ->(path, above) { path.start_with?(above) && path[above.length..].match?(/\A[.\[:]/) }
      one == other || below.call(one, other) || below.call(other, one)
    end,

    # Whether a side of a change has a value; one that is not known may be it.
    side_has?: lambda do |change, side, wanted|
      next true unless change["#{side}Known"]

      value = change[side]
      (value.is_a?(::Array) ? value : [value]).any? { |item| !item.nil? && call('key_of_item', item) == wanted }
    end,

    # The paths of attributes that may be named as forms name them: `department`.
    changed_paths: lambda do |run, names, given|
      known = names.map { |name| run['definition']['resources'][name] }
      given.each_with_index.map do |wanted, at|
        plain = wanted.gsub(/\[.*?\]/, '')
        found = known.map { |one| one['paths'][wanted] || (call('attribute_at', one, plain) && wanted) }.compact.first
        # An extension that no schema knows is taken at its word.
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

    # The test of whom an input is about, as a lambda that takes the kind of resource and the resource; nil where it
    # does not show enough to say. A group that users are to be in is looked up once.
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
      # A trigger about groups names one of them; one about users names a group that they are in.
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
      paths = (resource['namedBy'].find { |named| named['key'] == way } || { 'attributes' => [] })['attributes']
      answers = paths.map { |path| call('fits?', resource, one, [{ 'path' => path, 'value' => value }]) }
      next true if answers.include?(true)

      answers.include?(nil) ? nil : false
    end,

    # The group with its members; nil when there is none, so that nobody is in it.
    find_group: lambda do |run, resource, reference|
      next call('find_referenced', run, resource, reference, {}) unless reference.key?('id')

      call('ask_by_id', { 'run' => run, 'resource' => resource }, reference['id'])
    end,

    # Whether a resource that is here fits a filter (RFC 7644 §3.4.2.2): texts compare as the schema says, with or
    # without regard to case, times as times, and a multi-valued attribute fits when one of its values does.
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
      # What is absent equals null (RFC 7643 §2.5), and differs from everything else.
      next operator == (wanted.nil? ? 'eq' : 'ne') if compared.empty?

      traits = call('filter_traits', filter['path'], resource, above)
      next compared.none? { |one| call('compare_values?', one, 'eq', wanted, traits) } if operator == 'ne'

      compared.any? { |one| call('compare_values?', one, operator, wanted, traits) }
    end,

    # The values at a path that say something; the items of a list one by one, those in brackets picked.
    filter_values: lambda do |path, value, resource, above|
      schema = path['schema']
      own = schema.nil? || schema.casecmp(resource['schema']).zero?
      holder = own ? value : call('property_of', value, schema)
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

    # Names compare without regard to case (RFC 7643 §2.1).
    property_of: lambda do |holder, name|
      holder.fetch(name) { holder.find { |key, _| key.casecmp(name).zero? }&.last }
    end,

    filter_name_of: lambda do |path, resource, above|
      next "#{above}.#{path['attribute']}" unless above == ''

      schema = path['schema']
      next path['attribute'] if schema.nil? || schema.casecmp(resource['schema']).zero?

      id = resource['extensions'].find { |one| one.casecmp(schema).zero? } || schema
      "#{id}:#{path['attribute']}"
    end,

    filter_traits: lambda do |path, resource, above|
      name = call('filter_name_of', path, resource, above)
      name = "#{name}.#{path['subAttribute']}" if path['subAttribute']
      found = call('attribute_at', resource, name) || {}
      # A multi-valued attribute that is compared as a whole is compared by its `value`.
      sub = (found['subAttributes'] || []).find { |one| one['name'] == 'value' }
      found = sub if found['type'] == 'complex' && sub
      { 'time' => found['type'] == 'dateTime', 'exact' => found['caseExact'] == true }
    end,

    compare_values?: lambda do |one, operator, wanted, traits|
      next call('compare_texts?', one, operator, wanted, traits) if one.is_a?(::String) && wanted.is_a?(::String)
      next call('ordered?', one <=> wanted, operator) if one.is_a?(::Numeric) && wanted.is_a?(::Numeric)

      # A boolean has no order, and what is of another type than the value differs from it.
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

    # A list is always there, even when it is empty: 404 means that no SCIM service is.
    ask_list: lambda do |run, request|
      call('send_scim', run, request)
    rescue ::StandardError => e
      details = call('failure_of', e)
      raise unless details['code'] == 'not_found'

      call('fail_again', details, 'provider_fault',
           'There is no SCIM service at the base URL, or it has no resources of this kind: the answer is 404.',
           'Check the base URL; discover_provider shows what the provider has.')
    end,

    # `attributes` and `excludedAttributes` as query parameters (RFC 7644 §3.9).
    projection_of: lambda do |input|
      %w[attributes excludedAttributes].each_with_object({}) do |name, query|
        query[name] = input[name].join(',') if input[name].is_a?(::Array) && !input[name].empty?
      end
    end,

    # Finds the one resource that a reference names other than by id; nil when there is none.
    find_referenced: lambda do |run, resource, reference, projection|
      way, value = reference.first
      refused = nil
      named = resource['namedBy'].find { |one| one['key'] == way }
      found = named['attributes'].each do |path|
        looked = call('look_up', run, resource, { 'path' => path, 'value' => value }, { 'query' => projection })
        break { 'one' => call('only_one', looked['found'], resource, reference) }
      rescue ::StandardError => e
        details = call('failure_of', e)
        # RFC 7644 Table 9; some providers answer 501 to a filter they do not know.
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

    # Asks for the resources with a value, and looks again whether they have it. Gives those, and how far the
    # provider's clock is ahead of ours, as far as its Date shows.
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

    # Whether a value that nobody has finds somebody. Asked when nothing that was found shows the attribute: a provider
    # that filters by what it does not return is to be trusted, one that gives everybody is not.
    ignores_filters?: lambda do |run, resource, equality, options|
      nobody = { 'path' => equality['path'], 'value' => "nobody-#{call('now_in_ms')}@rolecall.invalid" }
      all, = call('ask_equal', run, resource, nobody, options)
      !all.empty?
    end,

    # Makes sure that a 404 speaks of the resource, not of the address: there, everybody would look deleted.
    confirm_service: lambda do |run, resource|
      next if run['confirmed'].include?(resource['name'])

      begin
        answer = call('ask_list', run,
                      { 'method' => 'GET', 'path' => resource['endpoint'], 'query' => { 'count' => '1' } })
        call('read_list', answer['body'])
      rescue ::StandardError => e
        # A service that answers the list with another refusal is there all the same.
        raise unless %w[forbidden invalid_input unsupported].include?(call('failure_of', e)['code'])
      end
      run['confirmed'] << resource['name']
    end,

    # Reads a resource by its id; nil when there is none.
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

    # Reads a list page by page, by index or, where the provider gives cursors, by cursor (RFC 9865), and hands each
    # page to `take` until that gives true. A list that ends before the total it states, or that comes round again, is
    # an error: what was not read must not look like what is not there. A list that shifts while it is read by index is
    # read a second time for those who slipped through.
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
        # One page of old acquaintances can come of an insert between two requests; two in a row cannot.
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
        # The total may grow meanwhile, and cursors need not show who came, so the fewest that it was counts.
        call('fail_cut_short', known, progress['fewest']) if progress['fewest'] && known < progress['fewest']
        next 'end'
      end
      # RFC 7644 §3.4.2 wants a total; without one the list ends where nobody new comes.
      next fresh.zero? ? 'end' : 'on' if total.nil?

      call('fail_cut_short', progress['read'], total) if page['resources'].empty? && progress['read'] < total
      next 'on' if progress['read'] < total

      # Who came in between moved others onto the page before; who went moved them past the page after.
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
      # Some servers and proxies take no more than 2,048 characters.
      answer = length > 2000 ? call('post_search', run, resource, query, position) : nil
      answer ||= call('ask_list', run, { 'method' => 'GET', 'path' => resource['endpoint'], 'query' => parameters })
      call('read_list', answer['body'])
    end,

    # RFC 7644 §3.4.3; nil where the provider has no such endpoint, so that a long URL is tried after all.
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

    # Where a path leads, by the keys of SCIM's JSON: `urn:…:User:department` gives [`urn:…:User`, `department`].
    json_path_of: lambda do |resource, path|
      # One URI may begin another: the longest that fits is meant.
      extension = resource['extensions'].select { |id| path.start_with?("#{id}:") }.max_by(&:length)
      next [extension, *path.delete_prefix("#{extension}:").split('.')] unless extension.nil?

      path.delete_prefix("#{resource['schema']}:").split('.')
    end,

    # The values at a path: one, or those of each item of a multi-valued attribute on the way; none when it is absent.
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

    # Finds the attribute that a path such as `name.givenName` or `urn:…:User:department` names.
    attribute_at: lambda do |resource, path|
      keys = call('json_path_of', resource, path)
      attributes = resource['attributes']
      attributes = resource['extensionAttributes'][keys.shift] || [] if resource['extensions'].include?(keys[0])
      keys.reduce(nil) do |found, key|
        among = found.nil? ? attributes : found['subAttributes'] || []
        # Attribute names compare without regard to case (RFC 7643 §2.1).
        match = among.find { |attribute| attribute['name'].casecmp(key).zero? }
        break nil if match.nil?

        match
      end
    end,

    # Reads a resource as a provider answered it. It is lenient: names in any case are put right, "True" and "False"
    # become booleans, numbers become text where text is meant, a lone value becomes a list, and null, which means "no
    # value" (RFC 7643 §2.5), is left out. What the schemas do not know is kept as it is.
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

    # 5.0 is 5 in JSON's own eyes.
    print_number: lambda do |value|
      (value.is_a?(::Float) && value == value.to_i ? value.to_i : value).to_s
    end,

    # Reads a list answer (RFC 7644 §3.4.2): resources, total (nil when the provider does not say) and next cursor.
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
        # RFC 7644 §3.4.2: Resources may be left out when there are none.
        'resources' => resources || [],
        'total' => total,
        # RFC 9865 §2.
        'cursor' => cursor.is_a?(::String) && cursor != '' ? cursor : nil
      }
    end,

    # Equalities as one filter, all of which must hold; values are escaped, so that each matches only itself.
    print_equalities: lambda do |equalities|
      equalities.map { |one| "#{one['path']} eq #{::JSON.generate(one['value'])}" }.join(' and ')
    end,

    # Whether a resource fits; nil where it does not show the attribute. Some providers ignore a filter and answer
    # everybody, so what was found is always looked at again.
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

    # Those that fit. One that shows none of the attribute is taken on trust, but not beside one that does not fit,
    # since that shows a provider which ignores the filter.
    only_fitting: lambda do |resource, all, equalities|
      fits = all.map { |one| call('fits?', resource, one, equalities) }
      ignored = fits.include?(false)
      all.each_index.select { |at| fits[at] || (fits[at].nil? && !ignored) }.map { |at| all[at] }
    end,

    # The attributes that an input gives: by the fields of the form, and by SCIM's own spelling of an extension.
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

    # The body of a create or replace; `schemas` names the extensions that are used (RFC 7643 §3).
    to_resource: lambda do |resource, given|
      body = {}
      given.each do |one|
        path = call('json_path_of', resource, one['path'])
        call('set_at', body, path, one['value']) unless one['value'].nil?
      end
      { 'schemas' => [resource['schema'], *resource['extensions'].select { |id| body.key?(id) }] }.merge(body)
    end,

    # Operations that set what was given and touch nothing else: one for each attribute, and one for each sub-attribute
    # of `name` and its like, since providers disagree whether a complex value is merged or replaced.
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

    # Leaves out the operations that would change nothing in the resource as it is.
    without_no_ops: lambda do |operations, resource, current|
      operations.reject do |one|
        values = call('values_at', current, call('json_path_of', resource, one['path']))
        value = one['value']
        wanted = value.is_a?(::Array) ? value : [value]
        values == (one['op'] == 'remove' ? [] : wanted)
      end
    end,

    # Fills a template: `{field}` in a path by what the field's value maps to, `"{field}"` in a value by the value
    # itself.
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

    # `/Users/2819c223`; whatever stands in an id stays one segment of the path.
    resource_path: lambda do |resource, id|
      # "." and ".." are the two segments that URLs resolve away even when the rest is encoded.
      segment = id.match?(/\A\.{1,2}\z/) ? id.gsub('.', '%252E') : call('encode_segment', id)
      "#{resource['endpoint']}/#{segment}"
    end,

    # As encodeURIComponent does: these stay as they are in a path.
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

    # Takes what fits at the place that was reached; nil when nothing does.
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

    # Raises why the text is no filter, as an ArgumentError with the place.
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

    # RFC 7643 §2.1 ATTRNAME, plus "$ref"; a schema URI (RFC 8141) may come before it, up to the last colon.
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
      # JSON's own escapes and no others (RFC 8259 §7); Ruby would take more.
      quoted = call('filter_match', reader, %r{"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u\h{4}))*"})
      next ::JSON.parse(quoted[0]) unless quoted.nil?

      reader['at'] = before
      call('filter_expected', reader, 'a string with a closing quote and JSON escapes')
    end,

    # HTTP: one request with all its attempts. The SDK's own repeats are not used: they know no Retry-After, and they
    # run the whole step again, a create too.

    # Sends a SCIM request, and repeats it where that is safe. Gives status, headers, body (nil when there is none) and
    # attempts of a good answer.
    #
    # A request has a method and a path below the base URL. `repeatable` says whether sending it twice leaves the same
    # as once; left out, whether the method promises it. `lookUp` looks whether a request that is not repeatable was
    # done, when its answer was lost.
    send_scim: lambda do |run, given|
      request = {
        # RFC 9110 §9.2.2: PUT and DELETE are idempotent as they are; a PATCH only when its sender knows it to be.
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

    # One attempt: its answer, or how long to wait before the next.
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

      # A look that failed leaves what it should have shown as unknown as before.
      what = details['message'].delete_suffix(" #{details['nextStep']}")
      next_step = "#{details['nextStep']} #{call('unknown_outcome')}"
      call('fail_again', details.merge('attempts' => request['sent']), details['code'], what, next_step)
    end,

    look_up_own: lambda do |request|
      found = request['lookUp']&.call(request['deadlineAt'])
      found&.merge('attempts' => request['sent'])
    end,

    # Sends it once, and follows redirects within the origin: the token never leaves it.
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

    # Waits until the provider's pause is over, and until the rate in the connection lets the next request go.
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

    # The address, relative to base_uri so that it is joined to its path.
    url_of: lambda do |request|
      path = request['path'].delete_prefix('/').gsub(/[^\x21-\x7e]|["<>^`{|}\\\[\]#?]/) { |one| call('encode', one) }
      # What could pass for a host or a scheme is told apart by the dot.
      path = "./#{path}" unless path.match?(%r{\A[\w.~%-]+(/|\z)})
      query = request['query'] || {}
      query.empty? ? path : "#{path}?#{call('print_query', query)}"
    end,

    # A blank becomes %20, which every server reads (RFC 3986 §2.1); `+` is one in forms only.
    encode: lambda do |text|
      ::URI.encode_www_form_component(text).gsub('+', '%20')
    end,

    print_query: lambda do |query|
      query.map { |name, value| "#{call('encode', name)}=#{call('encode', value)}" }.join('&')
    end,

    # One HTTP exchange: status, headers with their names in lower case, and the body as text; or why there is none.
    exchange: lambda do |run, request, url|
      limit = call('time_out_in_ms', run, request)
      begin
        answer = ::Timeout.timeout(limit / 1000.0) { call('ask', request, url) }
        size = run['connection']['limitBytes']
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
      # Every look at a request that failed sends it again, so that there is only this one.
      asked.fetch('received')
    end,

    headers_of: lambda do |request|
      {
        'Accept' => 'application/scim+json, application/json;q=0.9',
        'User-Agent' => 'rolecall',
        # Without a body no type: some servers take an empty body of a type for a mistake.
        'Content-Type' => request['body'].nil? ? nil : 'application/scim+json',
        'If-Match' => request['ifMatch']
      }.reject { |name, value| value.nil? && name != 'Content-Type' }
    end,

    received: lambda do |status, body, headers, message = ''|
      # An error without a status is that of a connection which broke.
      next { 'broken' => call('break_of', message.to_s, 0) } if status.to_i.zero?

      text = body.to_s.dup.force_encoding('UTF-8').scrub.delete_prefix("\uFEFF")
      named = (headers || {}).each_with_object({}) do |(name, value), all|
        all[name.to_s.downcase.tr('_', '-')] = Array(value).join(', ')
      end
      { 'status' => status.to_i, 'headers' => named, 'body' => text }
    end,

    time_out_in_ms: lambda do |run, request|
      left = request['deadlineAt'] - call('now_in_ms')
      # A look-up keeps some of the time for itself when the attempt before it hangs.
      left = (left * 0.8).floor if request['lookUp']
      [1, [run['connection']['timeoutInMs'], left].min].max
    end,

    # What kind of break an error means, by the words in it: the SDK has classes of its own for some.
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

    # Where to go on, when the answer is a redirect that may be followed.
    redirect_of: lambda do |run, request, url, answer|
      next nil unless [301, 302, 303, 307, 308].include?(answer['status'])

      target = call('redirect_target', run, url, answer)
      next nil if target.nil? || call('origin_of', target) != call('origin_of', run['baseUrl'])

      # RFC 9110 §15.4: a 301 or 302 may turn a POST into a GET, so only 307 and 308 carry a body on.
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

    # Reads a body by what it is rather than by its content type, which providers and proxies get wrong.
    read_body: lambda do |answer|
      text = answer['body']
      begin
        { 'kind' => 'json', 'body' => text.strip.empty? ? nil : ::JSON.parse(text, max_nesting: false) }
      rescue ::JSON::ParserError
        page = text.match?(/\A\s*</) || answer['headers']['content-type'].to_s.include?('html')
        { 'kind' => page ? 'page' : 'garbage' }
      end
    end,

    # A good status with a body that is no JSON: a page is what a proxy says; anything else was cut short.
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

    # Whether to send it again, and after how long; otherwise it fails, unless a look finds it done.
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

    # The whole policy. Retry-After wins over exponential back-off with full jitter; a wait that would pass the
    # deadline stops at once. What is not repeatable and may have been acted on is only sent again after a look.
    decide_retry: lambda do |request, outcome|
      status = outcome['status']
      later = [408, 429, 500, 502, 503, 504].include?(status)
      # 408 and 429 are given before a request is acted on; after the others it may have been.
      acted = status.nil? ? outcome['maybeSent'] : later && ![408, 429].include?(status)
      look_first = !request['repeatable'] && acted
      next { 'lookFirst' => look_first } unless status.nil? ? outcome['transient'] : later

      asked = outcome['retryAfterInMs']
      # A Retry-After of nothing, or of a date gone by, says "now": the back-off keeps that from becoming a storm.
      asked = nil if asked&.zero?
      wait = asked || (rand * [20_000, 500 * (2**(request['sent'] - 1))].min).ceil
      # Where nobody listens, or no such host is, the address is most likely wrong: that should show soon.
      most = status.nil? && !outcome['maybeSent'] ? 5 : 10
      most = 1 if request['once']
      in_time = call('now_in_ms') + wait < request['deadlineAt']
      next { 'lookFirst' => look_first } unless request['sent'] < most && in_time

      { 'waitInMs' => wait, 'lookFirst' => look_first }
    end,

    # How long an answer asks to wait (RFC 9110 §10.2.3). A date is measured against the answer's own Date, so that a
    # wrong clock here does no harm; one that has passed is 0.
    retry_after_in_ms: lambda do |headers|
      text = headers['retry-after'].to_s.strip
      next nil if text.empty?
      next (text.to_f * 1000).ceil if text.match?(/\A\d+(\.\d+)?\z/)

      till = call('time_in_ms', text)
      till && [0, till - (call('time_in_ms', headers['date']) || call('now_in_ms'))].max
    end,

    # Answers that refuse: what each status means, and the sentences for it.

    # Said when it cannot be known whether the provider acted.
    unknown_outcome: lambda do
      'It may have been done all the same: look before you do it again.'
    end,

    # Takes the token out of what a provider or proxy said, as it stands and as URLs spell it.
    redact: lambda do |text, token|
      text.to_s.gsub(token, '[token]').gsub(call('encode', token), '[token]')
    end,

    # The provider's own name for a request, from the headers that are in use for it.
    request_id_of: lambda do |headers, token|
      names = %w[x-request-id x-okta-request-id x-correlation-id request-id]
      id = names.map { |name| headers[name] }.compact.first
      id && call('redact', id, token)
    end,

    # Fails with what an answer with a status of 400 or more means.
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
      # Some providers answer a taken name with 400 and `uniqueness`, where RFC 7644 Table 9 has 409.
      next 'conflict' if scim_type == 'uniqueness'

      case status
      when 401 then 'auth'
      when 403 then 'forbidden'
      # A page says that there is no SCIM service at this address, not that there is no such user.
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

    # What happened, and what to do now.
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

    # RFC 7644 Table 9, and RFC 9865 §2.1.
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

    # Reads an error body: SCIM 2.0's, SCIM 1.1's, and the `message` or `error` that others send.
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

    # Milliseconds since 1970 of a date in any of its usual forms; nil when it is none.
    time_in_ms: lambda do |text|
      (::Time.parse(text.to_s).to_f * 1000).round
    rescue ::StandardError
      nil
    end,

    # Plain hashes, arrays and strings, whatever the SDK wraps them in.
    plain: lambda do |value|
      case value
      when ::Hash then value.each_with_object({}) { |(key, item), all| all[key.to_s] = call('plain', item) }
      when ::Array then value.map { |item| call('plain', item) }
      when ::String then ::String.new(value)
      when ::Symbol then value.to_s
      else value
      end
    end,

    # A node of a schema, with the shared part that it points to.
    schema_at: lambda do |schemas, schema|
      name = schema['$ref']
      name.nil? ? schema : schemas[name].merge(schema.reject { |key, _| key == '$ref' })
    end,

    # Forms and pills give text for everything: it becomes what the schema wants where that is plain. Text that is not
    # stays as it is, so that the check can say what is wrong.
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
      elsif types.include?('array') && (schema['items'] || {})['type'] == 'string' && !text.strip.start_with?('[')
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

    # Groups of fields that nobody filled in are not given.
    without_empty_groups: lambda do |schemas, schema, input|
      properties = schema['properties'] || {}
      input.reject do |name, value|
        of = properties[name] && call('schema_at', schemas, properties[name])
        value == {} && !of.nil? && !of['properties'].nil?
      end
    end,

    # Every problem of a value, none when it fits its schema.
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

    # The value itself stays out of the message: it may be a password.
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

    # xsd:dateTime (RFC 7643 §2.3.5), with a zone.
    date_time?: lambda do |text|
      pattern = /\A(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)\z/
      match = pattern.match(text)
      !match.nil? && ::Date.valid_date?(match[1].to_i, match[2].to_i, match[3].to_i)
    end,

    # ` (did you mean "userName"?)`, or nothing when no known name is near.
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

    # Raises a failure. `what` says what happened and `nextStep` what to do; together they are the message.
    fail_with: lambda do |code, parts|
      message = "#{parts['what']} #{parts['nextStep']}"
      details = { 'attempts' => 0 }.merge(parts.compact).merge('code' => code, 'message' => message)
      details.delete('what')
      problem = ::StandardError.new(message)
      problem.define_singleton_method(:failure) { details }
      raise problem
    end,

    # What a rescued error says of itself; empty when it is none of ours.
    failure_of: lambda do |problem|
      problem.respond_to?(:failure) ? problem.failure : {}
    end,

    # The same failure, told in other words; what the provider said stays.
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

    # A failure as the result of a row shows it.
    show_failure: lambda do |details|
      names = %w[code message nextStep status scimType detail attempts requestId retryAfterInMs problems]
      names.each_with_object({}) { |name, shown| shown[name] = details[name] unless details[name].nil? }
    end,

    # Runs a step, and tells a failure as Workato shows it in the job: the code, then the sentences.
    as_job_error: lambda do |work|
      work.call
    rescue ::StandardError => e
      details = call('failure_of', e)
      raise if details.empty?

      error("#{details['code']}: #{details['message']}")
    end,

    # Fields: those of SCIM schemas, of our own and of the provider's, as Workato's schema describes them.

    # A list to choose from, and beside it text, so that a datapill can be mapped.
    with_text: lambda do |field, hint|
      text = field.slice(:name, :label, :optional)
                  .merge(type: 'string', control_type: 'text', toggle_hint: 'Enter value or map a datapill', hint: hint)
      field.merge(toggle_hint: 'Select from list', toggle_field: text)
    end,

    # The datapills of a resource.
    resource_fields: lambda do |name|
      resource = call('definition')['resources'][name]
      extensions = resource['extensions'].zip(resource['extensionNames']).map do |id, title|
        { name: id, label: call('humanise', title), type: 'object', optional: true,
          properties: call('attribute_fields', resource['extensionAttributes'][id], 'received') }
      end
      call('attribute_fields', resource['attributes'], 'received') + extensions
    end,

    # The form of a complex attribute.
    sub_fields: lambda do |name, path|
      attribute = call('attribute_at', call('definition')['resources'][name], path)
      call('attribute_fields', attribute['subAttributes'], 'sent')
    end,

    # A group of fields for each such extension of a resource, named by its URI. A form must open also when the
    # provider does not answer: then it has the fields of the manifest.
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

    # The schemas of a resource's extensions that the manifest does not know (RFC 7643 §6).
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

      # Canonical values are suggestions (RFC 7643 §7): a provider may take others.
      values = Array(attribute['canonicalValues']).map(&:to_s)
      next field.merge(type: type) if values.empty? || direction != 'sent'

      choice = field.merge(type: 'string', control_type: 'select',
                           pick_list: values.map { |value| [call('humanise', value), value] })
      call('with_text', choice, call('to_html', "Such as: #{values.join(', ')}. Others are taken too."))
    end,

    # A label of an attribute's name: `givenName` becomes "Given name".
    humanise: lambda do |name|
      words = name.delete_prefix('$').gsub(/_+/, ' ').gsub(/([a-z0-9])([A-Z])/, '\1 \2').downcase
      words[0].to_s.upcase + words[1..].to_s
    end,

    # Hints are HTML, and these come from outside.
    to_html: lambda do |text|
      text.gsub('&', '&amp;').gsub('<', '&lt;').gsub('>', '&gt;')
    end
  }
}
