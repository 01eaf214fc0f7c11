import { describe, expect, it } from 'vitest';
import { humanize } from '../../../schemas/humanize.ts';

describe('a label made from a name', () => {
  it.each([
    ['givenName', 'Given name'],
    ['userName', 'User name'],
    ['x509Certificates', 'X.509 certificates'],
    ['externalId', 'External ID'],
    ['ssoUrl', 'SSO URL'],
    ['etag', 'ETag'],
    ['constructor', 'Constructor'],
    ['workato_role_prod', 'Workato role prod'],
    ['$ref', 'Ref'],
    ['active', 'Active'],
    ['', ''],
  ])('%s → %s', (name, label) => {
    expect(humanize(name)).toBe(label);
  });
});
