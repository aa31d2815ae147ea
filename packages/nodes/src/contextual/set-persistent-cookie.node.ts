import { clock, defineNode } from '@assent/engine';
import { z } from 'zod';
import {
  cookieKey,
  hoursOfLife,
  lifeInMillis,
  PERSISTENT_COOKIE_PROPERTY,
  persistentCookie,
  persistentCookieSettings,
} from './cookies/persistent-cookie.ts';

const { idleTimeout, ...others } = persistentCookieSettings;

/** Lets the browser sign in by itself the next time. @see spec: node-census §4 */
export const setPersistentCookie = defineNode({
  type: 'SetPersistentCookieNode',
  title: 'Set Persistent Cookie',
  help: 'Gives the browser a cookie, once the journey has succeeded, that a Persistent Cookie Decision accepts.',
  tags: ['contextual'],
  config: z.object({ idleTimeout, maxLife: hoursOfLife(), ...others }),
  outcomes: { outcome: 'Outcome' },
  uses: [clock, cookieKey],
  errors: {
    noSecretStore: 'There is no secret store to look up "{{label}}" in; the signing key of the node is used.',
  },

  process({ config, journey, report, goTo }) {
    const label = config.hmacSigningKeySecretLabelIdentifier;
    if (label) report('noSecretStore', { label });
    // A sign-out takes the cookies along that this names.
    const name = config.persistentCookieName;
    journey.setSessionProperty(`${PERSISTENT_COOKIE_PROPERTY}${name}`, name);
    return goTo('outcome');
  },

  async onJourneySuccess({ config, realm, request, journey, ports }) {
    const { identifiedUser: userId, credentialRev } = journey;
    if (userId === undefined || credentialRev === undefined) return;
    const now = ports.clock.now();
    const place = { config, realm: realm.realm, now, serverKey: ports.cookieKey };
    const expiresAt = now + lifeInMillis(config.maxLife);
    const { clientAddress } = request;
    journey.setCookie(persistentCookie(place, { userId, credentialRev, clientAddress, expiresAt }));
  },
});
