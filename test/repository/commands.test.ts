import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { runCli } from '../support/run-cli.ts';

const pages = globSync(['*.md', 'docs/**/*.md']).map((path) => ({ path, text: readFileSync(path, 'utf8') }));

describe('the commands in the docs', () => {
  const commands = pages.flatMap(({ path, text }) =>
    // A line that ends with a backslash goes on in the next one.
    [...text.replaceAll(/\\\n\s*/g, ' ').matchAll(/^npm run -s rolecall -- (\w+)(.*)$/gm)].map(
      ([, name = '', rest = '']) => ({ path, name, options: [...rest.matchAll(/ (--[a-z-]+)/g)] }),
    ),
  );
  const names = [...new Set(commands.map(({ name }) => name))];

  it.each(names)('rolecall %s has each option that the docs show', async (name) => {
    const { code, out: own } = await runCli([name, '--help']);
    expect(code).toBe(0);
    const subcommands = [...own.matchAll(/^ {2}([a-z]+) .*\[options\]/gm)].map(([, sub = '']) => sub);
    const outs = await Promise.all(subcommands.map(async (sub) => (await runCli([name, sub, '--help'])).out));
    const out = [own, ...outs].join('\n');
    const shown = commands.filter((command) => command.name === name);
    const unknown = shown.flatMap(({ path, options }) =>
      options.filter(([, option = '']) => !out.includes(option)).map(([, option]) => `${path}: ${option}`),
    );
    expect(unknown).toEqual([]);
  });

  it('run npm scripts that package.json has', () => {
    const scripts = new Set(Object.keys(packageJson.scripts));
    const unknown = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/npm run (?:-s |--silent )?([a-z][a-z0-9:-]*)/g)]
        .filter(([, script = '']) => !scripts.has(script))
        .map(([command]) => `${path}: ${command}`),
    );
    expect(unknown).toEqual([]);
  });
});
