// Makes everything that is generated: `npm run generate`. CI runs it again and fails when a file then differs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { defineConnector } from '../connector/definition/define-connector.ts';
import { manifestSchema, overlaySchema } from '../connector/manifest/manifest.zod.ts';
import { readDeclaration } from '../runtime/read-declaration.ts';
import { actionTable } from './generate/action-table.ts';
import { actionTypes } from './generate/action-types.ts';

const definition = defineConnector(readDeclaration());

write(
  'schemas/generated/manifest.schema.json',
  json(z.toJSONSchema(manifestSchema, { io: 'input', reused: 'ref' })),
);
write(
  'schemas/generated/overlay.schema.json',
  json(z.toJSONSchema(overlaySchema, { io: 'input', reused: 'ref' })),
);
write('connector/generated/action-types.ts', await actionTypes(definition));
actionTable(definition);

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
