import { describe, expect, test } from 'vitest';
import type { CodeOwner, CodeType } from '../model/recovery-codes.ts';
import { factorWorld } from '../testing/stored/factor-world.ts';
import { recoveryCodeSets } from './recovery-code-set.ts';
import { recoveryCodesAdapter } from './recovery-codes-adapter.ts';

async function withCodes() {
  const world = factorWorld();
  const step = world.unit();
  const codes = await world.bind.codes(step).replace(world.user.id, 'push');
  await step.commit();
  return usable(world, codes);
}

/** Codes of another server, which are short enough to be guessed at. */
async function withImportedCodes() {
  const world = factorWorld();
  const { id: userId, realm } = world.user;
  const codes = ['A7dhK2mQ9x', 'b8R4tYw1Zc'];
  const sets = recoveryCodeSets(world.dependencies);
  const rows = codes.flatMap((code) => sets.importedRowOf({ realm, userId, deviceType: 'push' }, code) ?? []);
  await world.ports.committer.commit([{ type: 'codes.replace', userId, deviceType: 'push', rows }]);
  return usable(world, codes);
}

function usable(world: ReturnType<typeof factorWorld>, codes: readonly string[]) {
  const use = async (
    code: string,
    type: CodeType = 'push',
    owner: CodeOwner = world.user,
    browser?: string,
    address?: string,
  ) => {
    const request = {
      ...(browser !== undefined && { browserKnownTo: () => browser }),
      ...(address !== undefined && { clientAddress: address }),
    };
    const unit = world.unit({ request });
    const verdict = await world.bind.codes(unit).use(owner, type, code);
    return { isRight: verdict === 'good', verdict, ...(await unit.commit()) };
  };
  const [first = '', second = ''] = codes;
  /** A wrong code of a stranger, each day from one of 4 addresses. */
  const guessFrom = (day: number) => use('0000000000000000', 'push', undefined, undefined, `203.0.113.${day % 4}`);
  return { ...world, codes, first, second, use, guessFrom };
}

test('are ten different ones of sixteen characters without I, L, O, U (SEC-43)', async () => {
  const { codes } = await withCodes();
  expect(codes).toHaveLength(10);
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{16}$/);
});

test('are kept as MACs, each under the user and type, and nowhere in clear (SEC-44)', async () => {
  const { codes, ports, bind, unit, user } = await withCodes();
  const kept = JSON.stringify([ports.codes(), ports.audit]);
  for (const code of codes) expect(kept).not.toContain(code);
  expect(new Set(ports.codes().flatMap(({ selector, hash }) => [selector, hash])).size).toBe(20);
  expect(await bind.codes(unit()).count(user.id, 'push')).toBe(10);
});

test('are rows that lie next to each other: their ids begin with the time (ADR 33)', async () => {
  const { ports, clock } = await withCodes();
  const time = clock.now().toString(16).padStart(12, '0');
  for (const { id } of ports.codes()) expect(id.replace('-', '').slice(0, 12)).toBe(time);
});

test('a code works once', async () => {
  const { first, second, use, ports, events } = await withCodes();
  expect(await use(first.toLowerCase().replace(/(.{4})/g, '$1-'))).toMatchObject({ isRight: true, committed: true });
  expect(await use(first)).toMatchObject({ isRight: false });
  expect(await use(second)).toMatchObject({ isRight: true });
  expect(ports.codes()).toHaveLength(8);
  expect(events()).toEqual(['RECOVERY_CREATED', 'RECOVERY_USED', 'RECOVERY_FAIL', 'RECOVERY_USED']);
});

test('fifty journeys that use one code have one winner (A101, SEC-45)', async () => {
  const { first, use } = await withCodes();
  const all = await Promise.all(Array.from({ length: 50 }, () => use(first)));
  expect(all.filter(({ isRight, committed }) => isRight && committed)).toHaveLength(1);
});

test('a code means nothing for another type or user (SEC-48)', async () => {
  const { first, use } = await withCodes();
  expect(await use(first, 'oath')).toMatchObject({ isRight: false });
  expect(await use(first, 'push', { id: 'user-2', credentialRev: 1 })).toMatchObject({ isRight: false });
  expect(await use(first)).toMatchObject({ isRight: true });
});

test('a code of passkeys is good once, as that alone, and uses up no other (WA-25)', async () => {
  const { first, use, unit, bind, user, ports } = await withCodes();
  const step = unit();
  const [fresh = ''] = await bind.codes(step).replace(user.id, 'webauthn');
  await step.commit();
  for (const type of ['push', 'oath'] as const) expect(await use(fresh, type)).toMatchObject({ isRight: false });
  expect(await use(first, 'webauthn')).toMatchObject({ isRight: false });
  expect(await use(fresh, 'webauthn')).toMatchObject({ isRight: true });
  expect(await use(fresh, 'webauthn')).toMatchObject({ isRight: false });
  expect(ports.codes()).toHaveLength(19);
});

test('a new set replaces the old one', async () => {
  const { first, use, unit, bind, user, ports } = await withCodes();
  const step = unit();
  const [fresh = ''] = await bind.codes(step).replace(user.id, 'push');
  await step.commit();
  expect(ports.codes()).toHaveLength(10);
  expect(await use(first)).toMatchObject({ isRight: false });
  expect(await use(fresh)).toMatchObject({ isRight: true });
});

test('each wrong guess costs one look-up, usable or not', async () => {
  const { use, ports, first } = await withCodes();
  const reads = async (code: string) => {
    const before = ports.reads;
    await use(code);
    return ports.reads - before;
  };
  expect(await reads('nonsense')).toBe(await reads('0123456789ABCDEF'));
  // A good one is also looked for among the codes of the other type.
  expect(await reads(first)).toBe(3);
});

