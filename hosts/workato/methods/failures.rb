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
  end
}
