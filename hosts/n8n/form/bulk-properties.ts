import { defineField } from '../../../connector/definition/define-field.ts';
import { singular, titleCase } from '../../kit/title-case.ts';
import { methodNames, parameterLabels, parameterNames } from '../parameter-names.ts';
import type { BulkResource } from './bulk-form.ts';
import { collectionProperty } from './collection-property.ts';
import { fieldProperty, sorted } from './field-property.ts';
import { formOf } from './form-of.ts';
import type { N8nProperty } from './n8n-property.ts';
import { limitWhereRemoving } from './safety-limit.ts';
import { showWhere } from './show-where.ts';
import { helpText } from './words.ts';

/** Only the items decide which columns there are, unless each column is mapped. */
const ignoredColumns = defineField(
  {
    key: parameterNames.ignoredColumns,
    title: parameterLabels.ignoredColumns,
    help: 'Columns of the input that are not read if they are mapped automatically, such as row_number. Separate several by commas.',
    type: 'strings',
    sample: ['row_number'],
    advanced: true,
  },
  {},
);

/** The parameters of a bulk action that takes one row from each item: the operation, and the columns of its rows. */
export function bulkProperties(bulk: BulkResource): readonly N8nProperty[] {
  const show = { [parameterNames.resource]: [bulk.value] };
  const group = bulk.action.group.toLowerCase();
  const one = singular(group);
  const properties: readonly N8nProperty[] = [
    {
      displayName: parameterLabels.operation,
      name: parameterNames.operation,
      type: 'options',
      noDataExpression: true,
      options: sorted(
        bulk.rowActions.map(({ action, title }) => ({
          name: titleCase(title),
          value: action.key,
          description: helpText(`${action.description} Runs once, with one ${one} per item.`),
          action: `${title} ${action.group === bulk.action.group ? group : `of ${group}`} in bulk`,
        })),
      ),
      default: bulk.form.defaultAction,
    },
    ...matchProperties(bulk),
    {
      displayName: parameterLabels.columns,
      name: parameterNames.columns,
      type: 'resourceMapper',
      noDataExpression: true,
      default: { mappingMode: 'defineBelow', value: null },
      required: true,
      typeOptions: {
        loadOptionsDependsOn: [parameterNames.operation],
        resourceMapper: {
          resourceMapperMethod: methodNames.bulkColumns(bulk.value),
          mode: 'add',
          fieldWords: { singular: 'column', plural: 'columns' },
          addAllFields: true,
          supportAutoMap: true,
        },
      },
    },
    ...collectionProperty([...formOf(bulk.action).nodeOptions, ignoredColumns], 'options').map((options) =>
      limitWhereRemoving(
        options,
        parameterNames.operation,
        bulk.rowActions.map(({ action }) => action),
      ),
    ),
  ];
  return properties.map((property) => showWhere(property, show));
}

/**
 * What identifies the user of each row: the field of the operation, which has a default, or that of the bulk action, which
 * has none.
 */
function matchProperties({ rowActions, action: { group } }: BulkResource): readonly N8nProperty[] {
  const fields = [...new Set(rowActions.flatMap(({ match }) => match ?? []))];
  return fields.map((field) => {
    const operations = rowActions.filter(({ match }) => match === field).map(({ action }) => action.key);
    const show = { [parameterNames.operation]: operations };
    if (field.default !== undefined) {
      const { description, ...property } = fieldProperty(field);
      const override = `The column ${field.key} of an item overrides it.`;
      return showWhere({ ...property, description: `${description} ${override}` }, show);
    }
    // The rest of its help says what happens without a value.
    const [help = ''] = field.help.split(/(?<=\.) /);
    const property = fieldProperty({ ...field, help });
    const automatic = {
      name: 'Automatic',
      value: '',
      description: `First column with a value that identifies the ${singular(group).toLowerCase()}`,
    };
    return showWhere({ ...property, options: [automatic, ...(property.options ?? [])], default: '' }, show);
  });
}
