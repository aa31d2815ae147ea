import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Followed, Guide } from '../support/guide.ts';
import { freePort } from '../support/server-process.ts';

// Whoever follows the guide types what stands in it: every block is run, in its order, by a shell. The ports of a reader may be taken here.

const guide = new Guide('monitoring');

const missing = ['curl', 'openssl'].filter((name) => spawnSync(name, ['version']).error !== undefined);

describe.skipIf(missing.length > 0)(
  `the guide to watching a server${missing.length > 0 ? ` (skipped: there is no ${missing.join(' and no ')})` : ''}`,
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'assent-guide-'));
    let code: Followed['code'];
    let printed: Followed['printed'];

    vi.setConfig({ hookTimeout: 120_000 });
    beforeAll(async () => {
      const [port, management] = [await freePort(), await freePort()];
      const last = guide.blocks.length - 1;
      ({ code, printed } = await guide.follow({
        directory,
        rewrite: (block) => {
          const here = block.replaceAll('8080', String(port)).replaceAll('9464', String(management));
          // Readers leave it running.
          return block === guide.blocks[last] ? `${here}kill $SERVER\n` : here;
        },
        env: { ASSENT_PORT: String(port), ASSENT_DRAIN_SECONDS: '0', ASSENT_DATA_DIR: directory },
      }));
    });
    afterAll(() => rmSync(directory, { recursive: true, force: true }));

    test('runs to its end', () => {
      expect(code, printed.join('\n')).toBe(0);
      expect(printed).toHaveLength(guide.blocks.length);
    });

    test('prints what it says', () => {
      expect(printed[0]).toContain('{"status":"ready","degraded":[]}');
      expect(printed[1]).toBe('{"status":"ready"}200\n');
      expect(printed[2]).toContain('assent_http_requests_total{route="health/ready"');
      expect(printed.at(-1)).toContain('assent_build_info{version="');
    });

    test('names no setting and no metric that is none', () => {
      const read = (name: string) => readFileSync(new URL(`../../docs/reference/${name}.md`, import.meta.url), 'utf8');
      const known = read('settings') + read('metrics');
      const named = [...new Set(guide.text.match(/\b(?:ASSENT|assent)_\w+/g))];
      expect(named.filter((name) => !known.includes(`\`${name}\``))).toEqual([]);
    });
  },
);
