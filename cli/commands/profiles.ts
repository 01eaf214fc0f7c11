import { Command } from 'commander';
import type { Profile } from '../../connector/manifest/profile.zod.ts';
import { traits } from '../../connector/traits.ts';
import { profiles } from '../../runtime/profiles.ts';
import { didYouMean } from '../../schemas/did-you-mean.ts';
import { UsageError } from '../errors.ts';
import { printList } from '../table.ts';
import { bold, type Terminal } from '../terminal.ts';

/** `rolecall profiles [NAME]`: lists the profiles of providers, or shows one with its sources. */
export function profilesCommand(terminal: Terminal): Command {
  return new Command('profiles')
    .description('list the profiles of providers, or show one')
    .argument('[name]', 'the name of a profile')
    .option('--json', 'print JSON')
    .action((name: string | undefined, { json }: { json?: boolean }) => {
      if (name !== undefined) {
        const profile = profileNamed(name);
        const lines = json === true ? [JSON.stringify(profile)] : details(profile);
        for (const line of lines) terminal.out(line);
        return;
      }
      const list = {
        entries: profiles.map(({ name, provider, auth, docs }) => ({
          name,
          provider,
          auth: auth.map(({ type }) => type),
          docs,
        })),
        heads: ['profile', 'provider', 'authentication', 'docs'],
        rows: profiles.map(({ name, provider, auth, docs }) => [name, provider, typesOf(auth), docs]),
        hint: 'rolecall profiles NAME shows one with its sources, and --profile NAME connects with it.',
      };
      printList(list, terminal, json === true);
    });
}

function profileNamed(name: string): Profile {
  const found = profiles.find((profile) => profile.name === name);
  if (found !== undefined) return found;
  const names = profiles.map((profile) => profile.name);
  const hint = didYouMean(name, names) || ` (known: ${names.join(', ')})`;
  throw new UsageError(`There is no profile "${name}"${hint}.`);
}

function details({
  name,
  provider,
  docs,
  baseUrl,
  auth,
  connection,
  traits: stated,
  notes = [],
  assumptions = [],
}: Profile) {
  const { template, parameters = [], help } = baseUrl;
  const { source, ...defaults } = connection ?? {};
  return [
    bold(provider),
    `  Profile       ${name}`,
    `  Docs          ${docs}`,
    `  SCIM base URL ${template}`,
    `                ${help}`,
    ...parameters.flatMap(({ key, title, sample, options = [] }) => [
      `  --parameter ${key}=${sample}`,
      `                ${title}`,
      ...options.map(({ value, title: label }) => `                ${value} (${label})`),
    ]),
    ...auth.flatMap(({ type, help }) => [`  --auth ${type}`, `                ${help}`]),
    ...Object.entries(defaults).map(([key, value]) => `  ${key}: ${value} (${source})`),
    ...(stated.length === 0 ? [] : ['', bold('Traits')]),
    ...stated.flatMap((trait) => [`  ${trait.name}`, `    ${traits[trait.name]}`, `    ${trait.source}`]),
    ...(notes.length === 0 ? [] : ['', bold('Notes'), ...notes.map((note) => `  ${note}`)]),
    ...(assumptions.length === 0
      ? []
      : ['', bold('Assumptions'), ...assumptions.map((assumption) => `  ${assumption}`)]),
  ];
}

function typesOf(auth: Profile['auth']): string {
  return auth.map(({ type }) => type).join(', ');
}
