import assert from 'node:assert/strict';
import { hiddenValue, OPTION, type RestAnswer, setupCode } from '../../support/rest-client.ts';
import type { AttackGroup } from '../attack-case.ts';
import { type Attacker, BAD_REQUEST } from '../target/attacker.ts';
import type { Person, SetupCode } from '../target/open-phone.ts';

/** A registration that waits for a phone. */
interface Setup {
  readonly person: Person;
  readonly step: RestAnswer;
  readonly code: SetupCode;
}

const setup = async (attacker: Attacker): Promise<Setup> => {
  const person = await attacker.person();
  const step = await attacker.chooseRegister(await attacker.passPassword(person.name));
  return { person, step, code: step.code };
};

const register = (attacker: Attacker, body: unknown, realm = '/') => attacker.phone('register', body, { realm });

const expectRefused = async (answer: Promise<RestAnswer>, what = ''): Promise<void> => {
  const { status, body } = await answer;
  assert.deepEqual([what, status, body], [what, 400, BAD_REQUEST]);
};

/** The phone that was shown the code connects, so that nothing was lost by what came before. */
const expectOpen = async (attacker: Attacker, { person, step, code }: Setup): Promise<void> => {
  assert.equal((await register(attacker, code.body())).status, 200);
  attacker.witness.connected(person.name);
  assert.equal((await attacker.submit(step)).callbacks[0]?.type, 'TextOutputCallback');
};

const phonesOf = async (attacker: Attacker, { name }: Person): Promise<readonly Record<string, unknown>[]> => {
  const path = `/json/realms/root/users/${name}/devices/2fa/push?_queryFilter=true`;
  return (await attacker.asAdministrator('GET', path)).body.result as readonly Record<string, unknown>[];
};

const P256_POINT = 'A'.repeat(43);

