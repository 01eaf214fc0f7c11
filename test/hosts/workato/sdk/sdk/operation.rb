# frozen_string_literal: true

module Workato
  module Connector
    module Sdk
      # The clock of all operations. A wait is skipped rather than spent, so that tests take no longer than their
      # requests; the waits are kept.
      class Clock
        class << self
          attr_accessor :skips

          def waits
            @waits ||= []
          end

          def now
            ::Time.now.utc + (@skipped || 0)
          end

          def sleep(seconds)
            waits << seconds
            skips ? @skipped = (@skipped || 0) + seconds : ::Kernel.sleep(seconds)
          end

          # Shows the system's time again, and returns the waits since it last did.
          def reset
            @skipped = 0
            waits.slice!(0..)
          end
        end
      end

      # What every lambda can use.
      module Common
        def now
          Clock.now
        end

        def sleep(seconds)
          raise ::ArgumentError, 'time interval must not be negative' if seconds.negative?

          Clock.sleep(seconds)
        end

        # Everything but a text is returned as it is.
        def parse_json(text)
          text = text.response! if text.is_a?(Request)
          text.is_a?(::String) ? ::JSON.parse(text) : text
        end

        # The same draw each time, so that a test sees the same waits.
        def rand
          0.5
        end

        # Passes a lambda as many of the arguments as it accepts.
        def run(block, *args)
          instance_exec(*args.first(block.parameters.length), &block)
        end
      end

      # What a webhook's lambda can use: no methods, no requests.
      class Bare
        include Common
      end

      # What the lambdas of actions, triggers, methods, object definitions and pick-lists can use.
      class Operation
        include Common

        def initialize(connector, connection = connector.connection)
          @connector = connector
          @connection = connection
        end

        %w[get post put patch delete].each do |verb|
          define_method(verb) do |url, given = nil|
            request = Request.new(verb.upcase, url, self, @connection)
            next request if given.nil?

            verb == 'get' ? request.params(given) : request.payload(given)
          end
        end

        def call(name, *args)
          method = @connector.source[:methods][name]
          raise InvalidDefinitionError, "Method '#{name}' does not exist" if method.nil?

          instance_exec(*args, &method)
        end

        def error(message)
          raise RuntimeError, message
        end

        # Ends this run of an action, which goes on in another one.
        def reinvoke_after(seconds:, continue:, temp_output: nil)
          throw :reinvoke, { seconds: seconds, continue: continue, temp_output: temp_output }
        end

        # Runs a lambda, and sends the requests that it returns, at any depth.
        def perform(block, *args)
          Request.responses_in(run(block, *args))
        end
      end
    end
  end
end
