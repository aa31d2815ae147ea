import { join } from 'node:path';
import type { TestDatabase } from '@assent/test-servers';
import { type Compared, compareDatabases } from './compare-databases.ts';
import { type CopyRun, type KillAt, runCopy } from './copy-process.ts';

export interface KilledCopyOptions {
  /** Of a server that does not run. */
  readonly dataDir: string;
  readonly database: Pick<TestDatabase, 'url' | 'alter'>;
  /** When the copy is killed that is begun as the nth, from 0. */
  readonly killAt: (run: number) => KillAt;
  readonly onRun?: (run: CopyRun) => void;
}

export interface KilledCopy {
  readonly runs: readonly CopyRun[];
  readonly kills: number;
  /** What the command said of the byte that was changed. */
  readonly named: CopyRun['lines'];
  /** By reading both databases, beside the command. */
  readonly compared: Compared;
}

/** A table that is copied as one of the first, and has bytes. */
const FLIPPED = 'device';
const FLIP = `UPDATE ${FLIPPED} SET sealed = set_byte(sealed, 9, get_byte(sealed, 9) # 1) WHERE uuid = (SELECT min(uuid) FROM ${FLIPPED})`;
/** As often as a copy may be whole before it was killed, on a machine that gives us no time. */
const TOO_QUICK = 3;

/** Whether a change of the table is still to be noticed: a comparison that was broken off does not read again what it has compared. */
const isToCompare = ({ lines }: CopyRun): boolean =>
  lines.some(({ copied }) => copied?.table === FLIPPED) && lines.every(({ compared }) => compared?.name !== FLIPPED);

/**
 * Copies, and kills the command again and again until it is done; meanwhile one byte is changed in what it has copied already. Changed
 * back once it was named, the copy is whole by beginning it again.
 */
export const copyKilled = async ({
  dataDir,
  database,
  killAt,
  onRun = () => undefined,
}: KilledCopyOptions): Promise<KilledCopy> => {
  const runs: CopyRun[] = [];
  let isFlipped = false;
  let named: CopyRun['lines'] | undefined;
  for (let whole = 0; whole < TOO_QUICK; ) {
    const run = await runCopy({ dataDir, url: database.url }, killAt(runs.length));
    runs.push(run);
    onRun(run);
    const differing = run.lines.filter(({ difference }) => difference !== undefined);
    if (run.code === undefined) {
      if (isFlipped || !isToCompare(run)) continue;
      await database.alter(FLIP);
      isFlipped = true;
    } else if (differing.length > 0 && isFlipped && named === undefined) {
      named = differing;
      await database.alter(FLIP);
    } else if (run.code !== 0) {
      throw new Error(`The copy ended with ${run.code}: ${run.stderr}`);
    } else if (named !== undefined) {
      const kills = runs.filter(({ code }) => code === undefined).length;
      return { runs, kills, named, compared: await compareDatabases(join(dataDir, 'assent.db'), database.url) };
    } else if (isFlipped) {
      throw new Error('A byte was changed, and the copy was called whole.');
    } else {
      whole += 1;
    }
  }
  throw new Error('The copy was whole before it was killed, again and again.');
};
