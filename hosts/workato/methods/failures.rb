# frozen_string_literal: true

# Errors, classified by what the recipe builder should do.
{
  # Raises a failure. Its message is `what` (what happened) followed by `nextStep` (what to do).
  fail_with: lambda do |code, parts|
    details = call('details_of_failure', code, parts)
    problem = ::StandardError.new(details['message'])
    problem.define_singleton_method(:failure) { details }
    raise problem
  end,

  details_of_failure: lambda do |code, parts|
    message = "#{parts['what']} #{parts['nextStep']}"
    transient = call('texts')['codes']['transient'].include?(code)
    details = { 'attempts' => 0 }.merge(parts.compact)
                                 .merge('code' => code, 'transient' => transient, 'message' => message)
    details.reject { |name, _| name == 'what' }
  end,

  # The details of a rescued error; empty if it is not ours.
  failure_of: lambda do |problem|
    problem.respond_to?(:failure) ? problem.failure : {}
  end,

  # What happened, without what to do next.
  what_of: lambda do |details|
    details['message'].delete_suffix(" #{details['nextStep']}")
  end,

  # Raises a failure with the sentences of that name. `more` holds its other parts: those of an earlier failure stay.
  fail_as: lambda do |code, name, values = {}, more = {}|
    call('fail_with', code, more.merge(call('error_text', name, values)))
  end,

  # What happened, and what to do next.
  error_text: lambda do |name, values = {}|
    call('texts')['errors'][name].transform_values { |text| call('fill', text, values) }
  end,

  # Names as a sentence lists them: the first ten, and whether there are more.
  list_some: lambda do |names|
    "#{names.first(10).join(', ')}#{names.length > 10 ? ', …' : ''}"
  end,

  # A sentence by name, with its placeholders filled.
  text_of: lambda do |group, name, values = {}|
    call('fill', call('texts')[group][name], values)
  end,

  fill: lambda do |text, values|
    # In a placeholder in quotation marks, those of the value are escaped.
    text.gsub(/("?)\{(\w+)\}\1/) do
      quote, name = ::Regexp.last_match.captures
      value = values.fetch(name).to_s
      quote.empty? ? value : ::JSON.generate(value)
    end
  end,

  # The problem with a field.
  problem: lambda do |path, name, values = {}|
    { 'path' => path, 'message' => call('text_of', 'problems', name, values) }
  end,

  fail_with_problems: lambda do |problems|
    lines = problems.map do |one|
      one['path'] == '' ? one['message'] : "`#{one['path'].delete_prefix('connection.')}` #{one['message']}"
    end
    text = lines.join('; ').delete_suffix('.')
    call('fail_as', 'invalid_input', 'invalidInput', { 'problems' => text }, { 'problems' => problems })
  end,

  # "in 3 seconds"; "later" if the time is unknown.
  when_text: lambda do |wait|
    next call('text_of', 'parts', 'later') if wait.nil?

    count = (wait / 1000.0).ceil
    count == 1 ? call('text_of', 'parts', 'inOneSecond') : call('text_of', 'parts', 'inSeconds', { 'count' => count })
  end,

  # "1 attempt", "5 attempts".
  attempts_text: lambda do |count|
    count == 1 ? call('text_of', 'parts', 'oneAttempt') : call('text_of', 'parts', 'attempts', { 'count' => count })
  end,

  # A failure in the format of a row's result.
  show_failure: lambda do |details|
    names = %w[code transient message nextStep status scimType detail attempts requestId retryAfterInMs problems]
    names.each_with_object({}) { |name, shown| shown[name] = details[name] unless details[name].nil? }
  end,

  # Runs a step. Raises failures in the format that Workato shows in the job: the code, then the sentences.
  as_job_error: lambda do |work, labels = 'actionLabels'|
    work.call
  rescue ::StandardError => e
    details = call('failure_of', e)
    raise if details.empty?

    error("#{details['code']}: #{call('with_labels', details, labels)}")
  end,

  # The message of a failure with labels in place of the keys of fields, which are in backticks. A message that
  # quotes the provider keeps the quoted text.
  with_labels: lambda do |details, labels = 'actionLabels'|
    labels = call('texts')[labels]
    label = ->(text) { text.gsub(/`([\w.]+)`/) { |key| labels.key?(key[1..-2]) ? "\"#{labels[key[1..-2]]}\"" : key } }
    what = call('what_of', details)
    "#{details['detail'].nil? ? label.call(what) : what} #{label.call(details['nextStep'])}"
  end
}
