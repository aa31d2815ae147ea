import { chmodSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jsonLines, type PhoneAndServer, phoneAndServer } from '../testing/phone-and-server.ts';
import { replyJson } from '../testing/recording-server.ts';

let world: PhoneAndServer;

beforeEach(async () => {
  world = await phoneAndServer();
});
afterEach(() => world.server.close());

describe('the accounts', () => {
  beforeEach(() => world.register());

  test('are listed one to a line, or as a table', async () => {
    expect(jsonLines((await world.phone.run('list', '--json')).stdout)).toEqual([
      { account: { id: '0f6a1c52', kind: 'push', issuer: 'Acme', name: 'jane' } },
    ]);
    expect((await world.phone.run('list')).stdout).toMatch(/0f6a1c52 +Acme +jane +127\.0\.0\.1:\d+ .* never\n/);
  });

  test('have no one-time codes yet', async () => {
    expect(await world.phone.run('otp')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no one-time-code accounts'),
    });
  });

  test('can be left alone for an hour, which the key of the phone proves; where the server says no, nobody is told that it did', async () => {
    world.relayWith();
    expect(jsonLines((await world.phone.run('pause', '--json')).stdout)).toEqual([{ paused: { id: '0f6a1c52' } }]);
    expect(world.sentTo('pause').map(({ method, headers }) => [method, headers.authorization])).toEqual([
      ['POST', expect.stringMatching(/^Bearer ey/)],
    ]);
    world.server.answerWith((_request, response) => replyJson(response, 400, {}));
    expect(await world.phone.run('pause')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('did not pause'),
    });
  });

  test('can be removed from this phone', async () => {
    expect(await world.phone.run('remove', '--account', 'nobody')).toMatchObject({ code: 1 });
    expect(jsonLines((await world.phone.run('remove', '--account', '0f6a1c52', '--json')).stdout)).toEqual([
      { removed: { id: '0f6a1c52' } },
    ]);
    expect((await world.phone.run('list', '--json')).stdout).toBe('');
  });

  test('in a file that others can read bring a warning', async () => {
    chmodSync(world.phone.store, 0o644);
    expect(await world.phone.run('list')).toMatchObject({ code: 0, stderr: expect.stringContaining('Try: chmod 600') });
  });
});
