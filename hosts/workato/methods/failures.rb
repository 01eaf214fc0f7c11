# frozen_string_literal: true

# Errors: what went wrong, by what the recipe builder should do about it.
{
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

  # Raises a failure with the sentences of that name. `more` holds its other parts: those of an earlier failure stay.
  fail_as: lambda do |code, name, values = {}, more = {}|
    call('fail_with', code, more.merge(call('error_text', name, values)))
  end,

  # What happened, and what to do next.
  error_text: lambda do |name, values = {}|
    call('texts')['errors'][name].transform_values { |text| call('fill', text, values) }
  end,

  # A text by its name, with its placeholders filled.
  text_of: lambda do |group, name, values = {}|
    call('fill', call('texts')[group][name], values)
  end,

  fill: lambda do |text, values|
    text.gsub(/\{\w+\}/) { |name| values.fetch(name[1..-2]).to_s }
  end,

  # What is wrong with a field.
  problem: lambda do |path, name, values = {}|
    { 'path' => path, 'message' => call('text_of', 'problems', name, values) }
  end,

  fail_with_problems: lambda do |problems|
    lines = problems.map do |one|
      one['path'] == '' ? one['message'] : "`#{one['path'].delete_prefix('connection.')}` #{one['message']}"
    end
    call('fail_as', 'invalid_input', 'invalidInput', { 'problems' => lines.join('; ') }, { 'problems' => problems })
  end,

  # "in 3 seconds"; "later" when it is not known how long.
  when_text: lambda do |wait|
    next call('text_of', 'parts', 'later') if wait.nil?

    count = (wait / 1000.0).ceil
    count == 1 ? call('text_of', 'parts', 'inOneSecond') : call('text_of', 'parts', 'inSeconds', { 'count' => count })
  end,

  # "1 attempt", "5 attempts".
  attempts_text: lambda do |count|
    count == 1 ? call('text_of', 'parts', 'oneAttempt') : call('text_of', 'parts', 'attempts', { 'count' => count })
  end,

  # A failure as the result of a row shows it.
  show_failure: lambda do |details|
    names = %w[code message nextStep status scimType detail attempts requestId retryAfterInMs problems]
    names.each_with_object({}) { |name, shown| shown[name] = details[name] unless details[name].nil? }
  end,

  # Runs a step, and raises a failure as Workato shows it in the job: the code, then the sentences.
  as_job_error: lambda do |work|
    work.call
  rescue ::StandardError => e
    details = call('failure_of', e)
    raise if details.empty?

    error("#{details['code']}: #{call('with_labels', details)}")
  end,

  # The message of a failure with labels in place of the keys of fields, which are in backticks. A message that
  # quotes the provider keeps what comes from there.
  with_labels: lambda do |details|
    labels = call('texts')['labels']
    label = ->(text) { text.gsub(/`(\w+)`/) { |key| labels.key?(key[1..-2]) ? "\"#{labels[key[1..-2]]}\"" : key } }
    what = details['message'].delete_suffix(" #{details['nextStep']}")
    "#{details['detail'].nil? ? label.call(what) : what} #{label.call(details['nextStep'])}"
  end
}
