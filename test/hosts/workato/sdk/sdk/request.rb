# frozen_string_literal: true

module Workato
  module Connector
    module Sdk
      class Error < ::StandardError; end

      # What `error` raises.
      class RuntimeError < Error; end

      # A request that failed, and that no `after_error_response` took.
      class RequestFailedError < Error
        attr_reader :method, :code, :response

        def initialize(message, method:, code:, response:)
          super(message)
          @method = method
          @code = code
          @response = response
        end
      end

      # A request that is sent when its response is first looked at. Where it failed, each further look sends it again.
      class Request < ::BasicObject
        REDIRECTS = [301, 302, 307, 308].freeze

        def initialize(method, url, owner, connection)
          @method = method
          @url = url
          @owner = owner
          @connection = connection
          @headers = {}
          @case_sensitive_headers = {}
          @params = {}
          @raw = false
          @ignores_redirection = false
        end

        def headers(headers)
          @headers.merge!(headers.transform_keys(&:to_s))
          self
        end

        def case_sensitive_headers(headers)
          @case_sensitive_headers.merge!(headers.transform_keys(&:to_s))
          self
        end

        def params(params)
          @params.merge!(params)
          self
        end

        def payload(payload)
          @body = ::JSON.generate(payload)
          self
        end

        def request_body(body)
          @body = body
          self
        end

        def response_format_raw
          @raw = true
          self
        end

        def ignore_redirection
          @ignores_redirection = true
          self
        end

        def after_response(&block)
          @after_response = block
          self
        end

        def after_error_response(*matches, &block)
          @matches = matches
          @after_error_response = block
          self
        end

        # The answer, as the blocks make it.
        def response!
          return @answer if defined?(@answer)

          response = authorized { exchange }
          @answer = deliver(response.code.to_i, response)
        rescue ::Workato::Connector::Sdk::HttpExchange::Failed => e
          fail_with(e.response)
        end

        def method_missing(name, *args, &block)
          response!.public_send(name, *args, &block)
        end

        def respond_to_missing?(_name, _include_private = false)
          true
        end

        def is_a?(other)
          ::Workato::Connector::Sdk::Request == other
        end

        private

        def deliver(status, response)
          body = response.body.to_s.dup.force_encoding(::Encoding::BINARY)
          body = ::JSON.parse(body.empty? ? '{}' : body) unless @raw
          return body if @after_response.nil?

          @owner.instance_exec(status, body, headers_of(response), &@after_response)
        end

        def fail_with(response)
          status = response.code.to_i
          message = "#{status} #{response.message}"
          taken = (@matches || []).any? do |match|
            match.is_a?(::Integer) ? match == status : match.match?(message) || match.match?(response.body.to_s)
          end
          if taken
            return @owner.instance_exec(status, response.body, headers_of(response), message, &@after_error_response)
          end

          ::Kernel.raise ::Workato::Connector::Sdk::RequestFailedError.new(
            message, method: @method, code: status, response: response.body
          )
        end

        # Names as the SDK returns them: in lower case, with underscores.
        def headers_of(response)
          response.to_hash.each_with_object(::Workato::Connector::Sdk::IndifferentHash.new) do |(name, values), all|
            all[name.downcase.tr('-', '_')] = values.join(', ')
          end
        end

        def exchange
          headers = @headers
          headers = { 'Content-Type' => 'application/json' }.merge(headers) unless @method == 'GET'
          ::Workato::Connector::Sdk::HttpExchange.new(
            method: @method, url: address.to_s, headers: headers.compact,
            case_sensitive_headers: @case_sensitive_headers, body: @body
          ).perform(@ignores_redirection ? REDIRECTS : [])
        end

        def address
          base = @connection.base_uri
          uri = base.nil? ? ::URI.parse(@url) : ::URI.parse(base).merge(@url)
          uri.query = [uri.query, ::URI.encode_www_form(@params)].compact.join('&') unless @params.empty?
          uri
        end

        # Sends it once more if its failure makes the connection acquire new credentials.
        def authorized
          authorization = @connection.authorization
          return yield if authorization.nil?

          again = false
          begin
            instance_exec(@connection.settings.dup, &authorization.apply)
            yield
          rescue ::Workato::Connector::Sdk::HttpExchange::Failed => e
            ::Kernel.raise e if again
            ::Kernel.raise e unless authorization.refresh?(e.response.code.to_i, e.response.body, e.message)

            again = true
            retry
          end
        end
      end
    end
  end
end
