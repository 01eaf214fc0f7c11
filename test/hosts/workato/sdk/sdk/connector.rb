# frozen_string_literal: true

module Workato
  module Connector
    module Sdk
      # An output that is not what the SDK requires of it.
      class InvalidOutputError < Error; end

      # One entry of the connector: an action, a trigger, an object definition or a pick-list.
      class Entry
        def initialize(connector, source)
          @connector = connector
          @source = source
        end

        attr_reader :source

        # The text above the form: a string, or a hash of texts.
        def help(input = {}, base = nil)
          text = Operation.new(@connector).perform(@source[:help], IndifferentHash.wrap(input), IndifferentHash.new,
                                                   @connector.connection.settings, base)
          texts = text.is_a?(::Hash) ? text : { body: text }
          odd = texts.keys.map(&:to_s) - %w[body learn_more_url learn_more_text]
          return texts if odd.empty? && texts.values.all? { |one| one.is_a?(::String) && !one.empty? }

          raise InvalidOutputError, "Not a help text: #{text.inspect[0, 100]}"
        end

        def input_fields(settings = nil, config = {})
          fields_of(:input_fields, settings, config)
        end

        def output_fields(settings = nil, config = {})
          fields_of(:output_fields, settings, config)
        end

        def sample_output(settings = nil, input = {})
          a_hash(perform(:sample_output, settings, IndifferentHash.wrap(input)))
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
          fields = Operation.new(@connector).perform(@source[name], definitions, @connector.connection.settings,
                                                     IndifferentHash.wrap(config))
          schema_of(fields).fields.each { |field| @connector.check_pick_list(field) }
        end

        def input_schema(input)
          schema_of((@source[:config_fields] || []) + input_fields(nil, input))
        end

        def schema_of(fields)
          Schema.new(fields, @connector.source[:methods] || {})
        end

        def a_hash(output)
          return IndifferentHash.wrap(output) if output.is_a?(::Hash)

          raise InvalidOutputError, "Not a hash: #{output.inspect[0, 100]}"
        end
      end

      # An action.
      class Action < Entry
        def execute(settings = nil, input = {}, input_schema = [], output_schema = [], continue = {})
          tries = 0
          begin
            given = [input, input_schema, output_schema].map { |one| IndifferentHash.wrap(one) }
            a_hash(in_turns(continue) { |state| perform(:execute, settings, *given, IndifferentHash.wrap(state)) })
          rescue RequestFailedError => e
            tries += 1
            raise unless repeats?(e, tries)

            Clock.sleep(5 * tries)
            retry
          end
        end

        # Runs it as a recipe does: what is no field of the form is omitted, what is required must be there, and the
        # values of the input and the output are converted as their fields say.
        def invoke(input = {})
          schema = input_schema(input)
          output = output_fields(nil, input)
          schema_of(output).apply_to_output(execute(nil, schema.apply_to_input(input), schema.fields, output))
        end

        private

        # The platform's limits: the seconds that a run may take, the seconds between two runs, and how many may follow.
        LONGEST_RUN = 180
        SHORTEST_PAUSE = 60
        MOST_TURNS = 100

        # Runs it again for as long as it asks for that. Its state is stored in between, as JSON.
        def in_turns(continue)
          (0..MOST_TURNS).each do
            started = Clock.now
            again = catch(:reinvoke) { return in_time(started, yield(continue)) }
            in_time(started, again)
            raise InvalidOutputError, 'Runs again too soon' if again[:seconds] < SHORTEST_PAUSE

            read = ::JSON.parse(::JSON.generate(again[:continue]))
            raise InvalidOutputError, 'Continues with what JSON cannot hold' unless read == again[:continue]

            continue = Values.stored(read)

            Clock.sleep(again[:seconds])
          end
          raise InvalidOutputError, 'Runs too often'
        end

        def in_time(started, result)
          raise InvalidOutputError, 'Runs too long' if Clock.now - started > LONGEST_RUN

          result
        end

        # The SDK's own repeats: GET and HEAD unless configured otherwise, three at the most, and no Retry-After.
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
        def initialize(connector, source)
          super
          check_start
          raise InvalidDefinitionError, 'A trigger has no dedup' unless source[:dedup].is_a?(::Proc)
        end

        # The key of the messages that are for a recipe. @param input the input of the recipe
        def webhook_key(input)
          Bare.new.run(@source[:webhook_key], @connector.connection.settings, IndifferentHash.wrap(input))
        end

        # Whether a message makes the platform poll, whatever is in it.
        def hybrid?
          @source.key?(:webhook_key) && @source.key?(:poll)
        end

        # One poll: its events in the order in which Workato makes jobs of them, which is the reverse.
        def poll_page(settings = nil, input = {}, closure = nil, input_schema = [], output_schema = [])
          stored = IndifferentHash.wrap(Values.stored(closure))
          output = a_hash(perform(:poll, settings, IndifferentHash.wrap(input), stored, input_schema, output_schema))
          output[:events] = events_of(Array(output[:events])).reverse
          # An empty next_poll falls back to the closure before.
          output[:next_poll] = closure if output[:next_poll].nil? || output[:next_poll] == {}
          return output if [true, false, nil].include?(output[:can_poll_more])

          raise InvalidOutputError, "can_poll_more is #{output[:can_poll_more].inspect}"
        end

        # Polls until there is no more, with the input and the events converted as their fields say.
        def invoke(input = {}, closure = nil)
          schema = input_schema(input)
          output = schema_of(output_fields(nil, input))
          given = schema.apply_to_input(input)
          events = []
          loop do
            polled = poll_page(nil, given, closure, schema.fields, output.fields)
            events = polled[:events] + events
            closure = ::JSON.parse(::JSON.generate(polled[:next_poll]))
            break unless polled[:can_poll_more]
          end
          events = events.map { |event| output.apply_to_output(event) }
          IndifferentHash.wrap(events: events, can_poll_more: false, next_poll: closure)
        end

        def dedup(event)
          @source[:dedup].call(IndifferentHash.wrap(event))
        end

        # The events of a message: a hash or a list of hashes.
        def webhook_notification(input = {}, payload = {}, input_schema = [], output_schema = [], headers = {},
                                 params = {}, settings = nil, subscription = {})
          @connector.connection.use(settings)
          given = [input, input_schema, output_schema, headers, params].map { |one| IndifferentHash.wrap(one) }
          output = Bare.new.run(@source[:webhook_notification], given[0], payload, *given[1..],
                                @connector.connection.settings, IndifferentHash.wrap(subscription))
          output.is_a?(::Hash) ? a_hash(output) : events_of(output)
        end

        private

        # A trigger polls, or it reads messages. One that polls when a message arrives does not read it.
        def check_start
          poll, notification, key = %i[poll webhook_notification webhook_key].map { |name| @source.key?(name) }
          raise InvalidDefinitionError, 'A trigger must poll or read messages, not both' unless poll ^ notification
          return if !key && !notification

          raise InvalidDefinitionError, 'A webhook has no webhook_key' unless key
          raise InvalidDefinitionError, 'There are no webhook_keys' unless @connector.source[:webhook_keys].is_a?(::Proc)
        end

        def events_of(output)
          return output.map { |event| a_hash(event) } if output.is_a?(::Array)

          raise InvalidOutputError, "Neither a hash nor a list of hashes: #{output.inspect[0, 100]}"
        end
      end

      # A fields lambda under its name.
      class ObjectDefinition < Entry
        def fields(settings = nil, config = {})
          @connector.connection.use(settings)
          IndifferentHash.wrap(
            Operation.new(@connector).perform(@source[:fields], @connector.connection.settings,
                                              IndifferentHash.wrap(config), @connector.definitions(config))
          )
        end
      end

      # Pairs of a label and a value.
      class PickList < Entry
        # The SDK passes on the values of other fields, if there are any, as keywords.
        def invoke(settings = nil, args = {})
          @connector.connection.use(settings)
          operation = Operation.new(@connector)
          given = [@connector.connection.settings].first(@source.parameters.length)
          named = @source.parameters.length > 1 ? args.transform_keys(&:to_sym) : {}
          pairs = operation.instance_exec(*given, **named, &@source)
          return pairs if pairs.is_a?(::Array) && pairs.all? { |pair| pair?(pair) }

          raise InvalidOutputError, "Not a list of pairs: #{pairs.inspect[0, 100]}"
        end

        private

        def pair?(pair)
          pair.is_a?(::Array) && pair.length >= 2 && pair.first(2).all? { |one| one.is_a?(::String) && !one.empty? }
        end
      end

      # Entries as methods by their names: `connector.actions.create_user`. A name that every object has as a method,
      # such as `method`, breaks the SDK's own calls.
      class Entries
        def initialize(source, &make)
          @make = make
          @source = source || {}
          @source.each do |name, entry|
            raise InvalidDefinitionError, "'#{name}' is a method of every object" if respond_to?(name, true)

            define_singleton_method(name) do |*args|
              args.empty? ? make.call(entry) : make.call(entry).invoke(*args)
            end
          end
        end

        def [](name)
          raise InvalidDefinitionError, "There is no '#{name}'" unless @source.key?(name)

          @make.call(@source[name])
        end
      end

      # A connector, as its file defines it.
      class Connector
        # The code is read in the scope of this method: a variable of the same name in a lambda is this one.
        def self.from_file(path_to_source_code = 'connector.rb', settings = {})
          source = eval(File.read(path_to_source_code), binding, path_to_source_code) # rubocop:disable Security/Eval
          new(source, settings, binding)
        end

        def initialize(source, settings = {}, scope = nil)
          @scope = scope
          @scope_at_first = scope_variables
          @source = IndifferentHash.wrap(source)
          @connection = Connection.new(self, @source[:connection], settings)
          @actions = Entries.new(@source[:actions]) { |entry| Action.new(self, entry) }
          @triggers = Entries.new(@source[:triggers]) { |entry| Trigger.new(self, entry) }
          @object_definitions = Entries.new(@source[:object_definitions]) { |entry| ObjectDefinition.new(self, entry) }
          @pick_lists = Entries.new(@source[:pick_lists]) { |entry| PickList.new(self, entry) }
          (@source[:actions].values + @source[:triggers].values).each { |one| Schema.new(one[:config_fields] || []) }
          @source[:triggers].each_key { |name| @triggers[name] }
        end

        attr_reader :source, :connection, :actions, :triggers, :object_definitions, :pick_lists

        def title
          @source[:title]
        end

        # Whether no lambda has changed a variable of the scope in which the code was read.
        def scope_untouched?
          scope_variables == @scope_at_first
        end

        # The polling triggers that a message wakes, by the inputs of recipes.
        def woken_by(params, headers, payload, recipes)
          given = [params, headers, payload].map { |one| IndifferentHash.wrap(one) }
          key = Bare.new.run(@source[:webhook_keys], *given)
          recipes.select { |name, input| triggers[name].hybrid? && triggers[name].webhook_key(input) == key }.keys
        end

        def test(settings = nil)
          @connection.use(settings)
          Operation.new(self).perform(@source[:test], @connection.settings)
        end

        # A pick-list that a field names must be there.
        def check_pick_list(field)
          [field, *field[:properties]].each do |one|
            list = one[:pick_list]
            pick_lists[list] if list.is_a?(::String) || list.is_a?(::Symbol)
          end
        end

        # The object definitions that a fields lambda is given, each made when it is asked for.
        def definitions(config)
          ::Hash.new { |_, name| object_definitions[name].fields(nil, config) }
        end

        private

        def scope_variables
          @scope.nil? ? nil : %i[path_to_source_code settings].map { |name| @scope.local_variable_get(name).hash }
        end
      end
    end
  end
end
