import { isDeepStrictEqual } from 'node:util';
import type { NodeDefinition } from '@assent/engine';
import { type NodeDocument, type PlaceholderValues, type ReadSettings, readSettings } from '@assent/engine/host';

interface Known {
  readonly definition: NodeDefinition;
  readonly read: ReadSettings;
  /** The values that were asked for, by name. With others the settings may be others. */
  readonly values: ReadonlyMap<string, ReturnType<PlaceholderValues>>;
}

/** By the settings as they are stored, which never change in place: another version of a node has another object. */
const known = new WeakMap<NodeDocument['config'], Known>();

/** What the settings of a node come to. They are parsed once for each stored version, and again where a value in their placeholders has changed. */
export const settingsOfNode = (
  definition: NodeDefinition,
  { config }: Pick<NodeDocument, 'config'>,
  valueFor: PlaceholderValues,
): ReadSettings => {
  const before = known.get(config);
  if (before?.definition === definition) {
    const isSame = [...before.values].every(([name, value]) => isDeepStrictEqual(valueFor(name), value));
    if (isSame) return before.read;
  }
  const values = new Map<string, ReturnType<PlaceholderValues>>();
  const read = readSettings(definition, config, (name) => {
    const value = valueFor(name);
    values.set(name, value);
    return value;
  });
  known.set(config, { definition, read, values });
  return read;
};
