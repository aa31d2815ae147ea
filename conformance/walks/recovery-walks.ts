import { expect } from 'vitest';
import type { Login } from './login.ts';
import {
  BY_RECOVERY_CODE,
  enrol,
  expectFailure,
  expectRecoveryCodeField,
  expectSession,
  reachRecoveryCode,
} from './steps.ts';
import { BOTH, type Walk } from './walk.ts';
import { newWalker, type Walker } from './world.ts';

const WRONG = ['0000000000000000', 'no code at all', 'ZZZZ-ZZZZ-ZZZZ-ZZZZ'] as const;

/** Types wrong codes until the journey ends: three in all. */
const failThrice = async (login: Login): Promise<void> => {
  for (const wrong of WRONG) {
    expectRecoveryCodeField(login);
    await login.type(wrong);
  }
  expectFailure(login);
};

const countsOf = async ({ world, username, realm }: Walker): Promise<readonly string[]> =>
  (await world.attributes(username, realm)).retryLimitNodeCount ?? [];

/** The phone is lost. */
export const recoveryWalks: readonly Walk[] = [
  {
    title: 'F: exit, and a right code signs in; it is used up, and the request on the phone is gone',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone, codes } = await enrol(walker, journey);
      const [first = '', second = ''] = codes;
      const login = await reachRecoveryCode(walker, journey);
      expect(await phone.pending()).toEqual([]);
      await login.type(first);
      await expectSession(login, BY_RECOVERY_CODE);

      const again = await reachRecoveryCode(walker, journey);
      await again.type(first);
      expectRecoveryCodeField(again);
      // Written down by hand: case, blanks and dashes do not matter (decision 10).
      await again.type(` ${second.toLowerCase().replace(/(.{4})/g, '$1-')}`);
      await expectSession(again, BY_RECOVERY_CODE);
    },
  },
  {
    title: 'F: a code is of its user alone',
    journeys: ['PushLogin'],
    needs: 'nothing',
    async go(world, journey) {
      const [walker, other] = [await newWalker(world), await newWalker(world)];
      const { codes } = await enrol(walker, journey);
      await enrol(other, journey);
      const login = await reachRecoveryCode(other, journey);
      await login.type(codes[0] ?? '');
      expectRecoveryCodeField(login);
    },
  },
  {
    title: 'G: exit, and three wrong codes fail; the count on the user is cleared then',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { codes } = await enrol(walker, journey);
      const login = await reachRecoveryCode(walker, journey);
      await login.type(WRONG[0]);
      expect(await countsOf(walker)).toEqual([expect.stringMatching(/=1$/)]);
      await login.type(WRONG[1]);
      expect(await countsOf(walker)).toEqual([expect.stringMatching(/=2$/)]);
      await login.type(WRONG[2]);
      expectFailure(login);
      expect(await countsOf(walker)).toEqual([]);

      const next = await reachRecoveryCode(walker, journey);
      await next.type(WRONG[0]);
      expectRecoveryCodeField(next);
      await next.type(codes[0] ?? '');
      await expectSession(next, BY_RECOVERY_CODE);
      expect(await countsOf(walker)).toEqual([]);
    },
  },
  {
    title:
      'G: the fifth wrong code in a row locks guesses for a quarter of an hour, and a right code of 80 random bits is accepted (SEC-46, SEC-87)',
    journeys: BOTH,
    needs: 'steering',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { codes } = await enrol(walker, journey);
      await failThrice(await reachRecoveryCode(walker, journey));
      const second = await reachRecoveryCode(walker, journey);
      await second.type(WRONG[0]);
      expectRecoveryCodeField(second);
      await second.type(WRONG[1]);
      expectFailure(second);
      expect(await second.log()).toContainEqual(
        expect.objectContaining({
          msg: 'Too many wrong codes: code entry is locked for a while, and the journey ends.',
          nodeType: 'RecoveryCodeCollectorDecisionNode',
          journey,
          realm: '/',
        }),
      );

      // The walker has shown a phone from this address, which so has a counter of its own once strangers are locked out.
      for (let wrong = 0; wrong < 5; ) {
        const known = await reachRecoveryCode(walker, journey);
        for (; wrong < 5 && known.reply.status === 200; wrong += 1) await known.type(WRONG[0]);
      }
      const locked = await reachRecoveryCode(walker, journey);
      await locked.type(WRONG[2]);
      expectFailure(locked);
      const owner = await reachRecoveryCode(walker, journey);
      await owner.type(codes[0] ?? '');
      await expectSession(owner, BY_RECOVERY_CODE);
    },
  },
  {
    title: 'H: exit, and an empty code is no attempt',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      await enrol(walker, journey);
      const login = await reachRecoveryCode(walker, journey);
      const { authId } = login;
      for (let attempt = 0; attempt < 4; attempt += 1) {
        await login.type('');
        expectRecoveryCodeField(login);
      }
      expect(login.authId).toBe(authId);
      expect(await countsOf(walker)).toEqual([]);
      await failThrice(login);
    },
  },
];
