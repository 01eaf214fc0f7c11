# frozen_string_literal: true

module Workato
  module Connector
    module Sdk
      # A hash that is read by strings and symbols alike, as inputs and connections are on Workato.
      class IndifferentHash < ::Hash
        def self.wrap(value)
          case value
          when IndifferentHash then value
          when ::Hash then value.each_with_object(new) { |(key, item), all| all[key] = wrap(item) }
          when ::Array then value.map { |item| wrap(item) }
          else value
          end
        end

        def [](key)
          super(name(key))
        end

        def []=(key, value)
          super(name(key), value)
        end

        def key?(key)
          super(name(key))
        end

        def fetch(key, *rest, &block)
          super(name(key), *rest, &block)
        end

        def dig(key, *rest)
          inner = self[key]
          rest.empty? || inner.nil? ? inner : inner.dig(*rest)
        end

        private

        def name(key)
          key.is_a?(::Symbol) ? key.to_s : key
        end
      end
    end
  end
end
