import type {
  ActionDefinition,
  ConnectorDefinition,
  Field,
} from '../../../connector/definition/definition.ts';
import { resourceOfAction } from '../../kit/form-traits.ts';
import { singular, titleCase } from '../../kit/title-case.ts';
import { groupName, methodNames, parameterLabels, parameterNames } from '../parameter-names.ts';
import { authenticationProperty } from './authentication-property.ts';
import { type BulkResource, bulkResources } from './bulk-form.ts';
import { bulkProperties } from './bulk-properties.ts';
import { collectionProperty } from './collection-property.ts';
import { fieldProperty, sorted } from './field-property.ts';
import { flowDefault } from './flow-defaults.ts';
import { formOf } from './form-of.ts';
import { memberOperations } from './member-operations.ts';
import type { N8nOption, N8nProperty } from './n8n-property.ts';
import { limitWhereRemoving } from './safety-limit.ts';
import { showWhere } from './show-where.ts';
import { helpText, labelOf, resourceValue } from './words.ts';

/** The parameters of the node of all actions: authentication, resource, operation, and the form of each operation. */
export function actionProperties(definition: ConnectorDefinition): readonly N8nProperty[] {
  const actions = [...definition.actions, ...memberOperations(definition).map(({ form }) => form)];
  const bulks = bulkResources(definition);
  const groups = [...new Set(actions.map(({ group }) => group))];
  return [
    authenticationProperty(definition),
    {
      displayName: parameterLabels.resource,
      name: parameterNames.resource,
      type: 'options',
      noDataExpression: true,
      options: sorted([
        ...groups.map((group) => ({ name: titleCase(singular(group)), value: resourceValue(group) })),
        ...bulks.map(({ name, value }) => ({ name, value })),
      ]),
      default: resourceValue(groups[0] ?? ''),
    },
    ...groups.map((group) => operationProperty(group, actions)),
    ...bulks.flatMap(bulkProperties),
    ...actions.flatMap((action) => {
      const show = {
        [parameterNames.resource]: [resourceValue(action.group)],
        [parameterNames.operation]: [action.key],
      };
      const resource = resourceOfAction(action, definition);
      const form = formProperties(action, resource?.name);
      const bulk = bulks.find((one) => one.action === action);
      const own = bulk === undefined ? form : withLimitOfRows(bulk, form);
      return own.map((property) => showWhere(property, show));
    }),
  ];
}

function operationProperty(group: string, actions: readonly ActionDefinition[]): N8nProperty {
  const own = actions.filter((action) => action.group === group);
  return {
    displayName: parameterLabels.operation,
    name: parameterNames.operation,
    type: 'options',
    noDataExpression: true,
    displayOptions: { show: { [parameterNames.resource]: [resourceValue(group)] } },
    options: sorted(own.map(operationOption)),
    default: own[0]?.key ?? '',
  };
}

function operationOption(action: ActionDefinition): N8nOption {
  const title = actionTitle(action);
  return {
    name: operationName(title, action.group),
    value: action.key,
    description: operationText(action),
    action: title,
  };
}

function operationText({ description, operation, group }: ActionDefinition): string {
  if (operation.type === 'bulk') {
    const [one, many] = [singular(group).toLowerCase(), group.toLowerCase()];
    return `${description} Takes all ${many} as a list from one item: for one ${one} per item, select the resource ${singular(group)}: Bulk.`;
  }
  // A node without an output item would end its branch.
  return helpText(description.replace('Returns nothing', 'Outputs an empty item'));
}

/** n8n has its own terms for two kinds of operations: "Get many users", "Bulk update users". */
function actionTitle({ title, operation: { type } }: ActionDefinition): string {
  if (type === 'search') return title.replace(/^\w+/, 'Get many');
  // Its rows can run actions of all kinds.
  if (type === 'bulk') return title.replace(/^\w+(.*?)( in batch)?$/, 'Bulk change$1');
  return title;
}

