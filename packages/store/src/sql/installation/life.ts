import { StoreRefused, StoreReplaced } from '../../ports/store.ts';
import { first, run, statement, type Verb } from '../verbs/verb.ts';

/** What a copy says of itself that is not to be served on. */
export type Mark = 'backup' | `replaced ${string}` | `moving ${string}` | `moved ${string}` | `copying ${string}`;

type LifeRow = readonly [version: number, epoch: number, table: number];

const selectLife = statement<LifeRow>('SELECT version, epoch, {table_id} FROM configuration_version WHERE id = 1');
const selectHome = statement<readonly [...LifeRow, home: string | null]>(
  'SELECT version, epoch, {table_id}, home FROM configuration_version WHERE id = 1',
);
const selectHomeToStay = statement<readonly [...LifeRow, home: string | null]>(
  'SELECT version, epoch, {table_id}, home FROM configuration_version WHERE id = 1 {share}',
);
/** What `assent store copy` has made, and nobody has served on yet. */
const COPIED = 'copied';

const adopt = statement('UPDATE configuration_version SET home = ? WHERE id = 1 AND (home IS NULL OR home = ?)');
const setHome = statement('UPDATE configuration_version SET home = ? WHERE id = 1');
const setLife = statement('UPDATE configuration_version SET version = ?, epoch = ?, home = NULL WHERE id = 1');

const IN_PLACE = 'run `assent restore --in-place`, which ends what was under way then';

const REFUSALS: Readonly<Record<string, (where: string) => string>> = {
  backup: () =>
    `This file is a backup. Put it back by \`assent restore FILE\`; where it lies in its place already, ${IN_PLACE}.`,
  replaced: (by) =>
    `This database was replaced by a backup (${by}), and is kept in case it is needed. Put it back by \`assent restore FILE\`.`,
  moving: (to) =>
    `This database is being moved to ${to}. Run \`assent store copy --final\` once more to end that, or \`assent store copy --call-off\`.`,
  moved: (to) =>
    `This database was moved to ${to}. Set ASSENT_DATABASE_URL to it; or go back by \`assent store copy --call-off\`, without what was written there since.`,
  copying: () =>
    'A copy into this database was begun and not ended. Run `assent store copy` once more, or name an empty database.',
};

/** Throws where this copy of the database is not one to be served on. */
const refuseOthers = (home: string, table: number): void => {
  if (home === String(table)) return;
  const [word = '', ...rest] = home.split(' ');
  const refusal = REFUSALS[word];
  throw new StoreRefused(
    refusal?.(rest.join(' ')) ??
      `This database was put back from a backup, or copied: its tables are not those that it was made with. If it is the one to serve on, ${IN_PLACE}.`,
  );
};

/** Which life of a database it is, and at which version of the configuration. */
export interface Life {
  readonly version: number;
  readonly epoch: number;
}

export function* lifeOf(): Verb<Life> {
  const [version = 0, epoch = 0] = (yield* first(selectLife)) ?? [];
  return { version, epoch };
}

/** Throws where this copy of the database is not one to be served on; with `stays`, it is one until the commit. */
export function* refuseStray({ stays = false } = {}): Verb<void> {
  const [, , table = 0, home = null] = (yield* first(stays ? selectHomeToStay : selectHome)) ?? [];
  if (home !== null && home !== COPIED) refuseOthers(home, table);
}

/** Whether somebody may serve on this copy of the database, and has. */
export function* isSettled(): Verb<boolean> {
  const [, , table, home] = (yield* first(selectHome)) ?? [];
  return table !== undefined && home === String(table);
}

/** What a copy says of where it belongs. */
export function* homeOf(): Verb<string | undefined> {
  return (yield* first(selectHome))?.[3] ?? undefined;
}

/** Begins another life, on whichever database this is; whoever opens it next settles there. */
export function* beginLife({ version, epoch }: Life): Verb<void> {
  yield* run(setLife, version, epoch);
}

export function* markAs(mark: Mark | undefined): Verb<void> {
  yield* run(setHome, mark ?? null);
}

const another = (what: string): StoreReplaced =>
  new StoreReplaced(
    `The database is not the one any more that this server has opened: ${what}. It ends, since what it remembers is wrong now; start it again.`,
  );

/**
 * What tells one life of a database from another. The version of the configuration is asked for once a second, and the rest comes with it:
 * an older copy under a server that runs is found out by that, and costs no read (OPS-61).
 */
export const lifeTopic = () => {
  let known: { readonly life: Life; readonly table: number } | undefined;
  return {
    /** At the opening of one to be served on. */
    *settle(): Verb<void> {
      const [version = 0, epoch = 0, table = 0, home = null] = (yield* first(selectHome)) ?? [];
      known = { life: { version, epoch }, table };
      if (home === String(table) || (yield* run(adopt, String(table), COPIED)) === 1) return;
      // Another instance that starts at this moment has said what we say; whoever copies into it, something else.
      yield* refuseStray();
    },
    *epoch(): Verb<number> {
      return (yield* lifeOf()).epoch;
    },
    *version(): Verb<number> {
      // What is known by now: an answer that others overtake on its way is none of an older copy.
      const before = known;
      const [version = 0, epoch = 0, table = 0] = (yield* first(selectLife)) ?? [];
      if (before !== undefined) {
        if (epoch !== before.life.epoch) throw another(`its epoch is ${epoch}, and was ${before.life.epoch}`);
        if (table !== before.table) throw another('its tables were made anew');
        if (version < before.life.version)
          throw another(`its configuration is version ${version}, and was ${before.life.version}`);
      }
      if (version >= (known?.life.version ?? 0)) known = { life: { version, epoch }, table };
      return version;
    },
  };
};
