import { randomUUID } from 'node:crypto';
import type { PassphraseCost } from '@assent/server';
import { onLeftByNpm } from './left-by-npm.ts';
import { ownCommand } from './started-as.ts';

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** Anything that text can be written to. */
export interface TextSink {
  write(text: string): unknown;
}

/** All that the commands take from the outside, apart from files; a test hands in its own. */
export interface CliIo {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** How this command is called where it was started: `assent`, or by npx. */
  readonly command: string;
  /** `20.20.2` */
  readonly nodeVersion: string;
  /** True when a person sits at both ends. */
  readonly isInteractive: boolean;
  /** True when stdout is a terminal that may be coloured. */
  readonly hasColour: boolean;
  readonly fetch: typeof fetch;
  /** Of the passphrases that files are sealed under. */
  readonly passphraseCost: PassphraseCost;
  now(): number;
  /** Milliseconds since the process began. */
  uptimeMillis(): number;
  randomUuid(): string;
  /** All of stdin. */
  readAll(): Promise<string>;
  /** Undefined where the question was called off. */
  askPassword(question: string): Promise<string | undefined>;
  /** Undefined where the question was called off. */
  askText(question: string): Promise<string | undefined>;
  confirm(question: string): Promise<boolean>;
  /** Calls back on each SIGINT and SIGTERM, also where npm has kept one to itself; returns how to stop listening. */
  onStopSignal(listener: (signal: StopSignal) => void): () => void;
  /** Calls back on each SIGHUP. Where a person sits at the terminal it means that this was closed, and ends the process. */
  onReloadSignal(listener: () => void): void;
  /** Calls back on what nobody has caught: a rejected promise, or an exception. From then on neither ends the process by itself. */
  onUncaught(listener: (kind: 'rejection' | 'exception', cause: unknown) => void): void;
  /** Resolves after the time. The process lives on for it, also where nothing else keeps it alive. */
  sleep(millis: number): Promise<void>;
  /** Resolves after the time, without keeping the process alive for it: the limit of something else that is waited for. */
  within(millis: number): Promise<void>;
  setExitCode(code: number): void;
  exit(code: number): never;
}

/** The real terminal, clock, network and signals. */
export const nodeCliIo = (): CliIo => ({
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  command: ownCommand(),
  nodeVersion: process.versions.node,
  isInteractive: process.stdin.isTTY === true && process.stdout.isTTY === true,
  hasColour: process.stdout.isTTY === true && !process.env.NO_COLOR,
  fetch: globalThis.fetch,
  passphraseCost: 'of-files',
  now: () => Date.now(),
  uptimeMillis: () => performance.now(),
  randomUuid: () => randomUUID(),
  async readAll() {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString('utf8');
  },
  async askPassword(question) {
    const { isCancel, password } = await import('@clack/prompts');
    const answer = await password({ message: question });
    return isCancel(answer) ? undefined : answer;
  },
  async askText(question) {
    const { isCancel, text } = await import('@clack/prompts');
    const answer = await text({ message: question });
    return isCancel(answer) ? undefined : answer;
  },
  async confirm(question) {
    const { confirm, isCancel } = await import('@clack/prompts');
    const answer = await confirm({ message: question, initialValue: false });
    return !isCancel(answer) && answer;
  },
  onStopSignal(listener) {
    process.on('SIGINT', listener);
    process.on('SIGTERM', listener);
    const stopLooking = onLeftByNpm(() => listener('SIGTERM'));
    return () => {
      stopLooking();
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    };
  },
  onReloadSignal(listener) {
    if (!process.stdin.isTTY) process.on('SIGHUP', listener);
  },
  onUncaught(listener) {
    process.on('unhandledRejection', (cause) => listener('rejection', cause));
    process.on('uncaughtException', (cause) => listener('exception', cause));
  },
  sleep: (millis) =>
    new Promise((resolve) => {
      setTimeout(resolve, millis);
    }),
  within: (millis) =>
    new Promise((resolve) => {
      setTimeout(resolve, millis).unref();
    }),
  setExitCode: (code) => {
    process.exitCode = code;
  },
  exit: (code) => process.exit(code),
});
