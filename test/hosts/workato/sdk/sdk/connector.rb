# frozen_string_literal: true

module Workato
  module Connector
    module Sdk
      # A connection: its settings, and how requests are given them.
      class Connection
        def initialize(source, settings)
          @source = source
          @settings = IndifferentHash.wrap(settings)
        end

        attr_reader :settings

        def use(settings)
          @settings = IndifferentHash.wrap(settings) unless settings.nil?
        end

        def base_uri
          @source[:base_uri] && Bare.new.instance_exec(@settings, &@source[:base_uri])
        end

        def apply
          (@source[:authorization] || {})[:apply]
        end
      end

      # One entry of the connector: an action, a trigger, an object definition or a pick-list.
      class Entry
        def initialize(connector, source)
          @connector = connector
          @source = source
        end

        attr_reader :source

        def input_fields(settings = nil, config = {})
          fields_of(:input_fields, settings, config)
        end

        def output_fields(settings = nil, config = {})
          fields_of(:output_fields, settings, config)
        end

        def sample_output(settings = nil, input = {})
          perform(:sample_output, settings, IndifferentHash.wrap(input))
        end

        private

        def perform(name, settings, *args)
          @connector.connection.use(settings)
          Operation.new(@connector).perform(@source.fetch(name), @connector.connection.settings, *args)
        end

        def fields_of(name, settings, config)
          @connector.connection.use(settings)
          return [] if @source[name].nil?

          definitions = @connector.definitions(config)
          Operation.new(@connector).perform(@source[name], definitions, @connector.connection.settings,
                                            IndifferentHash.wrap(config))
        end
      end

      # An action.
      class Action < Entry
        def execute(settings = nil, input = {}, input_schema = [], output_schema = [], continue = {})
          tries = 0
          begin
            given = [input, input_schema, output_schema, continue].map { |one| IndifferentHash.wrap(one) }
            IndifferentHash.wrap(perform(:execute, settings, *given))
          rescue RequestFailedError => e
            tries += 1
            raise unless repeats?(e, tries)

            Clock.sleep(5 * tries)
            retry
          end
        end

        # Runs it as a recipe does: what is no field of the form is omitted, and what is required must be there.
        def invoke(input = {})
          fields = (@source[:config_fields] || []) + input_fields(nil, input)
          given = IndifferentHash.wrap(input).select { |name, _| fields.any? { |field| field[:name] == name } }
          fields.each do |field|
            next if field[:optional] || given[field[:name]] == false || !given[field[:name]].to_s.empty?

            raise RuntimeError, "'#{field[:label]}' must be present"
          end
          execute(nil, given, fields, output_fields(nil, input))
        end

        private

        # The SDK's own repeats, as documented: GET and HEAD unless configured otherwise, three at the most, no Retry-After.
        def repeats?(failure, tries)
          codes, words = Array(@source[:retry_on_response]).partition { |one| one.is_a?(::Integer) }
          return false if codes.empty? && words.empty?

          codes = [429, 500, 502, 503, 504, 507] if codes.empty?
          methods = @source[:retry_on_request] || %w[GET HEAD]
          tries <= [@source[:max_retries] || 3, 3].min && codes.include?(failure.code) &&
            methods.include?(failure.method) && (words.empty? || words.any? { |word| word === failure.response }) # rubocop:disable Style/CaseEquality
        end
      end

      # A trigger.
      class Trigger < Entry
        # One poll: its events in the order in which Workato makes jobs of them, which is the reverse.
        def poll_page(settings = nil, input = {}, closure = nil, input_schema = [], output_schema = [])
          output = perform(:poll, settings, IndifferentHash.wrap(input), IndifferentHash.wrap(closure), input_schema,
                           output_schema)
          output = IndifferentHash.wrap(output)
          output[:events] = Array(output[:events]).reverse
          # An empty next_poll falls back to the closure before.
          output[:next_poll] = closure if output[:next_poll].nil? || output[:next_poll] == {}
          output
        end

        def dedup(event)
          @source[:dedup].call(IndifferentHash.wrap(event))
        end

        def webhook_notification(input = {}, payload = {}, input_schema = [], output_schema = [], headers = {},
                                 params = {}, settings = nil, subscription = {})
          @connector.connection.use(settings)
          Bare.new.run(@source[:webhook_notification], IndifferentHash.wrap(input), payload, input_schema, output_schema,
                       IndifferentHash.wrap(headers), IndifferentHash.wrap(params), @connector.connection.settings,
                       subscription)
        end
      end

      # A fields lambda under its name.
      class ObjectDefinition < Entry
        def fields(settings = nil, config = {})
          @connector.connection.use(settings)
          Operation.new(@connector).perform(@source[:fields], @connector.connection.settings,
                                            IndifferentHash.wrap(config), @connector.definitions(config))
        end
      end

      # Entries by their names, as methods: `connector.actions.create_user`.
      class Entries
        def initialize(source, &make)
          @source = source || {}
          @make = make
        end

        def [](name)
          entry = @source[name.to_sym]
          raise RuntimeError, "There is no '#{name}'" if entry.nil?

          @make.call(entry)
        end

        def method_missing(name, *args)
          return super unless @source.key?(name)

          args.empty? ? self[name] : self[name].invoke(*args)
        end

        def respond_to_missing?(name, include_private = false)
          @source.key?(name) || super
        end
      end

      # A connector, as its file defines it.
      class Connector
        def self.from_file(path = 'connector.rb', settings = {})
          new(eval(File.read(path), scope, path), settings) # rubocop:disable Security/Eval
        end

        # A scope without variables, which would be those of every lambda.
        def self.scope
          binding
        end
        private_class_method :scope

        def initialize(source, settings = {})
          @source = source
          @connection = Connection.new(source[:connection], settings)
          @source[:methods] = IndifferentHash.wrap(source[:methods])
        end

        attr_reader :source, :connection

        def title
          @source[:title]
        end

        def test(settings = nil)
          @connection.use(settings)
          Operation.new(self).perform(@source[:test], @connection.settings)
        end

        def actions
          Entries.new(@source[:actions]) { |entry| Action.new(self, entry) }
        end

        def triggers
          Entries.new(@source[:triggers]) { |entry| Trigger.new(self, entry) }
        end

        def object_definitions
          Entries.new(@source[:object_definitions]) { |entry| ObjectDefinition.new(self, entry) }
        end

        def pick_list(name)
          Operation.new(self).perform(@source[:pick_lists].fetch(name.to_sym), @connection.settings)
        end

        # The object definitions that a fields lambda is given, each made when it is asked for.
        def definitions(config)
          ::Hash.new { |_, name| object_definitions[name].fields(nil, config) }
        end
      end
    end
  end
end
