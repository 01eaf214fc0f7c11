import type { ConnectorDefinition } from '../connector/definition/definition.ts';
import type { ManifestBundle } from '../connector/manifest/apply-overlay.ts';

/** The files of a package, by their path below its folder, in the order in which they are written. */
export type PackageFiles = ReadonlyMap<string, string | Uint8Array>;

/** What a packager knows next to the definition. */
export interface PackageContext {
  /** The version of this package, which is also the version of the output. */
  readonly version: string;
  /** The source of the definition. */
  readonly declaration: ManifestBundle;
}

/** Makes what one host takes. */
export interface Packager {
  /** What the command line calls it. */
  readonly name: string;
  /** What it makes, in a few words. */
  readonly title: string;
  /** A pure function: the same definition and context give the same bytes. */
  package(definition: ConnectorDefinition, context: PackageContext): PackageFiles;
}
