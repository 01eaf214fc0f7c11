# frozen_string_literal: true

# The texts above the fields of the triggers' forms, in HTML.
{
  # A polling trigger, by its key.
  poll_help: lambda do |key|
    "#{call('trigger_description', key)} Each poll is compared with the one before. The first poll reports " \
      'nothing, unless you include existing records. Each event is delivered at least once, in order per user, ' \
      'with a deduplication key. If more is lost within 24 hours than the safety limit allows, the trigger fails ' \
      'with mass_change_blocked and starts no job.'
  end,

  # A polling trigger that a webhook wakes.
  wake_help: lambda do |key, input, base|
    text = "#{call('trigger_description', key)} A call of the webhook starts a poll immediately. What the call " \
           'contains is not read: all changes are from the provider. Workato also polls when the recipe starts, ' \
           'and every 12 hours, so that no change is lost.'
    next text if base.to_s == ''

    lead = 'Have the provider call this webhook URL after each change'
    "#{text} #{call('webhook_help', base, 'wake', input, lead)}"
  end,

  trigger_description: lambda do |key|
    call('to_html', call('definition')['triggers'][key]['description'])
  end,

  # The trigger for pushed events.
  push_help: lambda do |input, base|
    text = 'Triggers immediately when an event source pushes an event. Events with an invalid token or signature ' \
           'are rejected. Senders retry lost events: each event has a deduplication key and starts one job.'
    source = input['source'].to_s
    next text if base.to_s == '' || source == ''

    lead = 'Enter this webhook URL in the settings of the event source'
    "#{text} #{call('webhook_help', base, source, input, lead)}"
  end,

  # The trigger for fetched events.
  fetch_help: lambda do
    'Triggers when a poll finds a new event in the log of an event source. The first poll starts now, unless you ' \
      'set a start. Each event is delivered at least once, in order per user, with a deduplication key. An event ' \
      'that became visible late is found within the look-back.'
  end,

  # The URL of a webhook, which selects the recipes by its query.
  webhook_help: lambda do |base, source, input, lead|
    stream = input['stream'].to_s
    query = ::URI.encode_www_form([['source', source], *(stream == '' ? [] : [['stream', stream]])])
    "#{lead}:<br><b>#{call('to_html', "#{base}?#{query}")}</b>"
  end
}
