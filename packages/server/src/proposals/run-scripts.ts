import { madeOnce, type ScriptDocument } from '@assent/engine';
import { type CheckedTree, type PlaceholderSource, scriptsIn, type TreeReading } from '@assent/engine/host';
import { librariesNamedIn } from '@assent/scripting';
import { inTurns } from '../http/configuration-query.ts';
import type { LiveConfiguration } from '../realms/live-configuration.ts';

/** What it takes to know which scripts journeys run. */
export interface ScriptReading {
  readonly configuration: Pick<LiveConfiguration, 'trees' | 'scripts'>;
  readonly catalogue: TreeReading['catalogue'];
  readonly placeholderValue: PlaceholderSource;
}

/** The scripts that journeys run, also those that the realm does not have yet. */
export interface RunScripts {
  runs(script: Pick<ScriptDocument, 'id' | 'name' | 'context'>): boolean;
}

const librariesOf = madeOnce(({ source }: ScriptDocument) => librariesNamedIn(source));

/** The names of the library scripts that scripts require, and those that these libraries require. */
const requiredBy = (scripts: readonly ScriptDocument[], all: readonly ScriptDocument[]): ReadonlySet<string> => {
  const libraries = new Map(all.flatMap((it) => (it.context === 'LIBRARY' ? [[it.name, it]] : [])));
  const names = new Set<string>();
  const open = [...scripts];
  for (let script = open.pop(); script !== undefined; script = open.pop()) {
    for (const name of librariesOf(script)) {
      if (names.has(name)) continue;
      names.add(name);
      const library = libraries.get(name);
      if (library !== undefined) open.push(library);
    }
  }
  return names;
};

/** What trees run with the scripts that the realm has now, and what `scripts` would run that are not saved yet. */
export const runScripts = (
  { configuration, catalogue, placeholderValue }: ScriptReading,
  realm: string,
  trees: readonly CheckedTree[],
  scripts: readonly ScriptDocument[] = [],
): RunScripts => {
  const reading = { catalogue, placeholderValue: placeholderValue(realm) };
  const named = trees.map((tree) => scriptsIn(tree, reading));
  const isNamed = ({ id }: Pick<ScriptDocument, 'id'>) => named.some((ids) => ids === 'all' || ids.has(id));
  const all = configuration.scripts(realm);
  const required = requiredBy([...all.filter(isNamed), ...scripts], all);
  return { runs: (script) => isNamed(script) || (script.context === 'LIBRARY' && required.has(script.name)) };
};

/** A node takes as long to read as so many characters take to write. */
const CHARACTERS_OF_NODE = 256;

/** Reads the published trees of a realm with turns for other requests in between: what is read is kept for each version of a tree. */
export const readScriptsOfTrees = async (
  { configuration, catalogue, placeholderValue }: ScriptReading,
  realm: string,
): Promise<void> => {
  const reading = { catalogue, placeholderValue: placeholderValue(realm) };
  const read = (tree: CheckedTree): number => {
    scriptsIn(tree, reading);
    return Object.keys(tree.nodes).length * CHARACTERS_OF_NODE;
  };
  await inTurns(configuration.trees(realm), read, (characters) => characters);
};
