import { createHmac, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifySamlResponse } from '../../../../sandbox/saml/verify-saml-response.ts';
import {
  decode,
  dissect,
  encode,
  evilTwin,
  expectations,
  good,
  key,
  now,
  otherKey,
  reasonOf,
  sign,
  signElement,
  unsigned,
  verify,
} from './saml-fixture.ts';

const signForms = ['assertion', 'response', 'both'] as const;

describe('a valid response', () => {
  it.each(signForms)('is a login when the %s is signed', async (signs) => {
    expect(await verify(sign({ signs }))).toEqual({
      assertionId: expect.stringMatching(/^_[0-9a-f]{40}$/),
      notOnOrAfter: new Date('2026-03-01T12:05:00.000Z'),
      nameId: 'ann@example.com',
      attributes: { workato_email: ['ann@example.com'], workato_role: ['Operator'] },
    });
  });

  it('keeps several values, special characters, and names that every object has', async () => {
    const attributes = {
      workato_user_groups: ['R&D <core>', 'é "quoted" 😀'],
      ['__proto__']: ['x'],
      constructor: ['y'],
      nameID: ['mallory@example.com'],
    };
    const login = await verify(sign({ attributes, nameId: 'o’neil&son@example.com' }));
    expect(login.nameId).toBe('o’neil&son@example.com');
    expect(Object.entries(login.attributes)).toEqual(Object.entries(attributes));
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('can be broken into lines, as in MIME', async () => {
    const lines = encode(sign()).replace(/.{76}/g, '$&\r\n');
    expect((await verifySamlResponse(lines, expectations)).nameId).toBe('ann@example.com');
  });

  it('may use SHA-512', async () => {
    const xml = signElement(unsigned(), {
      element: 'Assertion',
      signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
      digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha512',
    });
    expect((await verify(xml)).nameId).toBe('ann@example.com');
  });

  it('has a certificate that other libraries can read', () => {
    const certificate = new X509Certificate(key.certificate);
    expect(certificate.subject).toBe('CN=The identity provider');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkIssued(certificate)).toBe(true);
  });
});

describe('the signature', () => {
  it('must be there', async () => {
    expect(await reasonOf(verify(unsigned()))).toBe('unsigned');
  });

  it.each(signForms)('must be made with the key of the identity provider (%s)', async (signs) => {
    // The attacker's own certificate is in KeyInfo, where a careless verifier takes it from.
    const xml = sign({ signs }, otherKey);
    expect(xml).toContain('X509Certificate');
    expect(await reasonOf(verify(xml))).toBe('bad_signature');
  });

  it.each(signForms)('covers the name and the roles (%s)', async (signs) => {
    for (const [from, to] of [
      ['ann@example.com</saml:NameID>', 'mallory@example.com</saml:NameID>'],
      ['Operator', 'Admin'],
      ['urn:example:workspace', 'urn:example:elsewhere'],
    ] as const) {
      const xml = sign({ signs });
      expect(xml).toContain(from);
      expect(await reasonOf(verify(xml.replace(from, to)))).toBe('bad_signature');
    }
  });

  it.each(['', 'nonsense', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])(
    'cannot be checked by the certificate %j',
    async (idpCertificate) => {
      expect(await reasonOf(verify(sign(), { idpCertificate }))).toBe('bad_certificate');
    },
  );

  it('must be valid everywhere: a valid one for the response does not excuse an invalid one in the assertion', async () => {
    const inner = signElement(unsigned(), { element: 'Assertion' }, otherKey);
    expect(await reasonOf(verify(signElement(inner, { element: 'Response' })))).toBe('bad_signature');
    const outer = signElement(unsigned(), { element: 'Assertion' });
    expect(await reasonOf(verify(signElement(outer, { element: 'Response' }, otherKey)))).toBe(
      'bad_signature',
    );
  });

  it('must sign its parent element', async () => {
    const elsewhere = signElement(unsigned(), { element: 'Assertion', into: 'Response' });
    expect(await reasonOf(verify(elsewhere))).toBe('wrapped');
    const { signature, response, assertion, serialize } = dissect(sign({ signs: 'response' }));
    response.removeChild(signature);
    assertion.insertBefore(signature, assertion.firstChild);
    expect(await reasonOf(verify(serialize()))).toBe('wrapped');
  });

  it('must not be over the NameID alone', async () => {
    const xml = unsigned().replace('<saml:NameID ', '<saml:NameID ID="_name" ');
    const forged = signElement(xml, { element: 'NameID', into: 'Assertion' });
    expect(await reasonOf(verify(forged))).toBe('wrapped');
  });

  it.each([
    ['the signature with SHA-1', { signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' }],
    ['the digest with SHA-1', { digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1' }],
    ['comments that count', { canonicalization: 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments' }],
  ])('must not be weak: %s', async (_, form) => {
    const xml = signElement(unsigned(), { element: 'Assertion', ...form });
    expect(await reasonOf(verify(xml))).toBe('weak_algorithm');
  });

  it.each([
    'none',
    '',
    'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
    'http://www.w3.org/2000/09/xmldsig#dsa-sha1',
  ])('must not be made with %j', async (algorithm) => {
    const xml = sign({ signs: 'assertion' })
      .replace('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', algorithm)
      // Key confusion: an HMAC whose key is the certificate, which everyone has.
      .replace(
        /(<ds:SignatureValue>)[^<]*/,
        `$1${createHmac('sha1', key.certificate).update('x').digest('base64')}`,
      );
    expect(await reasonOf(verify(xml))).toBe('weak_algorithm');
  });

  it('must not be transformed by XPath or XSLT', async () => {
    for (const transform of [
      'http://www.w3.org/TR/1999/REC-xslt-19991116',
      'http://www.w3.org/TR/1999/REC-xpath-19991116',
    ]) {
      const xml = sign({ signs: 'assertion' }).replace(
        'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
        transform,
      );
      expect(await reasonOf(verify(xml))).toBe('weak_algorithm');
    }
  });

  it('must not have two references, two SignedInfo, or an object of its own', async () => {
    const xml = sign({ signs: 'assertion' });
    const twice = (pattern: RegExp) => xml.replace(pattern, (found) => found + found);
    expect(await reasonOf(verify(twice(/<ds:Reference .*?<\/ds:Reference>/s)))).toBe('wrapped');
    expect(await reasonOf(verify(twice(/<ds:SignedInfo>.*?<\/ds:SignedInfo>/s)))).toBe('wrapped');
    expect(await reasonOf(verify(twice(/<ds:Signature .*?<\/ds:Signature>/s)))).toBe('wrapped');
    const object = xml.replace('</ds:SignatureValue>', '$&<ds:Object>x</ds:Object>');
    expect(await reasonOf(verify(object))).toBe('wrapped');
    const empty = xml.replace(/URI="#_[0-9a-f]*"/, 'URI=""');
    expect(await reasonOf(verify(empty))).toBe('wrapped');
  });
});

// Somorovsky et al., "On Breaking SAML: Be Whoever You Want to Be" (USENIX Security 2012), by the numbers that
// the testers' tools give them.
describe('signature wrapping', () => {
  const attacks: Readonly<Record<string, () => string>> = {
    'XSW1: a forged response, the signed one inside its signature': () => {
      const { document, response, signature, serialize } = dissect(sign({ signs: 'response' }));
      const evil = evilTwin(response);
      response.removeChild(signature);
      document.replaceChild(evil, response);
      signature.appendChild(response);
      evil.insertBefore(signature, evil.firstChild);
      return serialize();
    },
    'XSW2: a forged response, the signed one next to its detached signature': () => {
      const { document, response, signature, serialize } = dissect(sign({ signs: 'response' }));
      const evil = evilTwin(response);
      response.removeChild(signature);
      document.replaceChild(evil, response);
      evil.insertBefore(signature, evil.firstChild);
      evil.insertBefore(response, signature);
      return serialize();
    },
    'XSW3: a forged assertion before the signed one': () => {
      const { response, assertion, serialize } = dissect(sign({ signs: 'assertion' }));
      response.insertBefore(evilTwin(assertion), assertion);
      return serialize();
    },
    'XSW4: the signed assertion inside a forged one': () => {
      const { response, assertion, serialize } = dissect(sign({ signs: 'assertion' }));
      const evil = evilTwin(assertion);
      response.replaceChild(evil, assertion);
      evil.appendChild(assertion);
      return serialize();
    },
    'XSW5: a forged assertion that carries the signature, the signed one at the end': () => {
      const { response, assertion, signature, serialize } = dissect(sign({ signs: 'assertion' }));
      const evil = evilTwin(assertion);
      assertion.removeChild(signature);
      response.replaceChild(evil, assertion);
      evil.insertBefore(signature, evil.firstChild);
      response.appendChild(assertion);
      return serialize();
    },
    'XSW6: a forged assertion that carries the signature, the signed one inside it': () => {
      const { response, assertion, signature, serialize } = dissect(sign({ signs: 'assertion' }));
      const evil = evilTwin(assertion);
      assertion.removeChild(signature);
      response.replaceChild(evil, assertion);
      evil.insertBefore(signature, evil.firstChild);
      signature.appendChild(assertion);
      return serialize();
    },
    'XSW7: a forged assertion in the extensions': () => {
      const { document, response, assertion, serialize } = dissect(sign({ signs: 'assertion' }));
      const extensions = document.createElementNS(String(response.namespaceURI), 'samlp:Extensions');
      extensions.appendChild(evilTwin(assertion));
      response.insertBefore(extensions, assertion);
      return serialize();
    },
    'XSW8: a forged assertion that carries the signature, the signed one in an object of it': () => {
      const { document, response, assertion, signature, serialize } = dissect(sign({ signs: 'assertion' }));
      const evil = evilTwin(assertion);
      assertion.removeChild(signature);
      response.replaceChild(evil, assertion);
      evil.insertBefore(signature, evil.firstChild);
      const object = document.createElementNS(String(signature.namespaceURI), 'ds:Object');
      object.appendChild(assertion);
      signature.appendChild(object);
      return serialize();
    },
    'the forged assertion has the ID of the signed one': () => {
      const { response, assertion, serialize } = dissect(sign({ signs: 'assertion' }));
      const evil = evilTwin(assertion);
      evil.setAttribute('ID', assertion.getAttribute('ID') ?? '');
      response.insertBefore(evil, assertion);
      return serialize();
    },
    'another element has the ID of the signed one, spelled Id': () => {
      const { response, assertion, serialize } = dissect(sign({ signs: 'assertion' }));
      const status = Array.from(response.getElementsByTagNameNS('*', 'Status'))[0];
      status?.setAttribute('Id', assertion.getAttribute('ID') ?? '');
      return serialize();
    },
    'the forged assertion is in another namespace': () => {
      const { document, response, assertion, serialize } = dissect(sign({ signs: 'assertion' }));
      const evil = document.createElementNS('urn:evil', 'e:Assertion');
      evil.setAttribute('ID', '_evil');
      response.insertBefore(evil, assertion);
      return serialize();
    },
  };

  it.each(Object.entries(attacks))('%s', async (_, forge) => {
    const xml = forge();
    expect(xml).toMatch(/mallory|urn:evil|Id="/);
    expect(await reasonOf(verify(xml))).toBe('wrapped');
  });
});

describe('the time', () => {
  it.each([
    ['2026-03-01T11:54:59.999Z', 'not_yet_valid'],
    ['2026-03-01T11:55:00.000Z', 'login'],
    ['2026-03-01T12:04:59.999Z', 'login'],
    ['2026-03-01T12:05:00.000Z', 'expired'],
    ['2036-03-01T12:00:00.000Z', 'expired'],
  ])('at %s: %s', async (at, reason) => {
    expect(await reasonOf(verify(sign(), { now: new Date(at) }))).toBe(reason);
  });

  it('is that of the confirmation too, and must be given in UTC', async () => {
    const change = (pattern: RegExp, text: string) =>
      signElement(unsigned().replace(pattern, text), { element: 'Assertion' });
    const confirmation = /(SubjectConfirmationData NotOnOrAfter)="[^"]*"/;
    expect(await reasonOf(verify(change(confirmation, '$1="2026-03-01T11:59:00Z"')))).toBe('expired');
    expect(await reasonOf(verify(change(confirmation, '$1="2026-03-01 12:01"')))).toBe('malformed');
    expect(await reasonOf(verify(change(confirmation, '$1="soon"')))).toBe('malformed');
    expect(await reasonOf(verify(change(/ NotOnOrAfter="[^"]*"/, '')))).toBe('malformed');
    expect(await reasonOf(verify(change(/(<saml:Conditions.*?) NotOnOrAfter="[^"]*"/, '$1')))).toBe(
      'malformed',
    );
  });

  it('returns how long an assertion must be remembered', async () => {
    const xml = signElement(
      unsigned().replace(/(SubjectConfirmationData NotOnOrAfter)="[^"]*"/, '$1="2026-03-01T12:01:00Z"'),
      { element: 'Assertion' },
    );
    expect((await verify(xml)).notOnOrAfter).toEqual(new Date('2026-03-01T12:01:00Z'));
  });
});

describe('the recipient', () => {
  it.each([
    ['wrong_audience', { audience: 'urn:example:elsewhere' }],
    ['wrong_recipient', { acsUrl: 'http://127.0.0.1:4000/saml/acs/' }],
    ['wrong_recipient', { acsUrl: 'https://elsewhere.example.com/saml/acs' }],
    ['wrong_issuer', { issuer: 'urn:example:other-idp' }],
  ])('%s: %j', async (reason, change) => {
    for (const signs of signForms) expect(await reasonOf(verify(sign({ ...change, signs })))).toBe(reason);
  });

  const resigned = (from: string | RegExp, to: string) =>
    signElement(unsigned().replace(from, to), { element: 'Assertion' });

  it('must meet each audience restriction', async () => {
    const other = '<saml:AudienceRestriction><saml:Audience>urn:x</saml:Audience></saml:AudienceRestriction>';
    expect(await reasonOf(verify(resigned('</saml:Conditions>', `${other}$&`)))).toBe('wrong_audience');
    expect(
      await reasonOf(verify(resigned('</saml:Audience>', '$&<saml:Audience>urn:x</saml:Audience>'))),
    ).toBe('login');
    expect(
      await reasonOf(verify(resigned(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/, ''))),
    ).toBe('wrong_audience');
  });

  it('must name the recipient, and the destination when the response is signed', async () => {
    expect(await reasonOf(verify(resigned(/ Recipient="[^"]*"/, '')))).toBe('wrong_recipient');
    expect(await reasonOf(verify(resigned(/ Destination="[^"]*"/, '')))).toBe('login');
    expect(await reasonOf(verify(resigned(/ Destination="[^"]*"/, ' Destination="http://x/"')))).toBe(
      'wrong_recipient',
    );
    const signed = signElement(unsigned().replace(/ Destination="[^"]*"/, ''), { element: 'Response' });
    expect(await reasonOf(verify(signed))).toBe('wrong_recipient');
  });

  it('must have the same issuer throughout', async () => {
    const issuer = `<saml:Issuer>${good.issuer}</saml:Issuer>`;
    expect(await reasonOf(verify(resigned(issuer, '<saml:Issuer>urn:x</saml:Issuer>')))).toBe('wrong_issuer');
  });

  it('must be confirmed by bearer, without a request ID', async () => {
    expect(await reasonOf(verify(resigned('cm:bearer', 'cm:sender-vouches')))).toBe('malformed');
    expect(await reasonOf(verify(resigned(' Recipient=', ' InResponseTo="_1" Recipient=')))).toBe(
      'unrequested',
    );
    expect(await reasonOf(verify(resigned(' Destination=', ' InResponseTo="_1" Destination=')))).toBe(
      'unrequested',
    );
  });
});

describe('a replayed response', () => {
  it('is rejected', async () => {
    const seen = new Set<string>();
    const isReplayed = (id: string) => seen.has(id) || !seen.add(id);
    const xml = sign();
    expect(await reasonOf(verify(xml, { isReplayed }))).toBe('login');
    expect(await reasonOf(verify(xml, { isReplayed }))).toBe('replayed');
    expect(await reasonOf(verify(sign(), { isReplayed }))).toBe('login');
  });

  it('is rejected if both copies arrive at the same time', async () => {
    const seen = new Set<string>();
    const isReplayed = (id: string) => seen.has(id) || !seen.add(id);
    const xml = sign();
    const copies = Array.from({ length: 8 }, () => reasonOf(verify(xml, { isReplayed })));
    expect((await Promise.all(copies)).filter((reason) => reason === 'login')).toHaveLength(1);
  });

  it('is detected last, so that an invalid response cannot use up an ID', async () => {
    const asked: string[] = [];
    const isReplayed = (id: string) => asked.push(id) < 0;
    await reasonOf(verify(sign({}, otherKey), { isReplayed }));
    await reasonOf(verify(sign(), { isReplayed, now: new Date('2030-01-01') }));
    await reasonOf(verify(sign({ audience: 'x' }), { isReplayed }));
    expect(asked).toEqual([]);
  });
});

describe('the XML', () => {
  // CVE-2017-11427 and its kin: a canonical form drops comments, so the signature still holds.
  it.each([
    ['a comment', 'ann@example.com<!---->.evil.com'],
    ['a processing instruction', 'ann@example.com<?x?>.evil.com'],
    ['CDATA', 'ann@example.com<![CDATA[]]>.evil.com'],
  ])('is rejected if the NameID has %s', async (_, nameId) => {
    const signed = sign({ nameId: 'ann@example.com.evil.com', signs: 'assertion' });
    const injected = signed.replace('ann@example.com.evil.com</saml:NameID>', `${nameId}</saml:NameID>`);
    expect(injected).not.toBe(signed);
    expect(await reasonOf(verify(injected))).toBe('malformed');
  });

  it('is rejected with a comment in the NameID, even if it is signed', async () => {
    const commented = unsigned().replace(
      'ann@example.com</saml:NameID>',
      'ann@example.com<!-- x -->.evil.com$&',
    );
    const xml = signElement(commented, { element: 'Assertion' });
    expect(xml).toContain('<!-- x -->');
    expect(await reasonOf(verify(xml))).toBe('malformed');
  });

  it('is rejected with elements in the NameID or in a value', async () => {
    for (const [from, to] of [
      ['ann@example.com</saml:NameID>', 'ann@example.com<saml:X/>.evil.com</saml:NameID>'],
      ['Operator', 'Operator<saml:X>Admin</saml:X>'],
      ['ann@example.com</saml:NameID>', ' </saml:NameID>'],
    ] as const) {
      const xml = signElement(unsigned().replace(from, to), { element: 'Assertion' });
      expect(await reasonOf(verify(xml))).toBe('malformed');
    }
  });

  it.each([
    [
      'entities in entities',
      '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    ],
    ['a file', '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'],
    ['another host', '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">'],
    ['nothing', '<!DOCTYPE Response>'],
  ])('is rejected with a document type: %s', async (_, doctype) => {
    expect(await reasonOf(verify(doctype + sign().replace('Operator', '&b;&f;')))).toBe('doctype');
    expect(await reasonOf(verify(`<?xml version="1.0"?>\n${doctype}${sign()}`))).toBe('doctype');
  });

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['HTML', '<html><body>Log in</body></html>'],
    ['an unclosed element', '<Response>'],
    ['tags that cross', '<a><b></a></b>'],
    ['two roots', '<a/><a/>'],
    ['an unknown entity', '<a>&nope;</a>'],
    ['a reference to no character', '<a>&#0;&#xD800;</a>'],
    ['a control character', '<a>\u0001</a>'],
    ['an attribute twice', '<a b="1" b="2"/>'],
    ['an attribute twice, by two prefixes', '<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>'],
    ['an undeclared prefix', '<p:a/>'],
    ['an attribute without quotes', '<a b=1/>'],
    ['text after the end', '<a/>x'],
    ['the end of CDATA', '<a>]]></a>'],
    ['UTF-16', '<?xml version="1.0" encoding="UTF-16"?><a/>'],
    ['a logout', '<LogoutResponse xmlns="urn:oasis:names:tc:SAML:2.0:protocol" Version="2.0"/>'],
    ['SAML 1.1', '<Response xmlns="urn:oasis:names:tc:SAML:1.0:protocol" Version="1.1"/>'],
  ])('is rejected: %s', async (_, xml) => {
    expect(await reasonOf(verify(xml))).toBe('malformed');
  });

  it('must be base64 of UTF-8', async () => {
    for (const text of ['', '%%%', 'A', 'a-_b', '====', encode(sign()).slice(1)]) {
      expect(await reasonOf(verifySamlResponse(text, expectations))).toBe('malformed');
    }
    const latin1 = Buffer.from('<a>é</a>', 'latin1').toString('base64');
    expect(await reasonOf(verifySamlResponse(latin1, expectations))).toBe('malformed');
  });

  it('has a size limit', async () => {
    const attributes = { workato_user_groups: Array.from({ length: 5_000 }, (_, at) => `group-${at}`) };
    expect(await reasonOf(verify(sign({ attributes })))).toBe('too_large');
    expect(await reasonOf(verifySamlResponse('A'.repeat(50_000_000), expectations))).toBe('too_large');
    const deep = '<a>'.repeat(20_000) + '</a>'.repeat(20_000);
    expect(await reasonOf(verify(deep))).toBe('malformed');
    expect(await reasonOf(verify(`<a>${'<b/>'.repeat(30_000)}</a>`))).toBe('malformed');
    expect(await reasonOf(verify(`<a${' '.repeat(150_000)}`))).toBe('malformed');
    expect(await reasonOf(verify(`<a ${'b="c" '.repeat(20_000)}`))).toBe('malformed');
    expect(await reasonOf(verify(`<a>${'&'.repeat(100_000)}</a>`))).toBe('malformed');
  });

  it('returns the error of the identity provider', async () => {
    const refusal = unsigned().replace('status:Success', 'status:Requester');
    expect(await reasonOf(verify(refusal))).toBe('idp_refused');
    expect(await reasonOf(verify(unsigned().replace(/<samlp:Status>.*<\/samlp:Status>/, '')))).toBe(
      'malformed',
    );
  });

  it('is rejected if it is encrypted', async () => {
    const encrypted = unsigned().replace(
      /<saml:Assertion .*<\/saml:Assertion>/,
      '<saml:EncryptedAssertion/>',
    );
    expect(await reasonOf(verify(encrypted))).toBe('encrypted');
  });

  it('is accepted in any equivalent spelling', async () => {
    const xml = `\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n${sign({ signs: 'assertion' })}\n`;
    expect(await reasonOf(verify(xml))).toBe('login');
    const single = sign().replace(/ Version="2.0"/g, " Version='2.0'");
    expect(await reasonOf(verify(single))).toBe('login');
  });
});

describe('fuzzed', () => {
  const whole = encode(sign());
  const bytes = Buffer.from(whole, 'base64');
  const known = { ...good.attributes };

  it('bytes are never a login, and always a SamlError', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (random) => {
        const reason = await reasonOf(
          verifySamlResponse(Buffer.from(random).toString('base64'), expectations),
        );
        expect(reason).not.toBe('login');
      }),
      { numRuns: 500 },
    );
  });

  it('text is never a login, and always a SamlError', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (random) => {
        expect(await reasonOf(verifySamlResponse(random, expectations))).not.toBe('login');
      }),
      { numRuns: 500 },
    );
  });

  it('XML of SAML words is never a login', async () => {
    const words = sign().match(/<[^>]*>|[^<]+/g) ?? [];
    const shuffled = fc.array(fc.constantFrom(...words, '<!--', '-->', '&lt;', '<![CDATA['), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(shuffled, async (parts) => {
        expect(await reasonOf(verify(parts.join('')))).not.toBe('login');
      }),
      { numRuns: 500 },
    );
  });

  it('valid responses with bytes changed, moved, or lost are rejected, or return only what was signed', async () => {
    const position = fc.integer({ min: 0, max: bytes.length - 1 });
    const mutation = fc.oneof(
      fc.record({ at: position, take: fc.constant(1), put: fc.uint8Array({ minLength: 1, maxLength: 1 }) }),
      fc.record({ at: position, take: fc.integer({ max: 200 }), put: fc.uint8Array({ maxLength: 4 }) }),
      fc.record({
        at: position,
        take: fc.constant(0),
        put: fc
          .tuple(position, fc.integer({ min: 1, max: 400 }))
          .map(([from, size]) => bytes.subarray(from, from + size)),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
        let changed = bytes;
        for (const { at, take, put } of mutations) {
          changed = Buffer.concat([changed.subarray(0, at), put, changed.subarray(at + Math.max(0, take))]);
        }
        let login: Awaited<ReturnType<typeof verify>> | undefined;
        const attempt = verifySamlResponse(changed.toString('base64'), expectations).then((found) => {
          login = found;
          return found;
        });
        await reasonOf(attempt);
        // Bytes that no signature covers are, for one, those of the certificate that comes along.
        if (login !== undefined) expect([login.nameId, login.attributes]).toEqual(['ann@example.com', known]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('the unchanged response is a login', async () => {
    expect(decode(whole)).toContain('ann@example.com');
    expect((await verifySamlResponse(whole, { ...expectations, now })).nameId).toBe('ann@example.com');
  });
});
