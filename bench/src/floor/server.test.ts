import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HttpConnection } from '../http-connection.ts';
import { answer, JourneyClient, outputOf, type Step, signIn } from '../journey-client.ts';
import { Phone } from '../phone.ts';
import { floorServer } from './server.ts';
import { floorSqlite } from './sqlite-store.ts';
import { addFloorUsers } from './store.ts';

// A yardstick that lets anybody in would measure less than a login, and one that keeps any phone less than a registration.

const KEY = Buffer.alloc(32, 7);
const PASSWORD = 'Correct-horse-1';
const AUTHENTICATE = '/am/json/realms/root/authenticate?authIndexType=service&authIndexValue=';
const LOGIN = `${AUTHENTICATE}BenchPush`;
const REGISTRATION = `${AUTHENTICATE}BenchRegistration`;
const scratch = mkdtempSync(join(tmpdir(), 'assent-floor-'));

let end: () => void;
let connection: HttpConnection;
let client: JourneyClient;
let phone: Phone;
let port: number;

describe('the floor', () => {
  beforeEach(async () => {
    const store = floorSqlite(join(scratch, `${crypto.randomUUID()}.db`));
    addFloorUsers(store, { prefix: 'user', count: 1, password: PASSWORD, phoneKey: KEY.toString('base64url') });
    addFloorUsers(store, { prefix: 'new', count: 1, password: PASSWORD });
    const server = floorServer(store).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
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
    const { status, body: step } = await connection.post(LOGIN, body);
    expect(status).toBe(200);
    expect(await connection.post(LOGIN, body)).toMatchObject({ status, body: step });
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

  const registering = (): JourneyClient => new JourneyClient(connection, 'BenchRegistration');
  const asked = (username: string): Promise<Step> => signIn(registering(), username, PASSWORD);
  const code = async () => {
    const step = await registering().submit(answer(await asked('new0'), undefined, 0));
    return { step, uri: String(outputOf(step, 'HiddenValueCallback', 'value')) };
  };
  const statusOf = async (address: string, step: Step) => (await connection.post(address, JSON.stringify(step))).status;

  test('registers the phone that scans the code, by which its user signs in from then on', async () => {
    const { step, uri } = await code();
    expect(await registering().submit(step)).toEqual(step);
    const own = await Phone.register(connection, port, uri, 'new0');
    expect(await registering().finish(step)).toMatch(/^[\w-]{43}$/);
    expect(await statusOf(REGISTRATION, step)).toBe(401);
    await own.listen();
    const login = await signIn(client, 'new0', PASSWORD);
    await own.approve(connection, await own.message(), String(outputOf(login, 'HiddenValueCallback', 'value')));
    expect(await client.finish(login)).toMatch(/^[\w-]{43}$/);
    own.close();
  });

  test('shows a code to nobody who says no, and none to a user who has a phone', async () => {
    expect(await statusOf(REGISTRATION, answer(await asked('new0'), undefined, 1))).toBe(401);
    expect(await registering().finish(answer(await asked('user0'), undefined, 0))).toMatch(/^[\w-]{43}$/);
  });

  test('answers the very same choice again with the same code, and another one not at all', async () => {
    const choice = answer(await asked('new0'), undefined, 0);
    const step = await registering().submit(choice);
    expect(await registering().submit(choice)).toEqual(step);
    expect(await statusOf(REGISTRATION, answer(choice, undefined, 1))).toBe(401);
    // An authId is of one journey, and begins no other.
    expect(await statusOf(LOGIN, answer(await registering().start(), 'user0', PASSWORD))).toBe(401);
  });

  test('refuses a phone that has not scanned the code, and the fifth time the code', async () => {
    const { uri, step } = await code();
    // With another key, and with the key but another challenge.
    for (const parameter of ['s', 'c', 's', 'c', 's']) {
      const forged = uri.replace(new RegExp(`&${parameter}=[\\w-]+`), `&${parameter}=${KEY.toString('base64url')}`);
      await expect(Phone.register(connection, port, forged, 'new0')).rejects.toThrow('to be registered');
    }
    await expect(Phone.register(connection, port, uri, 'new0')).rejects.toThrow('to be registered');
    expect(await statusOf(REGISTRATION, step)).toBe(401);
  });

  test('registers one phone by one code, and no second one for a user who has one by then', async () => {
    const [one, other] = [await code(), await code()];
    await Phone.register(connection, port, one.uri, 'new0');
    await expect(Phone.register(connection, port, one.uri, 'new0')).rejects.toThrow('to be registered');
    await Phone.register(connection, port, other.uri, 'new0');
    await registering().finish(one.step);
    expect(await statusOf(REGISTRATION, other.step)).toBe(401);
  });
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));
