import type { RealmSettings } from '@assent/engine';
import { relyingPartyOf } from '@assent/factors';
import { type HttpRoutes, JSON_TYPE, notFound, routesFor } from '../../http/http-call.ts';
import { COMMON_HEADERS } from '../../http/security-headers.ts';
import type { LiveConfiguration } from '../../realms/live-configuration.ts';
import { PROBES } from './health.ts';

/** What browsers, password managers and phones look for at the host that passkeys are made for (spec: webauthn §10.6). */
const FILES = {
  /** Other origins that may use its passkeys (WebAuthn Level 3 §5.11). */
  webauthn: ({ rpId, realms }) => {
    const origins = relatedOrigins(
      rpId,
      realms.flatMap(({ corsOrigins }) => corsOrigins),
    );
    return origins.length === 0 ? undefined : { origins };
  },
  /** Where a passkey is added, and where they are looked after (W3C "Passkey Endpoints"). */
  'passkey-endpoints': ({ accountUrl }) => ({ enroll: accountUrl, manage: accountUrl }),
  /** Apps for Android (Digital Asset Links). */
  'assetlinks.json': ({ realms }) => {
    const apps = realms.flatMap(({ androidApps }) => androidApps);
    return apps.length === 0 ? undefined : apps.map(assetLink);
  },
  /** Apps for Apple devices (Associated Domains). */
  'apple-app-site-association': ({ realms }) => {
    const apps = [...new Set(realms.flatMap(({ appleApps }) => appleApps))];
    return apps.length === 0 ? undefined : { webcredentials: { apps } };
  },
} as const satisfies Record<string, (of: RelyingHost) => object | undefined>;

/** A host that passkeys are made for. */
interface RelyingHost {
  readonly rpId: string;
  /** Those that are in use, and make passkeys for that host. */
  readonly realms: readonly RealmSettings[];
  readonly accountUrl: string;
}

/** Browsers look at the origins of so many names, and at none after those (WebAuthn Level 3 §5.11.1). */
const MAX_LABELS = 5;

/** Of a host that shares its end with many others, such as `co.uk`, browsers know better: a name too many is one that they leave out. */
const registrableName = (hostname: string): string => hostname.split('.').slice(-2).join('.');

/** Those that need to be named: by https, and not at the host itself or below it, which may use its passkeys anyway. */
const relatedOrigins = (rpId: string, origins: readonly string[]): readonly string[] => {
  const names = new Set<string>();
  return [...new Set(origins)].filter((origin) => {
    const { protocol, hostname } = new URL(origin);
    if (protocol !== 'https:' || hostname === rpId || hostname.endsWith(`.${rpId}`)) return false;
    const name = registrableName(hostname);
    if (!names.has(name) && names.size === MAX_LABELS) return false;
    names.add(name);
    return true;
  });
};

const assetLink = ({ packageName, certificateDigests }: RealmSettings['androidApps'][number]) => ({
  relation: ['delegate_permission/common.get_login_creds'],
  target: { namespace: 'android_app', package_name: packageName, sha256_cert_fingerprints: certificateDigests },
});

/** What a node says that leaves it to the realm. */
const ANY_PAGE = { origins: [] };

export interface PasskeyFilesOptions {
  readonly configuration: Pick<LiveConfiguration, 'realms' | 'realmPathOfHost'>;
  readonly publicUrl: string;
}

/**
 * Serves them at each host that passkeys of a realm are made for: that of the public address, or one that is an alias of a realm. Whatever no realm
 * has is not there.
 */
export const passkeyFileRoutes = ({ configuration, publicUrl }: PasskeyFilesOptions): HttpRoutes => {
  const ownName = new URL(publicUrl).hostname;
  const relyingHost = (host = ownName): RelyingHost | undefined => {
    const realmOfHost = configuration.realmPathOfHost(host);
    const rpId = realmOfHost === undefined ? ownName : host.replace(/:\d+$/, '').toLowerCase();
    const realms = configuration.realms().filter((it) => relyingPartyOf(ANY_PAGE, it, publicUrl)?.id === rpId);
    if (realms.length === 0) return undefined;
    const query = realmOfHost === undefined ? '' : `?${new URLSearchParams({ realm: realmOfHost })}`;
    return { rpId, realms, accountUrl: `${publicUrl}/account${query}` };
  };
  // At the root of the host, also if there is a context path (RFC 8615 §3).
  const served = ([name, contentsFor]: readonly [string, (of: RelyingHost) => object | undefined]): HttpRoutes =>
    routesFor(PROBES, `/.well-known/${name}`, (call) => {
      const host = relyingHost(call.headers.host);
      const contents = host && contentsFor(host);
      if (contents === undefined) return notFound(call);
      const headers = { ...COMMON_HEADERS, 'content-type': JSON_TYPE };
      return { status: 200, headers, body: JSON.stringify(contents) };
    });
  return Object.assign({}, ...Object.entries(FILES).map(served));
};
