import { packageActivepieces } from './activepieces/package-activepieces.ts';
import type { Packager } from './kit/packager.ts';
import { packageMcp } from './mcp/package-mcp.ts';
import { packageN8n } from './n8n/package-n8n.ts';
import { packageWorkato } from './workato/package-workato.ts';
import { packageZapier } from './zapier/package-zapier.ts';

/** Every host for which `rolecall package` creates a package. */
export const packagers: readonly Packager[] = [
  {
    name: 'workato',
    title: "a custom connector for Workato's Connector SDK",
    abilities: {
      actions: 'all',
      polls: 'all',
      pushes: 'security event tokens, and the audit log of Workato',
      cannot: 'know more than about 6,000 users in a trigger',
    },
    package: packageWorkato,
    nextStep: (out) =>
      `${out}/README.md describes the installation, and ${out}/RECIPES.md the first recipes.`,
  },
  {
    name: 'n8n',
    title: 'a community node package for n8n',
    abilities: {
      actions: 'all',
      polls: 'all',
      pushes: 'every sender',
      cannot: 'know more than about 18,000 users in a trigger that reports deletions',
    },
    package: packageN8n,
    nextStep: (out) =>
      `To install it, copy ${out} to ~/.n8n/nodes/node_modules/n8n-nodes-scim-provisioning, and restart n8n.`,
  },
  {
    name: 'zapier',
    title: "an app for Zapier's Platform CLI",
    abilities: {
      actions: 'all',
      polls: 'created users and groups, and updated users',
      pushes: 'of a Rolecall service, for every trigger',
      cannot: 'run longer than 24 seconds, or see deletions without a Rolecall service',
    },
    package: packageZapier,
    nextStep: (out) => `${out}/README.md describes how to upload it as a private integration.`,
  },
  {
    name: 'mcp',
    title: 'a bundle for AI agents (MCPB), and the entry of the MCP registry',
    abilities: {
      actions: 'all, in sets',
      polls: 'none',
      pushes: 'none',
      cannot: 'start anything by itself: a client asks, and a person confirms what removes access',
    },
    package: packageMcp,
    nextStep: (out) =>
      `To install the bundle, open ${out}/rolecall.mcpb in the client, such as Claude. To publish the server, run mcp-publisher in ${out}.`,
  },
  {
    name: 'activepieces',
    title: 'a piece for Activepieces',
    abilities: {
      actions: 'all',
      polls: 'all',
      pushes: 'none',
      cannot: 'know more than about 4,000 users in a trigger; its engine was not tried',
    },
    package: packageActivepieces,
    nextStep: (out) => `${out}/README.md describes how to install it.`,
  },
];
