import {
  accounts as accountsPort,
  clock as clockPort,
  identities as identitiesPort,
  type LaneHasher,
  type PasswordHasher,
  passwordHasher as passwordHasherPort,
  passwordPolicy as passwordPolicyPort,
  passwords as passwordsPort,
  random as randomPort,
  sendLimitsNow as sendLimitsNowPort,
  sendLimits as sendLimitsPort,
  throttle as throttlePort,
} from '@assent/engine';
import {
  accountsAdapter,
  Bindings,
  type Digest,
  type HasSecondFactor,
  identitiesAdapter,
  type Lane,
  type PasswordKeeper,
  passwordPolicyAdapter,
  passwordsAdapter,
  type SprayWatch,
  sendLimitsAdapter,
  sendLimitsNowAdapter,
  sourceOf,
  throttleAdapter,
} from '@assent/engine/host';
import {
  type AuthenticatorTrusts,
  boundDevicesAdapter,
  boundDevices as boundDevicesPort,
  type FactorDependencies,
  keyAttestationsAdapter,
  keyAttestations as keyAttestationsPort,
  oathDevicesAdapter,
  oathDevices as oathDevicesPort,
  type PasskeyLibrary,
  passkeysAdapter,
  passkeys as passkeysPort,
  recoveryCodesAdapter,
  recoveryCodes as recoveryCodesPort,
  secondFactorsAdapter,
  secondFactors as secondFactorsPort,
  skipSettingsAdapter,
  skipSettings as skipSettingsPort,
} from '@assent/factors';
import {
  mailer as mailerPort,
  type RealmMailer,
  selfServiceAdapter,
  selfService as selfServicePort,
} from '@assent/nodes';
import {
  closeMessagesOfUser,
  type GuardedRequests,
  type PushDependencies,
  pushDevicesAdapter,
  pushDevices as pushDevicesPort,
  pushMessagesAdapter,
  pushMessages as pushMessagesPort,
} from '@assent/push';
import { commonPasswords, type Store } from '@assent/store';
import { mailerAdapter } from '../mail/smtp-mailer.ts';
import { after } from '../platform/system-ports.ts';

export interface NodePortsOptions {
  readonly store: Store;
  readonly push: PushDependencies;
  readonly factors: FactorDependencies;
  readonly passkeyLibrary: PasskeyLibrary;
  readonly authenticatorTrusts: AuthenticatorTrusts;
  readonly keeper: PasswordKeeper;
  readonly hasher: PasswordHasher;
  readonly mailer: RealmMailer;
  /** SHA-256, in base64url. */
  readonly digest: Digest;
  readonly spray: SprayWatch;
  /** Calls to addresses that realms name. */
  readonly requests: GuardedRequests;
}

/** The hasher for one request: its hashes take turns with those of other realms and callers. */
const inLane = (hasher: PasswordHasher, lane: Lane): LaneHasher => ({
  hash: (password) => hasher.hash(password, lane),
  verify: (hashed, password) => hasher.verify(hashed, password, lane),
});

/** What nodes may use, each bound to the unit of work that it is used in. */
export const nodePorts = (options: NodePortsOptions): Bindings => {
  const { store, push, factors, passkeyLibrary, authenticatorTrusts, keeper, hasher, mailer, digest, spray, requests } =
    options;
  const { clock, random, isKnownSource, identities } = push;
  const { throttles, replays } = store;
  const { configuration } = push;
  const factorsOf = secondFactorsAdapter(factors);
  const hasSecondFactor: HasSecondFactor = (unit, userId) => factorsOf(unit).any(userId);
  return new Bindings()
    .bind(clockPort, () => clock)
    .bind(randomPort, () => random)
    .bind(identitiesPort, identitiesAdapter(identities, clock, closeMessagesOfUser))
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
    .bind(passwordHasherPort, ({ realm: { realm }, request }) =>
      inLane(hasher, { realm, caller: sourceOf(request.clientAddress) }),
    )
    .bind(passwordPolicyPort, passwordPolicyAdapter(commonPasswords))
    .bind(passwordsPort, passwordsAdapter({ keeper, throttles, isKnownSource, clock, digest, spray }))
    .bind(selfServicePort, selfServiceAdapter(push.configuration))
    .bind(sendLimitsPort, sendLimitsAdapter(throttles, clock))
    .bind(sendLimitsNowPort, sendLimitsNowAdapter(throttles, clock))
    .bind(throttlePort, throttleAdapter(throttles, clock, isKnownSource, hasSecondFactor))
    .bind(pushMessagesPort, pushMessagesAdapter(push))
    .bind(pushDevicesPort, pushDevicesAdapter(push))
    .bind(oathDevicesPort, oathDevicesAdapter(factors))
    .bind(boundDevicesPort, boundDevicesAdapter({ ...factors, replays }))
    .bind(keyAttestationsPort, keyAttestationsAdapter({ configuration, requests, clock, timer: after }))
    .bind(secondFactorsPort, secondFactorsAdapter(factors))
    .bind(passkeysPort, passkeysAdapter({ ...factors, passkeyLibrary, authenticatorTrusts }))
    .bind(skipSettingsPort, skipSettingsAdapter(factors))
    .bind(recoveryCodesPort, recoveryCodesAdapter(factors))
    .bind(mailerPort, mailerAdapter(mailer));
};
