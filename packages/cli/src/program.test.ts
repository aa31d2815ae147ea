import { expect, test } from 'vitest';
import { hintLine } from './command/hint-line.ts';
import { ownVersion } from './command/program-version.ts';
import { testCli } from './testing/test-cli.ts';

test.each([
  ['an unknown command', ['dance'], "Unknown command 'dance'.\n  Try: assent --help\n"],
  ['an unknown flag', ['--colour'], "Unknown option '--colour'.\n  Try: assent --help\n"],
  ['an unknown flag of serve', ['serve', '--colour'], "Unknown option '--colour'.\n  Try: assent serve --help\n"],
  [
    'a flag that is nearly one',
    ['serve', '--prot', '1'],
    "Unknown option '--prot'. Did you mean --port?\n  Try: assent serve --help\n",
  ],
  ['a command that is nearly one', ['usr'], "Unknown command 'usr'. Did you mean user?\n  Try: assent --help\n"],
  [
    'a flag of which only one value can count, given twice',
    ['user', 'delete', 'ann', '--realm', '/a', '--realm', '/b'],
    "Option '--realm' was given twice.\n  Try: assent user delete --help\n",
  ],
  ['a setting given twice', ['serve', '--port=1', '--port', '2'], /^Option '--port' was given twice\.\n/],
  ['a flag without its value', ['serve', '--port'], /argument missing/],
  ['an argument too many', ['doctor', 'now'], /too many arguments/i],
])('%s is bad usage: one sentence, what to try, exit 2', async (_what, args, message) => {
  const { code, stdout, stderr } = await testCli().run(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  if (typeof message === 'string') expect(stderr).toBe(message);
  else expect(stderr).toMatch(message);
});

test('bad usage is an object for programs, with what to try', async () => {
  const { code, stderr } = await testCli().run('user', 'list', '--json', '--colour');
  expect(code).toBe(2);
  expect(JSON.parse(stderr)).toEqual({
    error: { code: 'USAGE', message: "Unknown option '--colour'.", hint: 'assent user list --help' },
  });
});

test('without a command the help is shown, and the exit is that of bad usage', async () => {
  const { code, stderr } = await testCli().run();
  expect(code).toBe(2);
  for (const name of ['serve', 'phone', 'user', 'realm', 'journey', 'doctor']) expect(stderr).toContain(`\n  ${name}`);
});

test('every command that the help lists can be copied from a hint where npm has started us', async () => {
  const { stderr } = await testCli().run();
  const names = [...stderr.matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name).filter((name) => name !== 'help');
  expect(names).toContain('migrate');
  for (const name of names) {
    expect(hintLine(`assent ${name} x`, 'npx assent')).toBe(`  Try: npx assent ${name} x\n`);
  }
});

test.each(['serve', 'user', 'realm', 'journey', 'doctor'])('%s has help of its own', async (name) => {
  const cli = testCli();
  const { code, stdout } = await cli.run(name, '--help');
  expect(code).toBe(0);
  expect(stdout).toContain(`Usage: assent ${name} `);
  expect((await cli.run('help', name)).stdout).toBe(stdout);
});

test('the help of serve has a flag for every setting but the secrets, and names the variables', async () => {
  const { SETTINGS } = await import('@assent/server');
  const { stdout } = await testCli().run('serve', '--help');
  for (const definition of Object.values(SETTINGS)) {
    if (definition.flag !== undefined) expect(stdout).toContain(`${definition.flag}`);
  }
  expect(stdout.replace(/\s+/g, ' ')).toContain('[ASSENT_PUBLIC_URL]');
  expect(stdout).not.toContain('--admin-password');
  expect(stdout).not.toContain('--master-key');
});

test('the version is that of the package', async () => {
  expect(await testCli().run('--version')).toEqual({ code: 0, stdout: `${ownVersion()}\n`, stderr: '' });
});
