import { type Call, header, ok, type Routes } from '../../http/call.ts';
import type { Cookies } from '../../http/cookies.ts';
import { PRODUCT } from '../../platform/product.ts';
import { contentRevision } from '../../realms/configuration-writes.ts';
import type { Settings } from '../../settings/settings.ts';

export interface ServerInfoOptions extends Pick<Settings, 'publicUrl'> {
  readonly cookies: Pick<Cookies, 'sessionName'>;
  /** Whether the phone page answers. */
  readonly hasPhone: boolean;
}

/** `serverinfo/*` and `serverinfo/version` (spec: journeys-rest §2.1, §2.2); clients refuse to go on without `cookieName`. */
export const serverInfoRoutes = ({ publicUrl, cookies, hasPhone }: ServerInfoOptions): Routes => ({
  'GET serverinfo/*': async ({ realm }: Call) =>
    ok({
      _id: '*',
      _rev: '1',
      domains: [],
      protectedUserAttributes: ['telephoneNumber', 'mail'],
      cookieName: cookies.sessionName,
      secureCookie: publicUrl.startsWith('https:'),
      forgotPassword: 'false',
      forgotUsername: 'false',
      kbaEnabled: 'false',
      selfRegistration: 'false',
      lang: realm.locale,
      successfulUserRegistrationDestination: 'default',
      socialImplementations: [],
      referralsEnabled: 'false',
      zeroPageLogin: { enabled: false, refererWhitelist: [], allowedWithoutReferer: true },
      realm: realm.realm,
      xuiUserSessionValidationEnabled: true,
      fileBasedConfiguration: false,
      userIdAttributes: [],
    }),
  // Ours, for a login page of somebody's own: how the realm looks. Read at every sign-in, so a browser only asks whether it has changed.
  'GET serverinfo/page': async ({ realm, request }: Call) => {
    const { brandName: name, brandLogo: logo, brandColor: color } = realm;
    const page = { name, logo, color, phone: hasPhone };
    const etag = `"${contentRevision(page)}"`;
    const headers = { 'cache-control': 'private, no-cache', etag };
    return header(request, 'if-none-match') === etag ? { status: 304, body: undefined, headers } : ok(page, headers);
  },
  'GET serverinfo/cookieDomains': async () => ok({ domains: [] }),
  'GET serverinfo/version': async () =>
    ok({
      _id: 'version',
      _rev: '1',
      version: PRODUCT.announcedVersion,
      fullVersion: `${PRODUCT.name} ${PRODUCT.version}, compatible with Access Management ${PRODUCT.announcedVersion}`,
      revision: PRODUCT.version,
      date: PRODUCT.releaseDate,
      productName: PRODUCT.name,
      productVersion: PRODUCT.version,
    }),
});
