# frozen_string_literal: true

module Workato
  module Connector
    module Sdk
      # One request and the redirects that the HTTP client of the SDK (rest-client) follows: a GET follows 301, 302,
      # and 307, and any method follows 303, as a GET. A followed request goes to any host, with the plain headers, but
      # without those that are case-sensitive.
      class HttpExchange
        CLASSES = {
          'GET' => ::Net::HTTP::Get, 'POST' => ::Net::HTTP::Post, 'PUT' => ::Net::HTTP::Put,
          'PATCH' => ::Net::HTTP::Patch, 'DELETE' => ::Net::HTTP::Delete
        }.freeze
        DEFAULTS = { 'Accept' => '*/*', 'User-Agent' => 'rest-client' }.freeze

        # A response that is neither a success nor a redirect to follow, or none, because the connection broke.
        class Failed < ::StandardError
          attr_reader :response

          def initialize(response, message = "#{response.code} #{response.message}")
            super(message)
            @response = response
          end
        end

        def initialize(method:, url:, headers:, case_sensitive_headers: {}, body: nil, redirects_left: 10)
          @method = method
          @url = url
          @headers = headers
          @case_sensitive_headers = case_sensitive_headers
          @body = body
          @redirects_left = redirects_left
        end

        # The response, after redirects; those with a status in `returned` are not followed. @raise Failed
        def perform(returned = [])
          response = send_request
          status = response.code.to_i
          return response if (200..207).cover?(status) || returned.include?(status)
          return follow(response, @method, @body) if [301, 302, 307].include?(status) && @method == 'GET'
          return follow(response, 'GET', nil) if status == 303

          raise Failed, response
        end

        private

        def follow(response, method, body)
          location = response['location']
          raise Failed, response if location.nil? || @redirects_left.zero?

          url = location.start_with?('http') ? location : ::URI.parse(@url).merge(location).to_s
          HttpExchange.new(method: method, url: url, headers: @headers, body: body,
                           redirects_left: @redirects_left - 1).perform
        end

        def send_request
          uri = ::URI.parse(@url)
          request = CLASSES.fetch(@method).new(uri, DEFAULTS.merge(@headers).merge(@case_sensitive_headers))
          # A username in a URL replaces any Authorization but a plain one.
          request.basic_auth(uri.user, uri.password.to_s) if uri.user && !plain?('authorization')
          request.body = @body unless @body.nil?
          http = ::Net::HTTP.new(uri.hostname, uri.port)
          http.use_ssl = uri.scheme == 'https'
          # Ruby's client repeats an idempotent request once by itself. That is off, so that requests can be counted.
          http.max_retries = 0
          http.start { |session| session.request(request) }
        rescue ::EOFError
          raise Failed.new(nil, 'Server broke connection')
        end

        def plain?(name)
          @headers.any? { |header, _| header.casecmp?(name) }
        end
      end
    end
  end
end
