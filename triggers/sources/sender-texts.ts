/** The sentences of errors about a sender that is asked for events. The Workato connector has the same, generated from this data. */
export const senderTexts = Object.freeze({
  rejected: 'The {sender} responded with status {status}.',
  silent: 'No response from the {sender}: {reason}.',
  webPage: 'The response is a web page. It may come from a proxy or a login page.',
  noData: 'The response has no "data" with IDs.',
  samePage: 'Pagination loop: the log returned the same page again after {count} entries.',
  contactProvider: 'Contact the provider.',
  tooMany: 'The log has more than {count} entries since the last poll, and lists the newest first.',
  startLater: 'Start over with a later `startAt`.',
} as const);
