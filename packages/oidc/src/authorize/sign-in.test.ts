import type { ProofMethod } from '@assent/engine';
import { describe, expect, test } from 'vitest';
import type { Parameters } from '../protocol/request.ts';
import { errorOf, landed, authorizeHarness as setUp, usualRequest as usual } from '../testing/index.ts';

describe('how fresh the sign-in is (OIDC-10)', () => {
  const forced = { ...usual, prompt: 'login' };

  test.each<[string, Parameters]>([
    ['prompt=login', forced],
    ['prompt=select_account', { ...usual, prompt: 'select_account' }],
    ['max_age that has passed', { ...usual, max_age: '59' }],
    ['max_age=0', { ...usual, max_age: '0' }],
  ])('%s sends to sign in although there is a session', async (_, parameters) => {
    const { ask, sentTo } = setUp();
    await ask(parameters);
    expect(sentTo).toMatchObject([{ isForced: true }]);
  });

  test('max_age=0 is met by no session from before, were it of the same millisecond', async () => {
    const { ask, signIn, sentTo } = setUp();
    signIn('Login');
    await ask({ ...usual, max_age: '0' });
    expect(sentTo).toMatchObject([{ isForced: true }]);
  });

  test('max_age that has not passed does not', async () => {
    expect(landed(await setUp().ask({ ...usual, max_age: '60' }))).toHaveProperty('code');
  });

  test('after a sign-in, also in the same second, it is fresh', async () => {
    const { ask, back, signIn, clock } = setUp();
    await ask(forced);
    clock.advance(1);
    signIn('Login');
    expect(landed(await ask(back()))).toHaveProperty('code');
  });

  test('the session from before does not pass by going the way back at once, in the same millisecond', async () => {
    const { ask, back, sentTo } = setUp();
    await ask(forced);
    await ask(back());
    expect(sentTo).toHaveLength(2);
  });

  test('a mark that was moved back, or taken from another request, is none', async () => {
    const { ask, back, sentTo } = setUp();
    await ask(usual.prompt === undefined ? { ...usual, max_age: '1' } : usual);
    const { x_since: since = '' } = back();
    const [, mac] = since.split('.');
    await ask({ ...back(), x_since: `0.${mac}` });
    await ask({ ...forced, x_since: since });
    expect(sentTo).toHaveLength(3);
  });

  test('a journey that proves nothing makes nobody fresher, and is not walked for ever', async () => {
    const { ask, back, signIn, clock } = setUp();
    await ask(forced);
    clock.advance(1_000);
    signIn('Anonymous', false);
    expect(await errorOf(ask(back()))).toBe('login_required');
  });

  test.each<[string, Parameters]>([
    ['prompt=login', forced],
    ['max_age', { ...usual, max_age: '30' }],
    ['max_age=0', { ...usual, max_age: '0' }],
  ])('the way back is not gone twice: %s is met by no sign-in of some minutes ago', async (_, parameters) => {
    const { ask, back, signIn, clock, sentTo } = setUp();
    await ask(parameters);
    const first = back();
    clock.advance(1_000);
    signIn('Login');
    clock.advance(299_999);
    expect(landed(await ask(first))).toHaveProperty('code');
    clock.advance(1);
    await ask(first);
    // They are asked once more, and come back from that as from the first time.
    expect(sentTo).toMatchObject([{ isForced: true }, { isForced: true }]);
    clock.advance(1_000);
    signIn('Login');
    expect(landed(await ask(back()))).toHaveProperty('code');
  });

  test('a max_age that is longer than that goes on to count', async () => {
    const { ask, back, signIn, clock } = setUp();
    clock.advance(600_000);
    await ask({ ...usual, max_age: '600' });
    clock.advance(1_000);
    signIn('Login');
    clock.advance(600_000);
    expect(landed(await ask(back()))).toHaveProperty('code');
  });

  test('somebody may take an hour to sign in, and is fresh then', async () => {
    const { ask, back, signIn, clock } = setUp();
    await ask({ ...usual, max_age: '1' });
    clock.advance(3_599_000);
    signIn('Login');
    expect(landed(await ask(back()))).toHaveProperty('code');
  });

  describe('where the clock is set back', () => {
    const HOUR = 3_600_000;

    test.each<[string, Parameters]>([
      ['prompt=login', forced],
      ['max_age', { ...usual, max_age: '30' }],
    ])('a proof of the time to come is none: %s', async (_, parameters) => {
      const { ask, back, signIn, clock, sentTo } = setUp();
      await ask(parameters);
      clock.advance(1_000);
      signIn('Login');
      clock.advance(-HOUR);
      await ask(parameters);
      await ask(back());
      expect(sentTo.length).toBeGreaterThanOrEqual(2);
      // The next one is of now, and does.
      const way = back();
      clock.advance(1_000);
      signIn('Login');
      expect(landed(await ask(way))).toHaveProperty('code');
    });

    test('a mark of the time to come is none', async () => {
      const { ask, back, clock, sentTo } = setUp();
      await ask(forced);
      clock.advance(-HOUR);
      await ask(back());
      expect(sentTo).toHaveLength(2);
    });

    test('by as little as the clocks of two servers differ, nobody is sent round', async () => {
      const { ask, back, signIn, clock } = setUp();
      await ask(forced);
      clock.advance(1_000);
      signIn('Login');
      clock.advance(-500);
      expect(landed(await ask(back()))).toHaveProperty('code');
    });
  });

  test('an old mark is forgotten: the way back is no key', async () => {
    const { ask, back, signIn, clock, sentTo } = setUp();
    await ask(forced);
    clock.advance(1_000);
    signIn('Login');
    clock.advance(3_600_000);
    await ask(back());
    expect(sentTo).toHaveLength(2);
  });
});

