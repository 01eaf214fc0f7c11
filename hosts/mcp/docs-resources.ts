/** Pages of this package that a model can read, by the name in their URI. */
export const docPages = {
  mcp: { title: 'AI agents (MCP)', path: 'docs/hosts/mcp.md' },
  plan: { title: 'Plan and apply', path: 'docs/plan.md' },
  reports: { title: 'Exports and reports', path: 'docs/reports.md' },
} as const;

export type DocPage = keyof typeof docPages;
