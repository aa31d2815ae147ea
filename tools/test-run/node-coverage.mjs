import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What all test files saw, from the files that they left. */
export const readSeen = (directory) =>
  readdirSync(directory).flatMap((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')));

/** A documented text with `{{name}}` in it, as a pattern of what it becomes. */
const patternOf = (text) =>
  new RegExp(
    `^${text
      .split(/\{\{\w+\}\}/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^]*')}$`,
  );

/**
 * Which settings, outcomes and documented texts of the catalogue some test has shown: a setting counts when a node ran with
 * a value of its own, a text when it was a reason or a log line. Computed from the definitions alone.
 */
export const coverageOfNodes = async (seen, catalogue) => {
  const nodes = catalogue ?? (await import('@assent/nodes')).nodeCatalogue;
  const missing = [];
  const count = { settings: [0, 0], outcomes: [0, 0], 'errors and log texts': [0, 0] };
  const tally = (what, type, name, isShown) => {
    count[what][1] += 1;
    if (isShown) count[what][0] += 1;
    else missing.push(`${type}: ${what}: ${name}`);
  };
  for (const definition of nodes.values()) {
    const { type } = definition;
    const rows = seen.filter((row) => row.type === type);
    for (const name of Object.keys(definition.config.shape)) {
      tally(
        'settings',
        type,
        name,
        rows.some(({ properties }) => properties.includes(name)),
      );
    }
    for (const id of Object.keys(definition.declaredOutcomes ?? {})) {
      tally(
        'outcomes',
        type,
        id,
        rows.some(({ outcomes }) => outcomes.includes(id)),
      );
    }
    const reasons = definition.inputs.flatMap((input) => ('requiredKey' in input ? [input.reason] : []));
    for (const text of new Set([...reasons, ...Object.values(definition.errors)])) {
      const pattern = patternOf(text);
      tally(
        'errors and log texts',
        type,
        text,
        rows.some(({ texts }) => texts.some((it) => pattern.test(it))),
      );
    }
  }
  const parts = Object.entries(count).map(([what, [shown, all]]) => `${what} ${shown}/${all}`);
  return { summary: `Nodes shown by tests: ${parts.join(', ')}`, missing };
};
