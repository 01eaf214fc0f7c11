import type { Packager } from './kit/packager.ts';
import { packageN8n } from './n8n/package-n8n.ts';
import { packageWorkato } from './workato/package-workato.ts';

/** Every host that a package can be made for. */
export const packagers: readonly Packager[] = [
  { name: 'workato', title: "a custom connector for Workato's Connector SDK", package: packageWorkato },
  { name: 'n8n', title: 'a community node package for n8n', package: packageN8n },
];
