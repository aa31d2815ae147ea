import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const FAKE = new URL('../../packages/push/dist/testing/providers/web-push-fake-main.js', import.meta.url);

/** What reached a browser, decrypted as the browser would. */
export interface TakenPush {
  readonly name: string;
  readonly text: string;
}

export interface WebPushProcess {
  /** The JSON text of the subscription of the browser with that name. */
  subscription(name: string): Promise<string>;
  taken(name: string): Promise<readonly TakenPush[]>;
  close(): Promise<void>;
}

/** Runs the strict push service as a process of its own; only that server, by its key, can ring its browsers. */
export const startWebPushProcess = async ({ am }: { readonly am: string }): Promise<WebPushProcess> => {
  const { key } = (await (await fetch(`${am}/phone/application-server-key`)).json()) as { readonly key: string };
  const child = spawn(process.execPath, [fileURLToPath(FAKE), key], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const { origin } = JSON.parse(String(line)) as { readonly origin: string };
  return {
    subscription: async (name) => (await fetch(`${origin}/subscription/${name}`)).text(),
    async taken(name) {
      const { taken, refusals } = (await (await fetch(`${origin}/`)).json()) as {
        readonly taken: readonly TakenPush[];
        readonly refusals: readonly string[];
      };
      if (refusals.length > 0) throw new Error(`The push service refused: ${refusals.join('; ')}`);
      return taken.filter((it) => it.name === name);
    },
    async close() {
      const exit = once(child, 'exit');
      child.kill();
      await exit;
    },
  };
};
