import type { Result } from './report.ts';
import { countedLane } from './scenarios.ts';
import type { ServerProcess, StoreName } from './server-process.ts';
import { spreadOf } from './statistics.ts';

/** P12: what the store counts over logins one after another. */
export const measureWrites = async (
  logins: number,
  store: StoreName,
  server: ServerProcess,
): Promise<readonly Result[]> => {
  const results: Result[] = [];
  for (const kind of ['budget', 'shipped'] as const) {
    const lane = await countedLane(server, kind === 'budget' ? 'counted' : 'shipped');
    await lane.turn();
    const before = (await server.usage()).counters;
    for (let login = 0; login < logins; login += 1) await lane.turn();
    const after = (await server.usage()).counters;
    lane.close?.();
    if (before === undefined || after === undefined) throw new TypeError('The store counts nothing.');
    const each = (name: keyof typeof after) => (after[name] - before[name]) / logins;
    const flights = each('flights') === 0 ? '' : `, ${each('flights').toFixed(1)} flights`;
    results.push({
      id: 'P12',
      store,
      value: spreadOf([each('commits')]),
      note: `${each('reads').toFixed(1)} reads, ${each('changes').toFixed(1)} changes in them${flights}${kind === 'shipped' ? '; PushLogin as shipped, 6 requests' : ''}`,
      details: {
        kind,
        reads: each('reads'),
        commits: each('commits'),
        changes: each('changes'),
        flights: each('flights'),
        statements: each('statements'),
      },
    });
  }
  return results;
};
