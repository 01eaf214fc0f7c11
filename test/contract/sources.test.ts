import { describe, expect, it } from 'vitest';
import type { SourceType } from '../../connector/manifest/source.zod.ts';
import { openSource } from '../../runtime/watch/event-pipeline.ts';
import type { PullSource, PushSource } from '../../triggers/sources/source.ts';
import { sources } from '../../triggers/sources/sources.ts';
import { createFakePlatform } from '../support/fake-platform.ts';
import { definition, sampleSettings } from '../support/webhook/open-source.ts';
import { pushRequest } from '../support/webhook/push-request.ts';

// Held by every source that the manifest declares.

const all: readonly (readonly [SourceType, PushSource | PullSource])[] = definition.sources.map(
  ({ type }) => [type, sources[type]],
);
const platform = createFakePlatform(() => ({ status: 503 }));

describe.each(all)('%s', (type, source) => {
  it('has its own type', () => {
    expect(source.type).toBe(type);
    expect(Object.keys(sources)).toContain(type);
  });

  it('opens with the sample settings of the manifest', () => {
    expect(() => source.open({ definition, platform }, sampleSettings(type))).not.toThrow();
  });

  it('tests its settings without an event if it connects to the sender', async () => {
    const { receiver } = openSource({ definition, platform }, type, sampleSettings(type));
    expect(receiver.testConnection !== undefined).toBe(source.connects);
    // The platform of this test gets a 503 for each request.
    if (source.connects)
      await expect(receiver.testConnection?.()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('says how to set up the sender, by its settings and the URL of the receiver', () => {
    const { setup, fields, subscription } =
      definition.sources.find((one) => one.type === type) ?? expect.fail('is not declared');
    const text = setup.steps.join(' ');
    const keys = [...fields, ...(subscription?.fields ?? [])].map(({ key }) => key);
    const named = [...text.matchAll(/`([^`]*)`/g)].map(([, key = '']) => key);

    expect(keys).toEqual(expect.arrayContaining(named));
    // A reader of the steps has filled in the form.
    for (const { key, required } of fields) if (required) expect(named).toContain(key);
    expect(text.match(/\{.*?\}/g) ?? []).toEqual(source.delivery === 'push' ? ['{url}'] : []);
  });

  it('has its secrets in fields that hosts hide', () => {
    const { fields } = definition.sources.find((one) => one.type === type) ?? { fields: [] };
    for (const { key, secret } of fields) expect(secret).toBe(/secret|token|apiKey/i.test(key));
  });

  it('rejects invalid messages without throwing', async () => {
    if (source.delivery !== 'push') return;
    const receiver = source.open({ definition, platform }, sampleSettings(type));
    const bodies = ['', '{}', '[]', 'null', 'a.b.c', '\u0000', '<html>', new Uint8Array([0xff, 0xfe])];
    const headers = [
      {},
      { authorization: '', 'content-type': '' },
      { authorization: ['a', 'b'], 'content-type': 'application/json' },
      {
        'content-type': 'application/secevent+jwt',
        'workos-signature': 't=1,v1=2',
        'boxyhq-signature': 't=1,s=2',
      },
    ];
    for (const method of ['GET', 'POST', 'PUT', 'OPTIONS', '']) {
      for (const body of bodies) {
        for (const given of headers) {
          const received = await receiver.receive(pushRequest({ method, body, headers: given }));
          expect(received.kind).toBe('refused');
          expect(received.reply.status).toBeGreaterThanOrEqual(400);
        }
      }
    }
  });
});

it('has only the sources of the manifest', () => {
  expect(Object.keys(sources)).toEqual(definition.sources.map(({ type }) => type));
});
