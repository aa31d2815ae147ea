import { expect } from 'vitest';
import { Login } from './login.ts';
import { BY_PHONE, enrol, expectFailure, expectSession, expectWait, reachWait, TIMED_OUT } from './steps.ts';
import { BOTH, type Walk } from './walk.ts';
import { newWalker } from './world.ts';

const POLL = 5_000;
const MESSAGE_TIMEOUT = 120_000;
const TREE_TIMEOUT = 15 * 60_000;
/** A wait ends when its time is over, not when it is just reached. */
const JUST_OVER = 1;

/** A phone that does not answer, and clients that ask too early, twice, or too late. */
export const waitingWalks: readonly Walk[] = [
  {
    title: 'C: while nobody answers, each poll gets the wait again, and the same authId',
    journeys: BOTH,
    needs: 'steering',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const login = await reachWait(walker, journey);
      const { authId } = login;
      const number = expectWait(login);
      for (let poll = 0; poll < 3; poll += 1) {
        await world.pass(POLL + JUST_OVER);
        await login.repost();
        expect(expectWait(login)).toBe(number);
        expect(login.authId).toBe(authId);
      }
      await phone.approve(await phone.request(), number);
      await login.repost();
      await expectSession(login, BY_PHONE);
    },
  },
  {
    title: 'D: an unanswered request expires; a new one follows, until the third has expired, too',
    journeys: ['PushLogin'],
    needs: 'steering',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const login = await reachWait(walker, journey);
      const seen = [await phone.request()];
      for (let request = 1; request <= 3; request += 1) {
        const number = expectWait(login);
        for (let waited = 0; waited + POLL < MESSAGE_TIMEOUT; waited += POLL) {
          await world.pass(POLL);
          await login.repost();
          expect(expectWait(login)).toBe(number);
        }
        await world.pass(POLL);
        await login.repost();
        if (request === 3) break;
        expectWait(login);
        const next = await phone.request();
        for (const earlier of seen) {
          expect(next.messageId).not.toBe(earlier.messageId);
          expect(next.challenge).not.toEqual(earlier.challenge);
          expect((await phone.approve(earlier, number)).status).toBe(400);
        }
        seen.push(next);
      }
      expect(seen).toHaveLength(3);
      expectFailure(login);
      expect(await phone.pending()).toEqual([]);
    },
  },
  {
    title: 'D: as the documentation wires it, new requests follow until the journey itself is over',
    journeys: ['PushLoginBasic'],
    needs: 'steering',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const login = await reachWait(walker, journey);
      const ids = new Set([(await phone.request()).messageId]);
      for (let passed = 0; passed + MESSAGE_TIMEOUT < TREE_TIMEOUT; passed += MESSAGE_TIMEOUT) {
        await world.pass(MESSAGE_TIMEOUT);
        await login.repost();
        expectWait(login);
        ids.add((await phone.request()).messageId);
      }
      expect(ids.size).toBe(8);
      await world.pass(TREE_TIMEOUT % MESSAGE_TIMEOUT);
      await login.repost();
      expect(login.reply).toMatchObject(TIMED_OUT);
    },
  },
  {
    title: 'D: an answer in the last moment counts, and may be taken half a minute later',
    journeys: BOTH,
    needs: 'steering',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const login = await reachWait(walker, journey);
      const request = await phone.request();
      await world.pass(MESSAGE_TIMEOUT - 1);
      expect((await phone.approve(request, expectWait(login))).status).toBe(200);
      await world.pass(29_000);
      await login.repost();
      await expectSession(login, BY_PHONE);
    },
  },
  {
    title: 'D: an answer after the time is refused, whatever it says',
    journeys: BOTH,
    needs: 'steering',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const login = await reachWait(walker, journey);
      const request = await phone.request();
      await world.pass(MESSAGE_TIMEOUT);
      expect((await phone.approve(request, expectWait(login))).status).toBe(400);
      expect((await phone.deny(request)).status).toBe(400);
    },
  },
  {
    title: 'E: a poll before its time gets the same step, byte for byte',
    journeys: BOTH,
    needs: 'steering',
    async go(world, journey) {
      const walker = await newWalker(world);
      await enrol(walker, journey);
      const login = await reachWait(walker, journey);
      const before = login.reply.body;
      await world.pass(1_000);
      await login.repost();
      expect(login.reply.body).toEqual(before);
    },
  },
  {
    title: 'a journey over its time limit is over at every step: 401 with 110',
    journeys: BOTH,
    needs: 'steering',
    async go(world, journey) {
      const walker = await newWalker(world);
      await enrol(walker, journey);
      const fresh = await Login.start(walker, journey);
      const waiting = await reachWait(walker, journey);
      await world.pass(TREE_TIMEOUT);
      await fresh.signIn();
      expect(fresh.reply).toMatchObject(TIMED_OUT);
      await waiting.repost();
      expect(waiting.reply).toMatchObject(TIMED_OUT);
    },
  },
  {
    title: 'an authId that was used moves nothing, and the same submit again gets the same answer (SEC-39)',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const login = await Login.start(walker, journey);
      const filled = login.callbacks.map((callback) => ({
        ...callback,
        input: [
          {
            name: callback.input?.[0]?.name,
            value: callback.type === 'NameCallback' ? walker.username : walker.password,
          },
        ],
      }));
      const submit = { authId: login.authId, callbacks: filled };
      const first = await login.postAside(submit);
      const again = await login.postAside(submit);
      expect(again).toMatchObject({ status: 200, body: first.body });
      const other = filled.map((callback) => ({
        ...callback,
        input: [{ ...callback.input[0], value: 'someone-else' }],
      }));
      expect(await login.postAside({ ...submit, callbacks: other })).toMatchObject(TIMED_OUT);

      const waiting = await reachWait(walker, journey);
      const { authId, callbacks } = waiting;
      await phone.approve(await phone.request(), expectWait(waiting));
      await waiting.repost();
      await expectSession(waiting, BY_PHONE);
      expect(await waiting.postAside({ authId, callbacks })).toMatchObject(TIMED_OUT);
    },
  },
  {
    title: 'an authId without callbacks shows the current step again and moves nothing',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const login = await reachWait(walker, journey);
      await phone.approve(await phone.request(), expectWait(login));
      expect(await login.postAside({ authId: login.authId })).toMatchObject({ status: 200, body: login.reply.body });
      await login.repost();
      await expectSession(login, BY_PHONE);
    },
  },
  {
    title: 'an authId that somebody has changed is refused, and the login goes on',
    journeys: ['PushLogin'],
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const login = await reachWait(walker, journey);
      const [header, payload = '', signature] = login.authId.split('.');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
      const changed = Buffer.from(JSON.stringify({ ...claims, authIndexValue: 'Login' })).toString('base64url');
      const { callbacks } = login;
      const forged = await login.postAside({ authId: [header, changed, signature].join('.'), callbacks });
      expect(forged).toMatchObject({ status: 400, body: { message: 'AuthId JWT Signature not valid' } });
      const counted = await login.postAside({ authId: login.authId, callbacks: callbacks.slice(1) });
      expect(counted).toMatchObject({
        status: 400,
        body: { message: 'Incorrect number of callbacks found in JSON response' },
      });
      await phone.approve(await phone.request(), expectWait(login));
      await login.repost();
      await expectSession(login, BY_PHONE);
    },
  },
];
