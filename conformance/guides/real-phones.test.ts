import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Followed, Guide } from '../support/guide.ts';
import { type ProviderProcess, startApnsProcess, startFcmProcess } from '../support/provider-processes.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { type SnsProcess, startSnsProcess } from '../support/sns-process.ts';

// Whoever follows the guide types what stands in it: every block is run, in its order, by a shell. What differs from a real vendor is where
// it is: the settings get the endpoint of the fake, and the consoles' files are the fake's.

const guide = new Guide('real-phones');

const missing = ['curl', 'jq'].filter((name) => spawnSync(name, ['--version']).status !== 0);

describe.skipIf(missing.length > 0)(
  `the guide to real phones${missing.length > 0 ? ` (skipped: there is no ${missing.join(' and no ')})` : ''}`,
  () => {
    let fcm: ProviderProcess;
    let apns: Awaited<ReturnType<typeof startApnsProcess>>;
    let sns: SnsProcess;
    let server: ServerProcess;
    let code: Followed['code'];
    let printed: Followed['printed'];

    beforeAll(async () => {
      [fcm, apns, sns] = await Promise.all([startFcmProcess(), startApnsProcess(), startSnsProcess()]);
      server = await startServerProcess({
        args: ['--insecure'],
        env: { ASSENT_ADMIN_PASSWORD: 'administrator-7', NODE_EXTRA_CA_CERTS: apns.certificateFile },
      });
      ({ code, printed } = await follow());
    });
    afterAll(() => Promise.all([server?.close(), fcm?.close(), apns?.close(), sns?.close()]));

    const atTheFakes = (block: string): string =>
      block
        .replace('"acme-login" }', `"acme-login", "endpoint": "${String(fcm.settings.endpoint)}" }`)
        .replace(
          '"com.example.authenticator" }',
          `"com.example.authenticator", "endpoint": "${String(apns.settings.endpoint)}" }`,
        );

    const follow = (): Promise<Followed> => {
      writeFileSync(join(server.scratch, 'service-account.json'), String(fcm.settings.serviceAccount));
      writeFileSync(join(server.scratch, 'AuthKey_ACMEKEY001.p8'), String(apns.settings.key));
      return guide.follow({
        directory: server.scratch,
        rewrite: atTheFakes,
        env: {
          AM: server.am,
          ADMIN_PASSWORD: 'administrator-7',
          ASSENT_DATA_DIR: server.dataDir,
          ASSENT_PORT: '0',
          ASSENT_INSECURE: 'true',
          AWS_ENDPOINT_URL_SNS: sns.endpoint,
          NODE_EXTRA_CA_CERTS: apns.certificateFile,
        },
      });
    };

    test('runs to its end', () => {
      expect(code, printed.join('\n')).toBe(0);
      expect(printed).toHaveLength(guide.blocks.length);
    });

    test('says what the doctor says where all is right', () => {
      const said = 'Google knows the realm by its service pushFcm.';
      expect(guide.text).toContain(`✓ realm /: ${said}`);
      const [told = ''] = printed.filter((text) => text.includes('Amazon knows the realm'));
      expect(told).toContain(said);
      expect(told).toContain('Apple knows the realm by its service pushApns.');
      expect(printed.at(-1)).not.toContain('Amazon');
    });

    test('shows a delivery by each provider that is played', () => {
      const [told = ''] = printed.filter((text) => text.includes('simulated Google'));
      expect(told.match(/has verified the message/g)).toHaveLength(4);
    });

    test('asks for the requests of a user, of whom there are none yet (OPS-50)', () => {
      expect(printed.filter((text) => text.includes('No request was sent to this user'))).toHaveLength(1);
    });

    test('sets by REST what it sets by the command line, and reads no key back', () => {
      const [told = ''] = printed.filter((text) => text.includes('"projectId"'));
      expect(told).toContain('"serviceAccount":null');
      expect(told).toContain('"key":null');
      expect(told).not.toContain('PRIVATE KEY');
    });

    test('names every setting that the doctor can name', () => {
      const remedies = readFileSync(
        new URL('../../packages/cli/src/doctor/provider-checks.ts', import.meta.url),
        'utf8',
      );
      const settings = [...remedies.matchAll(/^ {2}'push\w+\.(\w+)':/gm)].map(([, name = '']) => name);
      expect(settings.length).toBeGreaterThan(10);
      const rows = guide.text.slice(guide.text.indexOf('| It names'), guide.text.indexOf('Some of it only a phone'));
      const unnamed = settings.filter((name) => !rows.includes(`\`${name}\``) && name !== 'keyId');
      expect(unnamed).toEqual([]);
    });

    test('rings nobody', async () => {
      expect([(await fcm.captured()).taken, (await apns.captured()).taken]).toEqual([[], []]);
      expect((await fcm.captured()).refusals).toEqual([]);
    });
  },
);
