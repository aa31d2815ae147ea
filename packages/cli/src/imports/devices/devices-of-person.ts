import type { KeyObject } from 'node:crypto';
import type { FactorKind } from '@assent/engine';
import { isImportableCode } from '@assent/factors';
import { plainText } from '../../command/plain-text.ts';
import {
  type OathProfile,
  type ProfileFault,
  type PushProfile,
  readOathProfile,
  readPushProfile,
} from './device-profile.ts';
import {
  type BoundProfile,
  type KeyProfileFault,
  type PasskeyProfile,
  readBoundProfile,
  readPasskeyProfile,
} from './key-profile.ts';
import { isSealedProfile, openProfile } from './sealed-profile.ts';

/** The devices of a user of a file. */
export interface Devices {
  readonly push: readonly PushProfile[];
  readonly oath: readonly OathProfile[];
  readonly webauthn: readonly PasskeyProfile[];
  readonly binding: readonly BoundProfile[];
}

export type DeviceReason =
  | 'DEVICE_SEALED'
  | 'DEVICE_KEY'
  | 'DEVICE_FORM'
  | 'DEVICE_UNFINISHED'
  | 'DEVICE_PRIVATE'
  | 'DEVICE_ALGORITHM'
  | 'DEVICE_TWICE'
  | 'DEVICE_LIMIT'
  | 'CODES_SCHEME';

export interface DeviceProblem {
  readonly reason: DeviceReason;
  /** The kind of device, and the scheme of codes. */
  readonly detail: string;
}

export interface ReadDevices {
  readonly devices: Devices;
  readonly problems: readonly DeviceProblem[];
}

type Profile = Devices[FactorKind][number];

const FAULTS = {
  form: 'DEVICE_FORM',
  unfinished: 'DEVICE_UNFINISHED',
  private: 'DEVICE_PRIVATE',
  algorithm: 'DEVICE_ALGORITHM',
} as const satisfies Record<ProfileFault | KeyProfileFault, DeviceReason>;

/** Newest first, as they are used here. */
const byAge = <P extends Profile>(profiles: readonly P[]): readonly P[] =>
  profiles.toSorted((one, other) => (other.createdAt ?? 0) - (one.createdAt ?? 0));

/** Of the profiles with one secret the first stands for all, with what was used up of any: a code is good once (SEC-49). */
const oneForEachSecret = (profiles: readonly OathProfile[]): readonly OathProfile[] => {
  const found: OathProfile[] = [];
  for (const profile of profiles) {
    const at = found.findIndex(({ secret }) => Buffer.compare(secret, profile.secret) === 0);
    const first = found[at];
    if (first === undefined) found.push(profile);
    else
      found[at] = {
        ...first,
        counter: Math.max(first.counter, profile.counter),
        lastLoginSeconds: Math.max(first.lastLoginSeconds, profile.lastLoginSeconds),
        codes: [...first.codes, ...profile.codes],
      };
  }
  return found;
};

interface ReadingRules {
  /** The name that the user has there. */
  readonly username: string;
  /** What opens encrypted profiles. */
  readonly key: KeyObject | undefined;
  readonly maxDevices: number;
  /** Credentials and kids of the users before, each of which one user has (WA-08, WA-44); those of this user join them. */
  readonly seen: Set<string>;
}

/** Reads the profiles of a user, of which a realm takes `maxDevices` of each kind: the newest. */
export const readDevices = (
  profiles: Readonly<Record<FactorKind, readonly string[]>>,
  { username, key, maxDevices, seen }: ReadingRules,
): ReadDevices => {
  const problems: DeviceProblem[] = [];

  const allOf = <P extends Profile>(
    method: FactorKind,
    read: (text: string) => P | keyof typeof FAULTS,
    idOf?: (profile: P) => string,
  ): readonly P[] => {
    const found: P[] = [];
    for (const text of profiles[method]) {
      if (isSealedProfile(text) && key === undefined) {
        problems.push({ reason: 'DEVICE_SEALED', detail: method });
        continue;
      }
      const opened = isSealedProfile(text) && key !== undefined ? openProfile(text, key) : text;
      if (opened === undefined) {
        problems.push({ reason: 'DEVICE_KEY', detail: method });
        continue;
      }
      const profile = read(opened);
      if (typeof profile === 'string') {
        problems.push({ reason: FAULTS[profile], detail: method });
        continue;
      }
      const id = idOf && `${method} ${idOf(profile)}`;
      if (id !== undefined && seen.has(id)) {
        problems.push({ reason: 'DEVICE_TWICE', detail: method });
        continue;
      }
      if (id !== undefined) seen.add(id);
      found.push(profile);
    }
    if (found.length > maxDevices) problems.push({ reason: 'DEVICE_LIMIT', detail: method });
    const kept = byAge(found).slice(0, maxDevices);
    for (const scheme of schemesOf(kept)) problems.push({ reason: 'CODES_SCHEME', detail: `${method} ${scheme}` });
    return kept;
  };

  const push = allOf('push', readPushProfile);
  const generators = allOf('oath', readOathProfile);
  const oath = oneForEachSecret(generators);
  for (let twice = oath.length; twice < generators.length; twice += 1)
    problems.push({ reason: 'DEVICE_TWICE', detail: 'oath' });
  const devices = {
    push,
    oath,
    webauthn: allOf(
      'webauthn',
      (text) => readPasskeyProfile(text, username),
      ({ credentialId }) => credentialId,
    ),
    binding: allOf('binding', readBoundProfile, ({ uuid }) => uuid),
  };
  return { devices, problems };
};

/** Of codes that are kept in a way that is not known here. */
const schemesOf = (profiles: readonly Profile[]): ReadonlySet<string> =>
  new Set(
    profiles
      .flatMap((profile) => ('codes' in profile ? profile.codes : []))
      .filter((code) => !isImportableCode(code))
      .map((code) => plainText(/^\{[\w-]{1,32}\}/.exec(code)?.[0].slice(1, -1) ?? 'unknown')),
  );
