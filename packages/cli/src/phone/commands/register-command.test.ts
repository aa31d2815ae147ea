import { readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jsonLines, jwtOf, type PhoneAndServer, phoneAndServer } from '../testing/phone-and-server.ts';
import { replyJson } from '../testing/recording-server.ts';
import { claimsOf, setupCode } from '../testing/wire-fixtures.ts';

let world: PhoneAndServer;

beforeEach(async () => {
  world = await phoneAndServer();
});
afterEach(() => world.server.close());

describe('register', () => {
  test('refused by the server ends with 1 and stores nothing', async () => {
    world.server.answerWith((_request, response) => replyJson(response, 400, { code: 400 }));
    expect(await world.phone.run('register', setupCode(world.server.origin))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('used or has run out'),
    });
    expect((await world.phone.run('list', '--json')).stdout).toBe('');
  });

  test('at a server that is not there ends with 3 after a few tries', async () => {
    await world.server.close();
    world.phone.timePasses = () => true;
    expect(await world.phone.run('register', setupCode(world.server.origin))).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('cannot be reached'),
    });
    expect(world.phone.sleeps).toHaveLength(3);
  });

  test('repeats the same bytes when the reply was lost (design.md decision 9)', async () => {
    world.phone.timePasses = () => true;
    world.server.answerWith((_request, response) =>
      world.server.requests.length === 1 ? response.destroy() : replyJson(response, 200, {}),
    );
    expect(await world.phone.run('register', setupCode(world.server.origin))).toMatchObject({ code: 0 });
    expect(world.server.requests[1]?.body).toBe(world.server.requests[0]?.body);
  });

  test('does not follow a redirect (SEC-29)', async () => {
    world.server.answerWith((request, response) =>
      request.url.startsWith('/elsewhere')
        ? replyJson(response, 200, {})
        : response.writeHead(307, { location: '/elsewhere' }).end(),
    );
    expect(await world.phone.run('register', setupCode(world.server.origin), '--json')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('REDIRECTED'),
    });
    expect(world.server.requests).toHaveLength(1);
  });

  test('keeps the keys in a file for the owner alone, and prints none of them (SEC-82)', async () => {
    const result = await world.phone.run('register', setupCode(world.server.origin), '--json');
    expect(jsonLines(result.stdout)).toEqual([
      { account: { id: '0f6a1c52', kind: 'push', issuer: 'Acme', name: 'jane' } },
    ]);
    expect(statSync(world.phone.store).mode & 0o777).toBe(0o600);
    const { key, deviceKey } = JSON.parse(readFileSync(world.phone.store, 'utf8')).accounts[0];
    expect(claimsOf(jwtOf(world.server.requests[0])).x_key).toEqual({
      kty: 'EC',
      crv: 'P-256',
      x: deviceKey.x,
      y: deviceKey.y,
    });
    expect(result.stdout + result.stderr).not.toContain(key);
    expect(world.server.requests[0]?.headers['x-requested-with']).toBeUndefined();
  });

  test('with --show only draws the code, in a terminal', async () => {
    world.phone.isTty = true;
    const result = await world.phone.run('register', setupCode(world.server.origin), '--show');
    expect(result.stdout).toMatch(/▀|▄/);
    expect(result.stdout).toContain(setupCode(world.server.origin));
    expect(world.server.requests).toHaveLength(0);
  });
});
