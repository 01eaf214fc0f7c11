# frozen_string_literal: true

module Workato
  module Connector
    module Sdk
      class InvalidSchemaError < Error; end

      # A field that must have a value, and has none.
      class MissingRequiredInput < RuntimeError
        def initialize(field)
          label = field[:label]
          other = field.dig(:toggle_field, :label)
          alone = other.nil? || other == label
          super(alone ? "'#{label}' must be present" : "Either '#{label}' or '#{other}' must be present")
        end
      end

      # The fields of a form or an output, with the rules of the SDK and the platform, and the conversions of values.
      class Schema
        TYPES = %w[string integer number boolean date_time timestamp date object array].freeze

        attr_reader :fields

        # @param methods the connector's own conversions, by name
        def initialize(fields, methods = {})
          @methods = methods
          @fields = check_list(fields)
        end

        # What a recipe passes on: the values of known fields, converted. @raise MissingRequiredInput
        def apply_to_input(input)
          names = @fields.flat_map { |field| [field[:name], field.dig(:toggle_field, :name)] }.compact
          given = IndifferentHash.wrap(input.select { |name, _| names.include?(name.to_s) })
          apply(@fields, given, :render_input)
          @fields.each do |field|
            entries = [field, field[:toggle_field]].compact
            missing = field[:optional] == false && entries.none? { |one| filled?(given[one[:name]]) }
            raise MissingRequiredInput, field if missing
          end
          given
        end

        def apply_to_output(output)
          IndifferentHash.wrap(output).tap { |converted| apply(@fields, converted, :parse_output) }
        end

        private

        # Blank texts count as present here, unless they are empty.
        def filled?(value)
          value == false || !(value.nil? || (value.respond_to?(:empty?) && value.empty?))
        end

        # Converts the values of fields, in place. Nested fields are not required to have one.
        def apply(fields, values, direction)
          fields.each do |field|
            apply_to(field, values, field[:name], direction)
            toggle = field[:toggle_field]
            # It has no conversion of its own.
            apply_to({ properties: [] }, values, toggle[:name], direction) if toggle
          end
        end

        def apply_to(field, container, at, direction)
          value = container[at]
          return if Values.blank?(value)

          case value
          when ::Hash then apply(field[:properties] || [], value, direction)
          when ::Array then value.each_index { |index| apply_to(field, value, index, direction) }
          end
          conversion = conversion_of(field, direction)
          container[at] = Values.normalize(conversion ? convert(conversion, value) : value)
        end

        def convert(name, value)
          (Values::CONVERSIONS[name] || @methods.fetch(name)).call(value)
        end

        # Numbers are converted in an output only, unless a field says otherwise.
        def conversion_of(field, direction)
          own = direction == :render_input ? field[:convert_input] : field[:convert_output]
          own || Values::DEFAULTS.dig(field[:type].to_s, direction)
        end

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
          conversions = field.values_at(:convert_input, :convert_output).compact
          invalid('has an unknown conversion', field) unless conversions.all? { |one| known?(one) }
          invalid('has no choices', field) if field[:control_type] == 'select' && !field[:pick_list] && !field[:options]
          check_toggle(field) if field.key?(:toggle_field)
          is_list = field[:type] == 'array' && [nil, 'object'].include?(field[:of])
          check_list_mode(field, is_list) if field.key?(:list_mode)
          nested = field[:type] == 'object' || is_list
          nested ? field.merge(properties: check_list(field[:properties] || [])) : field
        end

        def known?(conversion)
          Values::CONVERSIONS.key?(conversion) || @methods[conversion].is_a?(::Proc)
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

        def invalid(problem, field)
          raise InvalidSchemaError, "A field #{problem}: #{field.inspect[0, 300]}"
        end
      end
    end
  end
end
