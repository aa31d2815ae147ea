import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Leaves what the tests of one file saw of the nodes where `npm test` adds it up. */
const directory = process.env.ASSENT_TEST_NODES_SEEN;

if (directory) {
  afterAll(() => {
    const seen = globalThis[Symbol.for('assent.node-coverage')];
    if (seen === undefined || seen.size === 0) return;
    const rows = [...seen].map(([type, { properties, outcomes, texts }]) => ({
      type,
      properties: [...properties],
      outcomes: [...outcomes],
      texts: [...texts],
    }));
    writeFileSync(join(directory, `${randomUUID()}.json`), JSON.stringify(rows));
  });
}
