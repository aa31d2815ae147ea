import { type Compared, runTiming } from './timing-run.ts';

export interface TimingOptions {
  readonly n: number;
  readonly seed: number;
  readonly only?: string | undefined;
  readonly json: boolean;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const rowOf = ({ pair, n, auc, low, high, medians, passes }: Compared): string =>
  [
    passes ? 'passed' : 'FAILED',
    auc.toFixed(4),
    `${low.toFixed(4)} – ${high.toFixed(4)}`,
    String(n).padStart(6),
    medians.map((micros) => (micros / 1_000).toFixed(2).padStart(7)).join(' '),
    pair,
  ].join('  ');

/** The exit code is 1 where the classes of a pair are told apart. */
export const main = async ({ json, ...options }: TimingOptions): Promise<number> => {
  if (!json) say('        AUC     95 % interval         n  medians in ms    pair');
  const all = await runTiming(options, (compared) => say(json ? JSON.stringify(compared) : rowOf(compared)));
  const failed = all.filter(({ passes }) => !passes).length;
  if (!json) say(failed === 0 ? 'Nobody is told apart by time.' : `${failed} of these are told apart.`);
  return failed === 0 ? 0 : 1;
};
