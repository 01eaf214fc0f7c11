# frozen_string_literal: true

module Workato
  module Connector
    module Sdk
      # A hash that is read and changed by strings and symbols alike, as everything is that passes through the SDK.
      class IndifferentHash < ::Hash
        def self.wrap(value)
          case value
          when IndifferentHash then value
          when ::Hash then new.merge!(value)
          when ::Array then value.map { |item| wrap(item) }
          else value
          end
        end

        def [](key)
          super(name(key))
        end

        def []=(key, value)
          super(name(key), IndifferentHash.wrap(value))
        end

        def key?(key)
          super(name(key))
        end
        alias include? key?
        alias has_key? key?

        def fetch(key, *rest, &block)
          super(name(key), *rest, &block)
        end

        def delete(key)
          super(name(key))
        end

        def dig(key, *rest)
          inner = self[key]
          rest.empty? || inner.nil? ? inner : inner.dig(*rest)
        end

        def values_at(*keys)
          super(*keys.map { |key| name(key) })
        end

        def slice(*keys)
          IndifferentHash.wrap(super(*keys.map { |key| name(key) }))
        end

        def merge!(*others)
          others.each { |other| other.each { |key, value| self[key] = value } }
          self
        end
        alias update merge!

        def merge(*others)
          dup.merge!(*others)
        end

        private

        def name(key)
          key.is_a?(::Symbol) ? key.to_s : key
        end
      end
    end
  end
end
