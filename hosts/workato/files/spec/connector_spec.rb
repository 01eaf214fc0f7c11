# frozen_string_literal: true

# Runs without recordings. The first part checks the shape of the connector. The second part runs it on a live SCIM
# service in SCIM_BASE_URL and SCIM_TOKEN: `npx rolecall sandbox` starts one on this machine. Do not use a production
# service: the samples create, change, and delete.

SOURCE = Workato::Connector::Sdk::Connector.from_file('connector.rb').source
SAMPLES = JSON.parse(File.read(File.join(__dir__, 'samples.json')))

RSpec.describe 'connector' do
  let(:connector) { Workato::Connector::Sdk::Connector.new(SOURCE, settings) }
  let(:settings) do
    {
      'baseUrl' => ENV.fetch('SCIM_BASE_URL', 'http://127.0.0.1:9/scim/v2'),
      'token' => ENV.fetch('SCIM_TOKEN', 'no-token')
    }
  end
  let(:failure) { /\A(invalid_input|not_found|conflict|unsupported|forbidden): .+\.\z/m }

  it 'has a title' do
    expect(connector.title).not_to be_empty
  end

  { 'action' => 'actions', 'trigger' => 'triggers' }.each do |kind, name|
    SOURCE[name.to_sym].each_key do |key|
      describe "#{kind} #{key}" do
        let(:entry) { connector.public_send(name)[key] }

        it 'has a form whose fields have labels' do
          expect(entry.input_fields(settings)).to all(include(:name, :label))
        end

        it 'has fields with only letters, digits, and underscores in their names' do
          fields = entry.input_fields(settings) + entry.output_fields(settings)

          expect(fields.map { |field| field[:name] }).to all(match(/\A\w+\z/))
        end

        it 'has datapills, and a sample with no others' do
          names = entry.output_fields(settings).map { |field| field[:name] }

          expect(names).to include(*entry.sample_output(settings, {}).keys.map(&:to_s))
        end
      end
    end
  end

  it 'returns the same key for the same event' do
    SOURCE[:triggers].each_key do |key|
      expect(connector.triggers[key].dedup('dedupeKey' => 'a')).to eq('a')
    end
  end

  describe 'a pushed event', if: SOURCE[:triggers].key?(:pushed_event) do
    let(:secrets) { { 'workato_audit_log_bearerToken' => 'the-token-of-the-stream' } }
    let(:message) do
      attributes = { 'event' => 'team_membership_deleted', 'resource' => { 'member' => { 'id' => 7 } } }
      JSON.generate('id' => 1, 'content' => { 'attributes' => attributes })
    end

    def push(source, message, headers)
      connector.triggers[:pushed_event].webhook_notification(
        { 'source' => source, 'jwks' => '{"keys":[]}' }, message, [], [], headers, {}, settings.merge(secrets)
      )
    end

    it 'is accepted with the token of the connection' do
      events = push('workato_audit_log', message, 'Authorization' => 'Bearer the-token-of-the-stream')

      expect(events.map { |event| event['type'] }).to eq(['delete'])
    end

    it 'is rejected with another token' do
      expect(push('workato_audit_log', message, 'Authorization' => 'Bearer other')).to eq([])
    end

    it 'is rejected without a signature' do
      header = ['{"alg":"none"}'].pack('m0').delete('=')

      expect(push('security_event_token', "#{header}.e30.", {})).to eq([])
    end
  end

  describe 'on a live service', if: ENV.key?('SCIM_TOKEN') do
    it 'passes the test of the connection' do
      expect(connector.test(settings)).not_to be_nil
    end

    it 'fails the test with a wrong token, and says what to do' do
      expect { connector.test(settings.merge('token' => 'wrong')) }.to raise_error(/\Aauth: .+ token/)
    end

    SAMPLES['actions'].each do |key, input|
      it "runs #{key} with its sample" do
        output = connector.actions[key].execute(settings, input)

        expect(output).to be_a(Hash)
      rescue Workato::Connector::Sdk::RuntimeError => e
        expect(e.message).to match(failure)
      end
    end

    SAMPLES['triggers'].each do |key, input|
      it "polls #{key} twice, and reports only real changes" do
        first = connector.triggers[key].poll_page(settings, input)
        second = connector.triggers[key].poll_page(settings, input, first[:next_poll])

        expect(second[:events]).to eq([])
      rescue Workato::Connector::Sdk::RuntimeError => e
        expect(e.message).to match(failure)
      end
    end
  end
end
