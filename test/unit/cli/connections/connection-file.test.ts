import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectionFile } from '../../../../cli/connections/connection-file.ts';

describe('connectionFile', () => {
  const home = '/home/ada';
  const usual = join(home, '.config', 'rolecall', 'connections.json');

  it.each([
    ['ROLECALL_CONFIG', 'linux', { ROLECALL_CONFIG: '/etc/c.json', XDG_CONFIG_HOME: '/xdg' }, '/etc/c.json'],
    ['XDG_CONFIG_HOME', 'linux', { XDG_CONFIG_HOME: '/xdg' }, '/xdg/rolecall/connections.json'],
    ['APPDATA on Windows', 'win32', { APPDATA: '/data' }, '/data/rolecall/connections.json'],
    ['the home folder', 'darwin', {}, usual],
    ['the home folder if XDG_CONFIG_HOME is relative', 'linux', { XDG_CONFIG_HOME: 'xdg' }, usual],
    ['the home folder on another system than Windows', 'linux', { APPDATA: '/data' }, usual],
  ])('follows %s', (_, platform, env, path) => {
    expect(connectionFile({ env, platform, home })).toBe(path);
  });
});
