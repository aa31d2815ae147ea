import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HttpConnection } from '../http-connection.ts';
import { JourneyClient, outputOf, signIn } from '../journey-client.ts';
import { Phone } from '../phone.ts';
import { floorServer } from './login.ts';
import { floorMemory } from './memory-store.ts';
import { floorSqlite } from './sqlite-store.ts';
import { addFloorUsers } from './store.ts';

// A yardstick that lets anybody in would measure less than a login.

const KEY = Buffer.alloc(32, 7);
const PASSWORD = 'Correct-horse-1';
const LOGIN = '/am/json/realms/root/authenticate?authIndexType=service&authIndexValue=BenchPush';
const scratch = mkdtempSync(join(tmpdir(), 'assent-floor-'));
const stores = { memory: floorMemory, sqlite: () => floorSqlite(join(scratch, `${crypto.randomUUID()}.db`)) };

let end: () => void;
let connection: HttpConnection;
let client: JourneyClient;
let phone: Phone;

describe.each(Object.entries(stores))('the floor in %s', (_, open) => {
  beforeEach(async () => {
    const store = open();
    addFloorUsers(store, { prefix: 'user', count: 1, password: PASSWORD, phoneKey: KEY.toString('base64url') });
    const server = floorServer(store).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    connection = await HttpConnection.open(port);
    client = new JourneyClient(connection, 'BenchPush');
    phone = Phone.known(port, KEY, 'm-user0');
    await phone.listen();
    end = () => {
      phone.close();
      connection.close();
      server.close();
    };
  });
  afterEach(() => end());

  const waiting = async () => {
    const step = await signIn(client, 'user0', PASSWORD);
    return { step, number: String(outputOf(step, 'HiddenValueCallback', 'value')), told: await phone.message() };
  };

  test('signs in who has the password and the phone, and no second time by the same step', async () => {
    const { step, number, told } = await waiting();
    expect(await client.submit(step)).toEqual(step);
    await phone.approve(connection, told, number);
    expect(await client.finish(step)).toMatch(/^[\w-]{43}$/);
    expect(await connection.post(LOGIN, JSON.stringify(step))).toMatchObject({ status: 401 });
  });

  test('refuses a wrong number, for good', async () => {
    const { step, number, told } = await waiting();
    await phone.approve(connection, told, number === '123456' ? '123457' : '123456');
    await expect(phone.approve(connection, told, number)).rejects.toThrow('the answer of the phone to be accepted');
    await expect(client.finish(step)).rejects.toThrow('a tokenId');
  });

  test('refuses a wrong password, and a first step that was used before', async () => {
    const first = await client.start();
    const submit = (password: string) =>
      connection.post(
        LOGIN,
        JSON.stringify({
          authId: first.authId,
          callbacks: [
            { type: 'NameCallback', input: [{ name: 'IDToken1', value: 'user0' }] },
            { type: 'PasswordCallback', input: [{ name: 'IDToken2', value: password }] },
          ],
        }),
      );
    expect(await submit('wrong')).toMatchObject({ status: 401 });
    expect(await submit(PASSWORD)).toMatchObject({ status: 401 });
  });

  test('answers the very same submit again with the same step, and a forged one not at all', async () => {
    const first = await client.start();
    const body = JSON.stringify({
      authId: first.authId,
      callbacks: [
        { type: 'NameCallback', input: [{ name: 'IDToken1', value: 'user0' }] },
        { type: 'PasswordCallback', input: [{ name: 'IDToken2', value: PASSWORD }] },
      ],
    });
    const answered = await connection.post(LOGIN, body);
    expect(answered.status).toBe(200);
    expect(await connection.post(LOGIN, body)).toEqual(answered);
    const forged = first.authId.replace(/.{4}$/, (end) => (end === 'AAAA' ? 'BBBB' : 'AAAA'));
    expect(await connection.post(LOGIN, body.replace(first.authId, forged))).toMatchObject({ status: 401 });
  });

  test('refuses an answer that another key has signed', async () => {
    const { told, number, step } = await waiting();
    const other = Phone.known(0, Buffer.alloc(32, 8), 'm-user0');
    await expect(other.approve(connection, told, number)).rejects.toThrow();
    const jwt = `${told.message.slice(0, -4)}AAAA`;
    const reply = await connection.post(
      '/am/json/push/sns/message?_action=authenticate',
      JSON.stringify({ messageId: told.messageId, jwt }),
    );
    expect(reply.status).toBe(400);
    expect((await client.submit(step)).authId).toBe(step.authId);
  });
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));
