import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@assent/test-servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Followed, Guide } from '../support/guide.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

// The receiver of the guide is the one that is called: if it refuses what we sign, nobody's does otherwise.

const webhooks = new Guide('webhooks');
/** The guide to personal data is followed on the same server. */
const guide = new Guide('webhooks', new Guide('privacy').blocks);

const missing = ['curl', 'openssl'].filter((name) => spawnSync(name, ['version']).error !== undefined);

describe.skipIf(missing.length > 0)(
  `the guides to webhooks and personal data${missing.length > 0 ? ` (skipped: there is no ${missing.join(' and no ')})` : ''}`,
  () => {
    let server: ServerProcess;
    let code: Followed['code'];
    let printed: Followed['printed'];
    const received = (): string => readFileSync(join(server.scratch, 'receiver.log'), 'utf8');

    beforeAll(async () => {
      const [port] = await Promise.all([
        freePort(),
        startServerProcess({ args: ['--insecure'], env: { ASSENT_ADMIN_PASSWORD: 'administrator-7' } }).then((it) => {
          server = it;
        }),
      ]);
      const last = webhooks.blocks.length - 1;
      ({ code, printed } = await guide.follow({
        directory: server.scratch,
        rewrite: (block) => {
          const here = block
            .replace('8089', String(port))
            .replace('https://app.example.com', `http://127.0.0.1:${port}`);
          if (block.includes('> receiver.log'))
            return `${here}RECEIVER=$!\nuntil grep -q ready receiver.log; do sleep 0.1; done\n`;
          // Readers look at it when they like; here it ends with the guide.
          if (block !== webhooks.blocks[last]) return here;
          return `n=0; until grep -q ended receiver.log || [ $((n += 1)) -gt 100 ]; do sleep 0.1; done\nkill $RECEIVER\n${here}`;
        },
        env: {
          AM: server.am,
          ADMIN_PASSWORD: 'administrator-7',
          DEMO_PASSWORD: 'Ch4ng31t!',
          ASSENT_DATA_DIR: server.dataDir,
        },
      }));
    });
    afterAll(() => server?.close());

    test('runs to its end', () => {
      expect(code, printed.join('\n')).toBe(0);
      expect(printed).toHaveLength(guide.blocks.length);
    });

    test('has a receiver that takes what we sign, once', () => {
      expect(received()).toBe('The receiver is ready.\nA session has ended: {"event": "LOGOUT", "user": "demo"}\n');
    });

    test('hands out what is kept of a user, by the command line and REST alike, and erases it (security-reliability §7)', () => {
      const file = (name: string) => JSON.parse(readFileSync(join(server.scratch, name), 'utf8').split('\n')[0] ?? '');
      const documents = ['ada.json', 'ada-by-rest.json'].map((name) =>
        JSON.parse(readFileSync(join(server.scratch, name), 'utf8')),
      );
      const about = { user: { username: 'ada', attributes: { mail: ['ada@example.com'] } } };
      for (const it of documents) expect(it).toMatchObject({ format: 'assent-user-export/1', ...about });
      expect(file('erasures.jsonl')).toMatchObject({ userId: documents[0].user.id, realm: '/' });
    });

    test('shows no key, and nothing that was given up', () => {
      expect(printed.join('')).not.toContain('whsec_');
      expect(printed[webhooks.blocks.length - 1]).not.toContain('webhook');
    });
  },
);
