import type { Overlay } from '../connector/manifest/overlay.zod.ts';
import type { ProbeReport } from './report.ts';

type Profile = NonNullable<Overlay['profile']>;

/**
 * An overlay with the profile of a probed provider: the traits that the probe proved. It has no secret in it.
 *
 * @param probedAt - the time of the probe, in milliseconds since 1970
 */
export function profileOfReport(report: ProbeReport, probedAt: number): Overlay {
  const { host, protocol, origin } = new URL(report.baseUrl);
  const date = new Date(probedAt).toISOString().slice(0, 10);
  const source = `rolecall probe of ${report.baseUrl} on ${date}`;
  return {
    overlayVersion: 1,
    title: host,
    profile: {
      name: nameOf(host),
      provider: host,
      docs: protocol === 'https:' ? `${origin}/` : 'https://www.rfc-editor.org/rfc/rfc7644',
      baseUrl: baseUrlOf(report.baseUrl),
      auth: [{ type: report.auth, help: 'Create a credential in the settings of the provider.' }],
      traits: report.traits.map(({ name }) => ({ name, source })),
      notes: [
        `Written by rolecall probe on ${date}.`,
        'Put the page of the provider about SCIM into docs, and its name into provider.',
      ],
    },
  };
}

function nameOf(host: string): string {
  const words = host.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const name = words.join('-').slice(0, 50).replace(/-$/, '');
  return /^[a-z]/.test(name) ? name : `host-${name}`;
}

/** A template must be HTTPS: another URL is a parameter of its own. */
function baseUrlOf(baseUrl: string): Profile['baseUrl'] {
  const help = 'The base URL of the SCIM service that was probed.';
  if (baseUrl.startsWith('https://') && !/[{}]/.test(baseUrl)) return { template: baseUrl, help };
  return {
    template: '{serviceUrl}',
    parameters: [{ key: 'serviceUrl', title: 'Service URL', help, sample: baseUrl }],
    help,
  };
}
