import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addUser, PASSWORD, phoneArgs } from './support/people.ts';
import {
  type ProviderProcess,
  startApnsProcess,
  startFcmProcess,
  type TakenMessage,
} from './support/provider-processes.ts';
import { hiddenValue, outputOf, type RestAnswer, RestClient, setupCode } from './support/rest-client.ts';
import { assent, runAssent, type ServerProcess, startServerProcess } from './support/server-process.ts';
import { type Published, type SnsProcess, startSnsProcess } from './support/sns-process.ts';

// Five kinds of phone against one server (issue 2, done when 4): ours over the relay, the official ones over Amazon SNS, and in the end, when
// the realm has left Amazon behind, by Google and Apple themselves (OPS-47).

const OFFICIAL = ['android4', 'ios4', 'ping-android', 'ping-ios'] as const;
const PERSONAS = ['assent', ...OFFICIAL] as const;
type Persona = (typeof PERSONAS)[number];

let server: ServerProcess;
let sns: SnsProcess;
let fcm: ProviderProcess;
let apns: Awaited<ReturnType<typeof startApnsProcess>>;
let client: RestClient;

const setService = async (type: string, settings: object): Promise<void> => {
  const file = join(server.scratch, `${type}.json`);
  writeFileSync(file, JSON.stringify(settings));
  await assent(['realm', 'set-service', type, '--file', file, '--data-dir', server.dataDir]);
};

beforeAll(async () => {
  [sns, fcm, apns] = await Promise.all([startSnsProcess(), startFcmProcess(), startApnsProcess()]);
  server = await startServerProcess({
    args: ['--insecure'],
    env: { AWS_ENDPOINT_URL_SNS: sns.endpoint, NODE_EXTRA_CA_CERTS: apns.certificateFile },
  });
  client = new RestClient(server.am);
  for (const name of PERSONAS) {
    for (const user of [name, `${name}-second`]) await addUser(server, user);
  }
  await server.stop();
  await setService('pushNotification', {
    accessKey: 'conformance-key',
    secret: 'conformance-secret',
    appleEndpoint: 'arn:aws:sns:us-east-1:000000000000:app/APNS/conformance',
    googleEndpoint: 'arn:aws:sns:us-east-1:000000000000:app/GCM/conformance',
  });
  await server.start();
});
afterAll(async () => {
  await server?.close();
  await Promise.all([sns?.close(), fcm?.close(), apns?.close()]);
});

/** Tokens of iPhones are 32 bytes. */
const tokenOf = (persona: Persona, name: string): string =>
  persona.includes('ios')
    ? Buffer.from(`${persona}-${name}`.padEnd(32, '.')).toString('hex')
    : `${persona}-token-${name}`;

/** The phone of one persona, and what reaches it: the relay for ours, the provider's payload for the official ones. */
class Phone {
  readonly persona: Persona;
  token: string;
  #received = 0;

  constructor(persona: Persona) {
    this.persona = persona;
    this.token = tokenOf(persona, '1');
  }

  get isOurs(): boolean {
    return this.persona === 'assent';
  }

