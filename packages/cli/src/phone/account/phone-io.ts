import { type JsonWebKey, randomBytes, randomUUID } from 'node:crypto';
import { homedir, hostname } from 'node:os';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { newEcKeyPair } from '@assent/push/jose';
import type { TextSink } from '../../command/cli-io.ts';
import { ownCommand } from '../../command/started-as.ts';

/** All that the phone takes from the outside; a test hands in its own. */
export interface PhoneIo {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly stdin: {
    /** The next line, or undefined when there is none or the question was called off. */
    readLine(signal?: AbortSignal): Promise<string | undefined>;
    readAll(): Promise<string>;
    /** Lets the process end although stdin is still open. */
    release(): void;
  };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How `assent` is called where it was started. */
  readonly command: string;
  /** True when a person sits at both ends. */
  readonly isTty: boolean;
  readonly platform: string;
  readonly homedir: string;
  readonly hostname: string;
  now(): number;
  sleep(millis: number, signal?: AbortSignal): Promise<void>;
  readonly fetch: typeof fetch;
  randomBytes(size: number): Uint8Array;
  randomUuid(): string;
  /** A fresh P-256 private key as a JWK. */
  newDeviceKey(): JsonWebKey;
  /** Calls back on Ctrl+C; returns how to stop listening. */
  onInterrupt(listener: () => void): () => void;
  /** Sets the code with which the process will end. */
  setExitCode(code: number): void;
  /** Ends at once; for help and for arguments that make no sense. */
  exit(code: number): never;
}

/** The real terminal, clock, network and random source. */
export function nodePhoneIo(): PhoneIo {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: nodeLines(),
    env: process.env,
    command: ownCommand(),
    isTty: process.stdin.isTTY === true && process.stdout.isTTY === true,
    platform: process.platform,
    homedir: homedir(),
    hostname: hostname(),
    now: () => Date.now(),
    sleep: async (millis, signal) => {
      try {
        await wait(millis, undefined, signal === undefined ? {} : { signal });
      } catch (error) {
        if (signal?.aborted !== true) throw error;
      }
    },
    fetch: globalThis.fetch,
    randomBytes: (size) => randomBytes(size),
    randomUuid: () => randomUUID(),
    newDeviceKey: () => newEcKeyPair().privateKey.export({ format: 'jwk' }),
    onInterrupt: (listener) => {
      process.on('SIGINT', listener);
      return () => process.off('SIGINT', listener);
    },
    setExitCode: (code) => {
      process.exitCode = code;
    },
    exit: (code) => process.exit(code),
  };
}

/** Lines are read ahead when piped, so that a script can send all its answers at once. */
function nodeLines(): PhoneIo['stdin'] {
  const waiting: string[] = [];
  let reader: Interface | undefined;
  let ended = false;
  let wake: (() => void) | undefined;

  const start = (): void => {
    if (reader !== undefined || ended) return;
    reader = createInterface({ input: process.stdin, terminal: false });
    reader.on('line', (line) => {
      waiting.push(line);
      wake?.();
    });
    reader.on('close', () => {
      ended = true;
      wake?.();
    });
  };

  return {
    async readLine(signal) {
      // What a person typed before the question was not an answer to it.
      if (process.stdin.isTTY === true) waiting.length = 0;
      start();
      while (waiting.length === 0 && !ended && signal?.aborted !== true) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal?.addEventListener('abort', () => resolve(), { once: true });
        });
      }
      return signal?.aborted === true ? undefined : waiting.shift();
    },
    async readAll() {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
      // A reader made after this would wait for an end that has already been.
      ended = true;
      return Buffer.concat(chunks).toString('utf8');
    },
    release() {
      reader?.close();
      process.stdin.pause();
      process.stdin.unref?.();
    },
  };
}
