import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jsonLines, type PhoneAndServer, phoneAndServer } from '../testing/phone-and-server.ts';

let world: PhoneAndServer;

beforeEach(async () => {
  world = await phoneAndServer();
});
afterEach(() => world.server.close());

describe('bad usage ends with 2', () => {
  test.each([
    [['paint'], /unknown command/i],
    [['register'], /missing required argument/i],
    [['register', 'x', '--persona', 'nokia'], /persona/],
    [['deny', '--reason', 'bored'], /reason/],
    [['refresh'], /--token/],
    [['remove'], /--account/],
    [['register', 'hello'], /This is not a setup code\.\n {2}Try: /],
    [['approve', '--message', '/no/such/file'], /cannot be read/],
  ])('%j', async (args, sentence) => {
    const result = await world.phone.run(...args);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(sentence);
    expect(result.stdout).toBe('');
  });

  test('as one JSON line when asked', async () => {
    expect(jsonLines((await world.phone.run('refresh', '--json')).stderr)).toEqual([
      {
        error: { code: 'USAGE', message: expect.stringContaining('--token'), hint: expect.stringContaining('--help') },
      },
    ]);
    expect(jsonLines((await world.phone.run('register', 'hello', '--json')).stderr)).toEqual([
      {
        error: {
          code: 'NOT_A_SETUP_CODE',
          message: 'This is not a setup code.',
          hint: expect.stringMatching(/./),
        },
      },
    ]);
  });

  test('but asking for help does not', async () => {
    expect(await world.phone.run('approve', '--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('--number'),
    });
  });
});
