import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testCli } from '../testing/test-cli.ts';

test.each([[['user', 'list']], [['realm', 'create', '/alpha']], [['outbox', 'list']]])(
  '%j makes nothing in a database that is empty, and says what does',
  async (command) => {
    const cli = testCli();
    mkdirSync(cli.dataDir, { recursive: true });
    const file = join(cli.dataDir, 'assent.db');
    writeFileSync(file, '');
    const { code, stdout, stderr } = await cli.run(...command);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('The database is empty, and is made by `assent migrate`');
    expect(stderr).toContain('ASSENT_DATA_DIR');
    expect(readFileSync(file, 'latin1')).not.toContain('CREATE TABLE');
  },
);
