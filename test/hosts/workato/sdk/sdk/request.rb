# frozen_string_literal: true

module Workato
  module Connector
    module Sdk
      class Error < ::StandardError; end

      # What `error` raises.
      class RuntimeError < Error; end

      # A request whose response took too long. No `after_error_response` takes it.
      class RequestTimeoutError < Error; end

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

        # A value with the responses of the requests in it.
        def self.responses_in(value)
          case value
          when ::Workato::Connector::Sdk::Request then responses_in(value.response!)
          when ::Array then value.map { |item| responses_in(item) }
          when ::Hash then value.merge(value) { |_, item, _| responses_in(item) }
          else value
          end
        end

        # The answer, as the blocks make it. Without one, each look sends the request again.
        def response!
          return @answer if @answer

          response = authorized { exchange }
          @answer = deliver(response.code.to_i, response)
        rescue ::Workato::Connector::Sdk::HttpExchange::Failed => e
          fail_with(e)
        rescue ::Net::OpenTimeout, ::Net::ReadTimeout, ::Errno::ETIMEDOUT => e
          ::Kernel.raise ::Workato::Connector::Sdk::RequestTimeoutError, "Timed out: #{e.message}"
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

        # A connection that broke is a failure without a status, a body, and headers.
        def fail_with(failure)
          response = failure.response
          status = response && response.code.to_i
          body = response&.body
          message = failure.message
          taken = (@matches || []).any? do |match|
            match.is_a?(::Integer) ? match == status : match.match?(message) || match.match?(body.to_s)
          end
          if taken
            headers = response ? headers_of(response) : ::Workato::Connector::Sdk::IndifferentHash.new
            return @owner.instance_exec(status, body, headers, message, &@after_error_response)
          end

          ::Kernel.raise ::Workato::Connector::Sdk::RequestFailedError.new(
            message, method: @method, code: status, response: body
          )
        end

        # Names as the SDK returns them: in lower case, with underscores. Cookies are a list, and its text in a success.
        def headers_of(response)
          response.to_hash.each_with_object(::Workato::Connector::Sdk::IndifferentHash.new) do |(name, values), all|
            cookies = response.code.to_i < 300 ? values.to_s : values
            all[name.downcase.tr('-', '_')] = name.casecmp?('set-cookie') ? cookies : values.join(', ')
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
            response = e.response
            status = response && response.code.to_i
            ::Kernel.raise e unless authorization.refresh?(status, response&.body, e.message)

            again = true
            retry
          end
        end
      end
    end
  end
end