describe('guessing (SEC-46)', () => {
  test('the fifth wrong code in a row locks the source of a stranger for an hour, a right imported one included (SEC-46)', async () => {
    const { use, first, clock, events } = await withImportedCodes();
    for (let n = 0; n < 5; n += 1) expect(await use('0000000000000000')).toMatchObject({ isRight: false });
    expect(await use(first)).toEqual({ isRight: false, verdict: 'locked', committed: true });
    expect(events().at(-1)).toBe('THROTTLED recovery');
    clock.advance(3_600_000 - 1);
    expect(await use(first)).toMatchObject({ isRight: false });
    clock.advance(1);
    expect(await use(first)).toMatchObject({ isRight: true });
  });

  test('a name that nobody has locks as that of a user does (SEC-59)', async () => {
    const { use, events, ports } = await withImportedCodes();
    const verdicts: string[] = [];
    for (let n = 0; n < 6; n += 1) verdicts.push((await use('0000000000000000', 'push', { nobody: 'Eve' })).verdict);
    expect(verdicts).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'locked', 'locked']);
    expect(events().slice(-2)).toEqual(['RECOVERY_FAIL', 'THROTTLED recovery']);
    expect(ports.throttle('recovery:nobody:eve')).toBeUndefined();
  });

  test('what strangers guess does not lock the browser of the owner, whatever they guess (A138, SEC-57)', async () => {
    const { use, guessFrom, first, clock, events } = await withImportedCodes();
    for (let day = 0; day < 40; day += 1) {
      for (let n = 0; n < 5; n += 1) await guessFrom(day);
      clock.advance(24 * 3_600_000);
    }
    expect(events().filter((event) => event === 'FACTOR_DISABLED recovery')).toHaveLength(1);
    // A hundred wrong ones in a row, and strangers are not let in with a right one either, not the next day and not the day after.
    expect(await use(first)).toMatchObject({ verdict: 'locked' });
    expect(await use(first, 'push', undefined, 'browser-1')).toMatchObject({ verdict: 'good', committed: true });
  });

  test('in the browser of the owner wrong codes lock that browser alone', async () => {
    const { use, first } = await withImportedCodes();
    for (let n = 0; n < 5; n += 1) await use('0000000000000000', 'push', undefined, 'browser-1');
    expect(await use(first, 'push', undefined, 'browser-1')).toMatchObject({ verdict: 'locked' });
    expect(await use(first)).toMatchObject({ verdict: 'good' });
  });

  test('a hundred wrong ones in a row count for the credentials that there were, and not for new ones (SEC-57)', async () => {
    const { use, guessFrom, first, clock, user } = await withImportedCodes();
    for (let n = 0; n < 120; n += 1) {
      await guessFrom(n);
      clock.advance(24 * 3_600_000);
    }
    clock.advance(24 * 3_600_000);
    expect(await use(first)).toMatchObject({ verdict: 'locked' });
    expect(await use(first, 'push', { ...user, credentialRev: user.credentialRev + 1 })).toMatchObject({
      verdict: 'good',
    });
  });

  test('are no row where a right one comes between them, from whichever browser (NIST 3.2.2, SEC-57)', async () => {
    const { use, guessFrom, first, second, clock } = await withImportedCodes();
    const guessDaily = async () => {
      for (let day = 0; day < 99; day += 1) {
        await guessFrom(day);
        clock.advance(24 * 3_600_000);
      }
    };
    await guessDaily();
    expect(await use(first, 'push', undefined, 'browser-1')).toMatchObject({ verdict: 'good', committed: true });
    await guessDaily();
    expect(await use(second)).toMatchObject({ verdict: 'good', committed: true });
  });

  test('a right code starts the count again', async () => {
    const { use, first, second } = await withImportedCodes();
    for (let n = 0; n < 4; n += 1) await use('0000000000000000');
    expect(await use(first)).toMatchObject({ isRight: true });
    for (let n = 0; n < 4; n += 1) await use('0000000000000000');
    expect(await use(second)).toMatchObject({ isRight: true });
  });

  test('a lock that falls while a right code is checked undoes its use', async () => {
    const { first, ports, user, unit, bind, clock } = await withImportedCodes();
    const step = unit();
    expect(await bind.codes(step).use(user, 'push', first)).toBe('good');
    const row = { subject: `recovery:${user.id}`, hits: [], lockedUntil: clock.now() + 1, rev: 0 };
    await ports.committer.commit([{ type: 'throttle.put', row }]);
    expect(await step.commit()).toEqual({ committed: false, refused: 'throttle.unlocked' });
    expect(ports.codes()).toHaveLength(2);
  });

  test('a code of 80 random bits is taken also where strangers have used up what they may guess (SEC-87)', async () => {
    const { use, first, second, clock } = await withCodes();
    for (let day = 0; day < 40; day += 1) {
      for (let n = 0; n < 5; n += 1) await use('0000000000000000');
      clock.advance(24 * 3_600_000);
    }
    for (let n = 0; n < 5; n += 1) await use('0000000000000000');
    expect(await use('0000000000000000')).toMatchObject({ verdict: 'locked' });
    expect(await use(first)).toMatchObject({ verdict: 'good', committed: true });
    expect(await use(first)).toMatchObject({ isRight: false });
    expect(await use(second)).toMatchObject({ verdict: 'good', committed: true });
  });
});

test('a short pepper is refused at start', () => {
  const { dependencies } = factorWorld();
  expect(() => recoveryCodesAdapter({ ...dependencies, codePepper: new Uint8Array(16) })).toThrow(RangeError);
});
