/** An overlay with the profile of a provider that deletes the users whom it deactivates. */
export const acmeOverlay = {
  overlayVersion: 1,
  title: 'Acme',
  profile: {
    name: 'acme',
    provider: 'Acme',
    docs: 'https://acme.example/docs',
    baseUrl: {
      template: '{serviceUrl}/v2',
      help: 'The URL of the service, with /v2.',
      parameters: [
        {
          key: 'serviceUrl',
          title: 'Service URL',
          help: 'URL of the service.',
          sample: 'https://acme.example/scim',
        },
      ],
    },
    auth: [{ type: 'oauth_client_credentials', help: 'A client with a secret.' }],
    traits: [{ name: 'deactivate-deletes', source: 'https://acme.example/docs#deactivate' }],
  },
};
