import assert from 'node:assert/strict';
import type { AttackGroup } from '../attack-case.ts';
import { type Attacker, BAD_REQUEST } from '../target/attacker.ts';
import type { Enrolled } from '../target/open-phone.ts';

type Claims = Readonly<Record<string, unknown>>;

/** The token of a phone that tells where it is rung from now on. */
const refresh = (attacker: Attacker, { open, name }: Enrolled, claims: Claims, body: Claims = {}, key?: Uint8Array) =>
  attacker.phone('refresh', {
    mechanismUid: open.mechanismUid,
    username: name,
    jwt: open.sign({ deviceId: 'new-token-1', communicationType: 'relay', ...claims }, key),
    ...body,
  });

const expectRefused = async (answer: ReturnType<typeof refresh>): Promise<void> => {
  const { status, body } = await answer;
  assert.deepEqual([status, body], [400, BAD_REQUEST]);
};

export const messageRefresh: AttackGroup = {
  number: '3.3',
  title: 'new addresses of phones',
  cases: [
    {
      ids: ['A064', 'A066'],
      title: 'a refresh may come again, and an old one not after a newer',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const answer = await refresh(attacker, person, { deviceId: 'first-token' });
        assert.equal(answer.status, 200);
        attacker.witness.decided(answer.headers.get('x-transaction-id') ?? '', 'DEVICE_REFRESH');
        assert.equal((await refresh(attacker, person, { deviceId: 'first-token' })).status, 200);
        assert.equal((await refresh(attacker, person, { deviceId: 'second-token' })).status, 200);
        await expectRefused(refresh(attacker, person, { deviceId: 'first-token' }));
      },
    },
    {
      ids: ['A065'],
      title: 'a refresh of nobody, or by the key of another, is refused alike',
      async attack(attacker) {
        const [person, other] = [await attacker.enrolled(), await attacker.enrolled()];
        await expectRefused(refresh(attacker, person, {}, {}, other.open.secret));
        await expectRefused(refresh(attacker, person, {}, { username: 'nobody' }));
        await expectRefused(refresh(attacker, person, {}, { username: other.name }));
        await expectRefused(refresh(attacker, person, {}, { mechanismUid: 'nothing' }));
        await expectRefused(refresh(attacker, person, {}, { mechanismUid: other.open.mechanismUid }));
        for (const mechanismUid of [undefined, null, [], {}, 7, 'x'.repeat(9_000), 'a\u0000b'])
          await expectRefused(refresh(attacker, person, {}, { mechanismUid }));
      },
    },
    {
      ids: ['A067', 'A035'],
      title: 'an answer is no refresh, nor is a registration',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const waiting = await attacker.waiting(person);
        const answer = person.open.claims(waiting.request, waiting.number);
        await expectRefused(refresh(attacker, person, answer));
        await expectRefused(refresh(attacker, person, { ...person.open.code.claims(), deny: true }));
        await attacker.approve(person, waiting);
      },
    },
    {
      ids: ['A068'],
      title: 'a refresh changes where a phone is rung, and nothing else of it',
      async attack(attacker) {
        const person = await attacker.enrolled();
        const path = `/json/realms/root/users/${person.name}/devices/2fa/push?_queryFilter=true`;
        const phones = async () => (await attacker.asAdministrator('GET', path)).body.result as readonly Claims[];
        const [before] = await phones();
        const more = { sharedSecret: 'x', username: 'mallory', uuid: 'x', status: 'y' };
        assert.equal((await refresh(attacker, person, more)).status, 200);
        const [after, ...others] = await phones();
        assert.deepEqual([{ ...after, _rev: '0' }, others], [{ ...before, _rev: '0' }, []]);
        await expectRefused(refresh(attacker, person, { mechanismUid: 'another' }));
        await expectRefused(refresh(attacker, person, { communicationType: 'gcm' }));
        await expectRefused(refresh(attacker, person, { deviceType: 'ios' }));
      },
    },
  ],
};
