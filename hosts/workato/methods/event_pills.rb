# frozen_string_literal: true

# Events in the format of the datapills.
{
  # Events as a trigger returns them, in the same order.
  with_event_pills: lambda do |events|
    # include field_names
    # include event_pills
    resources = call('definition')['resources']
    events.map do |event|
      resource = resources[event['resource']]
      members = resource['attributes'].any? { |attribute| attribute['name'] == 'members' }
      with_pills.call(event, resource['roles'], members)
    end
  end
}
