import { isUserTooLarge } from '@assent/engine/host';
import type { BroughtUser } from '../../ports/users-change.ts';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import type { Filled } from '../verbs/many-rows.ts';
import { countOfEach, type Verb } from '../verbs/verb.ts';

/** What inserts rows of a table, for each table that has something of a user. */
interface Insertions {
  /** Who of them was erased here. */
  readonly erased: (ids: readonly string[]) => Verb<readonly string[]>;
  /** With what users are found by, of which a part may be left out. */
  readonly users: (
    users: readonly BroughtUser[],
  ) => Verb<{ readonly rows: readonly Filled[]; readonly values: readonly Filled[] }>;
  readonly devices: (rows: BroughtUser['devices']) => readonly Filled[];
  readonly oathDevices: (rows: BroughtUser['oathDevices']) => readonly Filled[];
  readonly passkeys: (rows: BroughtUser['passkeys']) => readonly Filled[];
  readonly boundDevices: (rows: BroughtUser['boundDevices']) => readonly Filled[];
  readonly codes: (rows: BroughtUser['codes']) => readonly Filled[];
  readonly consents: (rows: BroughtUser['consents']) => readonly Filled[];
}

export const USERS_CHANGES = defineChanges({
  'users.insert': {
    tables: [
      'erasure',
      'identity',
      'identity_value',
      'user_index',
      'user_index_name',
      'device',
      'oath_device',
      'passkey',
      'bound_device',
      'recovery_code',
      'oauth_consent',
    ],
    creates: 'nothing',
    // A user who does not exist has no row to lock. This lock makes an import and an erasure of one id wait for each other.
    locks: { configuration: true },
    durability: 'disk',
  },
});

/** Users by the hundred: some statements for each table and all of them in one flight, where one by one each row is a statement (docs/adr/0094). */
export const broughtUsersTopic = (insertions: Insertions) => ({
  changes: {
    *'users.insert'({ users }) {
      if (users.some(({ attributes }) => isUserTooLarge(attributes))) return false;
      // Whoever was erased comes back under no such id, whatever an older file says (security-reliability §7 "Erase").
      if ((yield* insertions.erased(users.map(({ id }) => id))).length > 0) return false;
      const ofUsers = yield* insertions.users(users);
      const all = <T>(of: (user: BroughtUser) => readonly T[]): readonly T[] => users.flatMap(of);
      const [devices, oathDevices] = [all((it) => it.devices), all((it) => it.oathDevices)];
      const [passkeys, boundDevices] = [all((it) => it.passkeys), all((it) => it.boundDevices)];
      const [codes, consents] = [all((it) => it.codes), all((it) => it.consents)];
      const counted = [
        ...ofUsers.rows,
        ...insertions.devices(devices),
        ...insertions.oathDevices(oathDevices),
        ...insertions.passkeys(passkeys),
        ...insertions.boundDevices(boundDevices),
        ...insertions.codes(codes),
        ...insertions.consents(consents),
      ];
      const counts = yield* countOfEach([...counted, ...ofUsers.values]);
      const inserted = counts.slice(0, counted.length).reduce((sum, count) => sum + count, 0);
      const brought = [users, devices, oathDevices, passkeys, boundDevices, codes, consents];
      return inserted === brought.reduce((sum, { length }) => sum + length, 0);
    },
  } satisfies VerbsOf<typeof USERS_CHANGES>,
});
