import type { RealmSettings } from '@assent/engine';

/**
 * Whether a `goto` may be followed (SEC-64): a path on our own origin, or an address on the realm's list. Parsed as
 * browsers parse, and refused where a browser and a human could disagree on what it says.
 */
export const isAllowedRedirect = (url: string, realm: RealmSettings, publicUrl: string): boolean => {
  if (url === '' || url.length > 2_048 || /[\p{Cc}\\\s]/u.test(url)) return false;
  const own = new URL(publicUrl);
  if (url.startsWith('/') && !url.startsWith('//')) return isPlain(new URL(url, own), own.origin);
  if (!URL.canParse(url)) return false;
  const target = new URL(url);
  if (target.protocol !== 'https:' && target.protocol !== 'http:') return false;
  if (target.username !== '' || target.password !== '' || !/^https?:\/\/[^/]/i.test(url)) return false;
  if (target.origin === own.origin) return isPlain(target, own.origin);
  return realm.gotoDestinations.some((allowed) => matches(target, allowed));
};

/** `/..//evil` is a path of ours, but whoever shortens it to its path makes another host of it. */
const isPlain = (target: URL, origin: string): boolean =>
  target.origin === origin && !target.pathname.startsWith('//') && !/%5c|%2f%2f/i.test(target.pathname);

/** AM's patterns: exact, or with a `*` at the end of the path that stands for what follows. */
const matches = (target: URL, allowed: string): boolean => {
  const prefix = allowed.endsWith('*') ? allowed.slice(0, -1) : undefined;
  if (prefix === undefined) return URL.canParse(allowed) && new URL(allowed).href === target.href;
  if (!URL.canParse(prefix)) return false;
  const base = new URL(prefix);
  return base.origin === target.origin && target.href.startsWith(base.href) && base.pathname.length > 0;
};
