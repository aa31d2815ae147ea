import type { Guess, Random, ThrottlePolicy } from '@assent/engine';
import { type Adapter, auditIn, type EngineChange, identitiesAdapter, throttleAdapter } from '@assent/engine/host';
import { sameBytes } from '@assent/push/jose';
import { skipAttribute } from '../model/device-services.ts';
import type { FactorDependencies } from '../model/factor-dependencies.ts';
import { nobodyCounted } from '../model/nobody-counted.ts';
import type { OathDevice, OathDeviceChange } from '../model/oath-device.ts';
import type { OathDevices } from './oath-devices.ts';
import { oathDevicesOfUser, stagedOathDevicesOf } from './staged-oath-devices.ts';
import { type OathRefusal, verifyOneTimePassword } from './verify-one-time-password.ts';

const DEFAULT_OATH_DEVICE_NAME = 'OATH Device';
const NOT_SKIPPABLE = '2';
/** Longer input is no password, however many blanks it has. */
const MAX_INPUT_LENGTH = 64;

/** The fifth wrong password in a row locks for a quarter of an hour (SEC-46, SEC-49). */
export const OTP_POLICY: ThrottlePolicy = {
  windowMillis: 24 * 3_600_000,
  free: 5,
  lockMillis: 900_000,
  maxLockMillis: 900_000,
};

/** Counts a user's wrong one-time passwords; those of a generator that is not stored yet apart, so that it resets nothing of the stored ones. */
const otpSubject = (userId: string): string => `otp:${userId}`;
const newOtpSubject = (userId: string): string => `otp-new:${userId}`;

/** What was typed, without the blanks that apps show between the digits. */
const readPassword = (input: string): string => (input.length > MAX_INPUT_LENGTH ? '' : input.replace(/\s/g, ''));

/** The other generators with the secret of a used one, which have used up what that one has: a password is good once (SEC-49). */
const twinsOf = (used: OathDevice, devices: readonly OathDevice[]): readonly OathDevice[] =>
  devices
    .filter(({ uuid, secret }) => uuid !== used.uuid && sameBytes(secret, used.secret))
    .map((twin) => ({
      ...twin,
      counter: Math.max(twin.counter, used.counter),
      lastLoginSeconds: Math.max(twin.lastLoginSeconds, used.lastLoginSeconds),
    }));

/** What a password is checked against where there is nothing: its secret is new each time, so that none is ever good. */
const deviceOfNobody = (random: Pick<Random, 'bytes'>): OathDevice => ({
  uuid: '',
  realm: '',
  userId: '',
  username: '',
  deviceName: '',
  issuer: '',
  secret: random.bytes(20),
  digits: 6,
  counter: 0,
  lastLoginSeconds: 0,
  clockDriftSeconds: 0,
  checksumDigit: false,
  truncationOffset: -1,
  createdAt: 0,
  lastAccessAt: 0,
  rev: 0,
});

