import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import type { ManifestBundle } from '../../connector/manifest/apply-overlay.ts';

/** The files of a package, by their path below its folder, in the order in which they are written. */
export type PackageFiles = ReadonlyMap<string, string | Uint8Array>;

/** What a packager knows in addition to the definition. */
export interface PackageContext {
  /** The version of this package, which is also the version of the output. */
  readonly version: string;
  /** The source of the definition. */
  readonly declaration: ManifestBundle;
}

/** What a host can do with the connector, in a few words each, for people who choose one. */
export interface HostAbilities {
  /** Which actions it runs. */
  readonly actions: string;
  /** Which triggers poll. */
  readonly polls: string;
  /** Whose pushed events it receives. */
  readonly pushes: string;
  /** What it cannot do, and its tightest limit. */
  readonly cannot: string;
}

/** Creates the package of one host. */
export interface Packager {
  /** Its name on the command line. */
  readonly name: string;
  /** What it creates, in a few words. */
  readonly title: string;
  readonly abilities: HostAbilities;
  /** What to do with the folder, as a sentence. */
  nextStep(out: string): string;
  /** A pure function: the same definition and context return the same bytes. */
  package(definition: ConnectorDefinition, context: PackageContext): PackageFiles;
}
