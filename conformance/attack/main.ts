import { missingServers } from '@assent/test-servers';
import { Random } from '../faults/random.ts';
import type { AttackGroup } from './attack-case.ts';
import { type AttackRun, type GroupReport, withRun } from './attack-run.ts';
import { CORPUS } from './corpus/index.ts';
import { everyParameter } from './generator/every-parameter.ts';
import { generateInputs, type LongReport } from './generator/long-run.ts';
import type { Broken } from './invariants/invariants.ts';
import { type AttackOptions, OptionsRefused, readOptions } from './run-options.ts';
import { startCluster, startOnSqlite } from './target/attack-target.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** As spec/security-reliability §1.4 has it: a loop that keeps others waiting for longer is a failure. */
const LIMITS = { loopP99Millis: 100, heapGrowthBytes: 60 * 2 ** 20 };

/** The part of the corpus that is asked for. */
const chosen = ({ groups, cases }: AttackOptions): readonly AttackGroup[] =>
  CORPUS.filter(({ number }) => groups.length === 0 || groups.includes(number))
    .map((group) => ({
      ...group,
      cases: group.cases.filter(({ ids }) => cases.length === 0 || ids.some((id) => cases.includes(id))),
    }))
    .filter((group) => group.cases.length > 0);

const row = (cells: readonly (string | number)[]): string => {
  const [number = '', title = '', ...counts] = cells.map(String);
  return `${number.padEnd(6)}${title.padEnd(34)}${counts.map((it) => it.padStart(12)).join('')}`;
};

const told = ({ number, title, cases, unexpected, broken, seconds, leftOut }: GroupReport): readonly string[] => [
  row([number, title, cases, cases - unexpected.length, unexpected.length + broken.length, seconds.toFixed(1)]),
  ...unexpected.map((it) => `      unexpected  ${it.title} (${it.ids.join(', ')})\n${indented(it.seen)}`),
  ...broken.map((it) => `      broken      ${it.invariant}: ${it.text}`),
  ...leftOut.map((it) => `      left out    ${it}: the clock of this server cannot be moved`),
];

const indented = (text: string): string => text.replace(/^/gm, '                  ');

/** The group that is made of what the server says of itself. */
const GENERATED = '3.13';

const isGenerated = ({ groups, cases }: AttackOptions): boolean =>
  cases.length === 0 && (groups.length === 0 || groups.includes(GENERATED));

/** Each so many inputs have a server of their own: what they leave behind does not slow down the others. */
const PER_SERVER = 50_000;

const UNLIMITED = { loopP99Millis: Number.POSITIVE_INFINITY, heapGrowthBytes: 200 * 2 ** 20 };

interface Long extends LongReport {
  readonly seed: number;
  readonly broken: readonly Broken[];
  readonly seconds: number;
}

/** The inputs of one server; its seed makes the same ones again. */
const longPart = async (seed: number, inputs: number): Promise<Long> => {
  const since = performance.now();
  return withRun(
    () => startOnSqlite('info'),
    { limits: UNLIMITED, extent: 'whole' },
    async (run: AttackRun) => {
      const report = await generateInputs(run, { inputs, random: new Random(seed) });
      const broken = await run.check({ withFiles: true });
      return { ...report, seed, broken, seconds: (performance.now() - since) / 1_000 };
    },
  );
};

const counts = (of: Readonly<Record<string, number>>): string =>
  Object.entries(of)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');

const toldLong = ({ seed, inputs, byKind, byStatus, guesses, wrong, broken, seconds }: Long): readonly string[] => [
  `seed ${seed}: ${inputs} inputs in ${seconds.toFixed(0)} s: ${counts(byKind)}; answered ${counts(byStatus)}; guesses: ${counts(guesses)}`,
  ...wrong.map((it) => `      unexpected  ${it}`),
  ...broken.map((it) => `      broken      ${it.invariant}: ${it.text}`),
];

/** Makes the inputs, on one server after the other; how many things were wrong. */
const long = async ({ inputs, seed, isJson }: AttackOptions): Promise<number> => {
  let failed = 0;
  for (let done = 0; done < inputs; done += PER_SERVER) {
    const part = await longPart(seed + done / PER_SERVER, Math.min(PER_SERVER, inputs - done));
    failed += part.wrong.length + part.broken.length;
    if (isJson) say(JSON.stringify({ long: part }));
    else for (const line of toldLong(part)) say(line);
  }
  return failed;
};

const corpus = async (options: AttackOptions): Promise<number> => {
  const since = performance.now();
  const reports: GroupReport[] = [];
  const start = options.isCluster ? startCluster : startOnSqlite;
  if (!options.isJson) say(row(['', '', 'cases', 'as expected', 'unexpected', 'seconds']));
  const answers = await withRun(start, { limits: LIMITS, extent: 'whole' }, async (run) => {
    const attack = async (group: AttackGroup): Promise<void> => {
      const report = await run.group(group);
      reports.push(report);
      if (!options.isJson) for (const line of told(report)) say(line);
    };
    for (const group of chosen(options)) await attack(group);
    if (isGenerated(options)) await attack(await everyParameter(run.target, run.newAttacker(), { isWhole: true }));
    return run.client.answers;
  });
  const seconds = (performance.now() - since) / 1_000;
  const failed = reports.reduce((sum, { unexpected, broken }) => sum + unexpected.length + broken.length, 0);
  const passed = reports.reduce((sum, { cases, unexpected }) => sum + cases - unexpected.length, 0);
  if (options.isJson) say(JSON.stringify({ groups: reports, answers, seconds }));
  else say(`${answers} answers in ${seconds.toFixed(0)} s\n${passed} passed, ${failed} failed`);
  return failed;
};

/** `npm run tools -- attack`: the exit code is 1 where anything was not as expected, and 2 where it cannot begin. */
export const main = async (args: readonly string[]): Promise<number> => {
  try {
    const options = readOptions(args, {
      groups: new Set([...CORPUS.map(({ number }) => number), GENERATED]),
      cases: new Set(CORPUS.flatMap(({ cases }) => cases.flatMap(({ ids }) => ids))),
    });
    const missing = options.isCluster ? missingServers(['haproxy', 'postgres', 'redis']) : undefined;
    if (missing !== undefined) throw new OptionsRefused(missing);
    const failed = options.inputs > 0 ? await long(options) : await corpus(options);
    return failed === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof OptionsRefused)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
};
