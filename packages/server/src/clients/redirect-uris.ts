import { isLoopback } from '../settings/loopback.ts';

/** What a browser would run or show in the place of going anywhere (RFC 9700 §4.1.3), and what leads to no application. */
const NO_APPLICATION = new Set([
  'about:',
  'blob:',
  'chrome:',
  'data:',
  'file:',
  'filesystem:',
  'ftp:',
  'intent:',
  'javascript:',
  'mailto:',
  'ms-browser-extension:',
  'resource:',
  'tel:',
  'vbscript:',
  'view-source:',
  'ws:',
  'wss:',
]);

/**
 * What is wrong with an address that a client would have people sent to, or undefined (OIDC-01). It is compared byte for byte later, so
 * here it must be one that everybody reads in the same way. An address of an own scheme is an application's on the device
 * (RFC 8252 §7.1).
 */
export const redirectUriFault = (uri: string): string | undefined => {
  if (!/^[\x21-\x7e]{1,2048}$/.test(uri)) return 'must be 1 to 2,048 printable letters of ASCII, without blanks';
  if (uri.includes('*')) return 'must not have a *: every address is registered by itself';
  if (uri.includes('#')) return 'must not have a fragment';
  if (/[\\<>"`{}|^]/.test(uri)) return 'has letters that no address has';
  if (!URL.canParse(uri)) return 'is no address: it must be a whole one, such as https://app.example.com/callback';
  const { protocol, host, hostname, username, password } = new URL(uri);
  if (NO_APPLICATION.has(protocol)) return `must not begin with ${protocol}`;
  if (username !== '' || password !== '') return 'must not have a user name in it';
  if (protocol !== 'https:' && protocol !== 'http:') {
    return uri.toLowerCase().startsWith(protocol) ? undefined : 'is no address';
  }
  if (protocol === 'http:' && !isLoopback(hostname)) {
    return 'must begin with https://; http is for this machine alone, such as http://localhost:3000/callback';
  }
  const rest = uri.startsWith(`${protocol}//${host}`) ? uri.slice(`${protocol}//${host}`.length) : undefined;
  if (rest === undefined || !/^($|[/?:])/.test(rest)) {
    return `must be written as browsers do: ${protocol}//${host}, in small letters`;
  }
  return undefined;
};

/** The origin that such a text means, or undefined where it means none: a page's own, without a path. */
export const originOf = (text: string): string | undefined => {
  if (!URL.canParse(text)) return undefined;
  const { protocol, origin, pathname, search, hash, username } = new URL(text);
  const isBare = pathname === '/' && search === '' && hash === '' && username === '' && !text.includes('*');
  return isBare && (protocol === 'https:' || protocol === 'http:') ? origin : undefined;
};
