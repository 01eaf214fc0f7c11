import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createConnector } from '../../../../runtime/index.ts';
import { failureOf } from '../../../support/failure-of.ts';
import { listenTls, type TlsServer } from '../../../support/listen-tls.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

let provider: TlsServer;
let requests = 0;

beforeEach(async () => {
  requests = 0;
  provider = await listenTls('localhost', (_, response) => {
    requests += 1;
    response.setHeader('content-type', 'application/scim+json');
    response.end(JSON.stringify({ id: '1', userName: 'ada' }));
  });
});

afterEach(() => provider.close());

/** Runs a program in its own process, because Node reads the variable only at startup. */
async function runTrusting(certificate: string, host: string): Promise<string> {
  using folder = temporaryFolder();
  writeFileSync(folder.file('ca.pem'), certificate);
  const program = `
    import { createConnector } from ${JSON.stringify(new URL('../../../../runtime/index.ts', import.meta.url).href)};
    const connector = createConnector({ baseUrl: 'https://${host}:${provider.port}/scim/v2', token: 'a-token' });
    const found = await connector.actions.get_user({ user: { id: '1' } }).catch((error) => error);
    console.log(found.userName ?? found.message);
    connector.close();
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: folder.file('ca.pem') },
  });
  return stdout;
}

describe('https', () => {
  it('rejects an untrusted certificate and sends nothing', async () => {
    const connector = createConnector({ baseUrl: `https://localhost:${provider.port}`, token: 'a-token' });

    const error = await failureOf(connector.actions.get_user({ user: { id: '1' } }));
    connector.close();

    expect(error).toMatchObject({ code: 'unavailable', attempts: 1 });
    expect(error.message).toContain(
      'the TLS certificate or encryption was rejected (DEPTH_ZERO_SELF_SIGNED_CERT)',
    );
    expect(requests).toBe(0);
  });

  it('accepts a certificate in NODE_EXTRA_CA_CERTS', async () => {
    expect(await runTrusting(provider.certificate, 'localhost')).toBe('ada\n');
  });

  it('rejects a trusted certificate for another host', async () => {
    expect(await runTrusting(provider.certificate, '127.0.0.1')).toContain(
      'the TLS certificate or encryption was rejected (ERR_TLS_CERT_ALTNAME_INVALID)',
    );
    expect(requests).toBe(0);
  });
});
