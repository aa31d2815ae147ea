import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CHECKS } from './checks.mjs';
import { FAULTS } from './planted-faults.ts';
import { missingPrograms } from './programs.mjs';

// The files that Assent is run with (OPS-70), and one fault after the other in a copy of them.

const DEPLOY = fileURLToPath(new URL('../../deploy', import.meta.url));

const checkOf = (name: string) => {
  const check = CHECKS[name];
  if (check === undefined) throw new TypeError(`There is no check "${name}".`);
  return check;
};

describe('the files of deploy/', () => {
  test.each(Object.keys(CHECKS))('are in order (OPS-70): %s', async (name) => {
    expect((await checkOf(name)(DEPLOY)).problems).toEqual([]);
  });
});

describe('a fault in them is found, with file and cause (OPS-70)', () => {
  let copy: string;
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'assent-faulty-'));
    cpSync(DEPLOY, copy, { recursive: true });
  });
  afterEach(() => rmSync(copy, { recursive: true }));

  // kubectl takes 79 MB, more than all other programs together: these faults are planted where it is there, and it is asked of nobody.
  const planted = FAULTS.filter(({ programs }) => !programs?.includes('kubectl') || !missingPrograms(['kubectl']));
  for (const { check, file, line, becomes, found, programs = [] } of planted) {
    const missing = missingPrograms(programs);
    const what = becomes === '' ? `${file} without ${line.trim()}` : `${file} with ${becomes.trim()}`;
    test.skipIf(missing)(`${what}${missing === undefined ? '' : ` (skipped: ${missing})`}`, async () => {
      const text = readFileSync(join(copy, file), 'utf8');
      expect(text).toContain(line);
      writeFileSync(join(copy, file), text.replaceAll(line, becomes));
      expect((await checkOf(check)(copy)).problems.join('\n')).toMatch(found);
    });
  }
});
