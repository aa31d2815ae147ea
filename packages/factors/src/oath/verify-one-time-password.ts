import { sameText } from '@assent/engine/host';
import type { OathDevice } from '../model/oath-device.ts';
import { type HashAlgorithm, hotp, timeStepAt } from './one-time-password.ts';

/** How a verifier counts: by uses (RFC 4226) or by time (RFC 6238). */
export type OathRules =
  | { readonly algorithm: 'HOTP'; readonly windowSize: number }
  | {
      readonly algorithm: 'TOTP';
      readonly hash: HashAlgorithm;
      readonly intervalSeconds: number;
      /** How many steps before and after the expected one are good. */
      readonly steps: number;
      /** How many steps the generator's clock may be off. */
      readonly maxDriftSteps: number;
    };

/** Why a password is not good; a node has words for each (spec: nodes-mfa §5.2). */
export type OathRefusal =
  | { readonly reason: 'length' | 'otherLength' | 'secret' | 'lastLogin' | 'wrong' | 'outOfSync' }
  | { readonly reason: 'sameStep'; readonly step: number };

type CountersAfter = Pick<OathDevice, 'counter' | 'lastLoginSeconds' | 'clockDriftSeconds'>;

export type OathVerification =
  | { readonly ok: true; readonly after: CountersAfter }
  | { readonly ok: false; readonly refusal: OathRefusal };

const refused = (refusal: OathRefusal): OathVerification => ({ ok: false, refusal });

/** Whether a typed password is good for a device, and where the device's counters then stand (spec: nodes-mfa §5.2). */
export function verifyOneTimePassword(
  device: OathDevice,
  typed: string,
  rules: OathRules,
  now: number,
): OathVerification {
  const checksumDigit = device.checksumDigit && rules.algorithm === 'HOTP';
  const digits = typed.length - (checksumDigit ? 1 : 0);
  if (digits !== 6 && digits !== 8) return refused({ reason: 'length' });
  // Eight digits were promised: six would be a hundred times easier to guess.
  if (device.digits !== undefined && digits !== device.digits) return refused({ reason: 'otherLength' });
  if (device.secret.length === 0) return refused({ reason: 'secret' });
  return rules.algorithm === 'HOTP'
    ? verifyByCounter(device, typed, { ...rules, digits, checksumDigit })
    : verifyByTime(device, typed, { ...rules, digits }, now);
}

function verifyByCounter(
  device: OathDevice,
  typed: string,
  { windowSize, digits, checksumDigit }: { windowSize: number; digits: number; checksumDigit: boolean },
): OathVerification {
  const { secret, counter, truncationOffset, lastLoginSeconds, clockDriftSeconds } = device;
  let matched: number | undefined;
  // The whole window is always looked at, so that the time does not tell where in it the password is.
  for (let at = counter; at <= counter + windowSize; at += 1) {
    const isMatch = sameText(typed, hotp({ secret, counter: at, digits, checksumDigit, truncationOffset }));
    if (isMatch && matched === undefined) matched = at;
  }
  if (matched === undefined) return refused({ reason: 'wrong' });
  return { ok: true, after: { counter: matched + 1, lastLoginSeconds, clockDriftSeconds } };
}

function verifyByTime(
  device: OathDevice,
  typed: string,
  {
    hash,
    intervalSeconds,
    steps,
    maxDriftSteps,
    digits,
  }: Extract<OathRules, { algorithm: 'TOTP' }> & { readonly digits: number },
  now: number,
): OathVerification {
  const { secret, counter, lastLoginSeconds, clockDriftSeconds } = device;
  const step = timeStepAt(now, intervalSeconds);
  const expected = step + Math.floor(clockDriftSeconds / intervalSeconds);
  const last = Math.floor(lastLoginSeconds / intervalSeconds);
  if (last < 0) return refused({ reason: 'lastLogin' });
  if (last === expected) return refused({ reason: 'sameStep', step: expected });
  const isLastInWindow = Math.abs(last - expected) <= steps;

  let matched: number | undefined;
  for (const candidate of nearestFirst(expected, steps)) {
    const isMatch = candidate >= 0 && sameText(typed, hotp({ secret, counter: candidate, digits, hash }));
    if (isMatch && matched === undefined) matched = candidate;
  }
  if (matched === undefined) return refused({ reason: 'wrong' });
  // Steps only go forward: one that is used, or older than a used one, is over (RFC 6238 §5.2, A122).
  if (matched <= last || (isLastInWindow && matched < expected)) return refused({ reason: 'sameStep', step: matched });
  const driftSteps = matched - step;
  if (Math.abs(driftSteps) > maxDriftSteps) return refused({ reason: 'outOfSync' });
  return {
    ok: true,
    after: { counter, lastLoginSeconds: matched * intervalSeconds, clockDriftSeconds: driftSteps * intervalSeconds },
  };
}

/** The step itself, then one after, one before, two after, and so on. */
const nearestFirst = (step: number, away: number): readonly number[] => [
  step,
  ...Array.from({ length: away }, (_, at) => [step + at + 1, step - at - 1]).flat(),
];
