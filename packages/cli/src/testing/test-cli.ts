import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings, newRealmSettings, openStore, type Settings } from '@assent/server';
import type { Store } from '@assent/store';
import { configuring } from '@assent/store/testing';
import type { CliIo, StopSignal } from '../command/cli-io.ts';
import { run } from '../program.ts';

type RealmEquipment = Parameters<ReturnType<typeof configuring>['createRealm']>[1];

/** What one run of the command left behind. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/** A command line whose outside world is in the hands of the test; only files and network are real. */
export interface TestCli {
  readonly cwd: string;
  readonly dataDir: string;
  env: Record<string, string>;
  now: number;
  /** Milliseconds since the process began. */
  uptime: number;
  /** Called with every text on either output as it is written. */
  onOutput: (text: string) => void;
  /** As SIGHUP does. */
  hangUp: () => void;
  /** What nobody has caught happens. */
  uncaught: Parameters<CliIo['onUncaught']>[0];
  nodeVersion: string;
  isInteractive: boolean;
  hasColour: boolean;
  stdin: string;
  /** Answers still to be given to questions; none left means that the question is called off. */
  answers: (string | boolean)[];
  readonly questions: string[];
  run(...args: string[]): Promise<RunResult>;
  /** As the signal does. */
  stop(signal?: StopSignal): void;
  /** Called with every time that the command sleeps for or gives something else, which passes when the result resolves; never where it is not set. */
  onSleep: (millis: number) => Promise<void>;
  settings(): Promise<Settings>;
  /** Lets the test look into the store, or prepare it. */
  inStore<T>(work: (store: Store) => Promise<T>): Promise<T>;
}

export const testCli = (): TestCli => {
  const cwd = mkdtempSync(join(tmpdir(), 'assent-cli-'));
  const dataDir = join(cwd, 'data');
  let uuids = 0;
  let stop = (_signal: StopSignal): void => {};
  const cli: TestCli = {
    cwd,
    dataDir,
    env: { ASSENT_DATA_DIR: dataDir },
    now: Date.now(),
    uptime: 400,
    onOutput: () => {},
    hangUp: () => {},
    uncaught: () => {},
    nodeVersion: '20.20.2',
    isInteractive: false,
    hasColour: false,
    stdin: '',
    answers: [],
    questions: [],
    stop: (signal = 'SIGINT') => stop(signal),
    onSleep: () => new Promise(() => {}),
    settings: async () => (await loadSettings({ env: cli.env })).settings,
    async inStore(work) {
      const store = await openStore(await cli.settings());
      try {
        return await work(store);
      } finally {
        await store.close();
      }
    },
    async run(...args) {
      let stdout = '';
      let stderr = '';
      let code = 0;
      const answer = (question: string): string | boolean | undefined => {
        cli.questions.push(question);
        return cli.answers.shift();
      };
      const io: CliIo = {
        stdout: {
          write: (text: string) => {
            stdout += text;
            cli.onOutput(text);
          },
        },
        stderr: {
          write: (text: string) => {
            stderr += text;
            cli.onOutput(text);
          },
        },
        env: cli.env,
        command: 'assent',
        cwd,
        nodeVersion: cli.nodeVersion,
        isInteractive: cli.isInteractive,
        hasColour: cli.hasColour,
        fetch: globalThis.fetch,
        passphraseCost: 'cheap-for-tests',
        now: () => cli.now,
        uptimeMillis: () => cli.uptime,
        randomUuid: () => {
          uuids += 1;
          return `0f6a1c52-7f0e-4b0b-9f2d-${uuids.toString(16).padStart(12, '0')}`;
        },
        readAll: async () => cli.stdin,
        askPassword: async (question) => {
          const given = answer(question);
          return typeof given === 'string' ? given : undefined;
        },
        askText: async (question) => {
          const given = answer(question);
          return typeof given === 'string' ? given : undefined;
        },
        confirm: async (question) => answer(question) === true,
        onStopSignal(listener) {
          stop = listener;
          return () => {
            stop = () => {};
          };
        },
        onReloadSignal(listener) {
          cli.hangUp = listener;
        },
        onUncaught(listener) {
          cli.uncaught = listener;
        },
        sleep: (millis) => cli.onSleep(millis),
        within: (millis) => cli.onSleep(millis),
        setExitCode: (next) => {
          code = next;
        },
        exit: (next) => {
          throw new Exit(next);
        },
      };
      try {
        await run(io, args);
      } catch (error) {
        if (!(error instanceof Exit)) throw error;
        code = error.code;
      }
      return { code, stdout, stderr };
    },
  };
  return cli;
};

/** A command line beside a database that a server has made: with a root realm, and nobody in it. */
export const testCliWithData = async (equipment?: RealmEquipment): Promise<TestCli> => {
  const cli = testCli();
  const { publicUrl } = await cli.settings();
  await cli.inStore((store) => configuring(store).createRealm(newRealmSettings('/', publicUrl), equipment));
  return cli;
};
