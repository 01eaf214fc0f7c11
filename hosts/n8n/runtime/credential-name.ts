/** The name of the credential that holds a connection; kept in people's workflows. */
export const credentialName = 'scimApi';

/** The name of the credential that holds what a source of events needs. */
export const eventsCredentialName = 'scimEventsApi';
