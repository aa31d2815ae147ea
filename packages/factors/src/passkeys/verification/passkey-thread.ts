import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { cleanText, cutText } from '@assent/push/protocol';
import type { ChainCall } from '../trust/trusted-chain.ts';
import { METADATA_SCRIPT } from './metadata-script.ts';
import {
  type AssertionCall,
  assertionArguments,
  chainArguments,
  type LibraryVerdict,
  type MetadataCall,
  type MetadataVerdict,
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

/** More than this many waiting, or this much, are no people in front of a page. */
const MAX_WAITING = 256;
const MAX_WAITING_LENGTH = 4 * 1_024 * 1_024;
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

interface Waiting {
  readonly length: number;
  readonly timer: NodeJS.Timeout;
  resolve(verdict: MetadataVerdict): void;
  reject(error: Error): void;
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
  readonly #waiting = new Map<number, Waiting>();
  #waitingLength = 0;
  #worker: Worker | undefined;
  #last = 0;
  #isClosed = false;

  /** Where nothing is said, the modules that are installed. */
  constructor(modules?: LibraryModules) {
    this.#modules = modules;
  }

  judgeRegistration(call: RegistrationCall): Promise<LibraryVerdict> {
    return this.#ask('registration', registrationArguments(call), call.clientDataJson, call.attestationObject);
  }

  judgeAssertion(call: AssertionCall): Promise<LibraryVerdict> {
    return this.#ask(
      'assertion',
      assertionArguments(call),
      call.clientDataJson,
      call.authenticatorData,
      call.signature,
    );
  }

  judgeChain(call: ChainCall): Promise<LibraryVerdict> {
    return this.#ask('chain', chainArguments(call), ...call.certificates, call.root);
  }

  async metadataRoots(): Promise<string> {
    const said = await this.#ask('metadataRoots', undefined);
    if (!said.accepted) throw new Error(said.why);
    return String(said.value);
  }

  /** It counts towards nothing that waits for people: whoever asks has one under way at a time. */
  readMetadata(call: MetadataCall): Promise<MetadataVerdict> {
    return this.#ask('metadata', call);
  }

  /** Ends the thread. Whatever waits is rejected, and nothing is asked any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
  }

  #ask(kind: Kind, input: unknown, ...parts: readonly { readonly length: number }[]): Promise<MetadataVerdict> {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    if (this.#isClosed) return Promise.reject(new Error('The thread for passkeys is closed.'));
    if (this.#waiting.size >= MAX_WAITING || this.#waitingLength + length > MAX_WAITING_LENGTH)
      return Promise.reject(new Error('Too many answers of passkeys are waiting.'));
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => void this.#worker?.terminate(), TIMEOUT_MILLIS);
      timer.unref();
      this.#waiting.set(id, { length, timer, resolve, reject });
      this.#waitingLength += length;
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
      for (const id of [...this.#waiting.keys()])
        this.#take(id)?.reject(new Error('The thread for passkeys ended.', { cause }));
    };
    worker.on('error', gone);
    worker.on('exit', gone);
    this.#worker = worker;
    return worker;
  }

  #settle({ id, accepted, value, why = '', fault }: Answered): void {
    const waiting = this.#take(id);
    if (fault !== undefined) waiting?.reject(new Error(`The library for passkeys could not be loaded: ${fault}`));
    else if (accepted) waiting?.resolve({ accepted: true, value });
    else waiting?.resolve({ accepted: false, why: cutText(cleanText(why), MAX_REASON_LENGTH) });
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return undefined;
    this.#waiting.delete(id);
    this.#waitingLength -= waiting.length;
    clearTimeout(waiting.timer);
    return waiting;
  }
}

const installedModules = (): LibraryModules => ({
  server: pathToFileURL(require.resolve('@simplewebauthn/server')).href,
  helpers: pathToFileURL(require.resolve('@simplewebauthn/server/helpers')).href,
});
