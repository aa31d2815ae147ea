import { LOGOUT_WEBHOOKS, readWebhookEntry, webhooksText } from '@assent/engine/host';
import { MAX_WAITING_OF_SOURCE } from '@assent/oidc';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store, StoreChange } from '../ports/store.ts';
import { treeOf } from './describe-configuration.ts';
import { answer, oneWinner, opened, redeem, ring, user } from './one-winner.ts';
import {
  commit,
  configuring,
  firstClients,
  grantRow,
  journeyRow,
  mustCommit,
  NOW,
  newUser,
  parkedRow,
  sessionRow,
} from './rows.ts';

/** Opens two stores on one new, empty database: two connections, as two instances have them. */
export type OpenTwoStores = () => Promise<readonly [Store, Store]>;

const ROUNDS = 20;
/** Two instances that change the same rows at the same moment (OPS-07). */
export const describeRaces = (open: OpenTwoStores): void => {
  describe('two connections to one database', () => {
    let one: Store;
    let other: Store;
    beforeEach(async () => {
      [one, other] = await open();
    });
    afterEach(async () => {
      await one.close();
      await other.close();
    });
    const both = (ofOne: readonly StoreChange[], ofOther: readonly StoreChange[]) =>
      Promise.all([commit(one, ...ofOne), commit(other, ...ofOther)]);

    test.each(oneWinner)('have one winner: %s (OPS-07)', async (_, before, ofOne, ofOther) => {
      for (const change of before) await mustCommit(one, change);
      const results = await both(ofOne, ofOther);
      expect(results.map(({ committed }) => committed).sort()).toEqual([false, true]);
    });

    test('leave one request ringing, whoever is last (OPS-07)', async () => {
      await mustCommit(one, newUser());
      for (let at = 1; at <= ROUNDS; at += 1) {
        const results = await both([opened(ring(`AUTHENTICATE:a${at}`))], [opened(ring(`AUTHENTICATE:b${at}`))]);
        expect(results.every(({ committed }) => committed)).toBe(true);
        const rings = await other.messages.pendingFor([{ uuid: 'device-1', userId: user }], NOW);
        expect(rings).toHaveLength(1);
        expect(await one.messages.pendingFor([{ uuid: 'device-1', userId: user }], NOW)).toEqual(rings);
      }
    });

    test('never let a deny become an approve, whatever meets it (I8, OPS-07)', async () => {
      for (let at = 1; at <= ROUNDS; at += 1) {
        const [first, second] = [`AUTHENTICATE:${at}`, `AUTHENTICATE:${at}x`];
        await mustCommit(one, opened(ring(first), ring(second, { request: first, deviceUuid: 'device-2' })));
        await both([answer(first, 'denied')], [answer(second, 'approved')]);
        const states = (await other.messages.ofRequest(first)).map(({ state }) => state);
        const taken = await commit(other, { type: 'push.consume', request: first, state: 'approved', at: NOW + 2 });
        // The later of the two finds its message withdrawn; a deny also counts then, an approve does not.
        expect([states.includes('denied'), taken.committed]).toEqual([true, false]);
      }
    });

    test('have one that sends a message whose claim has ended (OPS-41)', async () => {
      for (let at = 1; at <= ROUNDS; at += 1) {
        const ids = [`AUTHENTICATE:${at}`, `AUTHENTICATE:${at}x`];
        await mustCommit(one, opened(...ids.map((id) => ring(id, { userId: id, claim: { by: 'lost', until: NOW } }))));
        const claims = ['one', 'other'].map((by) => ({ by, until: NOW + at + 4_000 }));
        const [first, second] = claims.map((claim) => ({ type: 'push.claim', ids, claim, now: NOW + 1 }) as const);
        await both(first ? [first] : [], second ? [second] : []);
        const got = await Promise.all(claims.map((claim) => other.messages.claimed(claim)));
        expect(got.flatMap((rows) => rows.map(({ id }) => id))).toEqual(ids);
      }
    });

    test('count every bad proof and every hit (SEC-46, OPS-07)', async () => {
      await mustCommit(one, opened(ring('AUTHENTICATE:1')));
      const policy = { windowMillis: 60_000, free: 50, lockMillis: 1_000, maxLockMillis: 1_000 };
      const guess: readonly StoreChange[] = [
        { type: 'push.badProof', id: 'AUTHENTICATE:1', at: NOW },
        { type: 'throttle.hit', subject: 'source:1', policy, at: NOW },
      ];
      for (let at = 0; at < ROUNDS; at += 1) await both(guess, guess);
      expect(await other.messages.get('AUTHENTICATE:1')).toMatchObject({ state: 'closed', attempts: 2 * ROUNDS });
      expect((await one.throttles.get(['source:1']))[0]?.hits).toHaveLength(2 * ROUNDS);
    });

    test('of 50 who redeem one code by either of them, one has (OIDC-04)', async () => {
      await mustCommit(one, { type: 'grant.open', row: grantRow() });
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, at) => commit(at % 2 === 0 ? one : other, redeem)),
      );
      expect(results.filter(({ committed }) => committed)).toHaveLength(1);
      expect(await other.grants.get('grant-1')).toMatchObject({ status: 'active', refreshNo: 1, accessNo: 1 });
    });

    test('keep no more that wait than there are places, and turn nobody away (OIDC-22)', async () => {
      const put = (idHash: string, createdAt: number): StoreChange => ({
        type: 'parked.put',
        row: parkedRow({ idHash, source: 'flood', createdAt }),
        now: NOW,
      });
      await mustCommit(one, firstClients());
      const ids = Array.from({ length: MAX_WAITING_OF_SOURCE }, (_, at) => `early-${at}`);
      await mustCommit(one, ...ids.map((id, at) => put(id, NOW + at)));
      for (let at = 0; at < ROUNDS; at += 1) {
        const results = await both([put(`a${at}`, NOW + 999)], [put(`b${at}`, NOW + 999)]);
        expect(results.every(({ committed }) => committed)).toBe(true);
      }
      const left = await Promise.all(ids.map(async (id) => (await other.parkedRequests.get(id)) !== undefined));
      expect(left.filter(Boolean)).toHaveLength(MAX_WAITING_OF_SOURCE - 2 * ROUNDS);
      expect(left.indexOf(true)).toBe(2 * ROUNDS);
    });

    test.each<(of: { userId: string; sid: string }) => StoreChange>([
      ({ userId, sid }) => ({ type: 'session.end', userId, sid }),
      ({ userId }) => ({ type: 'session.endAllOf', userId }),
      ({ userId }) => ({ type: 'session.endOthersOf', userId, tokenHash: 'none' }),
    ])('leave no session that goes on from one which is ended meanwhile: %o (SEC-61)', async (endOf) => {
      await mustCommit(one, newUser());
      for (let at = 1; at <= ROUNDS; at += 1) {
        const before = sessionRow({ tokenHash: `before-${at}`, handle: `handle-${at}`, sid: `sid-${at}` });
        await mustCommit(one, { type: 'session.insert', row: before });
        const { userId, sid, tokenHash } = before;
        const row = { ...before, tokenHash: `after-${at}`, handle: `handle-after-${at}` };
        const upgrade: readonly StoreChange[] = [
          { type: 'session.usable', tokenHash, now: NOW },
          { type: 'session.insert', row, replaces: { tokenHash, userId, sid } },
        ];
        const [upgraded, ended] = await both(upgrade, [endOf({ userId, sid })]);
        expect(ended.committed).toBe(true);
        expect(await other.sessions.hasSid(userId, sid, NOW), `round ${at}, upgraded: ${upgraded.committed}`).toBe(
          false,
        );
      }
    });

    test('leave no session of a journey whose own session is ended with all others meanwhile (docs/adr/0149)', async () => {
      await mustCommit(one, newUser());
      for (let at = 1; at <= ROUNDS; at += 1) {
        const read = sessionRow({ tokenHash: `read-${at}`, handle: `read-${at}`, sid: `read-${at}` });
        const made = sessionRow({ tokenHash: `made-${at}`, handle: `made-${at}`, sid: `made-${at}` });
        await mustCommit(one, { type: 'session.insert', row: read });
        const { userId, sid } = read;
        const [journey] = await both(
          [
            { type: 'session.continues', userId, sid, now: NOW },
            { type: 'session.insert', row: made },
          ],
          [{ type: 'session.endAllOf', userId }],
        );
        expect(await other.sessions.hasSid(userId, made.sid, NOW), `round ${at}, made: ${journey.committed}`).toBe(
          false,
        );
      }
    });

    test('leave nothing granted in a session that is ended meanwhile, and keep what both agree to (OIDC-20)', async () => {
      for (let at = 1; at <= ROUNDS; at += 1) {
        const row = sessionRow({ tokenHash: `token-${at}` });
        await mustCommit(one, { type: 'session.insert', row });
        await both(
          [
            { type: 'session.usable', tokenHash: row.tokenHash, now: NOW },
            { type: 'grant.open', row: grantRow({ id: `grant-${at}`, sid: row.sid }) },
            { type: 'consent.save', row: { realm: '/alpha', userId: user, clientId: 'app', scopes: [`a${at}`] } },
          ],
          [
            { type: 'session.end', userId: user, sid: row.sid },
            { type: 'consent.save', row: { realm: '/alpha', userId: user, clientId: 'app', scopes: [`b${at}`] } },
          ],
        );
        expect(await other.grants.get(`grant-${at}`)).toBeUndefined();
        expect((await one.consents.get(user, 'app'))?.scopes).toContain(`b${at}`);
      }
    });

    test('leave no grant of a consent that the user withdraws meanwhile', async () => {
      await mustCommit(one, newUser());
      for (let at = 1; at <= ROUNDS; at += 1) {
        const consent = { realm: '/alpha', userId: user, clientId: 'app', scopes: ['openid'] };
        await mustCommit(one, { type: 'consent.save', row: consent });
        const [opened, withdrawn] = await both(
          [
            { type: 'identity.usable', id: user, credentialRev: 1 },
            { type: 'grant.open', row: grantRow({ id: `grant-${at}` }), consent },
          ],
          [
            { type: 'grant.endOfUser', userId: user, clientId: 'app' },
            { type: 'consent.drop', userId: user, clientId: 'app' },
          ],
        );
        expect(withdrawn.committed).toBe(true);
        expect(await other.grants.get(`grant-${at}`), `round ${at}, opened: ${opened.committed}`).toBeUndefined();
      }
    });

    test('leave no session of a password that was changed meanwhile (OPS-07)', async () => {
      await mustCommit(one, newUser({ hash: 'old' }));
      const [login] = await both(
        [
          { type: 'identity.usable', id: user, credentialRev: 1 },
          { type: 'session.insert', row: sessionRow() },
        ],
        [
          { type: 'identity.password', id: user, hash: 'new' },
          { type: 'session.endAllOf', userId: user },
        ],
      );
      // Either the login came first, and its session was ended, or it saw the new password and was refused.
      expect(await one.sessions.get('token-1')).toBeUndefined();
      expect(await other.sessions.get('token-1')).toBeUndefined();
      expect(typeof login?.committed).toBe('boolean');
    });

    test('tell once of the end of each session that two sweep while somebody ends them all (OPS-43)', async () => {
      const at = sessionRow().maxExpiresAt;
      for (let round = 1; round <= ROUNDS; round += 1) {
        const sessions = Array.from({ length: ROUNDS }, (_, place) => `${round}-${place}`);
        const changes = sessions.map((own): StoreChange => {
          const properties = { session: own, [LOGOUT_WEBHOOKS]: webhooksText(['app']) };
          const row = sessionRow({ tokenHash: `token-${own}`, handle: `handle-${own}`, sid: `sid-${own}`, properties });
          return { type: 'session.insert', row };
        });
        // In turn, so that the order in which they were made is not the order of any index.
        await mustCommit(one, ...(round % 3 === 0 ? changes : changes.toReversed()));
        const endAll = () => mustCommit(other, { type: 'session.endAllOf', userId: user });
        const due = () => one.outbox.due(Number.MAX_SAFE_INTEGER, 1_000, 1_000);
        await Promise.all([one.sweep(at, 1_000), round % 2 === 0 || endAll(), other.sweep(at, 1_000)]);
        const entries = await due();
        expect(entries.map((entry) => readWebhookEntry(entry).properties.session).sort()).toEqual(sessions.toSorted());
        // What was sent is forgotten, so nothing but a session itself can say that its end was told.
        await mustCommit(one, ...entries.map(({ id }): StoreChange => ({ type: 'outbox.settle', id })));
        await Promise.all([one.sweep(at, 1_000), endAll()]);
        expect(await due()).toEqual([]);
      }
    });

    test('do not take what the other was changing meanwhile for the newest configuration (OPS-07, OPS-28)', async () => {
      await configuring(one).publishTree(treeOf('/', 'Login', 'password-only'));
      let read = await other.configuration.load();
      for (let round = 2; round <= ROUNDS; round += 1) {
        const publish = () => configuring(one).publishTree(treeOf('/', 'Login', `second-factor-${round}`));
        [read] = await Promise.all([other.configuration.load(read), publish()]);
        // What was read too early is read by the next.
        read = await other.configuration.load(read);
        expect(read.trees.map(({ version }) => version)).toEqual([round]);
      }
    });

    test('see at once what the other has committed (OPS-07)', async () => {
      await mustCommit(one, { type: 'journey.insert', row: journeyRow() }, opened(ring('AUTHENTICATE:1')));
      await other.journeySessions.get('journey-1');
      await other.messages.ofRequest('AUTHENTICATE:1');
      const next = journeyRow({ nonce: 'nonce-2' });
      await mustCommit(
        one,
        { type: 'journey.advance', seenNonce: 'nonce-1', row: next },
        answer('AUTHENTICATE:1', 'approved'),
      );
      expect(await other.journeySessions.get('journey-1')).toEqual(next);
      expect(await other.messages.ofRequest('AUTHENTICATE:1')).toMatchObject([{ state: 'approved' }]);
    });
  });
};
