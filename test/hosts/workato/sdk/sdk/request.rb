# frozen_string_literal: true

module Workato
  module Connector
    module Sdk
      class RuntimeError < ::StandardError; end

      # A request that failed, and that no `after_error_response` took.
      class RequestFailedError < RuntimeError
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
        VERBS = {
          'GET' => ::Net::HTTP::Get, 'POST' => ::Net::HTTP::Post, 'PUT' => ::Net::HTTP::Put,
          'PATCH' => ::Net::HTTP::Patch, 'DELETE' => ::Net::HTTP::Delete
        }.freeze
        REDIRECTS = [301, 302, 307, 308].freeze

        def initialize(method, url, owner, connection)
          @method = method
          @url = url
          @owner = owner
          @connection = connection
          @headers = {}
          @params = {}
          @raw = false
          @ignores_redirection = false
        end

        def headers(headers)
          @headers.merge!(headers.transform_keys(&:to_s))
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

          response = exchange
          status = response.code.to_i
          return fail_with(response) if status >= 400 || (status >= 300 && !passes?(status))

          @answer = deliver(status, response)
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

        def passes?(status)
          @ignores_redirection && REDIRECTS.include?(status)
        end

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
          uri = address
          request = VERBS.fetch(@method).new(uri)
          request['Accept'] = '*/*'
          request['Content-Type'] = 'application/json' unless @method == 'GET'
          authorize
          @headers.each { |name, value| value.nil? ? request.delete(name) : request[name] = value }
          request.body = @body unless @body.nil?
          http = ::Net::HTTP.new(uri.hostname, uri.port)
          http.use_ssl = uri.scheme == 'https'
          http.max_retries = 0
          http.start { |session| session.request(request) }
        end

        def address
          base = @connection.base_uri
          uri = base.nil? ? ::URI.parse(@url) : ::URI.parse(base).merge(@url)
          uri.query = [uri.query, ::URI.encode_www_form(@params)].compact.join('&') unless @params.empty?
          uri
        end

        def authorize
          apply = @connection.apply
          instance_exec(@connection.settings, &apply) unless apply.nil?
        end
      end
    end
  end
end
