/**
 * The rejection texts that senders receive. The Workato connector uses the same texts, generated from
 * this data.
 */
export const rejectionTexts = Object.freeze({
  bodyTooLarge: 'The body is larger than {limit} bytes.',
  wrongContentType: 'The "Content-Type" is not {types}.',
  authorizationMissing: 'The "Authorization" header is missing.',
  authorizationWrong: 'The "Authorization" header is incorrect.',

  message: 'The message {problem}.',
  notUtf8: 'is not UTF-8',
  notJson: 'is not JSON',
  tooDeep: 'is nested more than {levels} levels deep',

  notAToken: 'The body is not a signed token: it must be one JWS in compact serialization.',
  algorithm: "The token's algorithm is not one of {algorithms}.",
  noKey: 'The issuer has not published a key for the "kid" and the algorithm of the token.',
  signature: 'The signature does not match the token.',
  issuer: 'The "iss" of the token is not the expected issuer.',
  audience: 'The "aud" of the token does not include this receiver.',
  token: 'The token {problem}.',
  critical: 'has critical parameters',
  wrongType: 'has a type other than "secevent+jwt"',
  invalidKeyId: 'has a "kid" that is not a string',
  invalidClaims: 'has claims that are not a JSON object',
  noIssuedAt: 'has no "iat"',
  inFuture: 'is dated in the future',
  tooOld: 'is too old',
  expired: 'has expired',
  notYetValid: 'is not valid yet',
  invalidId: 'has no "jti", or one that is too long',
  noEvents: 'has no "events"',
  subject:
    'The "sub_id" does not identify a SCIM resource: its "uri" must end with the resource type and the ID, such as "/Users/2819c223".',
  noData: 'The event "{uri}" has no "data".',
  notAnAuditEvent: 'The message has no "id", or no "content.attributes.event".',
} as const);
