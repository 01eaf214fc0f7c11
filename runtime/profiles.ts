import { invalidInput } from '../connector/errors.ts';
import type { Profile } from '../connector/manifest/profile.zod.ts';
import awsIamIdentityCenter from '../profiles/aws-iam-identity-center.json' with { type: 'json' };
import bitwarden from '../profiles/bitwarden.json' with { type: 'json' };
import databricks from '../profiles/databricks.json' with { type: 'json' };
import githubEnterprise from '../profiles/github-enterprise.json' with { type: 'json' };
import githubOrganizations from '../profiles/github-organizations.json' with { type: 'json' };
import googleCloudIdentity from '../profiles/google-cloud-identity.json' with { type: 'json' };
import hcpTerraform from '../profiles/hcp-terraform.json' with { type: 'json' };
import keycloak from '../profiles/keycloak.json' with { type: 'json' };
import salesforce from '../profiles/salesforce.json' with { type: 'json' };
import sentry from '../profiles/sentry.json' with { type: 'json' };
import slack from '../profiles/slack.json' with { type: 'json' };
import workato from '../profiles/workato.json' with { type: 'json' };
import zscaler from '../profiles/zscaler.json' with { type: 'json' };
import { didYouMean } from '../schemas/did-you-mean.ts';

/** The overlays with the profiles of this package. A test parses each of them. */
const shipped = [
  awsIamIdentityCenter,
  bitwarden,
  databricks,
  githubEnterprise,
  githubOrganizations,
  googleCloudIdentity,
  hcpTerraform,
  keycloak,
  salesforce,
  sentry,
  slack,
  workato,
  zscaler,
] as readonly { readonly profile: unknown }[];

/** The profiles of this package, by name. */
export const profiles: readonly Profile[] = shipped.map(({ profile }) => profile as Profile);

/**
 * The overlay of a profile.
 *
 * @param profile - the name of a profile of this package, or an overlay with a profile, parsed from JSON
 * @throws ConnectorError `invalid_input` if no profile has the name
 */
export function profileOverlay(profile: unknown): unknown {
  if (typeof profile !== 'string') return profile;
  const index = profiles.findIndex(({ name }) => name === profile);
  if (index >= 0) return shipped[index];
  const names = profiles.map(({ name }) => name);
  const hint = didYouMean(profile, names) || ` (known: ${names.join(', ')})`;
  throw invalidInput([{ path: 'profile', message: `has no profile "${profile}"${hint}` }]);
}
