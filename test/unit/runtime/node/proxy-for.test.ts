import { describe, expect, it } from 'vitest';
import { type Environment, proxyFor } from '../../../../runtime/node/proxy-for.ts';

const proxy = 'http://proxy.example.net:3128';
const through = (target: string, environment: Environment): string | undefined =>
  proxyFor(new URL(target), environment)?.href;

describe('the proxy for a URL', () => {
  it.each<readonly [string, string, Environment, string | undefined]>([
    ['HTTPS_PROXY for https', 'https://idp.example.com/', { HTTPS_PROXY: proxy }, `${proxy}/`],
    ['https_proxy in lower case', 'https://idp.example.com/', { https_proxy: proxy }, `${proxy}/`],
    [
      'lower case before upper case',
      'https://idp.example.com/',
      { https_proxy: proxy, HTTPS_PROXY: 'http://other/' },
      `${proxy}/`,
    ],
    ['HTTP_PROXY for http', 'http://idp.example.com/', { HTTP_PROXY: proxy }, `${proxy}/`],
    ['ALL_PROXY for both', 'https://idp.example.com/', { ALL_PROXY: proxy }, `${proxy}/`],
    ['all_proxy in lower case', 'http://idp.example.com/', { all_proxy: proxy }, `${proxy}/`],
    ['HTTP_PROXY not for https', 'https://idp.example.com/', { HTTP_PROXY: proxy }, undefined],
    ['an empty variable', 'https://idp.example.com/', { HTTPS_PROXY: '' }, undefined],
    ['no variable', 'https://idp.example.com/', {}, undefined],
    [
      'a proxy without a scheme',
      'https://idp.example.com/',
      { HTTPS_PROXY: 'proxy.example.net:3128' },
      `${proxy}/`,
    ],
    [
      'a proxy with credentials',
      'https://idp.example.com/',
      { HTTPS_PROXY: 'https://me:p%40ss@proxy.example.net' },
      'https://me:p%40ss@proxy.example.net/',
    ],
    [
      'HTTP_PROXY, which a CGI script has from a header',
      'http://idp.example.com/',
      { HTTP_PROXY: proxy, REQUEST_METHOD: 'GET' },
      undefined,
    ],
    [
      'http_proxy in a CGI script',
      'http://idp.example.com/',
      { http_proxy: proxy, REQUEST_METHOD: 'GET' },
      `${proxy}/`,
    ],
  ])('is read from %s', (_, target, environment, expected) => {
    expect(through(target, environment)).toBe(expected);
  });

  it.each([
    'http://127.0.0.1:8080/',
    'http://127.8.9.10/',
    'http://127.1/',
    'http://localhost/',
    'http://LOCALHOST:3000/',
    'https://localhost./',
    'http://[::1]:8080/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://[::ffff:127.0.0.1]/',
  ])('is undefined for loopback: %s', (target) => {
    expect(through(target, { ALL_PROXY: proxy, HTTP_PROXY: proxy, HTTPS_PROXY: proxy })).toBeUndefined();
  });

  it.each([
    'http://128.0.0.1/',
    'http://localhost.example.com/',
    'http://127.0.0.1.example.com/',
    'http://[::2]/',
  ])('is used for a host that only resembles loopback: %s', (target) => {
    expect(through(target, { ALL_PROXY: proxy })).toBe(`${proxy}/`);
  });

  it.each([
    ['*', 'https://idp.example.com/'],
    ['idp.example.com', 'https://idp.example.com/'],
    ['IDP.Example.com', 'https://idp.example.com/'],
    ['.example.com', 'https://idp.example.com/'],
    ['*.example.com', 'https://idp.example.com/'],
    ['example.com', 'https://idp.example.com/'],
    ['example.com.', 'https://idp.example.com./'],
    ['other.org, example.com', 'https://idp.example.com/'],
    ['other.org example.com', 'https://idp.example.com/'],
    ['idp.example.com:443', 'https://idp.example.com/'],
    ['idp.example.com:8443', 'https://idp.example.com:8443/'],
    ['bücher.example', 'https://scim.xn--bcher-kva.example/'],
    ['10.1.2.3', 'https://10.1.2.3/'],
    ['10.0.0.0/8', 'https://10.1.2.3/'],
    ['10.1.2.3:8443', 'https://10.1.2.3:8443/'],
    ['2001:db8::1', 'https://[2001:db8::1]/'],
    ['[2001:db8::1]', 'https://[2001:db8::1]/'],
    ['[2001:db8::1]:8443', 'https://[2001:db8::1]:8443/'],
    ['2001:db8::/32', 'https://[2001:db8:1::5]/'],
    ['[2001:db8::]/32', 'https://[2001:db8:1::5]/'],
    ['10.0.0.0/8', 'https://[::ffff:10.1.2.3]/'],
  ])('is undefined if NO_PROXY is "%s": %s', (noProxy, target) => {
    expect(through(target, { HTTPS_PROXY: proxy, NO_PROXY: noProxy })).toBeUndefined();
    expect(through(target, { https_proxy: proxy, no_proxy: noProxy })).toBeUndefined();
  });

  it.each([
    ['', 'https://idp.example.com/'],
    ['example.org', 'https://idp.example.com/'],
    ['ample.com', 'https://idp.example.com/'],
    ['idp.example.com:8443', 'https://idp.example.com/'],
    ['sub.idp.example.com', 'https://idp.example.com/'],
    ['10.0.0.0/8', 'https://11.0.0.1/'],
    ['10.0.0.0/99', 'https://10.0.0.1/'],
    ['nonsense/8', 'https://10.0.0.1/'],
    ['10.0.0.1', 'https://110.0.0.1/'],
    ['2001:db8::1', 'https://[2001:db8::2]/'],
    [', ,', 'https://idp.example.com/'],
  ])('is used if NO_PROXY is "%s": %s', (noProxy, target) => {
    expect(through(target, { HTTPS_PROXY: proxy, NO_PROXY: noProxy })).toBe(`${proxy}/`);
  });

  it.each([
    'socks5://proxy.example.net:1080',
    'http://',
    'http://%zz@proxy.example.net',
    'ftp://proxy.example.net',
  ])('is an error if it is not usable: %s', (address) => {
    expect(() => through('https://idp.example.com/', { HTTPS_PROXY: address })).toThrow(
      expect.objectContaining({ code: 'PROXY_INVALID', message: expect.not.stringContaining(address) }),
    );
  });
});
