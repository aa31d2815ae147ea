import { describe, expect, test } from 'vitest';
import type { OAuthAnswer } from '../protocol/answer.ts';
import type { Parameters } from '../protocol/request.ts';
import { errorOf, landed, authorizeHarness as setUp, TOKEN, usualRequest as usual } from '../testing/index.ts';

describe('consent (OIDC-09)', () => {
  const asking = { client: { asksConsent: true } };
  const formOf = (answer: OAuthAnswer): Readonly<Record<string, string>> => {
    if (answer.kind !== 'page' || answer.page.kind !== 'consent') throw new Error(`no consent page: ${answer.kind}`);
    return answer.page.fields;
  };
  const post = { method: 'POST' } as const;

  test('the user is asked for what was not agreed to, and nothing is written', async () => {
    const { ask, store } = setUp(asking);
    const answer = await ask();
    expect(answer).toMatchObject({
      page: {
        client: { id: 'app', name: { '': 'The app' } },
        username: 'demo',
        scopes: [{ name: 'openid' }, { name: 'email' }],
        fields: { ...usual, csrf: expect.any(String) },
        formTarget: 'https://app.example',
      },
    });
    expect(store.commits).toEqual([]);
  });

  test('a scheme that no server answers to is what the form may lead to', async () => {
    const { ask } = setUp({ client: { ...asking.client, redirectUris: ['com.example.app:/cb'] } });
    const answer = await ask({ ...usual, redirect_uri: 'com.example.app:/cb' });
    expect(answer).toMatchObject({ page: { formTarget: 'com.example.app:' } });
  });

  test('the user is asked again by another client of the id, and not by the same one (OIDC-20)', async () => {
    const { ask, store, clock } = setUp({
      client: { asksConsent: true, consentGeneration: 'one', grantGeneration: 'two' },
    });
    await ask({ ...formOf(await ask()), decision: 'allow', save_consent: 'on' }, post);
    expect(await store.consents.get('user-1', 'app')).toMatchObject({ clientGeneration: 'one', agreedAt: clock.now() });
    expect(store.onlyGrant().clientGeneration).toBe('two');
    expect(landed(await ask())).toHaveProperty('code');
    const agreed = await store.consents.get('user-1', 'app');
    for (const clientGeneration of ['two', undefined]) {
      const other = setUp({
        client: { asksConsent: true, ...(clientGeneration && { consentGeneration: clientGeneration }) },
      });
      if (agreed === undefined) throw new Error('nothing was agreed to');
      await other.store.committer.commit([{ type: 'consent.save', row: agreed }]);
      expect(formOf(await other.ask())).toHaveProperty('csrf');
    }
  });

  test('silently, that is an error', async () => {
    expect(await errorOf(setUp(asking).ask({ ...usual, prompt: 'none' }))).toBe('consent_required');
    expect(await errorOf(setUp(asking).ask(usual, { hasSessionHeader: true }))).toBe('consent_required');
  });

  test('nor is it told who is there, before the user has agreed', async () => {
    const { ask } = setUp(asking);
    const silently = { ...usual, response_type: 'id_token', prompt: 'none' };
    expect(await errorOf(ask(silently))).toBe('consent_required');
    await ask({ ...formOf(await ask()), decision: 'allow', save_consent: 'on' }, post);
    expect(landed(await ask(silently))).toHaveProperty('id_token');
  });

  test.each<[string, (fields: Readonly<Record<string, string>>) => Parameters]>([
    ['no csrf', ({ csrf: _, ...fields }) => fields],
    ['a csrf of nobody', (fields) => ({ ...fields, csrf: 'x' })],
    ['one for fewer scopes', (fields) => ({ ...fields, scope: 'openid email profile' })],
  ])('a form with %s decides nothing, and is not sent on', async (_, change) => {
    const { ask, store } = setUp(asking);
    const fields = change(formOf(await ask()));
    await expect(ask({ ...fields, decision: 'allow' }, post)).rejects.toMatchObject({ code: 'invalid_request' });
    expect(store.commits).toEqual([]);
  });

  test('a decision in an address decides nothing: a link is no form', async () => {
    const { ask } = setUp(asking);
    const fields = formOf(await ask());
    expect(formOf(await ask({ ...fields, decision: 'allow' }))).toHaveProperty('csrf');
  });

  test('denied: the client hears it, and the trail has it', async () => {
    const { ask, store } = setUp(asking);
    const answer = await ask({ ...formOf(await ask()), decision: 'deny' }, post);
    expect(landed(answer)).toMatchObject({
      error: 'access_denied',
      error_description: 'Resource Owner did not authorize the request',
    });
    expect(store.audit).toMatchObject([{ event: 'OAUTH_CONSENT', outcome: 'denied' }]);
  });

  test('a request for no scope at all is asked about too: its tokens say who the user is', async () => {
    const { ask } = setUp({ client: { ...asking.client, defaultScopes: [] } });
    const none = { ...usual, scope: '' };
    expect(await errorOf(ask({ ...none, prompt: 'none' }))).toBe('consent_required');
    expect(formOf(await ask(none))).toHaveProperty('csrf');
  });

  test('what is no yes is a no', async () => {
    const { ask } = setUp(asking);
    expect(await errorOf(ask({ ...formOf(await ask()), decision: 'Allow' }, post))).toBe('access_denied');
  });

  test('allowed once: asked again; allowed for good: not for the same, but for more', async () => {
    const { ask, store } = setUp(asking);
    expect(landed(await ask({ ...formOf(await ask()), decision: 'allow' }, post))).toHaveProperty('code');
    expect(store.commits).toHaveLength(1);
    const fields = formOf(await ask());
    expect(landed(await ask({ ...fields, decision: 'allow', save_consent: 'on' }, post))).toHaveProperty('code');
    expect(landed(await ask())).toHaveProperty('code');
    expect(landed(await ask({ ...usual, prompt: 'none' }))).toHaveProperty('code');
    expect(formOf(await ask({ ...usual, scope: 'openid email phone' }))).toHaveProperty('csrf');
    expect(formOf(await ask({ ...usual, prompt: 'consent' }))).toHaveProperty('csrf');
  });

  describe.each([['all of it'], ['one scope of it']])('that the user withdraws before the commit (%s)', (part) => {
    const withdrawn = async () => {
      const harness = setUp(asking);
      const { ask, store } = harness;
      await ask({ ...formOf(await ask()), decision: 'allow', save_consent: 'on' }, post);
      const saved = await store.consents.get('user-1', 'app');
      if (saved === undefined) throw new Error('nothing was agreed to');
      // As the account page does it.
      store.beforeCommit = async () => {
        store.beforeCommit = undefined;
        await store.committer.commit([
          { type: 'grant.endOfUser', userId: 'user-1', clientId: 'app' },
          { type: 'consent.drop', userId: 'user-1', clientId: 'app' },
          ...(part === 'all of it' ? [] : [{ type: 'consent.save', row: { ...saved, scopes: ['openid'] } } as const]),
        ]);
      };
      return harness;
    };

    test('opens no grant, and the user is asked again', async () => {
      const { ask, store } = await withdrawn();
      expect(formOf(await ask())).toHaveProperty('csrf');
      expect(() => store.onlyGrant()).toThrow('There are 0 grants.');
    });

    test.each([
      [{ prompt: 'none' }, {}],
      [{}, { hasSessionHeader: true }],
    ])('is an error where the user cannot be asked (%j, %j)', async (parameters, http) => {
      const { ask, store } = await withdrawn();
      expect(await errorOf(ask({ ...usual, ...parameters }, http))).toBe('consent_required');
      expect(() => store.onlyGrant()).toThrow('There are 0 grants.');
    });
  });

  test('that the user extends before the commit opens the grant', async () => {
    const { ask, store } = setUp(asking);
    await ask({ ...formOf(await ask()), decision: 'allow', save_consent: 'on' }, post);
    const saved = await store.consents.get('user-1', 'app');
    if (saved === undefined) throw new Error('nothing was agreed to');
    store.beforeCommit = async () => {
      store.beforeCommit = undefined;
      await store.committer.commit([{ type: 'consent.save', row: { ...saved, scopes: ['phone'] } }]);
    };
    expect(landed(await ask({ ...usual, prompt: 'none' }))).toHaveProperty('code');
  });

  test('that changes before each commit opens no grant, and the client gets an error', async () => {
    const { ask, store } = setUp(asking);
    await ask({ ...formOf(await ask()), decision: 'allow', save_consent: 'on' }, post);
    const saved = await store.consents.get('user-1', 'app');
    if (saved === undefined) throw new Error('nothing was agreed to');
    await store.committer.commit([{ type: 'grant.endOfUser', userId: 'user-1', clientId: 'app' }]);
    let round = 0;
    const change = async (): Promise<void> => {
      store.beforeCommit = undefined;
      round += 1;
      await store.committer.commit([{ type: 'consent.save', row: { ...saved, scopes: [`scope-${round}`] } }]);
      store.beforeCommit = change;
    };
    store.beforeCommit = change;
    expect(await errorOf(ask())).toBe('login_required');
    expect(round).toBe(3);
    expect(() => store.onlyGrant()).toThrow('There are 0 grants.');
  });

  test('a client that asks nobody is asked for by prompt=consent alone', async () => {
    expect(landed(await setUp().ask())).toHaveProperty('code');
    expect(formOf(await setUp().ask({ ...usual, prompt: 'consent' }))).toHaveProperty('csrf');
  });

  test('clients of AM show the token of the session in place of our proof', async () => {
    const { ask } = setUp(asking);
    const fields = { ...usual, decision: 'allow', csrf: TOKEN };
    expect(landed(await ask(fields, { ...post, hasSessionHeader: true }))).toHaveProperty('code');
  });

  test('a form that was made before prompt=login was met stays good after it', async () => {
    const { ask, back, signIn, clock } = setUp(asking);
    await ask({ ...usual, prompt: 'login' });
    clock.advance(1_000);
    signIn('Login');
    const fields = formOf(await ask(back()));
    clock.advance(1_000);
    expect(landed(await ask({ ...fields, decision: 'allow' }, post))).toHaveProperty('code');
  });
});
