import { join } from 'node:path';
import { missingServers, PostgresServer } from '@assent/test-servers';
import { startServerProcess } from '../support/server-process.ts';
import type { CopyRun } from './copy-process.ts';
import { fillStore } from './filled-store.ts';
import { copyKilled } from './killed-copy.ts';

const KILLED_AFTER_MILLIS = 1_000;
/** Of runs that are like each other, one in so many is told of. */
const TOLD_OF = 20;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

const told = (run: CopyRun, at: number): string => {
  const last = run.lines.at(-1) ?? {};
  const where = last.copied?.table ?? last.compared?.name;
  const end = run.code === undefined ? 'killed' : `ended with ${run.code}`;
  const up =
    where === undefined ? 'within a table' : `after ${where}${last.compared === undefined ? '' : ' was compared'}`;
  return `${String(at).padStart(4)}  ${end} after ${run.seconds.toFixed(1)} s, ${up}`;
};

/** `npm run tools -- killed-copy`: the exit code is 1 where the copy is not what the source is, and 2 where it cannot begin. */
export const main = async ({ rows }: { readonly rows: number }): Promise<number> => {
  const missing = missingServers(['postgres']);
  if (missing !== undefined) {
    process.stderr.write(`${missing}\n`);
    return 2;
  }
  const server = await startServerProcess();
  await server.stop();
  const postgres = await PostgresServer.launch({ fsync: true });
  try {
    fillStore(join(server.dataDir, 'assent.db'), rows);
    say(`${rows} rows, and those of a new server; each copy is killed a second after it has begun or goes on`);
    const runs: CopyRun[] = [];
    const { kills, named, compared } = await copyKilled({
      dataDir: server.dataDir,
      database: await postgres.createDatabase(),
      killAt: () => (line) => (line.begun === undefined ? undefined : KILLED_AFTER_MILLIS),
      onRun(run) {
        const at = runs.push(run);
        if (run.code !== undefined || at % TOLD_OF === 0) say(told(run, at));
      },
    });
    const seconds = runs.reduce((sum, run) => sum + run.seconds, 0);
    say(
      `${kills} kills; ${runs.length} runs took ${seconds.toFixed(0)} s together, ${Math.round(compared.rows / seconds)} rows a second`,
    );
    say(`${megabytes(Math.max(...runs.map(({ peakBytes }) => peakBytes)))} in memory at most`);
    for (const { difference } of named) say(`named  ${difference?.table}, ${difference?.key}: ${difference?.problem}`);
    for (const text of compared.differences) say(`✗ ${text}`);
    const isWhole = named.length === 1 && compared.differences.length === 0;
    say(isWhole ? `${compared.rows} rows are the same in both.` : 'The copy is not what the source is.');
    return isWhole ? 0 : 1;
  } finally {
    await postgres.stop();
    await server.close();
  }
};
