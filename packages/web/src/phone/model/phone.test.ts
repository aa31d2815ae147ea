import { expect, test } from 'vitest';
import { readSetupCode, type SetupCode } from '../server/setup-code.ts';
import { memoryPhoneStore } from '../testing/memory-phone-store.ts';
import {
  type Call,
  pushClaims,
  type Reply,
  SERVER,
  START,
  setupCode,
  signedPush,
  someAccount,
  testIo,
} from '../testing/phone-fixtures.ts';
import { createPhone } from './phone.ts';

const SUBSCRIPTION = '{"endpoint":"https://push.example.com/1","keys":{}}';

const codeOf = (text: string): SetupCode => {
  const read = readSetupCode(text, SERVER);
  if (!('code' in read)) throw new Error(read.refusal.kind);
  return read.code;
};
const generator = (query = 'secret=GEZDGNBVGY3TQOJQ', type = 'totp') => codeOf(`otpauth://${type}/Git:jane?${query}`);

/** A phone over memory. Its relay stays silent unless the test serves something else. */
const phoneWith = (serve: (call: Call) => Reply = () => Response.json({})) => {
  const store = memoryPhoneStore();
  const actions: string[] = [];
  let canRing = true;
  let canVerify = true;
  const silent = new Promise<Response>(() => undefined);
  const world = testIo((call) => (call.url.includes('/push/relay') ? silent : serve(call)));
  const phone = createPhone({
    io: world.io,
    store,
    ringer: {
      state: () => (canRing ? 'possible' : 'denied'),
      subscribe: async () => (canRing ? SUBSCRIPTION : undefined),
      unsubscribe: async () => void actions.push('unsubscribed'),
    },
    verifier: {
      isAvailable: async () => canVerify,
      async enrol() {
        actions.push('enrolled');
        return 'verifier-1';
      },
      async check(id) {
        actions.push(`checked ${id}`);
        return canVerify;
      },
    },
    after: () => () => undefined,
    isVisible: () => false,
    quiet: (messageId) => void actions.push(`quiet ${messageId}`),
    onChange: () => undefined,
  });
  return {
    ...world,
    phone,
    store,
    actions,
    forbidRinging: () => {
      canRing = false;
    },
    failVerification: () => {
      canVerify = false;
    },
  };
};
const settled = () => new Promise((resolve) => setTimeout(resolve));

test('a connected account is remembered, with keys that can be used and not read', async () => {
  const { phone, store } = phoneWith();
  await phone.start();
  await phone.connect(codeOf(setupCode()), 'Chrome');
  const [account] = await store.accounts();
  expect(account).toMatchObject({
    issuer: 'Acme',
    name: 'jane',
    push: { channel: { type: 'relay' }, wantsRing: false },
  });
  expect(account?.push?.sharedKey.extractable).toBe(false);
  expect(account?.push?.deviceKey.extractable).toBe(false);
  expect(JSON.stringify(account)).not.toContain('AAECAwQFBgc');
});

test('a code that the server refuses leaves nothing behind', async () => {
  const { phone, store } = phoneWith(() => Response.json({}, { status: 400 }));
  await phone.start();
  expect(await phone.connect(codeOf(setupCode()), 'Chrome')).toEqual({ problem: 'used' });
  expect(await store.accounts()).toEqual([]);
});

test('the same account is not connected twice; a generator of that name may stand beside it', async () => {
  const { phone, calls } = phoneWith();
  await phone.start();
  await phone.connect(codeOf(setupCode()), 'Chrome');
  const before = calls.length;
  expect(await phone.connect(codeOf(setupCode()), 'Chrome')).toEqual({ problem: 'already-here' });
  expect(calls).toHaveLength(before);
  expect(await phone.connect(codeOf('otpauth://totp/Acme:jane?secret=GEZDGNBVGY3TQOJQ'), '')).toHaveProperty('account');
});

test('each counted code is used up before it is shown, also across a restart', async () => {
  const { phone, store } = phoneWith();
  await phone.start();
  await phone.connect(generator('secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=0', 'hotp'), '');
  const id = phone.view().accounts[0]?.id ?? '';
  expect(await phone.nextCode(id)).toBe('755224');
  expect(await phone.nextCode(id)).toBe('287082');
  expect((await store.accounts())[0]?.codes).toMatchObject({ counter: 2 });
});

test('accounts keep their order, their names and no more than that', async () => {
  const { phone, store } = phoneWith();
  await phone.start();
  for (const name of ['One', 'Two'])
    await phone.connect(codeOf(`otpauth://totp/${name}:jane?secret=GEZDGNBVGY3TQOJQ`), '');
  const second = phone.view().accounts[1]?.id ?? '';
  await phone.move(second, -1);
  await phone.move(second, -1);
  await phone.rename(second, '  My second  ');
  expect(phone.view().accounts.map(({ label, issuer }) => label ?? issuer)).toEqual(['My second', 'One']);
  await phone.rename(second, ' ');
  expect(phone.view().accounts[0]?.label).toBeUndefined();
  await phone.remove(second);
  expect((await store.accounts()).map(({ issuer }) => issuer)).toEqual(['One']);
});

