# frozen_string_literal: true

# The rules of Workato's Connector SDK (1.3.15), as the stub has them: one example for each that the SDK's own code or
# specs state, so that a connector that passes here passes there.

require_relative 'workato-connector-sdk'

SDK = Workato::Connector::Sdk

RSpec.describe SDK do
  def schema(*fields)
    SDK::Schema.new(fields.map { |field| { label: 'Field', optional: true, **field } })
  end

  def given(value, **field)
    schema({ name: 'one', **field }).apply_to_input('one' => value)['one']
  end

  def returned(value, **field)
    schema({ name: 'one', **field }).apply_to_output('one' => value)['one']
  end

  def connector(**parts)
    described_class::Connector.new({ connection: { fields: [] }, actions: {}, triggers: {}, **parts })
  end

  def perform(parts = {}, &block)
    one = connector(**parts)
    described_class::Operation.new(one).perform(block)
  end

  describe 'an input' do
    [
      # What is given, its field, and what a step receives.
      ['5', { type: 'integer' }, '5'],
      ['true', { type: 'boolean' }, 'true'],
      [false, { type: 'boolean' }, false],
      ['5', { type: 'integer', convert_input: 'integer_conversion' }, 5],
      ['1.5', { type: 'integer', convert_input: 'integer_conversion' }, 1],
      ['1e3', { type: 'integer', convert_input: 'integer_conversion' }, 1],
      ['0x10', { type: 'integer', convert_input: 'integer_conversion' }, 0],
      ["12\nmore", { type: 'integer', convert_input: 'integer_conversion' }, 12],
      ['many', { type: 'integer', convert_input: 'integer_conversion' }, 'many'],
      [1.5, { type: 'integer', convert_input: 'integer_conversion' }, 1.5],
      [' ', { type: 'integer', convert_input: 'integer_conversion' }, ' '],
      ['', { type: 'date_time' }, ''],
      [nil, { type: 'date_time' }, nil],
      ['2026-11-26T09:00:00Z', { type: 'date_time' }, Time.utc(2026, 11, 26, 9)],
      ['2026-11-26 09:00', { type: 'date_time' }, Time.utc(2026, 11, 26, 17)],
      [Date.new(2026, 11, 26), { type: 'date_time' }, Time.utc(2026, 11, 26, 8)],
      [Time.utc(2026, 11, 26, 9), { type: 'date_time' }, Time.utc(2026, 11, 26, 9)],
      ['2026-11-26', { type: 'date' }, Date.new(2026, 11, 26)],
      [Date.new(2026, 11, 26), { type: 'string' }, Date.new(2026, 11, 26)],
      [Time.utc(2026, 11, 26, 9), { type: 'string' }, Time.utc(2026, 11, 26, 9)]
    ].each do |value, field, expected|
      it "of #{field} turns #{value.inspect} into #{expected.inspect}" do
        expect(given(value, **field)).to eq(expected)
      end
    end

    it 'prints a time with microseconds' do
      expect(given('2026-11-26T09:00:00+01:00', type: 'date_time').to_s).to eq('2026-11-26T09:00:00.000000+01:00')
    end

    it 'fails if a time cannot be read' do
      expect { given('soon', type: 'date_time') }.to raise_error(ArgumentError)
    end

    it 'has only the fields of the form, by either name' do
      form = schema({ name: 'one', toggle_hint: 'x', toggle_field: { name: 'two', type: 'string', toggle_hint: 'y' } })

      expect(form.apply_to_input('one' => '1', 'two' => '2', 'three' => '3').keys).to eq(%w[one two])
    end

    it 'converts nested values, and not those of the other toggle' do
      field = { name: 'two', type: 'string', toggle_hint: 'y' }
      form = schema(
        { name: 'rows', type: 'array', of: 'object', properties: [
          { name: 'one', label: 'One', type: 'integer', convert_input: 'integer_conversion', toggle_hint: 'x',
            toggle_field: field }
        ] }
      )

      expect(form.apply_to_input('rows' => [{ 'one' => '1', 'two' => '2' }]))
        .to eq('rows' => [{ 'one' => 1, 'two' => '2' }])
    end

    [[nil, true], ['', true], [[], true], [{}, true], [' ', false], [false, false], [0, false]].each do |value, missing|
      it "#{missing ? 'lacks' : 'has'} a required value that is #{value.inspect}" do
        form = schema({ name: 'one', label: 'One', optional: false })
        attempt = -> { form.apply_to_input('one' => value) }

        if missing
          expect(&attempt).to raise_error(described_class::MissingRequiredInput, "'One' must be present")
        else
          expect(&attempt).not_to raise_error
        end
      end
    end

    it 'accepts a required value by either name, and names both' do
      toggle = { name: 'two', label: 'Two', type: 'string', optional: false, toggle_hint: 'y' }
      form = schema({ name: 'one', label: 'One', optional: false, toggle_hint: 'x', toggle_field: toggle })

      expect(form.apply_to_input('two' => '2')).to eq('two' => '2')
      expect { form.apply_to_input({}) }.to raise_error("Either 'One' or 'Two' must be present")
    end

    it 'may lack a nested required value' do
      form = schema({ name: 'one', type: 'object', properties: [{ name: 'two', label: 'Two', optional: false }] })

      expect(form.apply_to_input('one' => { 'three' => 1 })).to eq('one' => { 'three' => 1 })
    end
  end

  describe 'an output' do
    [
      ['5', { type: 'integer' }, 5],
      ['five', { type: 'integer' }, 'five'],
      [5.5, { type: 'integer' }, 5.5],
      ['5', { type: 'number' }, 5.0],
      # Booleans are numbers to the SDK.
      ['1', { type: 'boolean' }, 1.0],
      [true, { type: 'boolean' }, true],
      ['2026-11-26T09:00:00Z', { type: 'date_time' }, Time.utc(2026, 11, 26, 9)],
      [%w[1 2], { type: 'array', of: 'integer' }, %w[1 2]]
    ].each do |value, field, expected|
      it "of #{field} turns #{value.inspect} into #{expected.inspect}" do
        expect(returned(value, **field)).to eq(expected)
      end
    end

    it 'is converted by a method of the connector instead, which has no other methods' do
      form = lambda do |name|
        field = { name: 'one', label: 'One', type: 'date_time', convert_output: name }
        described_class::Schema.new([field], { 'own' => ->(value) { "#{value}!" } })
      end

      expect(form.call('own').apply_to_output('one' => 'soon')).to eq('one' => 'soon!')
      expect { form.call('other') }.to raise_error(described_class::InvalidSchemaError)
    end

    it 'fails if a time cannot be read' do
      expect { returned('soon', type: 'date_time') }.to raise_error(ArgumentError)
    end

    it 'keeps what no field names' do
      expect(schema({ name: 'one' }).apply_to_output('two' => :three)).to eq('two' => :three)
    end

    it 'has no symbols' do
      expect { returned(:one) }.to raise_error(described_class::ArgumentError, 'Unsupported data type: Symbol')
    end

    it 'shows a binary text in hexadecimal digits' do
      expect(JSON.generate(returned("\xFF".b))).to eq('"0xff"')
    end
  end

  describe 'a form' do
    [
      ['two fields of one name', [{ name: 'one' }, { name: 'one' }]],
      ['a special character in a name', [{ name: '$one' }]],
      ['an unknown type', [{ name: 'one', type: 'text' }]],
      ['an unknown conversion', [{ name: 'one', convert_input: 'to_text' }]],
      ['an unknown list mode', [{ name: 'one', type: 'array', of: 'object', list_mode: 'fixed' }]],
      ['a toggle without a hint', [{ name: 'one', toggle_field: { name: 'two', type: 'string' } }]],
      ['a toggle without a type', [{ name: 'one', toggle_hint: 'x', toggle_field: { name: 'two', toggle_hint: 'y' } }]],
      ['a toggle that is optional where its field is not', [
        { name: 'one', optional: false, toggle_hint: 'x',
          toggle_field: { name: 'two', type: 'string', toggle_hint: 'y', optional: true } }
      ]],
      ['the same in a group', [{ name: 'one', type: 'object', properties: [{ name: '$one', label: 'One' }] }]]
    ].each do |problem, fields|
      it "cannot have #{problem}" do
        expect { schema(*fields) }.to raise_error(described_class::InvalidSchemaError)
      end
    end
  end

  describe 'an action' do
    def action(**parts)
      connector(actions: { one: parts }).actions.one
    end

    it 'returns the response of a request that it returns, at any depth' do
      one = described_class::Request.new('GET', '/', nil, nil)
      def one.response!
        'response'
      end

      expect(perform { { 'list' => [one, 1] } }).to eq('list' => ['response', 1])
    end

    it 'is passed as many arguments as it accepts' do
      expect(action(execute: -> { { 'count' => 0 } }).execute).to eq('count' => 0)
      expect(action(execute: ->(_, input) { input }).execute(nil, { 'a' => 1 })).to eq('a' => 1)
    end

    it 'passes methods exactly the arguments that they accept' do
      methods = { one: ->(value) { value } }

      expect(perform({ methods: methods }) { call('one', 1) }).to eq(1)
      expect { perform({ methods: methods }) { call('one', 1, 2) } }.to raise_error(ArgumentError)
      expect { perform({ methods: methods }) { call('two') } }.to raise_error(described_class::InvalidDefinitionError)
    end

    it 'goes on with what was stored, where a text that looks like a date is one' do
      execute = lambda do |_connection, _input, _in, _out, continue|
        reinvoke_after(seconds: 60, continue: { 'on' => '2026-11-26', 'text' => 'x' }) if continue.empty?
        continue
      end
      described_class::Clock.skips = true

      expect(action(execute: execute).execute).to eq('on' => Date.new(2026, 11, 26), 'text' => 'x')
    end

    [
      ['after less than a minute', { seconds: 59, continue: {} }],
      ['with a state that JSON cannot hold', { seconds: 60, continue: { 'at' => Time.at(0) } }]
    ].each do |problem, again|
      it "cannot go on #{problem}" do
        described_class::Clock.skips = true
        one = action(execute: -> { reinvoke_after(**again) })

        expect { one.execute }.to raise_error(described_class::InvalidOutputError)
      end
    end
  end

  describe 'a trigger' do
    def trigger(poll)
      connector(triggers: { one: { poll: poll, dedup: ->(event) { event['id'] } } }).triggers.one
    end

    it 'returns the events of a poll in reverse' do
      polled = trigger(-> { { events: [{ id: 1 }, { id: 2 }] } }).poll_page

      expect(polled[:events].map { |event| event[:id] }).to eq([2, 1])
    end

    it 'keeps the closure if a poll returns none' do
      expect(trigger(-> { { next_poll: {} } }).poll_page(nil, {}, { 'at' => 1 })[:next_poll]).to eq('at' => 1)
    end

    it 'reads a text in the closure that looks like a time as one' do
      poll = ->(_connection, _input, closure) { { next_poll: { 'is' => closure['at'].is_a?(Time) } } }

      ['2026-11-26T09:00:00Z', '2026-11-26 09:00:00.5+01:00'].each do |text|
        expect(trigger(poll).poll_page(nil, {}, { 'at' => text })[:next_poll]).to eq('is' => true)
      end
      json = { 'at' => '{"at":"2026-11-26T09:00:00Z"}' }
      expect(trigger(poll).poll_page(nil, {}, json)[:next_poll]).to eq('is' => false)
    end

    it 'polls until there is no more, and returns all events' do
      poll = lambda do |_connection, _input, closure|
        page = (closure || { 'page' => 0 })['page'] + 1
        { events: [{ id: page }], next_poll: { 'page' => page }, can_poll_more: page < 3 }
      end

      expect(trigger(poll).invoke[:events].map { |event| event[:id] }).to eq([3, 2, 1])
    end

    ['text', { events: ['text'] }, { events: [], can_poll_more: 'yes' }].each do |output|
      it "cannot return #{output.inspect}" do
        expect { trigger(-> { output }).poll_page }.to raise_error(described_class::InvalidOutputError)
      end
    end

    it 'must poll or read messages' do
      expect { connector(triggers: { one: { dedup: -> {} } }) }.to raise_error(described_class::InvalidDefinitionError)
    end
  end

  describe 'a pick-list' do
    def list(block, *args)
      connector(pick_lists: { one: block }).pick_lists.one(*args)
    end

    it 'is passed the connection, and other fields as keywords' do
      expect(list(-> { [%w[a b]] }, nil)).to eq([%w[a b]])
      expect(list(->(_connection) { [%w[a b]] }, nil)).to eq([%w[a b]])
      expect(list(->(_connection, other:) { [['a', other]] }, nil, { 'other' => 'b' })).to eq([%w[a b]])
    end

    it 'must not have the name of a method of every object' do
      expect { connector(pick_lists: { method: -> { [] } }) }.to raise_error(described_class::InvalidDefinitionError)
    end
  end

  describe 'what a lambda can use' do
    it 'parses texts, and returns everything else' do
      expect(perform { [parse_json('[1]'), parse_json({ 'a' => 1 }), parse_json(nil)] }).to eq([[1], { 'a' => 1 }, nil])
    end

    it 'cannot wait a negative time' do
      expect { perform { sleep(-1) } }.to raise_error(ArgumentError)
    end

    it 'has no requests, methods, or errors in a webhook' do
      %w[get call error].each do |name|
        expect { described_class::Bare.new.run(-> { send(name) }) }.to raise_error(NoMethodError)
      end
    end
  end

  describe 'a request' do
    # Serves one response per connection, and counts them.
    def with_server(*responses)
      server = TCPServer.new('127.0.0.1', 0)
      count = 0
      thread = Thread.new do
        loop do
          socket = server.accept
          socket.readpartial(10_000)
          socket.write(responses[[count, responses.length - 1].min])
          count += 1
          socket.close
        end
      end
      yield("http://127.0.0.1:#{server.addr[1]}/", -> { count })
    ensure
      thread&.kill
      server&.close
    end

    def response(status, body = '', headers = [])
      ["HTTP/1.1 #{status}", "Content-Length: #{body.length}", 'Connection: close', *headers, '', body].join("\r\n")
    end

    it 'is sent again at each look until there is an answer' do
      with_server(response('200 OK')) do |url, count|
        perform do
          request = get(url).after_response { |_| nil }
          2.times { request.response! }
        end
        expect(count.call).to eq(2)
      end
    end

    it 'passes a broken connection to after_error_response, without a status' do
      with_server('') do |url, _|
        expect(perform { get(url).after_error_response(/.*/) { |*all| { 'all' => all } } })
          .to eq('all' => [nil, nil, {}, 'Server broke connection'])
      end
    end

    it 'returns cookies as a list in an error, and as its text in a success' do
      cookies = ['Set-Cookie: a=1', 'Set-Cookie: b=2']
      with_server(response('200 OK', '{}', cookies), response('400 Bad', '', cookies)) do |url, _|
        seen = lambda do
          get(url).after_response { |_, _, headers| { 'c' => headers['set_cookie'] } }
                  .after_error_response(400) { |_, _, headers| { 'c' => headers['set_cookie'] } }
        end
        expect(Array.new(2) { perform(&seen)['c'] }).to eq(['["a=1", "b=2"]', %w[a=1 b=2]])
      end
    end

    it 'raises what no after_error_response takes' do
      with_server(response('400 Bad Request')) do |url, _|
        expect { perform { get(url).after_error_response(404) { {} } } }
          .to raise_error(described_class::RequestFailedError, '400 Bad Request')
      end
    end
  end
end