/** Under "User", "Create or update user" is "Create or Update", as n8n names operations. */
function operationName(title: string, group: string): string {
  const own = singular(group).toLowerCase();
  const shorter = title.replace(/ (\w+)/g, (all, word: string) =>
    singular(word).toLowerCase() === own ? '' : all,
  );
  // Without its last word, "Set Workato role" would not be a name: "Set Workato".
  return titleCase(/ [A-Z]\w*$/.test(shorter) ? title : shorter.replace(/ of$/, ''));
}

function formProperties(action: ActionDefinition, resource: string | undefined): readonly N8nProperty[] {
  const form = formOf(action);
  return [
    ...form.top.map((field) => withFlowDefault(action, fieldProperty(field))),
    ...(form.returnsList ? listProperties(form.limit) : []),
    ...collectionProperty(form.rest, form.restName),
    ...sortProperty(form.sort),
    ...(form.clearable.length > 0 ? [clearProperty(form.clearable)] : []),
    ...(form.takesCustomAttributes && resource !== undefined ? [customAttributesProperty(resource)] : []),
    ...(form.returnsResource ? [simplifyProperty] : []),
    ...collectionProperty(form.options, 'options'),
  ];
}

/** The rows of a bulk action can run actions that remove nothing. */
function withLimitOfRows(
  { form: { selector }, rowActions }: BulkResource,
  form: readonly N8nProperty[],
): readonly N8nProperty[] {
  const actions = rowActions.map(({ action }) => action);
  return form.map((property) =>
    property.name === parameterNames.options ? limitWhereRemoving(property, selector.key, actions) : property,
  );
}

/** n8n's standard parameter of operations with many output fields. */
const simplifyProperty: N8nProperty = {
  displayName: parameterLabels.simplify,
  name: parameterNames.simplify,
  type: 'boolean',
  default: true,
  description: 'Whether to return a simplified version of the response instead of the raw data',
};

function sortProperty(fields: readonly Field[]): readonly N8nProperty[] {
  if (fields.length === 0) return [];
  const displayName = parameterLabels.sort;
  return [
    {
      displayName,
      name: parameterNames.sort,
      type: 'fixedCollection',
      default: {},
      placeholder: 'Add Sort Rule',
      options: [{ displayName, name: groupName, values: fields.map((field) => fieldProperty(field)) }],
      description: 'Order of the results, if the provider supports sorting',
    },
  ];
}

/** A parameter whose value comes from the workflow has an expression as its default. */
function withFlowDefault(action: ActionDefinition, property: N8nProperty): N8nProperty {
  const expression = flowDefault(action, property.name);
  return expression === undefined ? property : { ...property, default: expression };
}

/** n8n's two standard parameters of operations with many results. */
function listProperties(limit: Field | undefined): readonly N8nProperty[] {
  if (limit === undefined) return [];
  return [
    {
      displayName: parameterLabels.returnAll,
      name: parameterNames.returnAll,
      type: 'boolean',
      default: false,
      description: 'Whether to return all results or only up to a given limit',
    },
    {
      displayName: parameterLabels.limit,
      name: parameterNames.limit,
      type: 'number',
      typeOptions: { minValue: 1 },
      default: 50,
      description: 'Max number of results to return',
      displayOptions: { show: { [parameterNames.returnAll]: [false] } },
    },
  ];
}

function clearProperty(fields: readonly Field[]): N8nProperty {
  return {
    displayName: parameterLabels.clear,
    name: parameterNames.clear,
    type: 'multiOptions',
    options: sorted(fields.map((field) => ({ name: labelOf(field), value: field.key }))),
    default: [],
    description: 'Fields to empty',
  };
}

function customAttributesProperty(resource: string): N8nProperty {
  return {
    displayName: parameterLabels.customAttributes,
    name: parameterNames.customAttributes,
    type: 'fixedCollection',
    typeOptions: { multipleValues: true },
    default: {},
    placeholder: 'Add Attribute',
    description: "Attributes from the provider's own schema extensions",
    options: [
      {
        displayName: 'Attribute',
        name: 'attribute',
        values: [
          {
            displayName: 'Attribute Name or ID',
            name: 'path',
            type: 'options',
            typeOptions: { loadOptionsMethod: methodNames.customAttributes(resource) },
            default: '',
            description:
              'Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
          },
          { displayName: 'Value', name: 'value', type: 'string', default: '' },
        ],
      },
    ],
  };
}
