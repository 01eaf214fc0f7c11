# frozen_string_literal: true

# The part of Workato's Connector SDK that the generated connector uses, written from its documentation
# (docs.workato.com/developing-connectors/sdk), so that tests can run the connector where the SDK is not. It stands
# under the SDK's own name: what runs on it runs on the SDK.

require 'date'
require 'json'
require 'net/http'
require 'openssl'
require 'time'
require 'timeout'
require 'uri'

require_relative 'sdk/fields'
require_relative 'sdk/indifferent_hash'
require_relative 'sdk/http_exchange'
require_relative 'sdk/request'
require_relative 'sdk/values'
require_relative 'sdk/schema'
require_relative 'sdk/operation'
require_relative 'sdk/connection'
require_relative 'sdk/connector'
