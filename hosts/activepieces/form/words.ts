import type { Field } from '../../../connector/definition/definition.ts';
import { labelWithUnit } from '../../kit/label-with-unit.ts';
import { titleCase } from '../../kit/title-case.ts';

/** The label of a field: "Maximum token age" in seconds → "Maximum Token Age (seconds)". */
export function labelOf({ title, unit }: Pick<Field, 'title' | 'unit'>): string {
  return labelWithUnit(titleCase(title), unit);
}

/** The name of the piece. */
export const pieceName = 'SCIM Provisioning';

/** The label of the field that says what a reference contains. */
export function wayLabel(field: Field): string {
  return `Identify ${labelOf(field)} By`;
}

/** What an agent must do before it runs an action that removes something. */
export function previewFirst(dryRun: Field): string {
  return `First run it with ${labelOf(dryRun)}, and show a person what would change.`;
}
