import { inPackages, startReady } from './ready-process.ts';
import { sendByFetch } from './wire.ts';

const SERVER = inPackages('server/dist/bundle/serve-for-tests.js');
const SNS_FAKE = inPackages('push/dist/testing/providers/sns-fake-main.js');

/** A started server with a clock that can be moved, and a provider that can be made to fail. */
export interface ClockedServer {
  readonly am: string;
  /** The time at its start. */
  readonly startedAt: number;
  readonly administrator: { readonly name: string; readonly password: string };
  readonly providerUrl: string;
  /** Steers the server from outside; see the commands of the server for tests. */
  control(command: string, given?: object): Promise<Readonly<Record<string, unknown>>>;
  close(): Promise<void>;
}

interface ClockedServerOptions {
  /** Where the data is, in SQLite; in memory where absent. */
  readonly dataDir?: string;
  /** Whose `X-Forwarded-For` is believed. */
  readonly trustedProxy?: string;
}

/** Starts both on free ports. */
export const startClockedServer = async (options: ClockedServerOptions = {}): Promise<ClockedServer> => {
  const provider = await startReady(SNS_FAKE, []);
  const providerUrl = String(provider.ready.endpoint);
  const server = await startReady(SERVER, [
    '--cheap-hash',
    '--sns-endpoint',
    providerUrl,
    ...(options.dataDir === undefined ? [] : ['--data-dir', options.dataDir]),
    ...(options.trustedProxy === undefined ? [] : ['--trusted-proxy', options.trustedProxy]),
  ]).catch(async (error: unknown) => {
    await provider.stop();
    throw error;
  });
  const ready = server.ready.ready as {
    readonly am: string;
    readonly control: string;
    readonly now: number;
    readonly administrator: ClockedServer['administrator'];
  };
  return {
    am: ready.am,
    startedAt: ready.now,
    administrator: ready.administrator,
    providerUrl,
    async control(command, given = {}) {
      const { status, body } = await sendByFetch({ method: 'POST', url: `${ready.control}/${command}`, body: given });
      if (status !== 200) throw new Error(`${command}: ${String(body.error ?? status)}`);
      return body;
    },
    async close() {
      await Promise.all([server.stop(), provider.stop()]);
    },
  };
};
