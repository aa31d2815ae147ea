/** Where a request under `{am}/json` goes: to which realm, and to which resource in it. */
export interface RealmPath {
  /** `/` or `/alpha/beta`. */
  readonly realm: string;
  /** The segments of the resource, decoded. */
  readonly resource: readonly string[];
}

/**
 * First segments of resources under `{am}/json`; in the short form of a path, what stands before one of them names the realm.
 * The table of routes takes no others.
 */
const RESOURCES = new Set([
  'authenticate',
  'sessions',
  'users',
  'serverinfo',
  'push',
  'realm-config',
  'global-config',
  'scripts',
  'health',
  'metrics',
  'node-designer',
]);
/** Resources that nothing stands below: at the end of a path they are one, and anywhere else the name of a realm. */
const AT_THE_END = new Set([
  'applications',
  'applicationtypes',
  'conditiontypes',
  'decisioncombiners',
  'policies',
  'resourcetypes',
  'subjectattributes',
  'subjecttypes',
]);
/** Every first segment that a resource under `{am}/json` has. */
export const JSON_RESOURCES: ReadonlySet<string> = new Set([...RESOURCES, ...AT_THE_END]);
/** Every first segment that a resource under `{am}/oauth2` has. */
export const OAUTH2_RESOURCES: ReadonlySet<string> = new Set([
  '.well-known',
  'authorize',
  'access_token',
  'userinfo',
  'connect',
  'device',
  'introspect',
  'par',
  'token',
  'tokeninfo',
]);

/** A path that is not decoded once into plain segments is refused before it is routed (SEC-67). */
const decodeSegments = (path: string): string[] | undefined => {
  if (path.includes('\\') || path.includes(';')) return undefined;
  const segments = path.split('/').filter((segment, at, all) => segment !== '' || (at > 0 && at < all.length - 1));
  try {
    const decoded = segments.map(decodeURIComponent);
    const isPlain = decoded.every(
      (segment) => segment !== '' && segment !== '.' && segment !== '..' && !/[\\/%;\p{Cc}]/u.test(segment),
    );
    return isPlain ? decoded : undefined;
  } catch {
    return undefined;
  }
};

/**
 * The forms of AM's paths (spec: journeys-rest §1.1): `realms/root/realms/alpha/authenticate`, which native clients write
 * without `root` (design.md §3.3 "realm in the path"), and the short `alpha/authenticate`. Undefined for a path that cannot be one.
 */
export const parseRealmPath = (path: string): RealmPath | undefined => splitPath(path, RESOURCES);

/** Takes the forms of `parseRealmPath` for a path under `{am}/oauth2`. */
export const parseOAuth2Path = (path: string): RealmPath | undefined => splitPath(path, OAUTH2_RESOURCES);

const splitPath = (path: string, resources: ReadonlySet<string>): RealmPath | undefined => {
  const segments = decodeSegments(path);
  if (segments === undefined || segments.length === 0) return undefined;
  if (segments[0] === 'realms') {
    const names: string[] = [];
    let at = segments[1] === 'root' ? 2 : 0;
    while (segments[at] === 'realms') {
      const name = segments[at + 1];
      if (name === undefined) return undefined;
      names.push(name);
      at += 2;
    }
    return { realm: `/${names.join('/')}`, resource: segments.slice(at) };
  }
  const last = segments.length - 1;
  const at = segments.findIndex(
    (segment, index) => resources.has(segment) || (index === last && AT_THE_END.has(segment)),
  );
  if (at < 0) return undefined;
  return { realm: `/${segments.slice(0, at).join('/')}`, resource: segments.slice(at) };
};

/** The realm that the query parameter `realm` names, which overrides the path; undefined where it names none. */
export const realmOfQuery = (value: string | undefined): string | undefined => {
  if (value === undefined || value === '') return undefined;
  return value.startsWith('/') ? value.replace(/(?<!\/)\/+$/, '') || '/' : `/${value}`;
};