export const messageRegister: AttackGroup = {
  number: '3.2',
  title: 'setup codes',
  cases: [
    {
      ids: ['A043', 'A044', 'A045', 'A046'],
      title: 'a setup code connects one phone, which may say the same again, and no other does',
      async attack(attacker) {
        const it = await setup(attacker);
        const claims = it.code.claims();
        const body = it.code.body(claims);
        const first = await register(attacker, body);
        assert.deepEqual([first.status, first.body], [200, {}]);
        attacker.witness.connected(it.person.name);
        attacker.witness.decided(first.headers.get('x-transaction-id') ?? '', 'REG_CLAIM');
        assert.equal((await register(attacker, body)).status, 200);
        await expectRefused(register(attacker, it.code.body()), 'another phone');
        await expectRefused(register(attacker, it.code.body({ ...claims, deviceId: 'other' })), 'another token');
        await expectRefused(
          register(attacker, it.code.body({ ...claims, mechanismUid: 'other' })),
          'another mechanism',
        );
        assert.equal((await attacker.submit(it.step)).status, 200);
        const phones = await phonesOf(attacker, it.person);
        assert.deepEqual([phones.length, phones[0]?.deviceName], [1, 'Some phone']);
      },
    },
    {
      ids: ['A047'],
      title: 'a code is worth nothing once its browser has gone on',
      async attack(attacker) {
        // A reload shows the page from its beginning, and so another code.
        const it = await setup(attacker);
        const again = await attacker.chooseRegister(await attacker.passPassword(it.person.name));
        assert.notEqual(again.code.messageId, it.code.messageId);
        await expectOpen(attacker, { person: it.person, step: again, code: again.code });
      },
    },
    {
      ids: ['A047', 'A061'],
      title: 'a code ends by the clock, however often or seldom its page asks',
      needs: 'clock',
      async attack(attacker) {
        const [often, seldom] = [await setup(attacker), await setup(attacker)];
        let step: RestAnswer = often.step;
        for (let poll = 0; poll < 100; poll += 1) step = await attacker.submit(step);
        assert.equal(setupCode(step), often.code.uri);
        await attacker.pass(179_000);
        assert.equal(setupCode(await attacker.submit(step)), often.code.uri);
        assert.equal(setupCode(await attacker.submit(seldom.step)), seldom.code.uri);
        await attacker.pass(2_000);
        for (const it of [often, seldom]) await expectRefused(register(attacker, it.code.body()), 'too late');
        assert.notEqual(setupCode(await attacker.submit(seldom.step)), seldom.code.uri);
      },
    },
    {
      ids: ['A048', 'A049'],
      title: 'a code cannot be used with what belongs to another, or by who signs with another key',
      async attack(attacker) {
        const [it, other] = [await setup(attacker), await setup(attacker)];
        await expectRefused(register(attacker, it.code.body({ ...it.code.claims(), response: other.code.response })));
        await expectRefused(register(attacker, { ...other.code.body(), messageId: it.code.messageId }));
        await expectRefused(register(attacker, it.code.body(it.code.claims(), Buffer.alloc(32))));
        await expectRefused(register(attacker, it.code.body(), '/alpha'), 'another realm');
        for (const setup of [it, other]) await expectOpen(attacker, setup);
      },
    },
    {
      ids: ['A050'],
      title: 'a registration that leaves out or changes what it must say leaves the code as it was',
      async attack(attacker) {
        const wrong: readonly Readonly<Record<string, unknown>>[] = [
          ...['mechanismUid', 'deviceId', 'communicationType', 'deviceType', 'response'].flatMap((name) =>
            [undefined, null, ['x'], { a: 1 }, 7, ''].map((value) => ({ [name]: value })),
          ),
          { communicationType: 'sms' },
          { communicationType: '__proto__' },
          { deviceType: 'toaster' },
          { mechanismUid: '../x' },
          { mechanismUid: 'x'.repeat(129) },
          { deviceId: 'x'.repeat(5_000) },
        ];
        let it = await setup(attacker);
        for (const [at, change] of wrong.entries()) {
          await expectRefused(register(attacker, it.code.body(it.code.claims(change))), JSON.stringify(change));
          if (at % 4 < 3) continue;
          await expectOpen(attacker, it);
          it = await setup(attacker);
        }
        await expectOpen(attacker, it);
      },
    },
    {
      ids: ['A051', 'A056'],
      title: 'the phone of another keeps its name, its user and its requests, whatever a stranger’s phone calls itself',
      async attack(attacker) {
        const victim = await attacker.enrolled();
        const it = await setup(attacker);
        const claims = it.code.claims({ mechanismUid: victim.open.mechanismUid });
        assert.equal((await register(attacker, it.code.body(claims))).status, 200);
        attacker.witness.connected(it.person.name);
        assert.equal((await attacker.submit(it.step)).status, 200);
        // It is that of the stranger alone.
        assert.equal((await phonesOf(attacker, victim)).length, 1);
        assert.equal((await phonesOf(attacker, it.person)).length, 1);
        await attacker.approve(victim, await attacker.waiting(victim));
      },
    },
    {
      ids: ['A052'],
      title: 'the name of a phone is a text and nothing else',
      async attack(attacker) {
        const names = [
          '<img src=x onerror=alert(1)>',
          '{{7*7}}',
          'a\u202eb',
          'a\r\nSet-Cookie: a=b',
          '\u001b[31mred',
          'x'.repeat(7_000 / 2),
          '\u0000',
          '$& $1',
        ];
        for (const deviceName of names) {
          const it = await setup(attacker);
          const { status } = await register(attacker, it.code.body(it.code.claims({ deviceName })));
          assert.ok([200, 400].includes(status));
          if (status === 400) continue;
          attacker.witness.connected(it.person.name);
          await attacker.submit(it.step);
          const [{ deviceName: kept } = {}] = await phonesOf(attacker, it.person);
          assert.ok(String(kept).length <= 64);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
          assert.doesNotMatch(String(kept), /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
        }
      },
    },
    {
      ids: ['A053', 'A054'],
      title: 'a phone names no address that the server may not call',
      async attack(attacker) {
        const addresses = [
          'http://169.254.169.254/latest/meta-data',
          'https://localhost/x',
          'https://[::1]/x',
          'https://127.0.0.1.nip.example/x',
          'https://2130706433/x',
          'https://0x7f.1/x',
          'https://[::ffff:127.0.0.1]/x',
          'file:///etc/passwd',
          'gopher://localhost:70/x',
          'https://user@fcm.googleapis.com/x',
          'not an address',
        ];
        const keys = { p256dh: `B${'A'.repeat(86)}`, auth: 'A'.repeat(22) };
        let it = await setup(attacker);
        for (const [at, endpoint] of addresses.entries()) {
          const claims = {
            communicationType: 'webpush',
            deviceType: 'web',
            deviceId: JSON.stringify({ endpoint, keys }),
          };
          await expectRefused(register(attacker, it.code.body(it.code.claims(claims))), endpoint);
          if (at % 4 === 3) it = await setup(attacker);
        }
        await expectOpen(attacker, it);
      },
    },
    {
      ids: ['A057'],
      title: 'who has the password of somebody with a phone is shown no setup code',
      ruling: 'design.md §3.3 "a second device": another one asks for a second factor first',
      async attack(attacker) {
        const victim = await attacker.enrolled();
        for (const tree of ['PushLogin', 'PushLoginBasic', 'AddPhone']) {
          const step = await attacker.passPassword(victim.name, tree);
          assert.equal(step.status, 200);
          assert.equal(hiddenValue(step, 'mfaDeviceRegistration'), '');
          assert.equal(step.tokenId, undefined);
        }
        assert.equal((await phonesOf(attacker, victim)).length, 1);
      },
    },
    {
      ids: ['A058'],
      title: 'who photographs the code and is first is told of to its owner, whose phone is refused',
      async attack(attacker) {
        const it = await setup(attacker);
        const thief = await register(attacker, it.code.body(it.code.claims({ deviceName: 'Phone of a thief' })));
        assert.equal(thief.status, 200);
        attacker.witness.connected(it.person.name);
        await expectRefused(register(attacker, it.code.body()), 'the owner');
        await attacker.submit(it.step);
        const [{ deviceName } = {}] = await phonesOf(attacker, it.person);
        assert.equal(deviceName, 'Phone of a thief');
      },
    },
    {
      ids: ['A059'],
      title: 'a key that is none is refused, and the code is still there',
      async attack(attacker) {
        const good = { kty: 'EC', crv: 'P-256', x: P256_POINT, y: P256_POINT };
        const keys: readonly unknown[] = [
          good,
          { ...good, x: 'AAAA' },
          { ...good, crv: 'P-384' },
          { ...good, crv: 'secp256k1' },
          { ...good, kty: 'oct', k: 'AAAA' },
          { ...good, x: undefined },
          { ...good, d: P256_POINT },
          { kty: 'OKP', crv: 'Ed25519', x: P256_POINT },
          { ...good, x: 'A'.repeat(5_000) },
          null,
          'x',
          [],
        ];
        let it = await setup(attacker);
        for (const [at, x_key] of keys.entries()) {
          const { status } = await register(attacker, it.code.body(it.code.claims({ x_key })));
          assert.equal(status, 400, JSON.stringify(x_key));
          if (at % 4 === 3) it = await setup(attacker);
        }
        await expectOpen(attacker, it);
      },
    },
    {
      ids: ['A062'],
      title: 'another name of the host is refused, and changes no address in a setup code',
      async attack(attacker) {
        const elsewhere = await attacker.ask('/json/realms/root/authenticate', { headers: { host: 'evil.example' } });
        assert.equal(elsewhere.status, 400);
        const { name } = await attacker.person();
        const options = await attacker.passPassword(name);
        const headers = {
          'x-forwarded-host': 'evil.example',
          forwarded: 'host=evil.example',
          'x-forwarded-prefix': '/x',
        };
        const step = await attacker.submit(options, { 1: OPTION.register }, { headers });
        const uri = new URL(attacker.keep(setupCode(step)));
        for (const parameter of ['r', 'a']) {
          const address = Buffer.from(uri.searchParams.get(parameter) ?? '', 'base64url').toString();
          assert.ok(address.startsWith(`${attacker.am}/json/`), address);
        }
      },
    },
    {
      ids: ['A063', 'A135'],
      title: 'a name with characters of addresses and templates is in the code as it is, and makes no parameter',
      async attack(attacker) {
        for (const sign of [':', '/', '?a=b', '&s=x', '#', '%41', '😀', 'ب', '$&', '\\\\', '{{issuer}}', '%s']) {
          const name = `n${attacker.address.split('.').at(-1)}${sign}`;
          await attacker.personNamed(name);
          const step = await attacker.chooseRegister(await attacker.passPassword(name));
          const { searchParams, pathname } = new URL(step.code.uri);
          for (const parameter of ['s', 'c', 'm', 'r', 'a']) assert.equal(searchParams.getAll(parameter).length, 1);
          // A label has one colon.
          assert.ok(decodeURIComponent(pathname).endsWith(`:${name.replace(':', '-')}`), pathname);
          assert.equal((await register(attacker, step.code.body())).status, 200);
          attacker.witness.connected(name);
          assert.equal((await attacker.submit(step)).status, 200);
        }
      },
    },
  ],
};
