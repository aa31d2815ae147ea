import {
  accounts as accountsPort,
  clock as clockPort,
  identities as identitiesPort,
  type PasswordHasher,
  passwordHasher as passwordHasherPort,
  passwordPolicy as passwordPolicyPort,
  passwords as passwordsPort,
  random as randomPort,
  throttle as throttlePort,
} from '@assent/engine';
import {
  accountsAdapter,
  Bindings,
  type Digest,
  identitiesAdapter,
  type PasswordKeeper,
  passwordPolicyAdapter,
  passwordsAdapter,
  type SprayWatch,
  sourceOf,
  throttleAdapter,
} from '@assent/engine/host';
import { type Mailer, mailer as mailerPort, selfServiceAdapter, selfService as selfServicePort } from '@assent/nodes';
import {
  closeMessagesOfUser,
  oathDevicesAdapter,
  oathDevices as oathDevicesPort,
  type PushDependencies,
  pushDevicesAdapter,
  pushDevices as pushDevicesPort,
  pushMessagesAdapter,
  pushMessages as pushMessagesPort,
  recoveryCodesAdapter,
  recoveryCodes as recoveryCodesPort,
  skipSettingsAdapter,
  skipSettings as skipSettingsPort,
} from '@assent/push';
import { commonPasswords, type Store } from '@assent/store';
import { mailerAdapter } from '../mail/smtp-mailer.ts';

export interface NodePortsOptions {
  readonly store: Store;
  readonly push: PushDependencies;
  readonly keeper: PasswordKeeper;
  readonly hasher: PasswordHasher;
  readonly mailer: Mailer;
  /** SHA-256, in base64url. */
  readonly digest: Digest;
  readonly spray: SprayWatch;
}

/** The hasher for one source, whose hashes take turns with those of others. */
const inLaneOf = (hasher: PasswordHasher, source: string): PasswordHasher => ({
  hash: (password) => hasher.hash(password, source),
  verify: (hashed, password) => hasher.verify(hashed, password, source),
  needsRehash: (hashed) => hasher.needsRehash(hashed),
});

/** What nodes may use, each bound to the unit of work that it is used in. */
export const nodePorts = ({ store, push, keeper, hasher, mailer, digest, spray }: NodePortsOptions): Bindings => {
  const { clock, random, isKnownSource, identities } = push;
  const { throttles } = store;
  return new Bindings()
    .bind(clockPort, () => clock)
    .bind(randomPort, () => random)
    .bind(identitiesPort, identitiesAdapter(identities))
    .bind(
      accountsPort,
      accountsAdapter({
        identities,
        keeper,
        hasher,
        commonPasswords,
        random,
        clock,
        endWithPassword: closeMessagesOfUser,
      }),
    )
    .bind(passwordHasherPort, ({ request }) => inLaneOf(hasher, sourceOf(request.clientAddress)))
    .bind(passwordPolicyPort, passwordPolicyAdapter(commonPasswords))
    .bind(passwordsPort, passwordsAdapter({ keeper, throttles, isKnownSource, clock, digest, spray }))
    .bind(selfServicePort, selfServiceAdapter(push.configuration))
    .bind(throttlePort, throttleAdapter(throttles, clock, isKnownSource))
    .bind(pushMessagesPort, pushMessagesAdapter(push))
    .bind(pushDevicesPort, pushDevicesAdapter(push))
    .bind(oathDevicesPort, oathDevicesAdapter(push))
    .bind(skipSettingsPort, skipSettingsAdapter(push))
    .bind(recoveryCodesPort, recoveryCodesAdapter(push))
    .bind(mailerPort, mailerAdapter(mailer));
};
