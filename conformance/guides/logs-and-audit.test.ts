import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Followed, Guide } from '../support/guide.ts';
import { freePort } from '../support/server-process.ts';

const guide = new Guide('logs-and-audit');

const missing = ['curl', 'openssl'].filter((name) => spawnSync(name, ['version']).error !== undefined);

describe.skipIf(missing.length > 0)(
  `the guide to the log${missing.length > 0 ? ` (skipped: there is no ${missing.join(' and no ')})` : ''}`,
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'assent-guide-'));
    let code: Followed['code'];
    let printed: Followed['printed'];
    const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
    const lines = () =>
      read('log')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);

    vi.setConfig({ hookTimeout: 120_000 });
    beforeAll(async () => {
      const port = await freePort();
      ({ code, printed } = await guide.follow({
        directory,
        rewrite: (block) =>
          `${block.replaceAll('8080', String(port))}${block.startsWith('kill ') ? 'wait $SERVER\n' : ''}`,
        env: { ASSENT_PORT: String(port), ASSENT_DRAIN_SECONDS: '0' },
      }));
    });
    afterAll(() => rmSync(directory, { recursive: true, force: true }));

    test('runs to its end, and the server ends well', () => {
      expect(code, printed.join('\n')).toBe(0);
      expect(printed).toHaveLength(guide.blocks.length);
    });

    test('finds nothing but lines of the log on standard output, each with time, level and instance (OPS-57)', () => {
      for (const line of lines()) {
        expect(line).toMatchObject({ time: expect.any(String), level: expect.any(String), instance: 'one' });
      }
      expect(read('screen')).toContain('is ready');
    });

    test('finds the request of a caller by the name that it was given', () => {
      expect(lines()).toContainEqual(expect.objectContaining({ transactionId: 'help-desk-42', level: 'info' }));
    });

    test('sees the level change by a signal, and a wrong one refused (OPS-59)', () => {
      expect(lines()).toContainEqual(expect.objectContaining({ settings: ['ASSENT_LOG_LEVEL'], level: 'info' }));
      expect(lines()).toContainEqual(
        expect.objectContaining({
          level: 'error',
          problems: [expect.stringContaining('logLevel (assent.config.json)')],
        }),
      );
    });

    test('sends the whole trail on to a file, over a rotation, with nothing twice and nothing missing (OPS-58)', () => {
      const rows = ['audit.jsonl.1', 'audit.jsonl'].flatMap((name) =>
        read(name)
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>),
      );
      expect(rows.map(({ position }) => position)).toEqual(rows.map((_, at) => at + 1));
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
      for (const transactionId of ['help-desk-43', 'help-desk-44'])
        expect(rows).toContainEqual(expect.objectContaining({ format: 'assent-audit/1', transactionId }));
    });

    test('leaves no secret of its files in the log or on the screen (SEC-79)', () => {
      for (const name of ['master-key', 'admin-password']) {
        const secret = read(name).trim();
        expect(`${read('log')}${read('screen')}${printed.join('')}`).not.toContain(secret);
      }
    });
  },
);
