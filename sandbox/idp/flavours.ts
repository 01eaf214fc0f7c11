import type { Flavour, FlavourName } from './flavour.ts';
import { entra, entraFlag } from './flavours/entra.ts';
import { okta, oktaPut } from './flavours/okta.ts';
import { onelogin } from './flavours/onelogin.ts';

/** All identity providers that can be played. */
export const flavours: Readonly<Record<FlavourName, Flavour>> = Object.freeze({
  okta,
  'okta-put': oktaPut,
  entra,
  'entra-flag': entraFlag,
  onelogin,
});
