import type { Field } from '../../../connector/definition/definition.ts';
import { parameterLabels, parameterNames } from '../parameter-names.ts';
import type { N8nProperty } from './n8n-property.ts';
import { showWhere } from './show-where.ts';

/** The switch in a credential that shows its advanced fields. */
export const advancedSwitch: N8nProperty = {
  displayName: parameterLabels.advancedSettings,
  name: parameterNames.advancedSettings,
  type: 'boolean',
  default: false,
  description: 'Whether to change settings that have defaults, such as limits. If off, the defaults apply.',
};

/** The same parameter, shown only if the switch is on. */
export function whereAdvanced(property: N8nProperty): N8nProperty {
  return showWhere(property, { [parameterNames.advancedSettings]: [true] });
}

/** The fields that count: n8n drops the values of hidden fields in an execution, but not in a test of the credential. */
export function effectiveFields(
  fields: readonly Field[],
  values: Readonly<Record<string, unknown>>,
): readonly Field[] {
  return values[parameterNames.advancedSettings] === true ? fields : fields.filter(isBasic);
}

/** Whether a field of a credential is always shown. A secret that a sender must present counts whatever the switch says. */
export function isBasic({ advanced, secret }: Field): boolean {
  return !advanced || secret;
}
