import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type FairQueue, fairQueue, type Lane, type Timer } from '@assent/engine/host';
import { cleanText, cutText } from '@assent/push/protocol';
import type { ChainCall } from '../trust/trusted-chain.ts';
import { METADATA_SCRIPT } from './metadata-script.ts';
import {
  type AssertionCall,
  assertionArguments,
  chainArguments,
  type MetadataCall,
  type MetadataVerdict,
  type PasskeyJudge,
  type PasskeyLibrary,
  type RegistrationCall,
  registrationArguments,
} from './passkey-library.ts';

const require = createRequire(import.meta.url);

/**
 * In the thread: the library, loaded for the first answer. Certificates of strangers name addresses where lists of revoked ones are said to be, and
 * the library would call them: here it calls nobody (SEC-69). It trusts no root of its own either, since a realm says which it trusts (WA-21).
 */
const THREAD = `
const { verify } = require('node:crypto');
const { parentPort, workerData } = require('node:worker_threads');
globalThis.fetch = () => Promise.reject(new TypeError('Nothing is fetched for a certificate.'));
let loaded;
const load = async () => {
  const [server, helpers] = await Promise.all([import(workerData.server), import(workerData.helpers)]);
  const { SettingsService } = server;
  const metadataRoots = SettingsService.getRootCertificates({ identifier: 'mds' }).join('\\n');
  for (const identifier of ['android-key', 'android-safetynet', 'apple', 'fido-u2f', 'mds', 'packed', 'tpm'])
    SettingsService.setRootCertificates({ identifier, certificates: [] });
  return {
    registration: async (options) => ({ accepted: (await server.verifyRegistrationResponse(options)).verified }),
    assertion: async (options) => ({ accepted: (await server.verifyAuthenticationResponse(options)).verified }),
    chain: async ([certificates, roots]) => ({ accepted: await helpers.validateCertificatePath(certificates, roots) }),
    metadataRoots: () => ({ accepted: true, value: metadataRoots }),
    metadata: readMetadata,
  };
};
${METADATA_SCRIPT}
parentPort.on('message', async ({ id, kind, input }) => {
  let library;
  try {
    library = await (loaded ??= load());
  } catch (error) {
    parentPort.postMessage({ id, fault: String(error) });
    return;
  }
  try {
    const { accepted, value } = await library[kind](input);
    parentPort.postMessage({ id, accepted: accepted === true, value, why: 'not verified' });
  } catch (error) {
    parentPort.postMessage({ id, accepted: false, why: String(error?.message) });
  }
});
`;

/** Answers that are in the thread and that wait for it. The second one in the thread keeps it busy while the first verdict is on its way back. */
const ANSWERS = { concurrency: 2, most: 256, mostOfRealm: 128, deadlineMillis: 10_000 };
/** Of one answer, so that all that wait take at most 32 MiB. */
const MAX_ANSWER_BYTES = 128 * 1_024;
/** An answer takes some milliseconds. A thread that is busy with one for so long is ended, and with it what somebody has made for that. */
const TIMEOUT_MILLIS = 10_000;
/** Of its heap; the library needs a quarter of it. */
const MAX_HEAP_MB = 128;
const MAX_REASON_LENGTH = 256;

type Kind = 'registration' | 'assertion' | 'chain' | 'metadata' | 'metadataRoots';

interface Answered {
  readonly id: number;
  readonly accepted?: boolean;
  readonly value?: unknown;
  readonly why?: string;
  readonly fault?: string;
}

/** An answer that is in the thread. */
interface Asked {
  cancelTimeout(): void;
  resolve(verdict: MetadataVerdict): void;
  reject(error: Error): void;
}

export interface PasskeyThreadOptions {
  readonly timer: Timer;
  /** The installed library where absent. */
  readonly modules?: LibraryModules;
}

/** Addresses of the modules of the library. */
export interface LibraryModules {
  readonly server: string;
  readonly helpers: string;
}

/**
 * `@simplewebauthn/server` in a thread of its own, which starts with the first answer: to load it takes half a second of a processor and 28 MB, and an
 * attestation some milliseconds in which nobody else would be answered. It keeps no process alive, and one that ended is followed by another.
 */
export class PasskeyThread implements PasskeyLibrary {
  readonly #modules: LibraryModules | undefined;
  readonly #timer: Timer;
  readonly #queue: FairQueue;
  readonly #asked = new Map<number, Asked>();
  #worker: Worker | undefined;
  #last = 0;
  #isClosed = false;

  constructor({ timer, modules }: PasskeyThreadOptions) {
    this.#modules = modules;
    this.#timer = timer;
    this.#queue = fairQueue({ ...ANSWERS, timer });
  }

  inLane(lane: Lane): PasskeyJudge {
    const ask = (kind: Kind, input: unknown, parts: readonly { readonly length: number }[]) => {
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      if (length > MAX_ANSWER_BYTES)
        return Promise.reject(new Error(`The answer of a passkey is longer than ${MAX_ANSWER_BYTES} bytes.`));
      return this.#queue(lane, () => this.#ask(kind, input));
    };
    return {
      judgeRegistration: (call: RegistrationCall) =>
        ask('registration', registrationArguments(call), [call.clientDataJson, call.attestationObject]),
      judgeAssertion: (call: AssertionCall) =>
        ask('assertion', assertionArguments(call), [call.clientDataJson, call.authenticatorData, call.signature]),
      judgeChain: (call: ChainCall) => ask('chain', chainArguments(call), [...call.certificates, call.root]),
    };
  }

  async metadataRoots(): Promise<string> {
    const said = await this.#ask('metadataRoots', undefined);
    if (!said.accepted) throw new Error(said.why);
    return String(said.value);
  }

  /** Is in no lane: the only caller asks for one blob at a time. */
  readMetadata(call: MetadataCall): Promise<MetadataVerdict> {
    return this.#ask('metadata', call);
  }

  /** Ends the thread and rejects all answers that wait. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
  }

  #ask(kind: Kind, input: unknown): Promise<MetadataVerdict> {
    if (this.#isClosed) return Promise.reject(new Error('The thread for passkeys is closed.'));
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      const cancelTimeout = this.#timer(TIMEOUT_MILLIS, () => void this.#worker?.terminate());
      this.#asked.set(id, { cancelTimeout, resolve, reject });
      this.#started().postMessage({ id, kind, input });
    });
  }

  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(THREAD, {
      eval: true,
      workerData: this.#modules ?? installedModules(),
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    worker.unref();
    worker.on('message', (answered: Answered) => this.#settle(answered));
    const gone = (cause: unknown): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      for (const id of [...this.#asked.keys()])
        this.#take(id)?.reject(new Error('The thread for passkeys ended.', { cause }));
    };
    worker.on('error', gone);
    worker.on('exit', gone);
    this.#worker = worker;
    return worker;
  }

  #settle({ id, accepted, value, why = '', fault }: Answered): void {
    const asked = this.#take(id);
    if (fault !== undefined) asked?.reject(new Error(`The library for passkeys could not be loaded: ${fault}`));
    else if (accepted) asked?.resolve({ accepted: true, value });
    else asked?.resolve({ accepted: false, why: cutText(cleanText(why), MAX_REASON_LENGTH) });
  }

  #take(id: number): Asked | undefined {
    const asked = this.#asked.get(id);
    if (asked === undefined) return undefined;
    this.#asked.delete(id);
    asked.cancelTimeout();
    return asked;
  }
}

const installedModules = (): LibraryModules => ({
  server: pathToFileURL(require.resolve('@simplewebauthn/server')).href,
  helpers: pathToFileURL(require.resolve('@simplewebauthn/server/helpers')).href,
});