  #args(...args: readonly string[]): readonly string[] {
    return phoneArgs(server, this.persona, ...args);
  }

  async register(uri: string): Promise<void> {
    const token = this.isOurs ? [] : ['--token', this.token];
    await assent(this.#args('register', uri, '--persona', this.persona, ...token));
  }

  async refresh(token: string): Promise<void> {
    const result = await assent(this.#args('refresh', '--token', token));
    expect(JSON.parse(result)).toMatchObject({ refreshed: {} });
    if (this.isOurs) return;
    this.token = token;
    this.#received = 0;
  }

  /** What the provider was given for the newest request; ours asks the relay by itself. */
  async #payload(): Promise<Readonly<Record<string, unknown>> | undefined> {
    if (this.isOurs) return undefined;
    this.#received += 1;
    const published: Published = await sns.awaitPublished(this.token, this.#received);
    return published.payload[this.persona.includes('ios') ? 'APNS' : 'GCM'];
  }

  async answer(...args: readonly string[]): Promise<void> {
    const payload = await this.#payload();
    const message = payload === undefined ? [] : ['--message', '-'];
    const stdin = payload === undefined ? {} : { stdin: JSON.stringify(payload) };
    const printed = await assent(this.#args(...args, ...message), stdin);
    expect(JSON.parse(printed)).toMatchObject({ answered: { decision: args[0] } });
  }

  /** The request as `watch` shows it, without an answer to it. */
  async read(): Promise<Readonly<Record<string, unknown>>> {
    const payload = await this.#payload();
    const message = payload === undefined ? [] : ['--message', '-'];
    const stdin = payload === undefined ? {} : { stdin: JSON.stringify(payload) };
    this.#received -= 1;
    const { stdout, stderr } = await runAssent(this.#args('watch', '--once', ...message), stdin);
    const [line = ''] = stdout.split('\n');
    if (line === '') throw new Error(`watch printed nothing: ${stderr}`);
    return (JSON.parse(line) as { request: Readonly<Record<string, unknown>> }).request;
  }
}

const signIn = (user: string, tree?: string): Promise<RestAnswer> => client.passPassword(user, PASSWORD, tree);
const numberOf = (step: RestAnswer): string => hiddenValue(step, 'pushChallengeNumber');
const expectSignedIn = (answer: RestAnswer): void => {
  expect(answer.body).toMatchObject({ tokenId: expect.stringMatching(/.{32}/), realm: '/' });
};
const expectFailed = (answer: RestAnswer): void => {
  expect([answer.status, answer.body.message]).toEqual([401, 'Login failure']);
};

describe.each(PERSONAS)('%s', (persona) => {
  let phone: Phone;
  beforeAll(() => {
    phone = new Phone(persona);
  });

  test('registers, and approves with the number', async () => {
    const setup = await client.chooseRegister(await signIn(persona));
    await phone.register(setupCode(setup));
    const codes = await client.submit(setup);
    const wait = await client.submit(codes);
    expect(numberOf(wait)).toMatch(phone.isOurs ? /^\d{6}$/ : /^[1-9]\d$/);
    await phone.answer('approve', '--number', numberOf(wait));
    expectSignedIn(await client.submit(wait));
  });

  test('a setup code that was used registers nobody else', async () => {
    const setup = await client.chooseRegister(await signIn(`${persona}-second`));
    const other = new Phone(persona);
    const twice = setupCode(setup);
    await assent([
      ...['phone', 'register', twice, '--persona', persona, '--json'],
      ...(other.isOurs ? [] : ['--token', tokenOf(persona, 'second')]),
      ...['--store', join(server.scratch, `${persona}-first.json`)],
    ]);
    const second = await runAssent([
      ...['phone', 'register', twice, '--persona', persona, '--json'],
      ...['--store', join(server.scratch, `${persona}-second.json`)],
    ]);
    expect(second).toMatchObject({ code: 1, stdout: '' });
  });

  test('denies, and the sign-in fails', async () => {
    const wait = await signIn(persona);
    await phone.answer('deny');
    expectFailed(await client.submit(wait));
  });

  test('accepts where no number is asked for', async () => {
    const wait = await signIn(persona, 'PushLoginBasic');
    expect(numberOf(wait)).toBe('');
    await phone.answer('approve');
    expectSignedIn(await client.submit(wait));
  });

  test('is asked for a number in the way it can answer', async () => {
    const wait = await signIn(persona);
    const number = numberOf(wait);
    const request = await phone.read();
    expect(request).toMatchObject({ pushType: 'challenge', context: expect.anything() });
    if (phone.isOurs) {
      expect(request).toMatchObject({ digits: 6 });
      expect(JSON.stringify(request)).not.toContain(number);
    } else {
      const choices = request.choices as readonly string[];
      expect(choices).toHaveLength(3);
      expect(new Set(choices).size).toBe(3);
      expect(choices).toContain(number);
    }
    const message = String(outputOf(wait.callbacks[0], 'message'));
    expect(message).toContain(number);
    await phone.answer('approve', '--number', number);
    expectSignedIn(await client.submit(wait));
  });

  test('is reached by its new token after a refresh', async () => {
    await phone.refresh(phone.isOurs ? 'fresh-relay-id' : tokenOf(persona, '2'));
    const wait = await signIn(persona, 'PushLoginBasic');
    await phone.answer('approve');
    expectSignedIn(await client.submit(wait));
  });

  test('a wrong number fails, although the phone is told nothing', async () => {
    const wait = await signIn(persona);
    const right = numberOf(wait);
    const request = phone.isOurs ? undefined : await phone.read();
    const choices = (request?.choices as readonly string[] | undefined) ?? [];
    const wrong = choices.find((it) => it !== right) ?? String((Number(right) + 1) % 1_000_000).padStart(6, '0');
    await phone.answer('approve', '--number', wrong);
    expectFailed(await client.submit(wait));
  });
});

describe('a realm that moves from Amazon to Google and Apple (OPS-47)', () => {
  const isIphone = (persona: Persona): boolean => persona.includes('ios');
  const providerOf = (persona: Persona): ProviderProcess => (isIphone(persona) ? apns : fcm);

  /** What the app is handed, as its SDK reads it; of an iPhone the very bytes. */
  const handedOver = ({ text, data }: TakenMessage): string => text ?? JSON.stringify({ data });

  // What follows is written out, so that nothing of ours says what it should be (push-protocol §3.3, §3.4).
  const iphoneText = (text: string): string => {
    const { aps } = JSON.parse(text) as { readonly aps: Readonly<Record<string, string>> };
    const { messageId, data, alert } = aps;
    return (
      `{"aps":{"alert":${JSON.stringify(alert)},"sound":"default","category":"authentication",` +
      `"interruption-level":"time-sensitive","messageId":"${messageId}","data":"${data}","content-available":1,` +
      `"mutable-content":1},"messageId":"${messageId}","message":"${data}"}`
    );
  };
  const androidData = ({ message, messageId }: Readonly<Record<string, string>> = {}): string =>
    `{"message":"${message}","messageId":"${messageId}"}`;

  const answer = async (persona: Persona, taken: TakenMessage): Promise<void> => {
    const printed = await assent(phoneArgs(server, persona, 'approve', '--message', '-'), { stdin: handedOver(taken) });
    expect(JSON.parse(printed)).toMatchObject({ answered: { decision: 'approve' } });
  };

  beforeAll(async () => {
    await setService('pushFcm', fcm.settings);
    await setService('pushApns', apns.settings);
  });

  test.each(OFFICIAL)('rings %s by Amazon as long as the phone has not said more', async (persona) => {
    const token = tokenOf(persona, '2');
    const before = (await sns.published(token)).length;
    await signIn(persona, 'PushLoginBasic');
    const { texts } = await sns.awaitPublished(token, before + 1);
    const { data } = JSON.parse(texts.GCM) as { readonly data: Readonly<Record<string, string>> };
    expect(texts.GCM).toBe(`{"priority":"high","data":${androidData(data)}}`);
    expect(texts.APNS).toBe(iphoneText(texts.APNS));
    expect(texts.APNS_SANDBOX).toBe(texts.APNS);
    expect((await providerOf(persona).captured()).taken).toEqual([]);
  });

  test.each(OFFICIAL)('rings %s by its own provider once it has refreshed, and is answered', async (persona) => {
    const token = tokenOf(persona, '3');
    await assent(phoneArgs(server, persona, 'refresh', '--token', token));
    const wait = await signIn(persona, 'PushLoginBasic');
    const taken = await providerOf(persona).awaitTaken(token, 1);
    if (isIphone(persona)) expect(taken.text).toBe(iphoneText(String(taken.text)));
    else expect(handedOver(taken)).toBe(`{"data":${androidData(taken.data)}}`);
    await answer(persona, taken);
    expectSignedIn(await client.submit(wait));
  });

  test.each(['android4', 'ios4'] as const)('%s is one prompt where a message comes twice', async (persona) => {
    const provider = providerOf(persona);
    await provider.steer('mode', 'twice');
    const wait = await signIn(persona, 'PushLoginBasic');
    const taken = await provider.awaitTaken(tokenOf(persona, '3'), 2);
    const { delivered } = await provider.captured();
    const same = delivered.filter((it) => JSON.stringify(it) === JSON.stringify(taken));
    expect(same).toHaveLength(2);
    await provider.steer('mode', 'once');
    await answer(persona, taken);
    expectSignedIn(await client.submit(wait));
    const again = await runAssent(phoneArgs(server, persona, 'approve', '--message', '-'), {
      stdin: handedOver(taken),
    });
    expect(again).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('ALREADY_ANSWERED') });
  });

  test('registers a new phone with Google alone', async () => {
    await addUser(server, 'newcomer');
    const setup = await client.chooseRegister(await signIn('newcomer'));
    const token = tokenOf('android4', 'new');
    const store = join(server.scratch, 'newcomer.json');
    const phone = (...args: readonly string[]) => ['phone', ...args, '--store', store, '--json'];
    await assent(phone('register', setupCode(setup), '--persona', 'android4', '--token', token));
    const wait = await client.submit(await client.submit(setup));
    const taken = await fcm.awaitTaken(token, 1);
    await assent(phone('approve', '--number', numberOf(wait), '--message', '-'), { stdin: handedOver(taken) });
    expectSignedIn(await client.submit(wait));
    expect(await sns.published(token)).toEqual([]);
  });

  test('goes on when Apple ends its connections, and Google takes a while', async () => {
    await apns.steer('script', { answer: 'drain', times: 1 });
    await fcm.steer('script', { on: 'send', answer: 503, times: 1 });
    for (const persona of ['ios4', 'android4'] as const) {
      const wait = await signIn(persona, 'PushLoginBasic');
      await answer(persona, await providerOf(persona).awaitTaken(tokenOf(persona, '3'), 3));
      expectSignedIn(await client.submit(wait));
    }
  });

  test('is refused nothing by either of them', async () => {
    expect([(await fcm.captured()).refusals, (await apns.captured()).refusals]).toEqual([[], []]);
  });
});
