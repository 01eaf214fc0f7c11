import type { Flavor, FlavorName } from './flavor.ts';
import { entra, entraFlag } from './flavors/entra.ts';
import { okta, oktaPut } from './flavors/okta.ts';
import { onelogin } from './flavors/onelogin.ts';

/** All identity providers that can be simulated. */
export const flavors: Readonly<Record<FlavorName, Flavor>> = Object.freeze({
  okta,
  'okta-put': oktaPut,
  entra,
  'entra-flag': entraFlag,
  onelogin,
});
