import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { openWorkspace, root } from './workspace-fixture.ts';

it('3. token: one that was refreshed is 401 in a connection that was kept alive', async () => {
  const workspace = await openWorkspace();
  const { scimBaseUrl, token } = workspace.sandbox;
  const { hostname, port, host, pathname } = new URL(scimBaseUrl);
  const socket = connect(Number(port), hostname);
  socket.setEncoding('latin1');
  const ask = async (): Promise<string> => {
    socket.write(`GET ${pathname}/Users HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n\r\n`);
    let text = '';
    for (;;) {
      const [chunk] = await once(socket, 'data');
      text += chunk;
      const end = text.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
      if (end !== -1 && text.length >= end + 4 + length) return text.slice(9, 12);
    }
  };
  try {
    expect(await ask()).toBe('200');
    await workspace.admin('POST', '/tokens/scim/refresh', { actor: root });
    expect(await ask()).toBe('401');
    expect(await ask()).toBe('401');
  } finally {
    socket.destroy();
  }
});
