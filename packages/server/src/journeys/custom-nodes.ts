import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { NodeDefinition } from '@assent/engine';
import { nodeCatalogue } from '@assent/nodes';

/** A module of the setting `nodes` cannot be used; the message names it. */
class CustomNodesRefused extends Error {
  override readonly name = 'CustomNodesRefused';
}

/** Our nodes and these, by type; one of the same type takes the place of ours. */
export const catalogueWith = (own: readonly NodeDefinition[]): ReadonlyMap<string, NodeDefinition> =>
  new Map([...nodeCatalogue, ...own.map((node) => [node.type, node] as const)]);

const isDefinition = (value: unknown): value is NodeDefinition =>
  typeof value === 'object' && value !== null && 'type' in value && 'process' in value && 'outcomesOf' in value;

/** Node definitions of an operator's own ESM modules, named as a file in the working directory would name them. */
export const loadCustomNodes = async (
  modules: readonly string[],
  directory: string,
): Promise<readonly NodeDefinition[]> => {
  const { resolve } = createRequire(join(directory, 'assent.config.mjs'));
  const loaded = modules.map(async (name) => {
    const module = await importModule(name, resolve);
    const definitions = Object.values(module).filter(isDefinition);
    if (definitions.length === 0)
      throw new CustomNodesRefused(`The module ${name} (setting nodes) exports no node definition.`);
    return definitions;
  });
  return (await Promise.all(loaded)).flat();
};

const importModule = async (
  name: string,
  resolve: (name: string) => string,
): Promise<Readonly<Record<string, unknown>>> => {
  try {
    return (await import(pathToFileURL(resolve(name)).href)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new CustomNodesRefused(`The module ${name} (setting nodes) cannot be loaded: ${firstLine(cause)}`, { cause });
  }
};

/** What is wrong, without the files that asked for it. */
const firstLine = (cause: unknown): string => String(cause).split('\n', 1)[0] ?? '';
