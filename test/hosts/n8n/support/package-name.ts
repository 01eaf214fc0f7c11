/** The name under which people install the node package. */
export const packageName = 'n8n-nodes-scim-provisioning';
