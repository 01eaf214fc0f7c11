# frozen_string_literal: true

module Workato
  module Connector
    module Sdk
      # An argument that the SDK does not accept.
      class ArgumentError < Error; end

      # A time that is printed as the SDK prints it.
      class Moment < ::Time
        def self.of(time)
          new(time.year, time.month, time.day, time.hour, time.min, time.sec + Rational(time.nsec, 1_000_000_000),
              time.utc_offset)
        end

        def to_s(*_format)
          iso8601(6)
        end
      end

      # Text, as every field has it.
      class UnicodeText < ::String
        def initialize(text)
          super(text)
          encode!('UTF-8')
        end
      end

      # The content of a file. A job shows it in hexadecimal digits.
      class Binary < ::String
        def to_json(*_options)
          ::JSON.generate("0x#{unpack1('H*')}")
        end
      end

      # The values of fields: how the SDK converts them, and what it passes on.
      module Values
        # The time zone of the workspace, in which a time without a zone is.
        ZONE = '-08:00'

        DEFAULTS = {
          'integer' => { parse_output: 'integer_conversion' },
          # Booleans, too.
          'number' => { parse_output: 'float_conversion' },
          'boolean' => { parse_output: 'float_conversion' },
          'date_time' => { render_input: 'date_time_conversion', parse_output: 'date_time_conversion' },
          'timestamp' => { render_input: 'date_time_conversion', parse_output: 'date_time_conversion' },
          'date' => { render_input: 'date_conversion', parse_output: 'date_conversion' }
        }.freeze

        CONVERSIONS = {
          # The beginning of a text that Ruby can read as some number: "1.5" and "1e3" are 1, and "0x10" is 0.
          'integer_conversion' => ->(value) { number?(value) ? value.to_i : value },
          'float_conversion' => ->(value) { number?(value) ? value.to_f : value },
          'date_conversion' => ->(value) { value.instance_of?(::Date) ? value : time_of(value).to_date },
          'date_time_conversion' => ->(value) { time_of(value) }
        }.freeze

        # What the platform reads as a date or a time when it reads what it stored.
        DATE = /^\d{4}-\d{2}-\d{2}$/.freeze
        TIME = /^\d{4}-\d{1,2}-\d{1,2}[T \t]+\d{1,2}:\d{2}:\d{2}(\.\d*)?([ \t]*Z|[-+]\d{2}?(:\d{2})?)?$/.freeze

        class << self
          # nil, false, and everything that is empty or has only spaces.
          def blank?(value)
            return true if value.nil? || value == false

            value.is_a?(::String) ? value.strip.empty? : value.respond_to?(:empty?) && value.empty?
          end

          # @raise ArgumentError for a value that no datapill can have
          def normalize(value)
            case value
            when ::Time then Moment.of(value)
            when ::DateTime then Moment.of(value.to_time)
            when ::Date, ::Numeric, true, ::Array, ::Hash, UnicodeText, Binary then value
            when ::String then value.encoding == ::Encoding::BINARY ? Binary.new(value) : UnicodeText.new(value)
            else
              return value if blank?(value)

              raise ArgumentError, "Unsupported data type: #{value.class}"
            end
          end

          # What is read of a stored state: a text can be a date afterwards.
          def stored(value)
            case value
            when ::Hash then value.transform_values { |item| stored(item) }
            when ::Array then value.map { |item| stored(item) }
            when DATE then ::Date.parse(value)
            when TIME then Moment.of(::Time.parse(value))
            else value
            end
          rescue ::ArgumentError
            value
          end

          private

          def number?(value)
            value.is_a?(::String) && (value.match?(/^\d+$/) || !Float(value, exception: false).nil?)
          end

          def time_of(value)
            case value
            when ::Time then value
            when ::Date then ::Time.new(value.year, value.month, value.day, 0, 0, 0, ZONE)
            else
              time = ::Time.parse(value)
              ::Date._parse(value).key?(:offset) ? time : ::Time.parse("#{value} #{ZONE}")
            end
          end
        end
      end
    end
  end
end
