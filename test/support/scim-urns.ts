export const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const roleUrn = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';
export const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
export const bulkUrn = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