/** Generators of one-time passwords as the nodes of one unit of work see them. */
export const oathDevicesAdapter = (
  dependencies: Pick<
    FactorDependencies,
    'oathDevices' | 'identities' | 'throttles' | 'isKnownSource' | 'configuration' | 'clock' | 'random'
  >,
): Adapter<OathDevices> => {
  const { oathDevices, configuration, clock, random } = dependencies;
  const identitiesOf = identitiesAdapter(dependencies.identities, clock);
  const throttleOf = throttleAdapter(dependencies.throttles, clock, dependencies.isKnownSource);

  return (unit) => {
    const guesses = throttleOf(unit);
    const users = identitiesOf(unit);
    const own = stagedOathDevicesOf(unit);
    /** A device that the caller keeps, once a password of it was accepted. */
    const moved = new Map<string, OathDevice>();
    const write = (change: OathDeviceChange & { row: OathDevice }) => {
      own.write(change);
      unit.stage(change);
    };
    const use = (row: OathDevice) => {
      if (!own.rewrite(row)) write({ type: 'oath.used', row });
    };
    const audit = (
      event: string,
      userId: string | undefined,
      facts: { outcome?: string; device?: string } = {},
    ): EngineChange =>
      auditIn(unit, clock.now(), event, {
        ...(userId !== undefined && { userId }),
        ...(facts.outcome !== undefined && { outcome: facts.outcome }),
        ...(facts.device !== undefined && { detail: { device: facts.device, type: 'oath' } }),
      });

    const refused = async (
      counter: string,
      guess: Guess,
      refusal: OathRefusal,
    ): Promise<{ readonly status: 'locked' } | { readonly status: 'refused'; readonly refusal: OathRefusal }> => {
      await guesses.hit(counter, OTP_POLICY, guess);
      unit.stageAlways(audit('OTP_FAIL', guess.userId, { outcome: refusal.reason }));
      const { locked } = await guesses.state(counter, guess);
      return locked ? { status: 'locked' } : { status: 'refused', refusal };
    };

    return {
      ofUser: (userId) => oathDevicesOfUser(oathDevices, unit, userId),

      create({ identity, issuer, secretBytes, digits, checksumDigit, truncationOffset }) {
        const now = clock.now();
        return {
          uuid: random.uuid(),
          realm: identity.realm,
          userId: identity.id,
          username: identity.username,
          deviceName: DEFAULT_OATH_DEVICE_NAME,
          issuer,
          secret: random.bytes(secretBytes),
          digits,
          counter: 0,
          lastLoginSeconds: 0,
          clockDriftSeconds: 0,
          checksumDigit,
          truncationOffset,
          createdAt: now,
          lastAccessAt: now,
          rev: 0,
        };
      },

      async save(identity, device) {
        const existing = await oathDevicesOfUser(oathDevices, unit, identity.id);
        const { maxDevices } = unit.realm;
        if (existing.length >= maxDevices) return { status: 'limit' };
        write({ type: 'oath.insert', row: device, maxDevices });
        // Also where it is set already: a skip that is written at the same time must meet another revision (A107).
        const attribute = skipAttribute(configuration, identity.realm, 'oath');
        await users.update(identity.username, attribute, () => [NOT_SKIPPABLE]);
        unit.stage(audit('DEVICE_ADD', identity.id, { device: device.uuid }));
        return { status: 'stored' };
      },

      async verify({ identity, password, rules, pending }) {
        const counter = pending === undefined ? otpSubject(identity.id) : newOtpSubject(identity.id);
        // Takes the turn first: whoever reads the device has seen what the guess before left of it.
        const guess = { userId: identity.id, credentialRev: identity.credentialRev };
        const { locked } = await guesses.state(counter, guess);
        const devices = pending === undefined ? await oathDevicesOfUser(oathDevices, unit, identity.id) : [pending];
        if (devices.length === 0) return { status: 'noDevice' };
        const typed = readPassword(password);
        const now = clock.now();
        const results = devices.map((stored) => {
          const device = moved.get(stored.uuid) ?? stored;
          return { device, result: verifyOneTimePassword(device, typed, rules, now) };
        });
        if (locked) {
          unit.stageAlways(audit('THROTTLED', identity.id, { outcome: 'otp' }));
          return { status: 'locked' };
        }
        const refusals: OathRefusal[] = [];
        for (const { device, result } of results) {
          if (!result.ok) {
            refusals.push(result.refusal);
            continue;
          }
          const after: OathDevice = { ...device, ...result.after, lastAccessAt: now };
          if (pending !== undefined) moved.set(device.uuid, after);
          else for (const row of [after, ...twinsOf(after, devices)]) use(row);
          unit.stage(audit('OTP_OK', identity.id, { device: device.uuid }));
          await guesses.clear(counter, guess);
          return { status: 'accepted', device: after };
        }
        // Of several devices the most telling reason: a used password says more than a wrong one.
        const refusal = refusals.find(({ reason }) => reason !== 'wrong') ?? refusals[0] ?? { reason: 'wrong' };
        return refused(counter, guess, refusal);
      },

      async verifyInVain({ username, identity, password, rules }) {
        const counter = otpSubject(identity?.id ?? nobodyCounted(unit, username));
        const guess = { userId: identity?.id, credentialRev: identity?.credentialRev };
        const { locked } = await guesses.state(counter, guess);
        await oathDevicesOfUser(oathDevices, unit, identity?.id ?? '');
        verifyOneTimePassword(deviceOfNobody(random), readPassword(password), rules, clock.now());
        if (locked) {
          unit.stageAlways(audit('THROTTLED', identity?.id, { outcome: 'otp' }));
          return { status: 'locked' };
        }
        return refused(counter, guess, { reason: 'wrong' });
      },
    };
  };
};
