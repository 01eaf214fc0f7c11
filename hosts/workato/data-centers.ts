import type { PickListOption } from '../../connector/manifest/field.zod.ts';

/** The data centers of Workato, with the URL of the Developer API of each. A new one can be entered as text. */
export const dataCenters: readonly PickListOption[] = [
  { title: 'US', value: 'https://www.workato.com/api' },
  ...['EU', 'JP', 'SG', 'AU', 'IL'].map((title) => ({
    title,
    value: `https://app.${title.toLowerCase()}.workato.com/api`,
  })),
];
