import { describe, expect, test } from 'vitest';
import { SUCCESS } from '../model/tree.ts';
import { fakeRequest, submitted, type TestStep } from '../testing/index.ts';
import { passwordJourneys, rejection, short, waiting } from '../testing/password-journeys.ts';

describe('the end of a journey', () => {
  test('a wrong password is a failure without a session', async () => {
    const it = passwordJourneys();
    const step = await waiting(it, 'wrong');
    it.clock.advance(6_000);
    const failure = await rejection(it.answer(step));
    expect(failure).toMatchObject({ code: 'LOGIN_FAILED', detail: { failureUrl: '' } });
    expect(it.store.sessions.size).toBe(0);
    expect(it.store.audit.at(-1)).toMatchObject({ event: 'JOURNEY_END', outcome: 'failure' });
  });

  test.each([
    ['nobody', 'unknown'],
    ['gone', 'inactive'],
  ])('a journey for %s succeeds for nobody', async (name, reason) => {
    const it = passwordJourneys({ Login: short });
    const failure = await rejection(it.answer(await it.begin(), name));
    expect(failure).toMatchObject({ code: 'ACCOUNT_UNUSABLE', detail: { reason } });
    expect(it.store.audit.map(({ event }) => event)).toEqual(['JOURNEY_START', 'AUTH_FAIL']);
    expect(it.store.sessions.size).toBe(0);
  });

  test('success makes a session with the times of tree and realm', async () => {
    const it = passwordJourneys({ Login: { ...short, settings: { maximumSessionTime: 10 } } });
    const answer = await it.answer(await it.begin(), 'demo');
    expect(answer).toMatchObject({
      kind: 'success',
      successUrl: '/am/console',
      created: {
        token: 'token-1',
        session: {
          username: 'demo',
          maxExpiresAt: it.clock.now() + 600_000,
          maxIdleMillis: 1_800_000,
          properties: { Service: 'Login', AuthLevel: '0' },
        },
      },
    });
    expect(it.store.sessions.size).toBe(1);
  });

  test('a followed goto is one that is allowed; another is dropped (SEC-64)', async () => {
    const it = passwordJourneys({ Login: short });
    const to = async (goto: string) => it.answer(await it.begin(undefined, { goto }), 'demo');
    await expect(to('/app')).resolves.toMatchObject({ successUrl: '/app' });
    await expect(to('https://evil.example')).resolves.toMatchObject({ successUrl: '/am/console' });
  });

  test.each([
    ['the caller', {}, { noSession: true }],
    ['the tree', { noSession: true }, {}],
  ])('no session where %s wants none', async (_who, settings, parameters) => {
    const it = passwordJourneys({ Login: { ...short, settings } });
    const answer = await it.answer(await it.begin(undefined, parameters), 'demo');
    expect(answer).toMatchObject({ kind: 'success' });
    expect(answer).not.toHaveProperty('created');
    expect(it.store.sessions.size).toBe(0);
  });

  describe('no session where any request of the journey wants none (B4)', () => {
    const noSession = true;
    const expectNone = async (it: ReturnType<typeof passwordJourneys>, answering: Promise<unknown>) => {
      const answer = await answering;
      expect(answer).toMatchObject({ kind: 'success' });
      expect(answer).not.toHaveProperty('created');
      expect(it.store.sessions.size).toBe(0);
    };

    test('the last one', async () => {
      const it = passwordJourneys();
      const step = await waiting(it);
      it.clock.advance(6_000);
      await expectNone(it, it.post(step.reference, submitted(step), { noSession }));
    });

    test('one in the middle', async () => {
      const it = passwordJourneys();
      const second = await it.step(await it.begin(), 'demo');
      const step = (await it.post(second.reference, submitted(second, ['right']), { noSession })) as TestStep;
      it.clock.advance(6_000);
      await expectNone(it, it.answer(step));
    });

    test('the first submit of a start that is stored nowhere', async () => {
      const it = passwordJourneys();
      const first = await it.begin();
      const second = (await it.post(first.reference, submitted(first, ['demo']), { noSession })) as TestStep;
      const step = await it.step(second, 'right');
      it.clock.advance(6_000);
      await expectNone(it, it.answer(step));
    });

    test('one that sends such a first step again', async () => {
      const it = passwordJourneys({ Login: short });
      const first = await it.begin();
      const again = (await it.post(first.reference, undefined, { noSession })) as TestStep;
      expect(again.callbacks).toEqual(first.callbacks);
      await expectNone(it, it.answer(again, 'demo'));
    });

    test.each([
      ['one that sends a stored step again', false],
      ['a poll that finds nothing new', true],
    ])('%s, once and under the same authId', async (_which, polls) => {
      const it = passwordJourneys();
      const step = await waiting(it);
      const { commits } = it.store;
      for (const _ of [0, 1]) {
        const again = await it.post(step.reference, polls ? submitted(step) : undefined, { noSession });
        expect(again).toMatchObject({ kind: 'step', reference: { nonce: step.reference.nonce } });
      }
      expect(it.store.commits).toBe(commits + 1);
      it.clock.advance(6_000);
      await expectNone(it, it.answer(step));
    });
  });

  test('nodes inside a page are told of success, and so are those of earlier requests', async () => {
    const it = passwordJourneys({
      Login: {
        entry: 'page',
        nodes: {
          page: { type: 'Holder', config: { nodes: ['inner'] }, to: { outcome: 'name' } },
          name: { type: 'AskName', to: { outcome: SUCCESS } },
        },
        inside: { inner: { type: 'Counted' } },
      },
    });
    await it.answer(await it.begin(), 'demo');
    expect(it.log.lines).toMatchObject([{ level: 'warn', fields: { nodeId: 'inner' } }]);
  });
});

