import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { placeholderValues } from '../platform/placeholder-values.ts';
import { describeSettings } from './describe-settings.ts';
import { loadSettings, SettingsRefused } from './load-settings.ts';
import { readSecretFile } from './secret-file.ts';
import { SETTING_NAMES, settingOf } from './settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'assent-secrets-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let count = 0;
const file = (text: string, mode = 0o600): string => {
  count += 1;
  const path = join(directory, `secret-${count}`);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};
const me = process.getuid?.() ?? 0;

describe('OPS-59: a secret file', () => {
  test.each([
    ['a line', 'geheim\n', 'geheim'],
    ['a line of Windows', 'geheim\r\n', 'geheim'],
    ['no line end', 'geheim', 'geheim'],
    ['spaces, which belong to it', ' geheim \n\n', ' geheim \n'],
  ])('with %s', (_what, written, text) => {
    expect(readSecretFile(file(written))).toEqual({ text });
  });

  test('is refused where others may write it, where it is empty, large, a directory, a device, or not there', () => {
    expect(readSecretFile(file('x', 0o620))).toEqual({ fault: 'can be written by others: chmod go-w' });
    expect(readSecretFile(file('x', 0o602))).toEqual({ fault: 'can be written by others: chmod go-w' });
    expect(readSecretFile(file('\n'))).toEqual({ fault: 'is empty' });
    expect(readSecretFile(file('x'.repeat(65_537)))).toEqual({ fault: 'is larger than 65536 bytes' });
    const latin = file('');
    writeFileSync(latin, Buffer.from('gehe\xefm', 'latin1'));
    expect(readSecretFile(latin)).toEqual({ fault: 'is not UTF-8' });
    expect(readSecretFile(directory)).toEqual({ fault: 'is no plain file' });
    expect(readSecretFile('/dev/null')).toEqual({ fault: 'is no plain file' });
    expect(readSecretFile(join(directory, 'none'))).toEqual({ fault: 'cannot be read (ENOENT)' });
  });

  test('that others may read is warned of where it is ours, and not as Docker (0444, of root) and Kubernetes (0644, by a link) mount it', () => {
    expect(readSecretFile(file('x', 0o640), me)).toEqual({ text: 'x', warning: 'can be read by others: chmod 600' });
    expect(readSecretFile(file('x', 0o444), me + 1)).toEqual({ text: 'x' });
    mkdirSync(join(directory, '..data'));
    writeFileSync(join(directory, '..data/key'), 'x', { mode: 0o644 });
    symlinkSync('..data/key', join(directory, 'key'));
    expect(readSecretFile(join(directory, 'key'), me + 1)).toEqual({ text: 'x' });
    expect(readSecretFile(file('x', 0o400), me)).toEqual({ text: 'x' });
  });
});