describe('which class the sign-in is of (OIDC-11)', () => {
  const essential = { ...usual, claims: JSON.stringify({ id_token: { acr: { essential: true, value: 'push' } } }) };

  test('a class that is wished for raises the session; with prompt=none it does not', async () => {
    const { ask, sentTo, store } = setUp();
    await ask({ ...usual, acr_values: 'push' });
    expect(sentTo).toMatchObject([{ tree: 'PushLogin', isForced: true }]);
    expect(landed(await ask({ ...usual, acr_values: 'push', prompt: 'none' }))).toHaveProperty('code');
    expect(store.onlyGrant().acr).toBe('0');
  });

  test('one that is essential whichever it is leaves the wish as it is', async () => {
    const { ask, sentTo } = setUp();
    const claims = JSON.stringify({ id_token: { acr: { essential: true } } });
    await ask({ ...usual, acr_values: 'push', claims });
    expect(sentTo).toMatchObject([{ tree: 'PushLogin', isForced: true }]);
  });

  test('once it was proven, the class is told', async () => {
    const { ask, back, signIn, clock, store } = setUp();
    await ask({ ...usual, acr_values: 'push' });
    clock.advance(1_000);
    signIn('PushLogin', 'pushNumber');
    await ask(back());
    expect(store.onlyGrant().acr).toBe('push');
  });

  test('a class is not told for its journey alone, without the proof (SEC-85)', async () => {
    const { ask, back, signIn, clock, store } = setUp();
    await ask({ ...usual, acr_values: 'push' });
    clock.advance(1_000);
    signIn('PushLogin', 'password');
    await ask(back());
    expect(store.onlyGrant()).toMatchObject({ acr: '0', amr: ['pwd'] });
  });

  test('a proof counts whichever journey has brought it: nothing is asked again (SEC-85)', async () => {
    const { ask, signIn, sentTo, store } = setUp();
    signIn('Another', 'push');
    await ask({ ...usual, acr_values: 'push' });
    expect(sentTo).toEqual([]);
    expect(store.onlyGrant().acr).toBe('push');
  });

  test.each<[string, readonly ProofMethod[], Parameters, string]>([
    ['one of two factors', ['pushNumber'], {}, '0'],
    ['both factors', ['password', 'pushNumber'], {}, 'gold'],
    ['another way of its journey', ['passkey'], {}, 'gold'],
    ['a factor of none of its ways', ['recoveryCode'], {}, '0'],
  ])(
    'a class of the realm asks for all that one way of its journey proves: %s (SEC-85)',
    async (_, methods, more, acr) => {
      const waysOfAcr = () => [new Set<ProofMethod>(['password', 'pushNumber']), new Set<ProofMethod>(['passkey'])];
      const settings = { treeOfAcr: new Map([['gold', 'Gold']]), waysOfAcr };
      const { ask, signIn, store } = setUp({ settings, isSignedIn: false });
      for (const method of methods) signIn('Gold', method);
      await ask({ ...usual, ...more, acr_values: 'gold', prompt: 'none' });
      expect(store.onlyGrant().acr).toBe(acr);
    },
  );

  test.each<[ProofMethod, ProofMethod, string]>([
    ['pushNumber', 'push', '0'],
    ['push', 'pushNumber', 'gold'],
    ['smsCode', 'mailCode', '0'],
    ['mailCode', 'smsCode', '0'],
  ])('a class of the realm that asks for %s is met by %s: %s (SEC-85)', async (asked, shown, acr) => {
    const waysOfAcr = () => [new Set<ProofMethod>(['password', asked])];
    const settings = { treeOfAcr: new Map([['gold', 'Gold']]), waysOfAcr };
    const { ask, signIn, store } = setUp({ settings, isSignedIn: false });
    signIn('Another', 'password');
    signIn('Another', shown);
    await ask({ ...usual, acr_values: 'gold', prompt: 'none' });
    expect(store.onlyGrant().acr).toBe(acr);
  });

  test('with max_age each factor that meets a class is as fresh as that (OIDC-10, SEC-85)', async () => {
    const waysOfAcr = () => [new Set<ProofMethod>(['password', 'pushNumber'])];
    const settings = { treeOfAcr: new Map([['gold', 'Gold']]), waysOfAcr };
    const { ask, signIn, clock, sentTo, store } = setUp({ settings, isSignedIn: false });
    signIn('Gold', 'pushNumber');
    clock.advance(61_000);
    signIn('Gold', 'password');
    await ask({ ...usual, acr_values: 'gold', max_age: '60' });
    expect(sentTo).toMatchObject([{ tree: 'Gold', isForced: true }]);
    signIn('Gold', 'pushNumber');
    await ask({ ...usual, acr_values: 'gold', max_age: '60' });
    expect(store.onlyGrant().acr).toBe('gold');
  });

  test('an essential class is never given up', async () => {
    const { ask, back, signIn, clock, sentTo } = setUp();
    expect(await errorOf(ask({ ...essential, prompt: 'none' }))).toBe('interaction_required');
    await ask(essential);
    expect(sentTo).toMatchObject([{ tree: 'PushLogin', isForced: true }]);
    clock.advance(1_000);
    signIn('Login');
    expect(await errorOf(ask(back()))).toBe('unmet_authentication_requirements');
  });

  const PROVEN = {
    settings: {
      treeOfAcr: new Map([
        ['push', 'PushLogin'],
        ['phr', 'PasskeyLogin'],
      ]),
    },
  };

  test.each<[string, string, Parameters]>([
    ['a journey, by prompt', 'push', { prompt: 'login' }],
    ['a journey, by age', 'push', { max_age: '60' }],
    ['a proof, by prompt', 'phr', { prompt: 'login' }],
    ['a proof, by age', 'phr', { max_age: '60' }],
  ])('where a new sign-in is asked for, %s, what was there before meets no class (WA-33)', async (_, acr, wanted) => {
    const { ask, back, signIn, clock, sentTo, store } = setUp(PROVEN);
    const bring = () => (acr === 'phr' ? signIn('PasskeyLogin', 'passkey') : signIn('PushLogin', 'pushNumber'));
    bring();
    clock.advance(3_600_000);
    // Somebody at the browser knows the password alone.
    signIn('Login');
    const request = { ...usual, acr_values: acr, ...wanted };
    await ask(request);
    expect(sentTo).toMatchObject([{ tree: acr === 'phr' ? 'PasskeyLogin' : 'PushLogin', isForced: true }]);
    clock.advance(1_000);
    signIn('Login');
    await ask(back());
    expect(store.onlyGrant().acr).toBe('0');
    const again = setUp(PROVEN);
    await again.ask(request);
    again.clock.advance(1_000);
    if (acr === 'phr') again.signIn('PasskeyLogin', 'passkey');
    else again.signIn('PushLogin', 'pushNumber');
    await again.ask(again.back());
    expect(again.store.onlyGrant().acr).toBe(acr);
  });

  test('a new sign-in brings first what the client requires, and then what else is wished for', async () => {
    const { ask, back, signIn, clock, sentTo, store } = setUp({ client: { requiredAcr: 'push' }, ...PROVEN });
    signIn('PushLogin', 'pushNumber');
    signIn('PasskeyLogin', 'passkey');
    clock.advance(3_600_000);
    await ask({ ...usual, acr_values: 'phr', prompt: 'login' });
    clock.advance(1_000);
    signIn('PushLogin', 'pushNumber');
    await ask(back());
    clock.advance(1_000);
    signIn('PasskeyLogin', 'passkey');
    await ask(back());
    expect(sentTo.map(({ tree }) => tree)).toEqual(['PushLogin', 'PasskeyLogin']);
    expect(store.onlyGrant().acr).toBe('phr');
  });

  test.each<[string, Parameters]>([
    ['acr_values', { ...usual, acr_values: 'password' }],
    ['claims', { ...usual, claims: JSON.stringify({ id_token: { acr: { essential: true, value: 'password' } } }) }],
    ['service', { ...usual, service: 'Login' }],
    ['nothing', usual],
  ])('what the client requires is not lowered by %s', async (_, parameters) => {
    const { ask, sentTo } = setUp({ client: { requiredAcr: 'push' } });
    expect(await errorOf(ask(parameters, { hasSessionHeader: true }))).toBe('interaction_required');
    await ask(parameters);
    expect(sentTo).toMatchObject([{ tree: 'PushLogin' }]);
  });

  const bothTrees = {
    treeOfAcr: new Map([
      ['push', 'PushLogin'],
      ['phr', 'Passkey'],
    ]),
  };
  const METHOD: Readonly<Record<string, ProofMethod>> = { PushLogin: 'pushNumber', Passkey: 'passkey' };
  const another = { ...usual, claims: JSON.stringify({ id_token: { acr: { essential: true, value: 'phr' } } }) };
  test.each<[string, boolean]>([
    ['somebody who is signed in', true],
    ['somebody who is not', false],
  ])(
    'what the client requires and another class are asked of %s one after the other, in one request',
    async (_, isSignedIn) => {
      const { ask, back, signIn, clock, sentTo, store } = setUp({
        client: { requiredAcr: 'push' },
        settings: bothTrees,
        isSignedIn,
      });
      await ask(another);
      for (const tree of ['PushLogin', 'Passkey']) {
        expect(sentTo.at(-1)).toMatchObject({ tree });
        clock.advance(1_000);
        signIn(tree, METHOD[tree]);
        await ask(back());
      }
      expect(sentTo).toHaveLength(2);
      expect(store.onlyGrant().acr).toBe('phr');
    },
  );

  test.each<[string, Parameters, string, string]>([
    ['the first', another, 'PushLogin', 'Login'],
    ['the second', another, 'Passkey', 'Login'],
    ['the first, again', another, 'Passkey', 'PushLogin'],
  ])(
    'who walks another journey than that of %s class is not sent round for ever',
    async (_, request, lacking, walked) => {
      const { ask, back, signIn, clock, sentTo } = setUp({
        client: { requiredAcr: 'push' },
        settings: bothTrees,
      });
      await ask(request);
      if (lacking === 'Passkey') {
        clock.advance(1_000);
        signIn('PushLogin', 'pushNumber');
        clock.advance(1);
        await ask(back());
      }
      expect(sentTo.at(-1)).toMatchObject({ tree: lacking });
      clock.advance(1_000);
      signIn(walked, METHOD[walked]);
      const answer = await ask(back());
      if (walked === 'Login') expect(landed(answer).error).toBe('unmet_authentication_requirements');
      // By their own doing they have brought what was asked for first once more.
      else expect(sentTo.at(-1)).toMatchObject({ tree: 'Passkey' });
    },
  );

  test('a class that is wished for beside the required one is asked for once, and the required one is told without it', async () => {
    const { ask, back, signIn, clock, sentTo, store } = setUp({ client: { requiredAcr: 'push' }, settings: bothTrees });
    await ask({ ...usual, acr_values: 'phr' });
    for (const walked of ['PushLogin', 'Login']) {
      clock.advance(1_000);
      signIn(walked, METHOD[walked]);
      clock.advance(1);
      await ask(back());
    }
    expect(sentTo.map(({ tree }) => tree)).toEqual(['PushLogin', 'Passkey']);
    expect(store.onlyGrant().acr).toBe('push');
  });

  test('a fresh sign-in is by the journey of the class that was met', async () => {
    const { ask, sentTo, signIn } = setUp({ client: { requiredAcr: 'push' } });
    signIn('PushLogin', 'pushNumber');
    await ask({ ...usual, prompt: 'login', service: 'Login' });
    expect(sentTo).toMatchObject([{ tree: 'PushLogin', isForced: true }]);
  });

  test('a class of the realm that no way proves is never met (SEC-85)', async () => {
    const settings = { treeOfAcr: new Map([['gold', 'Gold']]) };
    const { ask, back, signIn, clock } = setUp({ client: { requiredAcr: 'gold' }, settings });
    await ask();
    clock.advance(1_000);
    signIn('Gold', 'hardwarePasskey');
    expect(await errorOf(ask(back()))).toBe('unmet_authentication_requirements');
  });

  test('a required class that no journey stands for signs nobody in', async () => {
    expect(await errorOf(setUp({ client: { requiredAcr: 'gone' } }).ask())).toBe('unmet_authentication_requirements');
  });
});