describe('a caller with a session', () => {
  const signedIn = async (settings = {}) => {
    const it = passwordJourneys({ Login: { ...short, settings }, Other: short });
    const answer = await it.answer(await it.begin(), 'demo');
    const session = answer.kind === 'success' ? answer.created?.session : undefined;
    if (session === undefined) throw new Error('No session was made.');
    return { it, session, request: fakeRequest({ session }) };
  };

  test('of this journey is answered at once, with that session', async () => {
    const { it, session, request } = await signedIn();
    const answer = { kind: 'success', existing: session };
    await expect(it.start('Login', {}, request)).resolves.toMatchObject(answer);
    await expect(it.start(undefined, {}, request)).resolves.toMatchObject(answer);
    await expect(it.journeys.preview({ realm: '/', parameters: {}, request })).resolves.toMatchObject(answer);
    expect(it.store.sessions.size).toBe(1);
  });

  test('of another journey has to walk this one', async () => {
    const { it, request } = await signedIn();
    await expect(it.start('Other', {}, request)).resolves.toMatchObject({ kind: 'step' });
  });

  test('walks a tree that must run, and one that ForceAuth asks for', async () => {
    const forced = await signedIn();
    await expect(forced.it.start('Login', { forceAuth: true }, forced.request)).resolves.toMatchObject({
      kind: 'step',
    });
    const must = await signedIn({ mustRun: true });
    await expect(must.it.start('Login', {}, must.request)).resolves.toMatchObject({ kind: 'step' });
  });

  test('gets a new session for the old one, which ends', async () => {
    const { it, session, request } = await signedIn();
    const step = await it.start('Login', { forceAuth: true }, request);
    if (step.kind !== 'step') throw new Error('It did not run.');
    await it.post(step.reference, submitted(step, ['demo']), { request });
    expect([...it.store.sessions.keys()]).toEqual(['hash-2']);
    expect(session.tokenHash).toBe('hash-1');
    // Applications know it by the same name: for them it is the session that there was (spec: oidc §1.3).
    const [raised] = it.store.sessions.values();
    expect(raised?.sid).toBe(session.sid);
    expect(raised?.handle).not.toBe(session.handle);
  });

  test('is known by another name than the session of somebody else who signs in over it', async () => {
    const { it, session } = await signedIn();
    const request = fakeRequest({ session: { ...session, userId: 'id-of-another' } });
    const step = await it.start('Login', { forceAuth: true }, request);
    if (step.kind !== 'step') throw new Error('It did not run.');
    await it.post(step.reference, submitted(step, ['demo']), { request });
    const [made] = it.store.sessions.values();
    expect(made?.userId).toBe(session.userId);
    expect(made?.sid).not.toBe(session.sid);
    expect(session.sid).not.toBe(session.handle);
  });
});
