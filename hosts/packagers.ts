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
    package: packageWorkato,
    nextStep: (out) =>
      `${out}/README.md describes the installation, and ${out}/RECIPES.md the first recipes.`,
  },
  {
    name: 'n8n',
    title: 'a community node package for n8n',
    package: packageN8n,
    nextStep: (out) =>
      `To install it, copy ${out} to ~/.n8n/nodes/node_modules/n8n-nodes-scim-provisioning, and restart n8n.`,
  },
  {
    name: 'zapier',
    title: "an app for Zapier's Platform CLI",
    package: packageZapier,
    nextStep: (out) => `${out}/README.md describes how to upload it as a private integration.`,
  },
  {
    name: 'mcp',
    title: 'a bundle for AI agents (MCPB), and the entry of the MCP registry',
    package: packageMcp,
    nextStep: (out) =>
      `To install the bundle, open ${out}/rolecall.mcpb in the client, such as Claude. To publish the server, run mcp-publisher in ${out}.`,
  },
  {
    name: 'activepieces',
    title: 'a piece for Activepieces',
    package: packageActivepieces,
    nextStep: (out) => `${out}/README.md describes how to install it.`,
  },
];