describe('OPS-59: each secret of the settings', () => {
  const secrets = SETTING_NAMES.map(settingOf).filter(({ isSecret }) => isSecret);
  const bytes = Buffer.alloc(32, 7).toString('base64');
  /** What is good for each of them, with what else it needs. */
  const goodOf = (env: string) =>
    env === 'ASSENT_AUDIT_SINK_SECRET'
      ? { good: `whsec_${bytes}`, beside: { ASSENT_AUDIT_SINK: 'https://siem.example.com/audit' } }
      : { good: bytes, beside: {} };
  const problemsOf = (env: Record<string, string>) =>
    loadSettings({ env }).then(
      () => [],
      (error: unknown) => (error instanceof SettingsRefused ? error.problems : [String(error)]),
    );

  test('may be in a file, which is named as its source and never shown', async () => {
    expect(secrets.length).toBeGreaterThan(1);
    for (const { env } of secrets) {
      const { good, beside } = goodOf(env);
      const loaded = await loadSettings({ env: { ...beside, [`${env}_FILE`]: file(`${good}\n`, 0o644) } });
      expect(Object.values(loaded.settings)).toContain(good);
      expect(describeSettings(loaded)).toContainEqual(
        expect.objectContaining({ env, value: '********', source: `file, ${env}_FILE` }),
      );
      expect(loaded.warnings).toEqual([expect.stringContaining(`${env}_FILE`)]);
    }
  });

  test('is refused where it is given twice, cannot be read, or is wrong, without its text (SEC-79)', async () => {
    for (const { env } of secrets) {
      const name = `${env}_FILE`;
      const { good } = goodOf(env);
      expect(await problemsOf({ [env]: good, [name]: file(good) })).toEqual([
        `${env} and ${name} are both given: leave out one of them.`,
      ]);
      expect(await problemsOf({ [name]: '/nowhere' })).toEqual([
        expect.stringContaining(`${name} names, /nowhere, cannot`),
      ]);
      const [wrong = ''] = await problemsOf({ [name]: file('short7!') });
      expect(wrong).toContain(`${name} (file) has a value that cannot be`);
      expect(wrong).not.toContain('short7');
    }
  });

  test('and no other setting has such a variable', async () => {
    expect(await problemsOf({ ASSENT_PORT_FILE: file('80') })).toEqual([
      expect.stringMatching(/^ASSENT_PORT_FILE .*no setting/),
    ]);
  });
});

test('OPS-59: a placeholder of configuration takes its value from a file, and anew each time', () => {
  const path = file('first\n');
  const realmSecrets = ['/=esv.smtp.password', '/=esv.both', '/=esv.gone'];
  const environment = {
    ESV_SMTP_PASSWORD_FILE: path,
    ESV_BOTH: 'p',
    ESV_BOTH_FILE: path,
    HOME_FILE: path,
    ESV_GONE_FILE: '/nowhere',
  };
  const valueFor = placeholderValues(environment, { realmSecrets })('/');
  expect(valueFor('esv.smtp.password')).toEqual({ kind: 'secret', text: 'first' });
  writeFileSync(path, 'second');
  expect(valueFor('esv.smtp.password')).toEqual({ kind: 'secret', text: 'second' });
  expect(valueFor('esv.both')).toEqual({ kind: 'secret', text: 'p' });
  expect(valueFor('home')).toBeUndefined();
  expect(valueFor('esv.gone')).toBeUndefined();
});

describe('values of placeholders (SEC-92)', () => {
  const environment = { ESV_A_KEY: 'secret', ESV_PLAIN_HOST: 'mail', ESV_PLAIN_A_KEY: 'public' };
  const valueFor = (realmSecrets: string[], realm: string, name: string) =>
    placeholderValues(environment, { realmSecrets })(realm)(name);

  test.each([
    ['esv.host', { kind: 'plain', text: 'mail' }],
    ['esv.plain.host', { kind: 'plain', text: 'mail' }],
    // A value that is also given as a secret is one.
    ['esv.a.key', { kind: 'withheld' }],
    ['esv-a-key', { kind: 'withheld' }],
    ['esv.plain.a.key', { kind: 'plain', text: 'public' }],
    ['esv.none', undefined],
  ])('%s is %o in a realm that is not listed', (name, expected) => {
    expect(valueFor([], '/', name)).toEqual(expected);
  });

  test.each([
    [['/alpha=esv.a.key'], true],
    [['/alpha=ESV-A-KEY'], true],
    [['/alpha=esv.a.*'], true],
    [['/=esv.a.key'], false],
    [['/alpha/beta=esv.a.key'], false],
    [['/alpha=esv.a'], false],
    [['/alpha=esv.b.*'], false],
    [['/beta=esv.a.key', '/alpha=esv.b'], false],
  ])('%j lets /alpha use esv.a.key: %s', (realmSecrets, isAllowed) => {
    expect(valueFor(realmSecrets, '/alpha', 'esv.a.key')).toEqual(
      isAllowed ? { kind: 'secret', text: 'secret' } : { kind: 'withheld' },
    );
  });
});
