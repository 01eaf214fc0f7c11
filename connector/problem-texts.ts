/** What is wrong with a field; the name of the field comes before it. */
export const problemTexts = Object.freeze({
  notAUrl: 'must be a full URL, such as "https://workato.com/scim/v2"',
  notHttps: 'must start with "https://"',
  hasCredentials: 'must not contain a username or password: use the fields for credentials',
  hasQuery: 'must not contain "?" or "#"',
  hasFragment: 'must not contain "#"',
  plainHttp:
    'must start with "https://", or credentials are sent unencrypted (on a test network, `allowPlainHttp` permits it)',
  authTwice: 'cannot be combined with `{key}`: pass one of them',
  methodOfOther:
    'does not match the authentication method: {provider} accepts {methods} (for another method, select Other SCIM provider)',
  tokenCharacter:
    'contains a space, a line break, or another character that tokens cannot have: copy only the token itself',
  notATokenUrl: 'must be a full URL, such as "https://login.example.com/oauth/token"',
  scopeCharacter: 'must be scope names separated by spaces, without quotes or backslashes',
  notAResource: 'must be full URIs without "#", separated by spaces',
  usernameColon: 'must not contain ":", which HTTP Basic authentication cannot send',
  notAHeaderName: 'is not a header name: use letters, digits, and "-", such as "X-API-Key"',
  reservedHeader: 'must not be "{name}": requests set that header themselves',
  headerCharacter:
    'contains a line break or another character that headers cannot have: copy only the value itself',
  controlCharacter: 'contains a line break or another control character: copy only the value itself',
  surroundingSpace: 'begins or ends with a space or a line break: copy only the value itself',
  versionCharacter: 'contains a character that versions cannot have',
  notAFilter: 'is not a valid SCIM filter: {reason}. Example: {example}',
  undefinedCriterion: 'is undefined: pass a value, or omit the field to match everything',
  searchExample: 'userName eq "ada@example.com" and active eq true',
  triggerExample: 'department eq "Engineering" and active eq true',
  notAnAttribute:
    'is not an attribute of a {resources}: use SCIM names, such as "title" or "name.familyName"',
  unknownAttribute: 'names "{name}", which is not an attribute of a {resource}',
  or: ' or ',
  pathOutside:
    'must start with "/" and stay below the base URL, such as "/Users" (set query parameters in `query`)',
  notAQueryValue: 'must be a string, a number, true, or false',
  givenTwice: 'is set twice, to different values',
  noMembers: 'is empty, which would remove every member: to allow that, set `allowEmpty` to true',
  noStep: 'set at least one of {fields} to true',
  matchesNobody: 'does not apply to {action}, which matches no existing user',
  nullRow: 'The row must be an object, not null',
  matchMissing: 'is required, because it identifies an existing user',
  nothingToChange: 'set at least one field to change',
  notApplicable: 'cannot be applied: {reason}',
  dryRunOfRead: 'does not apply to {action}, which only reads: run it without it',
  notAServiceUrl: 'must be a full URL that starts with "https://"',
  hasUserinfo: 'must not contain a username or password',
  unencrypted: 'must start with "https://" (only localhost may use "http://")',
  notALogCursor:
    'is not a valid cursor of this source, or is from a newer release: pass the stored cursor unchanged, or omit it to start over',
  notACursor: 'is not a valid cursor: pass the cursor from the last poll, or omit it to start over',
  cursorOfOther:
    'belongs to {other}, and the connection is to {provider}, where every user would appear deleted: use a separate state for each connection',
} as const);
