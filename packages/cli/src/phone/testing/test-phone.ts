import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newEcKeyPair } from '@assent/push/jose';
import { Command } from 'commander';
import type { PhoneIo } from '../account/phone-io.ts';
import { phoneCommand } from '../commands/phone-command.ts';

/** What one run of the command left behind. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A phone with a store of its own, simulated time and scripted hands. */
export interface TestPhone {
  readonly store: string;
  /** Every wait that was asked for, in milliseconds. */
  readonly sleeps: number[];
  now: number;
  isTty: boolean;
  /** A wait that this allows ends at once and moves the clock; any other ends only when it is called off. */
  timePasses: (millis: number) => boolean;
  stdinText: string;
  /** Lines still to be typed; undefined as last item means that stdin has ended. */
  typed: string[];
  /** Called whenever a question waits for a line and none is left. */
  onQuestion: () => void;
  run(...args: string[]): Promise<RunResult>;
  interrupt(): void;
}

class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/** Makes a phone whose outside world is in the hands of the test; only the network is real. */
export function testPhone(now = Date.now()): TestPhone {
  const store = join(mkdtempSync(join(tmpdir(), 'assent-phone-')), 'deep', 'phone.json');
  let uuids = 0;
  let interrupt = (): void => {};

  const phone: TestPhone = {
    store,
    sleeps: [],
    now,
    isTty: false,
    timePasses: () => false,
    stdinText: '',
    typed: [],
    onQuestion: () => {},
    interrupt: () => interrupt(),
    async run(...args) {
      let stdout = '';
      let stderr = '';
      let code = 0;
      const io: PhoneIo = {
        stdout: { write: (text: string) => (stdout += text) },
        stderr: { write: (text: string) => (stderr += text) },
        stdin: {
          readLine: async (signal) => {
            const line = phone.typed.shift();
            if (line !== undefined || signal === undefined || !phone.isTty) return line;
            const aborted = new Promise<undefined>((resolve) => {
              if (signal.aborted) resolve(undefined);
              signal.addEventListener('abort', () => resolve(undefined), { once: true });
            });
            phone.onQuestion();
            return aborted;
          },
          readAll: async () => phone.stdinText,
          release: () => {},
        },
        env: {},
        command: 'assent',
        isTty: phone.isTty,
        platform: 'linux',
        homedir: '/nowhere',
        hostname: 'workbench',
        now: () => phone.now,
        sleep: async (millis, signal) => {
          phone.sleeps.push(millis);
          if (phone.timePasses(millis)) {
            phone.now += millis;
            return;
          }
          await new Promise<void>((resolve) => {
            if (signal?.aborted === true) resolve();
            signal?.addEventListener('abort', () => resolve(), { once: true });
          });
        },
        fetch: globalThis.fetch,
        randomBytes: (size) => new Uint8Array(size).fill(0xab),
        randomUuid: () => {
          uuids += 1;
          return `0f6a1c52-7f0e-4b0b-9f2d-${uuids.toString(16).padStart(12, '0')}`;
        },
        newDeviceKey: () => newEcKeyPair().privateKey.export({ format: 'jwk' }),
        onInterrupt: (listener) => {
          interrupt = listener;
          return () => {
            interrupt = () => {};
          };
        },
        setExitCode: (next) => {
          code = next;
        },
        exit: (next) => {
          throw new Exit(next);
        },
      };
      const program = new Command('assent').addCommand(phoneCommand(io));
      try {
        await program.parseAsync(['node', 'assent', 'phone', '--store', store, ...args]);
      } catch (error) {
        if (!(error instanceof Exit)) throw error;
        code = error.code;
      }
      return { code, stdout, stderr };
    },
  };
  return phone;
}
