/** The schemas that identity providers name. */
export const urns = Object.freeze({
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  workatoRole: 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole',
  patchOp: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  /** Microsoft's own schema, which Entra ID sends with groups. */
  adScimGroup: 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group',
});
