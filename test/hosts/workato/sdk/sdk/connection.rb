# frozen_string_literal: true

module Workato
  module Connector
    module Sdk
      class InvalidDefinitionError < Error; end

      # An authorization with several options that does not say which, or has none.
      class InvalidMultiAuthDefinition < InvalidDefinitionError; end

      # An option that is selected, and not there.
      class UnresolvedMultiAuthOptionError < InvalidMultiAuthDefinition
        def initialize(name)
          super("Cannot find multi-auth definition for '#{name}'")
        end
      end

      # A connection: its settings, and what authorizes its requests.
      class Connection
        def initialize(connector, source, settings)
          @connector = connector
          @source = source
          @authorization = source[:authorization] && Authorization.new(self, source[:authorization])
          use(settings)
          Schema.new(source[:fields])
          @authorization&.check(source[:fields])
        end

        attr_reader :settings, :connector

        # What `acquire` has added stays until the connection is edited.
        def use(settings)
          return if settings.nil? || settings == @given

          @given = settings
          @settings = IndifferentHash.wrap(settings)
        end

        def merge_settings(added)
          @settings = @settings.merge(added)
        end

        def base_uri
          @source[:base_uri] && Bare.new.instance_exec(@settings.dup, &@source[:base_uri])
        end

        attr_reader :authorization

        # The same connection for the requests of `acquire`, which are not authorized.
        def without_authorization
          dup.tap { |copy| copy.instance_variable_set(:@authorization, nil) }
        end
      end

      # What authorizes the requests of a connection: one way, or the selected one of several.
      class Authorization
        TYPES = %w[basic_auth api_key oauth2 custom_auth].freeze
        KEYS = %w[type fields acquire apply refresh_on detect_on].freeze

        def initialize(connection, source)
          @connection = connection
          @source = source
        end

        def multi?
          @source[:type].to_s == 'multi'
        end

        # The definition that is in force.
        def source
          return @source unless multi?

          key = @source[:selected].call(@connection.settings.dup)
          @source[:options][key] || raise(UnresolvedMultiAuthOptionError, key)
        end

        def apply
          source[:apply]
        end

        # Acquires new credentials after a failed request, and adds them to the settings: whether the request is to be
        # sent again. Without `refresh_on`, any error will do.
        def refresh?(status, body, message)
          return false if source[:acquire].nil?

          patterns = [*source[:refresh_on]].compact
          fits = patterns.empty? || patterns.any? do |one|
            one.is_a?(::Integer) ? one == status : one === message || one === body # rubocop:disable Style/CaseEquality
          end
          fits && acquire
        end

        # Whether the definitions are what the SDK and the platform require, whichever option is selected.
        def check(fields)
          return check_option('authorization', @source) unless multi?

          invalid("must define 'selected' block") if @source[:selected].nil?
          invalid("must define 'options' list") if @source[:options].nil? || @source[:options].empty?
          check_selector(fields)
          @source[:options].each do |name, option|
            check_option(name, option)
            Schema.new(fields + (option[:fields] || []))
          end
        end

        private

        def acquire
          operation = Operation.new(@connection.connector, @connection.without_authorization)
          added = operation.perform(source[:acquire], @connection.settings.dup, nil, nil)
          return false if added.nil?

          # Only `oauth2` returns a list: tokens, owner, and other settings.
          raise TypeError, "'acquire' of custom_auth is a hash, not #{added.class}" unless added.is_a?(::Hash)

          @connection.merge_settings(added)
          true
        end

        def check_option(name, option)
          invalid("'#{name}' has an unknown type: #{option[:type]}") unless TYPES.include?(option[:type].to_s)
          odd = option.keys - KEYS
          invalid("'#{name}' has unknown keys: #{odd.join(', ')}") unless odd.empty?
          invalid("'#{name}' has no 'apply' block") unless option[:apply].is_a?(::Proc)
          return unless option.key?(:refresh_on) && !option[:acquire].is_a?(::Proc)

          invalid("'#{name}' has 'refresh_on' and no 'acquire' block")
        end

        # The form shows the fields of an option when a field that extends the schema selects it.
        def check_selector(fields)
          selector = fields.find { |field| field[:extends_schema] }
          invalid('has no field that selects an option') if selector.nil?
          offered = (selector[:options] || []).map(&:last).sort
          names = @source[:options].keys.map(&:to_s).sort
          invalid("offers #{offered.join(', ')}, and defines #{names.join(', ')}") unless offered == names
          offered.each do |name|
            selected = @source[:selected].call(IndifferentHash.wrap(selector[:name] => name))
            invalid("selects '#{selected}' for '#{name}'") unless selected == name
          end
        end

        def invalid(problem)
          raise InvalidMultiAuthDefinition, "Multi-auth connection #{problem}"
        end
      end
    end
  end
end
