import type { ThrottlePolicy } from '@assent/engine';
import { throttleAdapter } from '@assent/engine/host';
import { totp } from '@assent/factors';
import { factorWorld } from '@assent/factors/testing/stored';
import type { TestUnitOfWork } from '@assent/push/testing';
import { expect, test } from 'vitest';
import { ANSWERS_POLICY, answersSubject } from '../identity/self-service/security-answers.ts';
import { ONE_TIME_PASSWORD_POLICY, oneTimePasswordSubject } from './one-time-password/one-time-password-limits.ts';

const RULES = { algorithm: 'TOTP', hash: 'SHA1', intervalSeconds: 30, steps: 1, maxDriftSteps: 5 } as const;

interface Kind {
  /** Counts its wrong proofs. */
  readonly subject: string;
  wrong(unit: TestUnitOfWork): Promise<unknown>;
  right(unit: TestUnitOfWork): Promise<unknown>;
}

/** Each kind of code that a user may guess at, by the port that its node uses. */
const kindsOf = async () => {
  const world = factorWorld();
  const { bind, clock, user, ports, dependencies } = world;
  const setUp = world.unit();
  const devices = bind.oathDevices(setUp);
  const options = { secretBytes: 20, digits: 6, checksumDigit: false, truncationOffset: -1 } as const;
  const device = devices.create({ identity: user, issuer: 'Acme', ...options });
  await devices.save(user, device);
  const [code = ''] = await bind.codes(setUp).replace(user.id, 'push');
  await setUp.commit();

  const ofApp = (subject: string, pending: boolean): Kind => {
    const verify = (unit: TestUnitOfWork, password: string) =>
      bind.oathDevices(unit).verify({ identity: user, password, rules: RULES, ...(pending && { pending: device }) });
    return {
      subject,
      wrong: (unit) => verify(unit, '000000'),
      right: (unit) =>
        verify(unit, totp({ secret: device.secret, digits: 6, intervalSeconds: 30, atMillis: clock.now() })),
    };
  };
  const counted = (subject: string, policy: ThrottlePolicy): Kind => {
    const throttleOf = throttleAdapter(dependencies.throttles, clock, dependencies.isKnownSource);
    const guess = { userId: user.id, credentialRev: user.credentialRev };
    return {
      subject,
      wrong: (unit) => throttleOf(unit).hit(subject, policy, guess),
      right: (unit) => throttleOf(unit).clear(subject, guess),
    };
  };
  const kinds: Readonly<Record<string, Kind>> = {
    app: ofApp(`otp:${user.id}`, false),
    'generator that is not stored yet': ofApp(`otp-new:${user.id}`, true),
    'sent code': counted(oneTimePasswordSubject(user.id, 'journey-1'), ONE_TIME_PASSWORD_POLICY),
    'security answers': counted(answersSubject(user.id), ANSWERS_POLICY),
    'recovery code': {
      subject: `recovery:${user.id}`,
      wrong: (unit) => bind.codes(unit).use(user, 'push', '0000000000000000'),
      right: (unit) => bind.codes(unit).use(user, 'push', code),
    },
  };
  const done = async (what: (unit: TestUnitOfWork) => Promise<unknown>): Promise<void> => {
    const unit = world.unit();
    await what(unit);
    expect((await unit.commit()).committed).toBe(true);
  };
  const hits = (subject: string) => ports.throttle(subject)?.hits.length ?? 0;
  const { clientAddress } = setUp.request;
  return {
    kinds,
    done,
    ofAll: ({ subject }: Kind) => hits(subject),
    ofSource: ({ subject }: Kind) => hits(`${subject}:from:${clientAddress}`),
  };
};

const NAMES = ['app', 'generator that is not stored yet', 'sent code', 'security answers', 'recovery code'] as const;
const PAIRS = NAMES.flatMap((one) => NAMES.filter((other) => other !== one).map((other) => [one, other] as const));

test.each(PAIRS)(
  'wrong proofs of one kind (%s) stay counted after a right one of another (%s) (SEC-27, SEC-46)',
  async (one, other) => {
    const { kinds, done, ofAll, ofSource } = await kindsOf();
    expect(Object.keys(kinds)).toEqual(NAMES);
    const [guessed, shown] = [kinds[one], kinds[other]];
    if (guessed === undefined || shown === undefined) throw new Error('both are kinds');
    for (let n = 0; n < 4; n += 1) await done((unit) => guessed.wrong(unit));
    expect([ofSource(guessed), ofAll(guessed), ofSource(shown), ofAll(shown)]).toEqual([4, 4, 0, 0]);
    await done((unit) => shown.wrong(unit));
    await done((unit) => shown.right(unit));
    expect([ofSource(guessed), ofAll(guessed), ofSource(shown), ofAll(shown)]).toEqual([4, 4, 0, 1]);
  },
);
