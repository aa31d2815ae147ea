import { missingServers } from '@assent/test-servers';
import { CATALOGUE } from './catalogue/index.ts';
import { type Row, runFaults } from './fault-run.ts';
import { commandOf, OptionsRefused, readOptions } from './run-options.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const line = ({ id, store, title, expected, outcome, seen, seconds }: Row): string =>
  [
    `${outcome.padEnd(7)}  ${id}  ${store.padEnd(8)}  ${title} (${seconds.toFixed(1)} s)`,
    `         expected  ${expected}`,
    `         ${outcome === 'skipped' ? 'reason  ' : 'seen    '}  ${seen.replaceAll('\n', '\n                   ')}`,
  ].join('\n');

/** `npm run tools -- faults`: the exit code is 1 where a fault went another way than it is expected to, and 2 where it cannot begin. */
export const main = async (args: readonly string[]): Promise<number> => {
  try {
    const options = readOptions(
      args,
      CATALOGUE.map(({ id }) => id),
    );
    const missing = missingServers([
      'haproxy',
      ...(options.stores.includes('postgres') ? (['postgres', 'redis'] as const) : []),
    ]);
    if (missing !== undefined) throw new OptionsRefused(missing);
    const rows: Row[] = [];
    const failed = await runFaults(options, {
      row(row) {
        rows.push(row);
        say(line(row));
        if (row.outcome === 'failed') say(`         again     ${commandOf(options, row.store, row.id)}`);
      },
      store({ store, kills, logins, byPersona, seconds }) {
        say(
          `${store}: ${kills} kills and ${logins.begun} logins in ${seconds.toFixed(0)} s; ${logins.done} as they should be, ` +
            `${logins.lost} that begin again since the last answer was lost, ${logins.disturbed} ended by an outage, ${logins.failed} wrong`,
        );
        say(`${store}: ${[...byPersona].map(([name, count]) => `${count} ${name}`).join(', ')}`);
      },
    });
    const count = (outcome: Row['outcome']) => rows.filter((it) => it.outcome === outcome).length;
    if (count('skipped') > 0) say(`${count('skipped')} skipped`);
    say(`${count('passed')} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof OptionsRefused)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
};
