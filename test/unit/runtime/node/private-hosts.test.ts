import { describe, expect, it } from 'vitest';
import { refusePublicReceivers } from '../../../../cli/plain-http.ts';
import {
  assertPrivateHost,
  assertPublicHost,
  findPrivateAddress,
  findPublicAddress,
  hasPublicAddress,
  lookUpPublic,
} from '../../../../runtime/node/private-hosts.ts';
import { webhookSink } from '../../../../runtime/node/sinks.ts';
import { failureOf } from '../../../support/failure-of.ts';

const secrets = [`whsec_${Buffer.alloc(32, 7).toString('base64')}`];
/** Names as the DNS of a private network knows them. */
const names: Readonly<Record<string, readonly string[]>> = {
  receiver: ['172.18.0.3'],
  'receiver.flows.svc.cluster.local': ['10.96.0.12', 'fd00::12'],
  'hooks.example.com': ['10.1.2.3', '203.0.113.9'],
};
const resolve = async (name: string) => {
  const found = names[name];
  if (found === undefined) throw new Error(`getaddrinfo ENOTFOUND ${name}`);
  return found.map((address) => ({ address }));
};

describe('plain http', () => {
  it.each([
    '10.0.0.7',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.1.1',
    '127.0.0.1',
    '[::1]',
    '[fd12::1]',
    '[fe80::1]',
    '[::ffff:10.0.0.7]',
  ])('stays in a private network at %s', async (host) => {
    expect(hasPublicAddress(`http://${host}:9000/hook`)).toBe(false);
    expect(await findPublicAddress(`http://${host}:9000/hook`)).toBeUndefined();
  });

  it.each(['172.32.0.1', '192.0.2.7', '11.0.0.1', '8.8.8.8', '[2001:db8::1]', '[::ffff:8.8.8.8]'])(
    'would leave it at %s',
    async (host) => {
      const url = `http://${host}/hook`;
      expect(hasPublicAddress(url)).toBe(true);
      expect(await findPublicAddress(url)).toBe(new URL(url).hostname.replace(/^\[|\]$/g, ''));
      expect(() => webhookSink({ url, secrets, allowPlainHttp: true })).toThrow('has a public address');
    },
  );

  it.each(['http://receiver:9000', 'http://receiver.flows.svc.cluster.local/hook', 'http://later.internal'])(
    'is permitted to a name with private addresses, or that does not exist yet: %s',
    async (url) => {
      expect(hasPublicAddress(url)).toBe(false);
      await refusePublicReceivers([{ where: '--to', url }], resolve);
      await assertPrivateHost(url, resolve);
    },
  );

  it('is refused to a name with a public address, at the start and before each delivery', async () => {
    const url = 'http://hooks.example.com/hook';
    await expect(refusePublicReceivers([{ where: '--to', url }], resolve)).rejects.toThrow(
      '--to would send events without encryption to hooks.example.com, which has the public address 203.0.113.9. Use https://.',
    );
    expect(await failureOf(assertPrivateHost(url, resolve))).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('203.0.113.9. The event was not sent'),
    });
    await refusePublicReceivers([{ where: '--to', url: 'https://hooks.example.com' }], resolve);
  });
});

describe('a URL that someone else chooses', () => {
  it.each([
    '0.0.0.0',
    '10.0.0.7',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '192.0.2.7',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '[::]',
    '[::1]',
    '[::ffff:10.0.0.7]',
    '[::ffff:0.0.0.0]',
    '[64:ff9b::10.0.0.7]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b:1::1]',
    '[2001:db8::1]',
    '[2002:a00:7::1]',
    '[fd12::1]',
    '[fe80::1]',
    '[ff02::1]',
  ])('is refused at %s', async (host) => {
    expect(await findPrivateAddress(`https://${host}/hook`)).toBeDefined();
  });

  it.each(['8.8.8.8', '[2606:4700::1111]', '[64:ff9b::808:808]', '[::ffff:8.8.8.8]'])(
    'is accepted at %s',
    async (host) => {
      expect(await findPrivateAddress(`https://${host}/hook`)).toBeUndefined();
    },
  );

  it('is refused if one address of its name is not public', async () => {
    const url = 'https://hooks.example.com/hook';
    expect(await findPrivateAddress(url, resolve)).toBe('10.1.2.3');
    expect(await failureOf(assertPublicHost(url, resolve))).toMatchObject({ code: 'forbidden' });
    await assertPublicHost('https://later.example.com', resolve);
  });

  it('is not connected to if its name has another address by then', async () => {
    const { promise, resolve: done } = Promise.withResolvers<unknown>();
    lookUpPublic('localhost', { all: true }, done);
    expect(await promise).toMatchObject({ code: 'EHOSTUNREACH' });
  });
});
