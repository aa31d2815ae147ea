import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { inPackages, type ReadyProcess, startReady } from './ready-process.ts';

/** What a provider took for a phone. */
export interface TakenMessage {
  readonly token: string;
  /** By Google: what the app is handed. */
  readonly data?: Readonly<Record<string, string>>;
  /** By Apple: the payload, byte for byte. */
  readonly text?: string;
  readonly [member: string]: unknown;
}

interface Captured {
  readonly taken: readonly TakenMessage[];
  readonly delivered: readonly TakenMessage[];
  readonly refusals: readonly string[];
}

/** A fake of Google or Apple, as a process of its own. */
export interface ProviderProcess {
  /** The settings by which a realm gets in. */
  readonly settings: Readonly<Record<string, unknown>>;
  captured(): Promise<Captured>;
  /** The message for that phone with that place in the order, as soon as it is there: delivery runs beside the request. */
  awaitTaken(token: string, count: number): Promise<TakenMessage>;
  /** Makes it do something else than usual; see the fakes. */
  steer(command: 'script' | 'mode' | 'late' | 'repair', given?: unknown): Promise<void>;
  close(): Promise<void>;
}

const providerOf = ({ ready, stop }: ReadyProcess, close: () => Promise<void> = stop): ProviderProcess => {
  const control = String(ready.control);
  const captured = async () => (await (await fetch(`${control}/captured`)).json()) as Captured;
  const ofPhone = async (token: string) => (await captured()).taken.filter((it) => it.token === token);
  return {
    settings: ready.settings as ProviderProcess['settings'],
    captured,
    async awaitTaken(token, count) {
      await expect.poll(async () => (await ofPhone(token)).length).toBe(count);
      const found = (await ofPhone(token))[count - 1];
      if (found === undefined) throw new Error('The provider has taken nothing.');
      return found;
    },
    async steer(command, given = {}) {
      await fetch(`${control}/${command}`, { method: 'POST', body: JSON.stringify(given) });
    },
    close,
  };
};

const startFake = (name: string): Promise<ReadyProcess> =>
  startReady(inPackages(`push/dist/testing/providers/${name}-fake-main.js`), []);

/** Runs the strict fake of FCM, with the place where Google gives its tokens. */
export const startFcmProcess = async (): Promise<ProviderProcess> => providerOf(await startFake('fcm'));

/** Runs the strict fake of APNs. Its certificate is its own: a server trusts it by `NODE_EXTRA_CA_CERTS`. */
export const startApnsProcess = async (): Promise<ProviderProcess & { readonly certificateFile: string }> => {
  const fake = await startFake('apns');
  const scratch = mkdtempSync(join(tmpdir(), 'assent-apns-'));
  const certificateFile = join(scratch, 'apns.pem');
  writeFileSync(certificateFile, String(fake.ready.certificate));
  const close = async () => {
    await fake.stop();
    rmSync(scratch, { recursive: true, force: true });
  };
  return { ...providerOf(fake, close), certificateFile };
};
