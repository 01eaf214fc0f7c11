import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import { entryFile } from '../../../hosts/activepieces/engine.ts';
import { packageActivepieces } from '../../../hosts/activepieces/package-activepieces.ts';
import type {
  ActionParts,
  Prop,
  Store,
  TriggerParts,
} from '../../../hosts/activepieces/runtime/pieces-framework.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import { installPackages } from '../../../scripts/suites/install-packages.ts';

type Values = Readonly<Record<string, unknown>>;

/** The piece, as the framework has created it. */
export interface LoadedPiece {
  readonly displayName: string;
  readonly auth: Prop & {
    readonly props: Readonly<Record<string, Prop>>;
    validate(given: { readonly auth: Values }): Promise<{ readonly valid: boolean; readonly error?: string }>;
  };
  metadata(): Readonly<Record<string, unknown>>;
  actions(): Readonly<Record<string, ActionParts>>;
  triggers(): Readonly<Record<string, TriggerParts>>;
}

/** A piece with the framework's own mock of a step. */
export interface PieceBench {
  readonly piece: LoadedPiece;
  /** The framework. */
  readonly framework: Readonly<Record<string, unknown>>;
  /** Runs an action, with a connection as a step receives it. */
  runAction(key: string, auth: Values, values: Values): Promise<unknown>;
}

/** Writes the piece to a folder, as `rolecall package activepieces` does, and loads it with the framework. */
export function openPiece(folder: string, overlays: readonly unknown[] = []): PieceBench {
  const packages = join(installPackages('activepieces'), 'node_modules');
  const declaration = loadManifest(overlays);
  const files = packageActivepieces(compileManifest(declaration), { version: '1.2.3', declaration });
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  symlinkSync(packages, join(folder, 'node_modules'));
  const load = createRequire(join(folder, entryFile));
  const exported: Readonly<Record<string, LoadedPiece>> = load(`./${entryFile}`);
  // The engine finds a piece by the class of what its package exports.
  const [piece] = Object.values(exported).filter((one) => one.constructor.name === 'Piece');
  if (piece === undefined) throw new Error('The package exports no piece');
  const framework = load('@activepieces/pieces-framework');
  return {
    piece,
    framework,
    async runAction(key, auth, values) {
      const context = framework.createMockActionContext({ propsValue: values });
      return piece.actions()[key]?.run({ ...context, auth: { type: 'CUSTOM_AUTH', props: auth } });
    },
  };
}

/** What a flow stores, as JSON. */
export function createStore(): Store & { readonly values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    async put(key, value) {
      values.set(key, JSON.stringify(value));
      return value;
    },
    async get(key) {
      const text = values.get(key);
      return text === undefined ? null : JSON.parse(text);
    },
    async delete(key) {
      values.delete(key);
    },
  };
}
