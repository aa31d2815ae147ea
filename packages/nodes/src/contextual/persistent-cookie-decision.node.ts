import { clock, defineNode, identities } from '@assent/engine';
import { z } from 'zod';
import { universalIdOf } from '../identity/users/universal-id.ts';
import { universalId, username } from '../state-keys.ts';
import {
  cookieKey,
  PERSISTENT_COOKIE_PROPERTY,
  persistentCookie,
  persistentCookieSettings,
  readPersistentCookie,
} from './cookies/persistent-cookie.ts';

const { idleTimeout, ...others } = persistentCookieSettings;

/** Signs a browser in that was given a cookie for it. @see spec: node-census §4 */
export const persistentCookieDecision = defineNode({
  type: 'PersistentCookieDecisionNode',
  title: 'Persistent Cookie Decision',
  help: 'Accepts the cookie that a Set Persistent Cookie gave the browser, and knows by it who the user is.',
  tags: ['contextual'],
  config: z.object({
    idleTimeout,
    enforceClientIp: z.boolean().default(false).meta({
      title: 'Enforce Client IP',
      description: 'Accept the cookie only from the address to which it was given.',
    }),
    ...others,
  }),
  outcomes: { true: 'True', false: 'False' },
  outputs: [username, universalId],
  outputsAt: { false: [] },
  uses: [clock, cookieKey, identities],
  errors: {
    notAccepted: 'The persistent cookie is not accepted: {{reason}}.',
    noSecretStore: 'There is no secret store to look up "{{label}}" in; the signing key of the node is used.',
  },

  async process({ config, realm, request, journey, state, ports, report, goTo }) {
    const label = config.hmacSigningKeySecretLabelIdentifier;
    if (label) report('noSecretStore', { label });
    const refuse = (reason: string) => {
      report('notAccepted', { reason });
      return goTo('false');
    };
    const name = config.persistentCookieName;
    const jwt = Object.hasOwn(request.cookies ?? {}, name) ? request.cookies?.[name] : undefined;
    if (jwt === undefined) return goTo('false');
    const place = { config, realm: realm.realm, now: ports.clock.now(), serverKey: ports.cookieKey };
    const cookie = readPersistentCookie(place, jwt);
    if ('problem' in cookie) return refuse(cookie.problem);
    if (config.enforceClientIp && cookie.clientAddress !== request.clientAddress) {
      return refuse('it comes from another address');
    }
    const identity = await ports.identities.findById(cookie.userId);
    if (identity === undefined || identity.realm !== realm.realm) return refuse('its user does not exist');
    if (!identity.active) return refuse('its user may not sign in');
    if (cookie.credentialRev !== identity.credentialRev)
      return refuse('the credentials of its user have changed since');
    journey.identify(identity);
    journey.setSessionProperty(`${PERSISTENT_COOKIE_PROPERTY}${name}`, name);
    state.set(username, identity.username);
    state.set(universalId, universalIdOf(identity));
    return goTo('true');
  },

  /** Whoever was let in by it has it renewed: the idle time begins anew, the end stays. */
  async onJourneySuccess({ config, realm, request, journey, ports }) {
    const jwt = request.cookies?.[config.persistentCookieName];
    if (jwt === undefined) return;
    const place = { config, realm: realm.realm, now: ports.clock.now(), serverKey: ports.cookieKey };
    const cookie = readPersistentCookie(place, jwt);
    if ('problem' in cookie || cookie.userId !== journey.identifiedUser) return;
    // One that was not let in, or whose user has another password by this journey, is not made good again.
    if (cookie.credentialRev !== journey.credentialRev) return;
    journey.setCookie(persistentCookie(place, cookie));
  },
});
