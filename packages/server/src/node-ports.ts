import {
  accounts as accountsPort,
  Bindings,
  bindAccounts,
  bindIdentities,
  bindPasswords,
  bindThrottle,
  clock as clockPort,
  type Digest,
  identities as identitiesPort,
  type PasswordHasher,
  passwordHasher as passwordHasherPort,
  passwords as passwordsPort,
  random as randomPort,
  sourceOf,
  throttle as throttlePort,
} from '@assent/engine';
import { bindSelfService, type Mailer, mailer as mailerPort, selfService as selfServicePort } from '@assent/nodes';
import {
  bindOathDevices,
  bindPushDevices,
  bindPushMessages,
  bindRecoveryCodes,
  bindSkipSettings,
  closeMessagesOfUser,
  oathDevices as oathDevicesPort,
  type PushDependencies,
  pushDevices as pushDevicesPort,
  pushMessages as pushMessagesPort,
  recoveryCodes as recoveryCodesPort,
  skipSettings as skipSettingsPort,
} from '@assent/push';
import type { Store } from '@assent/store';
import { bindMailer } from './mail/smtp-mailer.ts';

export interface NodePortsOptions {
  readonly store: Store;
  readonly push: PushDependencies;
  readonly hasher: PasswordHasher;
  readonly mailer: Mailer;
  /** SHA-256, in base64url. */
  readonly digest: Digest;
}

/** The hasher for one source, whose hashes take turns with those of others. */
const inLaneOf = (hasher: PasswordHasher, source: string): PasswordHasher => ({
  hash: (password) => hasher.hash(password, source),
  verify: (hashed, password) => hasher.verify(hashed, password, source),
  needsRehash: (hashed) => hasher.needsRehash(hashed),
});

/** What nodes may use, each bound to the submit that it is used in. */
export const nodePorts = ({ store, push, hasher, mailer, digest }: NodePortsOptions): Bindings => {
  const { clock, random, isKnownSource } = push;
  const { identities, throttles } = store;
  return new Bindings()
    .bind(clockPort, () => clock)
    .bind(randomPort, () => random)
    .bind(identitiesPort, bindIdentities(identities))
    .bind(
      accountsPort,
      bindAccounts({
        identities,
        hasher,
        random,
        clock,
        endWithPassword: closeMessagesOfUser,
      }),
    )
    .bind(passwordHasherPort, ({ request }) => inLaneOf(hasher, sourceOf(request.clientAddress)))
    .bind(passwordsPort, bindPasswords({ identities, hasher, throttles, isKnownSource, clock, digest }))
    .bind(selfServicePort, bindSelfService(push.configuration))
    .bind(throttlePort, bindThrottle(throttles, clock, isKnownSource))
    .bind(pushMessagesPort, bindPushMessages(push))
    .bind(pushDevicesPort, bindPushDevices(push))
    .bind(oathDevicesPort, bindOathDevices(push))
    .bind(skipSettingsPort, bindSkipSettings(push))
    .bind(recoveryCodesPort, bindRecoveryCodes(push))
    .bind(mailerPort, bindMailer(mailer));
};
