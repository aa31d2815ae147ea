import type { KeyObject } from 'node:crypto';
import { isImportableCode } from '@assent/push';
import { plainText } from '../../command/plain-text.ts';
import {
  type OathProfile,
  type ProfileFault,
  type PushProfile,
  readOathProfile,
  readPushProfile,
} from './device-profile.ts';
import { isSealedProfile, openProfile } from './sealed-profile.ts';

/** The devices of a user of a file. */
export interface Devices {
  readonly push: readonly PushProfile[];
  readonly oath: readonly OathProfile[];
}

export type DeviceReason =
  | 'DEVICE_SEALED'
  | 'DEVICE_KEY'
  | 'DEVICE_FORM'
  | 'DEVICE_UNFINISHED'
  | 'DEVICE_LIMIT'
  | 'CODES_SCHEME';

export interface DeviceProblem {
  readonly reason: DeviceReason;
  /** `push` or `oath`, and the scheme of codes. */
  readonly detail: string;
}

export interface ReadDevices {
  readonly devices: Devices;
  readonly problems: readonly DeviceProblem[];
}

type Method = 'push' | 'oath';

const FAULTS = { form: 'DEVICE_FORM', unfinished: 'DEVICE_UNFINISHED' } as const satisfies Record<
  ProfileFault,
  DeviceReason
>;

/** Newest first, as they are used here. */
const byAge = <Profile extends PushProfile | OathProfile>(profiles: readonly Profile[]): readonly Profile[] =>
  profiles.toSorted((one, other) => (other.createdAt ?? 0) - (one.createdAt ?? 0));

/** Reads the profiles of a user, of which a realm takes `maxDevices` of each kind: the newest. */
export const readDevices = (
  profiles: Readonly<Record<Method, readonly string[]>>,
  { key, maxDevices }: { readonly key: KeyObject | undefined; readonly maxDevices: number },
): ReadDevices => {
  const problems: DeviceProblem[] = [];

  const allOf = <Profile extends PushProfile | OathProfile>(
    method: Method,
    read: (text: string) => Profile | ProfileFault,
  ): readonly Profile[] => {
    const found: Profile[] = [];
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
      if (typeof profile === 'string') problems.push({ reason: FAULTS[profile], detail: method });
      else found.push(profile);
    }
    if (found.length > maxDevices) problems.push({ reason: 'DEVICE_LIMIT', detail: method });
    const kept = byAge(found).slice(0, maxDevices);
    for (const scheme of schemesOf(kept)) problems.push({ reason: 'CODES_SCHEME', detail: `${method} ${scheme}` });
    return kept;
  };

  const devices = { push: allOf('push', readPushProfile), oath: allOf('oath', readOathProfile) };
  return { devices, problems };
};

/** Of codes that are kept in a way that is not known here. */
const schemesOf = (profiles: readonly (PushProfile | OathProfile)[]): ReadonlySet<string> =>
  new Set(
    profiles
      .flatMap(({ codes }) => codes)
      .filter((code) => !isImportableCode(code))
      .map((code) => plainText(/^\{[\w-]{1,32}\}/.exec(code)?.[0].slice(1, -1) ?? 'unknown')),
  );
