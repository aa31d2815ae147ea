import { errorBody } from '@assent/wire';
import { type Call, ok, type Routes } from '../http/call.ts';
import { SESSION_COOKIE } from '../http/cookies.ts';
import { PRODUCT } from '../product.ts';
import type { Settings } from '../settings.ts';

/** `serverinfo/*` and `serverinfo/version` (spec: journeys-rest §2.1, §2.2); clients refuse to go on without `cookieName`. */
export const serverInfoRoutes = (settings: Pick<Settings, 'publicUrl'>): Routes => ({
  'GET serverinfo/*': async ({ realm }: Call) =>
    realm === undefined
      ? { status: 404, body: errorBody(404, 'Not Found') }
      : ok({
          _id: '*',
          _rev: '1',
          domains: [],
          protectedUserAttributes: ['telephoneNumber', 'mail'],
          cookieName: SESSION_COOKIE,
          secureCookie: settings.publicUrl.startsWith('https:'),
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
