# frozen_string_literal: true

module Workato
  module Connector
    module Sdk
      class InvalidSchemaError < Error; end

      # A field that must have a value, and has none.
      class MissingRequiredInput < Error; end

      # A time that is printed as the SDK prints it.
      class Moment < ::Time
        def to_s(*_format)
          iso8601(6)
        end
      end

      # The fields of a form or an output, with the rules of the SDK and the platform, and the conversions of values.
      class Schema
        TYPES = %w[string integer number boolean date_time timestamp date object array].freeze
        CONVERSIONS = {
          'integer_conversion' => ->(value) { value.to_s.match?(/\A-?\d+(\.\d+)?\z/) ? value.to_i : value },
          'float_conversion' => ->(value) { value.to_s.match?(/\A-?\d+(\.\d+)?\z/) ? value.to_f : value },
          'date_time_conversion' => ->(value) { Moment.at(value.is_a?(::Time) ? value : ::Time.parse(value)).utc }
        }.freeze
        TIMES = %w[date_time timestamp].freeze

        attr_reader :fields

        def initialize(fields)
          @fields = check_list(fields)
        end

        # What a recipe passes on: the values of known fields, converted. @raise MissingRequiredInput
        def apply_to_input(input)
          names = @fields.flat_map { |field| [field[:name], field.dig(:toggle_field, :name)] }.compact
          given = IndifferentHash.wrap(input.select { |name, _| names.include?(name.to_s) })
          convert(@fields, given, 'input')
          @fields.each do |field|
            value = given[field[:name]]
            next if field[:optional] || !(value.nil? || (value.respond_to?(:empty?) && value.empty?))

            raise MissingRequiredInput, "'#{field[:label]}' must be present"
          end
          given
        end

        def apply_to_output(output)
          IndifferentHash.wrap(output).tap { |converted| convert(@fields, converted, 'output') }
        end

        private

        def check_list(fields)
          invalid('is no list of fields', fields) unless fields.is_a?(::Array)
          names = fields.map { |field| field.is_a?(::Hash) ? field[:name] : nil }
          invalid('has a name twice', names) unless names.uniq.length == names.length
          fields.map { |field| check(IndifferentHash.wrap(field)) }
        end

        def check(field)
          # "Special characters are not allowed in object field names except underscore."
          invalid('has a special character in its name', field) unless field[:name].to_s.match?(/\A[A-Za-z0-9_]+\z/)
          invalid('has no label', field) if field[:label].to_s.empty?
          invalid('has an unknown type', field) unless TYPES.include?((field[:type] || 'string').to_s)
          conversion = field[:convert_input]
          invalid('has an unknown conversion', field) unless conversion.nil? || CONVERSIONS.key?(conversion)
          invalid('has no choices', field) if field[:control_type] == 'select' && !field[:pick_list] && !field[:options]
          check_toggle(field) if field.key?(:toggle_field)
          is_list = field[:type] == 'array' && [nil, 'object'].include?(field[:of])
          check_list_mode(field, is_list) if field.key?(:list_mode)
          nested = field[:type] == 'object' || is_list
          nested ? field.merge(properties: check_list(field[:properties] || [])) : field
        end

        def check_list_mode(field, is_list)
          invalid('has a list mode, but is no list of objects', field) unless is_list
          invalid('has an unknown list mode', field) unless %w[static dynamic].include?(field[:list_mode])
        end

        def check_toggle(field)
          toggle = field[:toggle_field]
          invalid('has no toggle_hint', field) if field[:toggle_hint].to_s.empty?
          invalid('has an incomplete toggle_field', field) unless toggle[:name] && toggle[:type] && toggle[:toggle_hint]
          return if toggle[:optional].nil? || toggle[:optional] == (field[:optional] != false)

          invalid('is not as optional as its toggle_field', field)
        end

        def convert(fields, values, direction)
          fields.each do |field|
            value = values[field[:name]]
            next if value.nil? || (value.respond_to?(:empty?) && value.empty?)

            nested = value.is_a?(::Array) ? value : [value]
            nested.each { |one| convert(field[:properties] || [], one, direction) if one.is_a?(::Hash) }
            conversion = CONVERSIONS[conversion_of(field, direction)]
            values[field[:name]] = conversion.call(value) if conversion && !value.is_a?(::Enumerable)
          end
        end

        def conversion_of(field, direction)
          return 'date_time_conversion' if TIMES.include?(field[:type].to_s)
          return field[:convert_input] if direction == 'input'

          { 'integer' => 'integer_conversion', 'number' => 'float_conversion' }[field[:type].to_s]
        end

        def invalid(problem, field)
          raise InvalidSchemaError, "A field #{problem}: #{field.inspect[0, 300]}"
        end
      end
    end
  end
end