test('a message is shown once, whichever way it came, and never after it was answered (REL-10)', async () => {
  const { phone, store, actions } = phoneWith();
  await store.putAccount(await someAccount());
  await phone.start();
  const message = { messageId: 'AUTHENTICATE:1', message: await signedPush(pushClaims()) };
  await phone.receive(message);
  await phone.receive(message);
  expect(phone.view().requests).toHaveLength(1);
  await phone.desk.approve('AUTHENTICATE:1', '483201');
  phone.desk.dismiss('AUTHENTICATE:1');
  await phone.receive(message);
  expect(phone.view().requests).toEqual([]);
  expect(phone.view().history).toMatchObject([{ messageId: 'AUTHENTICATE:1', end: 'approved' }]);
  expect(actions).toEqual(['quiet AUTHENTICATE:1']);
});

test('the history holds no number', async () => {
  const { phone, store } = phoneWith();
  await store.putAccount(await someAccount());
  await phone.start();
  await phone.receive({ messageId: 'AUTHENTICATE:1', message: await signedPush(pushClaims()) });
  await phone.desk.approve('AUTHENTICATE:1', '483201');
  expect(JSON.stringify(await store.history())).not.toContain('483201');
});

test('messages that are not genuine are counted, and those that ran out are noted (REL-10, SEC-28)', async () => {
  const { phone, store } = phoneWith();
  await store.putAccount(await someAccount());
  await phone.start();
  await phone.receive({ messageId: 'AUTHENTICATE:1', message: await signedPush(pushClaims(), new Uint8Array(32)) });
  await phone.receive({
    messageId: 'AUTHENTICATE:2',
    message: await signedPush(pushClaims({ i: String(START - 200_000) })),
  });
  expect(phone.view()).toMatchObject({ dropped: 1, requests: [], history: [{ end: 'ran-out' }] });
});

test('a request that demands it asks for the holder, and sets the check up with the first one', async () => {
  const { phone, store, actions } = phoneWith();
  await store.putAccount(await someAccount({ demandsVerification: true }));
  await phone.start();
  await phone.receive({ messageId: 'AUTHENTICATE:1', message: await signedPush(pushClaims()) });
  await phone.desk.approve('AUTHENTICATE:1', '483201');
  expect(actions).toEqual(['enrolled', 'checked verifier-1', 'quiet AUTHENTICATE:1']);
});

test('where the holder cannot be checked, such a request can only be denied', async () => {
  const { phone, store, calls, failVerification } = phoneWith();
  failVerification();
  await store.putAccount(await someAccount({ demandsVerification: true }));
  await phone.start();
  await phone.receive({ messageId: 'AUTHENTICATE:1', message: await signedPush(pushClaims()) });
  await phone.desk.approve('AUTHENTICATE:1', '483201');
  expect(phone.view().requests).toMatchObject([{ phase: { kind: 'open' }, problem: 'cannot-verify' }]);
  expect(calls.filter(({ url }) => url.includes('authenticate'))).toEqual([]);
});

test('who switches the check off has to pass it', async () => {
  const { phone, actions, failVerification } = phoneWith();
  await phone.start();
  expect(await phone.alwaysVerify(true)).toBe(true);
  failVerification();
  expect(await phone.alwaysVerify(false)).toBe(false);
  expect(phone.view().settings.alwaysVerifies).toBe(true);
  expect(actions).toEqual(['enrolled', 'checked verifier-1']);
});

test('accounts ring once their owner wants it, and the server is told where', async () => {
  const { phone, store, calls } = phoneWith();
  await store.putAccount(await someAccount());
  await phone.start();
  expect(await phone.ring()).toBe(true);
  expect(calls.at(-1)?.url).toContain('_action=refresh');
  expect((await store.accounts())[0]?.push).toMatchObject({
    wantsRing: true,
    channel: { type: 'webpush', deviceId: SUBSCRIPTION },
  });
  expect(await phone.ringHere('account-1', false)).toBe(true);
  expect((await store.accounts())[0]?.push).toMatchObject({ wantsRing: false, channel: { type: 'relay' } });
});

test('a server that does not take the new address keeps the old one', async () => {
  const { phone, store } = phoneWith(() => Response.json({}, { status: 400 }));
  await store.putAccount(await someAccount());
  await phone.start();
  expect(await phone.ring()).toBe(false);
  expect((await store.accounts())[0]?.push).toMatchObject({ wantsRing: true, channel: { type: 'relay' } });
});

test('a browser that may ring no more moves its accounts back to the relay at the next start', async () => {
  const { phone, store, forbidRinging } = phoneWith();
  forbidRinging();
  await store.putAccount(await someAccount({ wantsRing: true, channel: { type: 'webpush', deviceId: SUBSCRIPTION } }));
  await phone.start();
  await settled();
  expect((await store.accounts())[0]?.push?.channel.type).toBe('relay');
});

test('with the last account that rings, the browser’s subscription goes', async () => {
  const { phone, store, actions } = phoneWith();
  await store.putAccount(await someAccount({ wantsRing: true, channel: { type: 'webpush', deviceId: SUBSCRIPTION } }));
  await phone.start();
  await phone.remove('account-1');
  expect(actions).toEqual(['unsubscribed']);
});
