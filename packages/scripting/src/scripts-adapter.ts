import type { Configuration, Random, ScriptDocument } from '@assent/engine';
import { type ReadOnlyAdapter, scriptObstacle } from '@assent/engine/host';
import {
  readScriptReport,
  readScriptResult,
  type ScriptBindings,
  type ScriptOutcome,
  type Scripts,
} from '@assent/nodes';
import type { Sandbox } from './sandbox.ts';

export interface ScriptingDependencies {
  readonly configuration: Pick<Configuration, 'script' | 'scripts'>;
  readonly sandbox: Sandbox;
  readonly random: Random;
}

/** Names of library scripts that a text asks for. */
const REQUIRE = /\brequire\s*\(\s*(['"])([^'"]+)\1\s*\)/g;
const MAX_LIBRARIES = 20;

/** The library scripts that a script needs, and those that they need. */
const librariesOf = (source: string, all: () => readonly ScriptDocument[]): Record<string, string> => {
  const found: Record<string, string> = {};
  const open = [source];
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    for (const [, , name = ''] of text.matchAll(REQUIRE)) {
      if (Object.hasOwn(found, name) || Object.keys(found).length >= MAX_LIBRARIES) continue;
      const library = all().find((script) => script.name === name && script.context === 'LIBRARY');
      if (library === undefined) continue;
      found[name] = library.source;
      open.push(library.source);
    }
  }
  return found;
};

/** Scripts of the journey's realm, run in the sandbox; the script of another realm cannot be found. */
export const scriptsAdapter =
  ({ configuration, sandbox, random }: ScriptingDependencies): ReadOnlyAdapter<Scripts> =>
  ({ realm: { realm } }) => ({
    find: (id) => configuration.script(realm, id),
    async run(script: ScriptDocument, given: ScriptBindings): Promise<ScriptOutcome> {
      const obstacle = scriptObstacle(script);
      if (obstacle !== undefined) return { failure: { kind: 'error', message: `it ${obstacle}` }, logs: [] };
      const bindings = {
        ...given,
        realm,
        scriptName: script.name,
        libraries: librariesOf(script.source, () => configuration.scripts(realm)),
        seed: [...new Int32Array(Uint8Array.from(random.bytes(16)).buffer)],
      };
      const { source, evaluatorVersion: engine } = script;
      const answer = await sandbox.run(realm, { engine, source, bindings: JSON.stringify(bindings) });
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
