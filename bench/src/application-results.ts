import { type Asked, applicationLanes, libraryLanes } from './applications.ts';
import { countOf } from './counted.ts';
import type { Pinning } from './pinning.ts';
import type { Result } from './report.ts';
import { type Rounds, type Row, resultOf, runRounds, scenario } from './rounds.ts';
import { echoLanes, type Lane } from './scenarios.ts';
import { ServerProcess, type StoreName } from './server-process.ts';

export interface ApplicationsPlan extends Rounds {
  /** Of how many turns the reads and commits are counted. */
  readonly logins: number;
}

const STORES: readonly StoreName[] = ['memory', 'sqlite'];

/** What is counted of each kind of turn, and the row that it is for. */
const COUNTED: Readonly<Partial<Record<Asked, { readonly id: string; readonly what: 'commits' | 'reads' }>>> = {
  login: { id: 'O8 login', what: 'commits' },
  refresh: { id: 'O8 refresh', what: 'commits' },
  userinfo: { id: 'O8 check', what: 'commits' },
  introspect: { id: 'O8 proven', what: 'commits' },
  forged: { id: 'O8 forged', what: 'reads' },
};

/** O1 to O8: what applications ask (spec: oidc §5.4). */
export const measureApplications = async (
  plan: ApplicationsPlan,
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
    const signed = { of: scenario('none', echoServer, await echoLanes(echoServer, '/signed')), without: [echo] };
    const libraryServer = await started(ServerProcess.library(scratch, pinning));
    const library = { of: scenario('memory', libraryServer, await libraryLanes(libraryServer)) };
    const scenarios = [echo.of, signed.of, library.of];
    const rows: Row[] = [];
    const counted: {
      readonly store: StoreName;
      readonly server: ServerProcess;
      readonly asked: Asked;
      readonly lane: Lane | undefined;
    }[] = [];
    for (const store of STORES) {
      const server = await started(ServerProcess.assent(store, `applications-${store}`, scratch, pinning));
      const load = async (asked: Asked) => {
        const made = await applicationLanes(server, asked);
        const cost = { of: scenario(store, server, made) };
        scenarios.push(cost.of);
        counted.push({ store, server, asked, lane: made[0] });
        return cost;
      };
      const authorize = await load('authorize');
      const login = await load('login');
      const refresh = await load('refresh');
      const userinfo = await load('userinfo');
      rows.push(
        { id: `O1 ${store}`, ...authorize },
        // A login is the code, the tokens and a look at the user: the first and the last of them are measured beside it.
        { id: `O2 ${store}`, ...login, without: [authorize, userinfo, signed] },
        { id: `O3 ${store}`, ...refresh, without: [signed] },
        { id: `O4 ${store}`, ...userinfo },
        { id: `O5 ${store}`, ...(await load('introspect')) },
        { id: 'O6', ...(await load('forged')) },
      );
      // Signatures are in both of them.
      if (store === 'memory') rows.push({ id: 'O7', ...login, beside: { name: 'oidc-provider', cost: library } });
    }
    await runRounds(plan, scenarios, say);
    const results = rows.map((row) => resultOf(row, echo));
    for (const { store, server, asked, lane } of counted) {
      const row = COUNTED[asked];
      if (row !== undefined && lane !== undefined)
        results.push(await countOf(plan.logins, { ...row, store, server, turn: asked, lane }));
    }
    return results;
  } catch (error) {
    for (const server of servers) say(server.lastWords());
    throw error;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
};
