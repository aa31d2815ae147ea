import type { Result } from './report.ts';
import type { Lane } from './scenarios.ts';
import type { ServerProcess, StoreName, Usage } from './server-process.ts';
import { spreadOf } from './statistics.ts';

interface Counted {
  readonly id: string;
  readonly what: 'commits' | 'reads';
  readonly store: StoreName;
  readonly server: ServerProcess;
  /** What the lane does in a turn. */
  readonly turn: string;
  readonly lane: Lane;
}

/** What the store counts over so many turns one after another. */
export const countOf = async (
  turns: number,
  { id, what, store, server, turn: asked, lane }: Counted,
): Promise<Result> => {
  await lane.turn();
  const counts: NonNullable<Usage['counters']>[] = [];
  for (let turn = 0; turn <= turns; turn += 1) {
    const { counters } = await server.usage();
    if (counters === undefined) throw new TypeError('The store counts nothing.');
    counts.push(counters);
    await lane.turn();
  }
  // Turn by turn: what the server does by itself in between, such as to sweep, is in one of them and not in the median.
  const each = (name: keyof (typeof counts)[0]) =>
    spreadOf(counts.slice(1).map((after, turn) => after[name] - (counts[turn]?.[name] ?? Number.NaN)));
  const [reads, commits, changes] = [each('reads').median, each('commits').median, each('changes').median];
  return {
    id,
    store,
    value: each(what),
    note: `${asked}: ${reads} reads, ${commits} commits, ${changes} changes in them`,
    details: { asked, reads, commits, changes },
  };
};
