/** Why there is no response. */
export const transportTexts = Object.freeze({
  hostNotFound: 'the host does not exist',
  dnsFailed: 'the DNS server did not respond',
  connectionRefused: 'the connection was refused',
  hostUnreachable: 'the host is unreachable',
  networkUnreachable: 'the network is unreachable',
  proxyUnreachable: 'the proxy is unreachable',
  proxyInvalid: 'the proxy in the environment is not an http or https URL',
  portBlocked: 'HTTP clients do not connect to this port, which belongs to another protocol',
  proxyRefused: 'the proxy refused the connection with status {status}',
  tlsFailed: 'the TLS certificate or encryption was rejected',
  requestInvalid: 'the request contains invalid characters',
  timedOut: 'no response within {limit} ms',
  tooLarge: 'the response is larger than {limit} bytes',
  connectionReset: 'the connection was reset',
  closedWhileSending: 'the connection closed while the request was being sent',
  closedEarly: 'the connection closed before the response was complete',
  connectionTimedOut: 'the connection timed out',
  connectionFailed: 'the connection failed',
} as const);

const checkProxy = 'Check the proxy in the environment: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, and NO_PROXY.';

/** What to do next when there is no response, by the code of the transport error. */
export const transportSteps = Object.freeze({
  PROXY_UNREACHABLE: checkProxy,
  PROXY_INVALID: checkProxy,
  PROXY_407: checkProxy,
  ENOTFOUND: 'Check the host in `baseUrl`.',
  BAD_PORT: 'Use another port in `baseUrl`.',
  ECONNREFUSED: 'Check the host and port in `baseUrl`: nothing is listening there.',
  TOO_LARGE: 'Lower `pageSize`, or request fewer attributes.',
  ETIMEDOUT: 'Try again later, or raise `timeoutInMs` or `deadlineInMs`.',
} as const);
