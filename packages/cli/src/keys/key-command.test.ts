import { expect, test } from 'vitest';
import { testCli, testCliWithData } from '../testing/test-cli.ts';

const DAY = 24 * 3_600_000;

interface Key {
  readonly realm: string;
  readonly algorithm: string;
  readonly kid: string;
  readonly signsFrom: string;
}
const keysIn = (stdout: string): readonly Key[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly key: Key }).key);

test('a directory without a database is not made into one', async () => {
  expect(await testCli().run('key', 'rotate', '--oidc')).toMatchObject({ code: 1, stdout: '' });
});

test('which keys are meant has to be said, and whose', async () => {
  const cli = await testCliWithData();
  expect(await cli.run('key', 'rotate')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'Say which keys: those that tokens are signed with.\n  Try: assent key rotate --oidc\n',
  });
  expect(await cli.run('key', 'rotate', '--oidc', '--realm', 'alpha', '--json')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: '{"error":{"code":"NO_REALM","message":"There is no realm /alpha.","hint":"assent realm list"}}\n',
  });
  expect(await cli.inStore(({ signingKeys }) => signingKeys.ofRealm('/'))).toEqual([]);
});

test('new keys are shown for a day before they sign, and asking again makes no others', async () => {
  const cli = await testCliWithData();
  const { code, stdout } = await cli.run('key', 'rotate', '--oidc');
  const rows = await cli.inStore(({ signingKeys }) => signingKeys.ofRealm('/'));
  const next = rows.filter(({ status }) => status === 'next');
  expect(code).toBe(0);
  expect(next.map(({ algorithm }) => algorithm).toSorted()).toEqual(['ES256', 'RS256']);
  for (const { algorithm, kid } of next) {
    expect(stdout).toContain(`  ${algorithm}  ${kid}  signs from ${new Date(cli.now + DAY).toISOString()}\n`);
  }
  expect(stdout).not.toContain('PRIVATE');
  const again = keysIn((await cli.run('key', 'rotate', '--oidc', '--json')).stdout);
  expect(again.map(({ kid }) => kid).toSorted()).toEqual(next.map(({ kid }) => kid).toSorted());
});

test('where they must, they sign at once, in their realm alone', async () => {
  const cli = await testCliWithData();
  await cli.run('realm', 'create', '/alpha');
  const rotated = keysIn((await cli.run('key', 'rotate', '--oidc', '--now', '--realm', 'alpha', '--json')).stdout);
  expect(rotated).toMatchObject([
    { realm: '/alpha', algorithm: 'RS256', signsFrom: new Date(cli.now).toISOString() },
    { realm: '/alpha', algorithm: 'ES256', signsFrom: new Date(cli.now).toISOString() },
  ]);
  await cli.inStore(async ({ signingKeys }) => {
    const rows = await signingKeys.ofRealm('/alpha');
    const active = rows.filter(({ status }) => status === 'active').map(({ kid }) => kid);
    expect(active.toSorted()).toEqual(rotated.map(({ kid }) => kid).toSorted());
    expect(await signingKeys.ofRealm('/')).toEqual([]);
  });
});
