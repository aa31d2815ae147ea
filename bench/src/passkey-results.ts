import { countOf } from './counted.ts';
import { passkeyLanes, passkeyStartLanes } from './passkeys.ts';
import type { Pinning } from './pinning.ts';
import type { Result } from './report.ts';
import { type Rounds, type Row, resultOf, runRounds, scenario } from './rounds.ts';
import { echoLanes } from './scenarios.ts';
import { ServerProcess, type StoreName } from './server-process.ts';
import { spreadOf } from './statistics.ts';

const STORES: readonly StoreName[] = ['memory', 'sqlite'];

/** P17 to P19: signing in by passkey (spec: webauthn §11). */
export const measurePasskeys = async (
  plan: Rounds & { readonly logins: number },
  { scratch, pinning, say }: { scratch: string; pinning: Pinning | undefined; say: (text: string) => void },
): Promise<readonly Result[]> => {
  const servers: ServerProcess[] = [];
  const started = async (server: Promise<ServerProcess>): Promise<ServerProcess> => {
    servers.push(await server);
    return server;
  };
  try {
    const echoServer = await started(ServerProcess.echo(scratch, pinning));
    const echo = { of: scenario('none', echoServer, await echoLanes(echoServer)) };
    // The library judges in a process of its own here, so that what a thread of ours adds to it is counted as ours.
    const judged = { of: scenario('none', echoServer, await echoLanes(echoServer, '/asserted')), without: [echo] };
    const scenarios = [echo.of, judged.of];
    const rows: Row[] = [];
    const results: Result[] = [];
    const counted: Parameters<typeof countOf>[1][] = [];
    for (const store of STORES) {
      const server = await started(ServerProcess.assent(store, `passkeys-${store}`, scratch, pinning));
      const starts = await passkeyStartLanes(server);
      const beforeFirst = (await server.collectedUsage()).memory.rss;
      const logins = await passkeyLanes(server);
      const afterFirst = (await server.collectedUsage()).memory.rss;
      const start = { of: scenario(store, server, starts) };
      const login = { of: scenario(store, server, logins) };
      scenarios.push(start.of, login.of);
      rows.push({ id: `P17 ${store}`, ...start }, { id: `P18 ${store}`, ...login, without: [start, judged] });
      results.push({
        id: 'P19',
        store,
        value: spreadOf([(afterFirst - beforeFirst) / 1e6]),
        note: 'from before the first passkey to after the sixteenth',
        details: { beforeFirst, afterFirst },
      });
      const [[oneStart], [oneLogin]] = [starts, logins];
      if (oneStart === undefined || oneLogin === undefined) throw new RangeError('There is no lane.');
      counted.push(
        { id: 'P17 writes', what: 'commits', store, server, turn: 'start', lane: oneStart },
        { id: 'P18 writes', what: 'commits', store, server, turn: 'login', lane: oneLogin },
        { id: 'P18 reads', what: 'reads', store, server, turn: 'login', lane: oneLogin },
      );
    }
    await runRounds(plan, scenarios, say);
    results.push(...rows.map((row) => resultOf(row, echo)));
    for (const each of counted) results.push(await countOf(plan.logins, each));
    return results;
  } catch (error) {
    for (const server of servers) say(server.lastWords());
    throw error;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
};
