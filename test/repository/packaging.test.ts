import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import type { SyntaxNodeRef } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { watchCommand } from '../../cli/commands/watch.ts';
import { webhookSink } from '../../runtime/node/sinks.ts';
import { createWatchMetrics } from '../../runtime/node/watch-metrics.ts';
import { unreadyReasons, warningReasons } from '../../runtime/watch/watch-health.ts';
import { readLines } from '../support/line-reader.ts';
import { sampleEvent } from '../support/sample-event.ts';

const read = (path: string): string => readFileSync(`packaging/${path}`, 'utf8');

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly expr: string }[] }[];
}

interface Dashboard {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
}

const alerts = (parse(read('prometheus/alerts.yaml')) as Rules).groups.flatMap(({ rules }) => rules);
const panels = (JSON.parse(read('grafana/dashboard.json')) as Dashboard).panels;
const expressions = [
  ...alerts.map(({ expr }) => expr),
  // Grafana replaces its variables before Prometheus reads the expression.
  ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m'))),
];

/** The parts of a PromQL expression, by the kind of their node; ⚠ is an error. */
function termsOf(expression: string): ReadonlyMap<string, readonly string[]> {
  const terms = new Map<string, string[]>();
  parser.parse(expression).iterate({
    enter({ name, from, to }: SyntaxNodeRef) {
      terms.set(name, [...(terms.get(name) ?? []), expression.slice(from, to)]);
    },
  });
  return terms;
}

describe('the alerts and the dashboard', async () => {
  const metrics = await createWatchMetrics({
    version: '1.2.3',
    health: () => ({ ready: true, problems: [], warnings: [] }),
    backlogs: async () => [],
  });
  const text = await metrics.text();
  const exported = new Set(
    [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );

  it.each(expressions)('%s is valid, and names only figures that are exported', (expression) => {
    const terms = termsOf(expression);
    expect(terms.get('⚠')).toBeUndefined();
    const names = terms.get('VectorSelector')?.map((one) => /^\w+/.exec(one)?.[0] ?? one) ?? [];
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !exported.has(name))).toEqual([]);
  });

  it('show every figure of a watch, in the dashboard or in the docs', () => {
    const figures = [...text.matchAll(/^# TYPE (rolecall_\w+)/gm)].map(([, name = '']) => name);
    const docs = readFileSync('docs/operate.md', 'utf8');
    expect(figures.length).toBeGreaterThan(15);
    expect(figures.filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
  });

  it('name only reasons that exist', () => {
    const named = [...read('prometheus/alerts.yaml').matchAll(/reason[!=]~"([^"]+)"/g)].flatMap(
      ([, list = '']) => list.split('|'),
    );
    expect(named.length).toBeGreaterThan(0);
    const reasons: readonly string[] = [...unreadyReasons, ...warningReasons];
    expect(named.filter((one) => !reasons.includes(one))).toEqual([]);
  });

  it('wake nobody because of a warning', () => {
    const [, passed = ''] = /reason!~"([^"]+)"/.exec(read('prometheus/alerts.yaml')) ?? [];
    expect(passed.split('|').toSorted()).toEqual(['first_poll_pending', ...warningReasons].toSorted());
  });
});

describe('the commands', () => {
  const terminal = {
    out: () => undefined,
    err: () => undefined,
    status: () => undefined,
    isScreen: false,
    isErrorScreen: false,
    columns: 80,
  };
  const known = watchCommand(terminal).options.map(({ long }) => long);

  it.each(['systemd/rolecall-watch.service', 'kubernetes/rolecall-watch.yaml'])(
    'of %s have only options of rolecall watch',
    (path) => {
      const lines = read(path)
        .split('\n')
        .filter((line) => !line.startsWith('#'));
      const named = lines.flatMap((line) => [...line.matchAll(/--[a-z][a-z-]+/g)].map(([option]) => option));
      expect(named.length).toBeGreaterThan(5);
      expect(named.filter((option) => !known.includes(option))).toEqual([]);
    },
  );

  it('of the Compose file have only options of rolecall watch', () => {
    const { services } = parse(read('docker/compose.yaml'));
    const named = services.watch.command.flatMap((one: string) => /^--[a-z-]+/.exec(one)?.[0] ?? []);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((option: string) => !known.includes(option))).toEqual([]);
  });
});

describe('the hardening', () => {
  it('of the unit runs the installed command as a user of its own, and keeps the state', () => {
    const unit = read('systemd/rolecall-watch.service');
    expect(unit).toMatch(/^ExecStart=\/usr\/local\/bin\/rolecall watch /m);
    for (const setting of ['DynamicUser=yes', 'StateDirectory=rolecall', 'ProtectSystem=strict'])
      expect(unit).toContain(`\n${setting}\n`);
    expect(unit).toContain('NoNewPrivileges=yes');
  });

  it('of the pod runs without root, with a read-only file system, and probes both pages', () => {
    const documents = parseAllDocuments(read('kubernetes/rolecall-watch.yaml')).map((one) => one.toJS());
    expect(documents.map(({ kind }) => kind)).toEqual(['StatefulSet', 'Service', 'NetworkPolicy']);
    const { replicas, template } = documents[0].spec;
    const [container] = template.spec.containers;
    expect(replicas).toBe(1);
    expect(template.spec.securityContext.runAsNonRoot).toBe(true);
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
    });
    expect(container.livenessProbe.httpGet.path).toBe('/healthz');
    expect(container.readinessProbe.httpGet.path).toBe('/readyz');
  });

  it('of the image runs the command itself as process 1, without root', () => {
    const image = read('docker/Dockerfile');
    expect(image).toContain('\nENTRYPOINT ["rolecall"]\n');
    expect(image.lastIndexOf('\nUSER node\n')).toBeGreaterThan(image.lastIndexOf('\nRUN '));
  });

  it.each(globSync('packaging/**/*.{yaml,service}'))('of %s leaves secrets to the environment', (path) => {
    expect(readFileSync(path, 'utf8')).not.toMatch(/--(token|secret|password)[= ](?!-)/);
  });
});

it('the example receiver prints a signed event once, and rejects a wrong signature', async () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const child = spawn(process.execPath, ['packaging/docker/receiver.mjs'], {
    env: { ...process.env, WEBHOOK_SECRET: secret, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    const listening = await readLines(child.stderr).find('Listening at ');
    const url = `${listening.replace('Listening at ', '')}/hook`;
    expect((await fetch(url)).status).toBe(401);
    const text = JSON.stringify(sampleEvent('one'));
    const never = new AbortController().signal;
    const sink = webhookSink({ url, secrets: [secret] });
    for (let sent = 0; sent < 2; sent += 1) await sink.deliver([{ position: 1, text }], never);
    const wrong = webhookSink({ url, secrets: [`whsec_${'A'.repeat(32)}`] });
    await expect(wrong.deliver([{ position: 1, text }], never)).rejects.toThrow();
    const lines = readLines(child.stdout);
    child.kill('SIGTERM');
    await once(child, 'close');
    expect(lines.lines).toEqual([text]);
  } finally {
    child.kill('SIGKILL');
  }
});
