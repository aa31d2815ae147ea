import type { Configuration, Random, ScriptDocument } from '@assent/engine';
import { type ReadOnlyAdapter, scriptObstacle } from '@assent/engine/host';
import {
  readScriptReport,
  readScriptResult,
  type ScriptBindings,
  type ScriptFailure,
  type ScriptOutcome,
  type Scripts,
} from '@assent/nodes';
import type { Sandbox } from './sandbox.ts';
import type { SandboxRun } from './sandbox-thread.ts';

export interface ScriptingDependencies {
  readonly configuration: Pick<Configuration, 'script' | 'scripts'>;
  readonly sandbox: Sandbox;
  readonly random: Random;
}

/** Names of library scripts that a text asks for. */
const REQUIRE = /\brequire\s*\(\s*(['"])([^'"]+)\1\s*\)/g;
/** The limit for the library scripts of one run, those that others require included. */
const MAX_LIBRARIES = 20;
/** The limit for all library scripts of one run together, in UTF-8: every login copies them to the thread. */
const MAX_LIBRARY_BYTES = 256 * 1024;

const TOO_MANY: ScriptFailure = {
  kind: 'error',
  message: `This script requires more than ${MAX_LIBRARIES} library scripts, those that its libraries require included. Require fewer, or merge some`,
};
const TOO_LARGE: ScriptFailure = {
  kind: 'error',
  message: `The library scripts that this script requires are larger than ${MAX_LIBRARY_BYTES} bytes together. Require fewer or smaller libraries`,
};

/** The names of the library scripts that a text asks for: a run is given these and no others. */
export const librariesNamedIn = (source: string): readonly string[] =>
  Array.from(source.matchAll(REQUIRE), ([, , name = '']) => name);

type Libraries = { readonly sources: Readonly<Record<string, string>> } | { readonly failure: ScriptFailure };

/** Sources by name: the library scripts that a script needs, and those that they need. */
const librariesOf = (source: string, all: () => readonly ScriptDocument[]): Libraries => {
  const found = new Map<string, string>();
  const open = [source];
  let sources: ReadonlyMap<string, string> | undefined;
  let bytes = 0;
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    for (const name of librariesNamedIn(text)) {
      sources ??= new Map(all().flatMap((it) => (it.context === 'LIBRARY' ? [[it.name, it.source]] : [])));
      const library = sources.get(name);
      if (library === undefined || found.has(name)) continue;
      if (found.size >= MAX_LIBRARIES) return { failure: TOO_MANY };
      bytes += Buffer.byteLength(library);
      if (bytes > MAX_LIBRARY_BYTES) return { failure: TOO_LARGE };
      found.set(name, library);
      open.push(library);
    }
  }
  return { sources: Object.fromEntries(found) };
};

/** Scripts of the journey's realm, run in the sandbox; the script of another realm cannot be found. */
export const scriptsAdapter =
  ({ configuration, sandbox, random }: ScriptingDependencies): ReadOnlyAdapter<Scripts> =>
  ({ realm: { realm } }) => ({
    find: (id) => configuration.script(realm, id),
    async run(script: ScriptDocument, given: ScriptBindings): Promise<ScriptOutcome> {
      const obstacle = scriptObstacle(script);
      if (obstacle !== undefined) return { failure: { kind: 'error', message: `it ${obstacle}` }, logs: [] };
      // Built when the script has its turn, so that a script which is refused costs nothing.
      const prepare = (): SandboxRun | ScriptFailure => {
        const libraries = librariesOf(script.source, () => configuration.scripts(realm));
        if ('failure' in libraries) return libraries.failure;
        const seed = [...new Int32Array(Uint8Array.from(random.bytes(16)).buffer)];
        const bindings = JSON.stringify({
          ...given,
          realm,
          scriptName: script.name,
          libraries: libraries.sources,
          seed,
        });
        return { engine: script.evaluatorVersion, source: script.source, bindings };
      };
      const answer = await sandbox.run(realm, prepare);
      if (answer.failure !== undefined) {
        const said = answer.report === undefined ? undefined : readScriptReport(answer.report);
        const wanted = said?.wanted;
        return { failure: answer.failure, logs: said?.logs ?? [], ...(wanted !== undefined && { wanted }) };
      }
      const read = readScriptResult(answer.result);
      if (read === undefined) {
        return { failure: { kind: 'error', message: 'The script asks for something that cannot be' }, logs: [] };
      }
      const { logs, ...result } = read;
      return { result, logs };
    },
  });
