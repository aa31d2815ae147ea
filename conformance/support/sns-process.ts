import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const FAKE = new URL('../../packages/push/dist/testing/providers/sns-fake-main.js', import.meta.url);

/** One accepted publish: to which phone, and what its platform's provider would have been given. */
export interface Published {
  readonly token: string;
  /** The bytes of it, by platform. */
  readonly texts: Readonly<Record<'GCM' | 'APNS' | 'APNS_SANDBOX', string>>;
  readonly payload: Readonly<Record<'GCM' | 'APNS' | 'APNS_SANDBOX', Readonly<Record<string, unknown>>>>;
}

export interface SnsProcess {
  readonly endpoint: string;
  /** What was published to the phone with that token, oldest first. */
  published(token: string): Promise<readonly Published[]>;
  /** The publish with that place in the order, as soon as it is there: delivery runs beside the request. */
  awaitPublished(token: string, count: number): Promise<Published>;
  close(): Promise<void>;
}

/** Runs the strict SNS fake as a process of its own. */
export const startSnsProcess = async (): Promise<SnsProcess> => {
  const child = spawn(process.execPath, [fileURLToPath(FAKE)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const { endpoint } = JSON.parse(String(line)) as { readonly endpoint: string };
  const published = async (token: string): Promise<readonly Published[]> => {
    const response = await fetch(`${endpoint}/captured`);
    const captured = (await response.json()) as { readonly published: readonly Published[] };
    return captured.published.filter((it) => it.token === token);
  };
  return {
    endpoint,
    published,
    async awaitPublished(token, count) {
      await expect.poll(async () => (await published(token)).length).toBe(count);
      const found = (await published(token))[count - 1];
      if (found === undefined) throw new Error('Nothing was published.');
      return found;
    },
    async close() {
      const exit = once(child, 'exit');
      child.kill();
      await exit;
    },
  };
};
