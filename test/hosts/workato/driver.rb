# frozen_string_literal: true

# Runs a connector for a test in another process: one JSON object a line on standard input, one on standard output.
# ruby driver.rb CONNECTOR

require 'stringio'
require_relative 'sdk/workato-connector-sdk'

# Why a message was rejected, which the connector does not say: a rejected message starts no job.
module RejectionReason
  def self.last
    Thread.current[:rejection_reason]
  end

  def catch(tag = Object.new)
    super.tap { |thrown| Thread.current[:rejection_reason] = thrown.is_a?(String) ? thrown : nil if tag == :refused }
  end
end
Object.prepend(RejectionReason)

# The types of datapills that JSON does not have: { "$time": "2026-11-26T09:00:00Z" }, { "$date": … }, { "$float": "5" },
# and { "$file": … } with its bytes in Base64.
revive = lambda do |value|
  case value
  when Array then value.map(&revive)
  when Hash
    kind, text = value.first
    next value.transform_values(&revive) unless value.length == 1 && %w[$time $date $float $file].include?(kind)

    { '$time' => ->(time) { Time.parse(time) }, '$date' => ->(date) { Date.parse(date) },
      '$float' => ->(number) { Float(number) },
      '$file' => ->(bytes) { bytes.unpack1('m') } }[kind].call(text)
  else value
  end
end

# An OpenSSL that cannot read the keys of EdDSA, as on Ruby 2.7.
module NoEdwardsKeys
  def read(data, *)
    super.tap { |key| raise OpenSSL::PKey::PKeyError, 'unsupported' if key.oid.start_with?('ED') }
  end
end

sdk = Workato::Connector::Sdk
sdk::Clock.skips = true
# The time of the processor, which does not depend on what else runs.
started = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
connector = sdk::Connector.from_file(ARGV.fetch(0))
loaded_in = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) - started

operations = {
  'loaded' => ->(_) { { seconds: loaded_in, source: connector.source.keys } },
  'keys' => ->(ask) { (connector.source[ask['of'].to_sym] || {}).keys },
  'entry' => ->(ask) { connector.source[ask['of'].to_sym][ask['key'].to_sym].reject { |_, value| value.is_a?(Proc) } },
  'text' => lambda { |ask|
    entry = connector.source[ask['of']][ask['key']]
    sdk::Operation.new(connector).run(entry[ask['name'].to_sym], {}, {})
  },
  'help' => ->(ask) { connector.send(ask['of'])[ask['key']].help(ask['input'] || {}, ask['base']) },
  'woken' => ->(ask) { connector.woken_by(ask['params'] || {}, {}, ask['payload'] || {}, ask['recipes']) },
  'connection' => lambda { |_|
    source = connector.source[:connection]
    { fields: source[:fields], auth: source[:authorization][:options].transform_values { |one| one[:fields] } }
  },
  # What Workato stores of a connection: what its form has, and what `acquire` added.
  'stored' => ->(_) { connector.connection.settings },
  'call' => ->(ask) { sdk::Operation.new(connector).call(ask['name'], *ask['arguments']) },
  'test' => ->(ask) { connector.test(ask['settings']) },
  'execute' => lambda { |ask|
    connector.actions[ask['key']].execute(ask['settings'], ask['input'], [], [], ask['continue'] || {})
  },
  'invoke' => lambda { |ask|
    connector.connection.use(ask['settings'])
    connector.send(ask['of'] || 'actions')[ask['key']].invoke(*ask.values_at('input', 'closure').compact)
  },
  'input_fields' => lambda { |ask|
    connector.send(ask['of'])[ask['key']].input_fields(ask['settings'], ask['config'] || {})
  },
  'output_fields' => lambda { |ask|
    connector.send(ask['of'])[ask['key']].output_fields(ask['settings'], ask['config'] || {})
  },
  'sample_output' => ->(ask) { connector.send(ask['of'])[ask['key']].sample_output(ask['settings'], {}) },
  # As `workato exec pick_lists.NAME` calls it.
  'pick_list' => ->(ask) { connector.pick_lists.method(ask['key']).call.invoke(ask['settings']) },
  'poll' => ->(ask) { connector.triggers[ask['key']].poll_page(ask['settings'], ask['input'], ask['closure']) },
  'dedup' => ->(ask) { connector.triggers[ask['key']].dedup(ask['event']) },
  'webhook' => lambda { |ask|
    # What the connector says with `puts` is part of the response.
    said = StringIO.new
    begin
      $stdout = said
      events = connector.triggers[ask['key']].webhook_notification(
        ask['input'], ask['payload'].unpack1('m'), [], [], ask['headers'] || {}, ask['params'] || {}, ask['settings']
      )
    rescue RuntimeError => e
      raised = e.message
    ensure
      $stdout = STDOUT
    end
    { events: events, raised: raised, rejected: RejectionReason.last, said: said.string }
  },
  'without_edwards_keys' => ->(_) { OpenSSL::PKey.singleton_class.prepend(NoEdwardsKeys) && nil },
  'reset' => ->(_) { sdk::Clock.reset }
}

$stdin.each_line do |line|
  ask = JSON.parse(line)
  ask['input'] = revive.call(ask['input'])
  answer = begin
    value = operations.fetch(ask['do']).call(ask)
    raise 'A lambda changed a variable of the SDK' unless connector.scope_untouched?

    { value: value }
  rescue sdk::RuntimeError, sdk::MissingRequiredInput => e
    { error: e.message }
  rescue StandardError => e
    { crash: "#{e.class}: #{e.message}\n#{(e.backtrace || []).first(12).join("\n")}" }
  end
  $stdout.puts(JSON.generate(answer, script_safe: true))
  $stdout.flush
end
