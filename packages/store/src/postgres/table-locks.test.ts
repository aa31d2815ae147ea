import pg from 'pg';
import { expect, test } from 'vitest';
import { DatabaseFailure } from './failures.ts';
import { locksTables } from './table-locks.ts';

const failing = (code: string) => ({
  trial: async () => {
    throw new DatabaseFailure(Object.assign(new pg.DatabaseError('no', 1, 'error'), { code }));
  },
});

test.each(['0A000', '42601'])('an engine that answers %s to LOCK TABLE goes without it (OPS-25)', async (code) => {
  expect(await locksTables(failing(code))).toBe(false);
});

test('any other failure is one of the opening', async () => {
  await expect(locksTables(failing('42501'))).rejects.toMatchObject({ sqlState: '42501' });
});
