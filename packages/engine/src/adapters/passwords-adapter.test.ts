import { describe, expect, test } from 'vitest';
import { afterHit, forgivenThrottle, type ThrottleRow } from '../model/throttle.ts';
import {
  fakeRequest,
  memoryDirectory,
  plainHasher,
  simulatedClock,
  testRealm,
  testUnitOfWork,
} from '../testing/index.ts';
import type { Change, EngineChange } from '../unit-of-work/changes.ts';
import { JourneyUnitOfWork } from '../unit-of-work/journey-unit-of-work.ts';
import { Turns } from '../unit-of-work/turns.ts';
import { type PasswordProof, storedPasswords } from './password-keeper.ts';
import { type PasswordDependencies, passwordsAdapter } from './passwords-adapter.ts';
import { sprayWatch } from './spray-watch.ts';

const DAY = 24 * 3_600_000;
const HOME = '198.51.100.1';
const address = (at: number) => `203.0.${at >> 8}.${at & 255}`;

/** A server with `amadmin` and `demo`, whose password is `right`, and the counters of guesses as a store keeps them. */
const server = (given: Partial<PasswordDependencies> & { readonly known?: readonly string[] } = {}) => {
  const clock = simulatedClock();
  const rows = new Map<string, ThrottleRow>();
  const events: string[] = [];
  const directory = memoryDirectory({ amadmin: {}, demo: {} });
  let credentialRev = 1;
  const turns = new Turns();
  const apply = (change: EngineChange): boolean => {
    if (change.type === 'throttle.unlocked') {
      return change.subjects.every((subject) => (rows.get(subject)?.lockedUntil ?? 0) <= change.now);
    }
    if (change.type === 'throttle.clear') for (const subject of change.subjects) rows.delete(subject);
    if (change.type === 'throttle.hit' && (rows.get(change.subject)?.lockedUntil ?? 0) <= change.at) {
      const { subject, policy, at, credential } = change;
      rows.set(subject, afterHit(rows.get(subject), subject, policy, at, credential));
    }
    if (change.type === 'throttle.forgive') {
      const row = rows.get(change.subject);
      if (row !== undefined) rows.set(change.subject, forgivenThrottle(row));
    }
    if (change.type === 'audit.append') events.push(`${change.event.event} ${change.event.outcome}`);
    return true;
  };
  const passwordsOf = passwordsAdapter({
    keeper: storedPasswords({
      identities: {
        ...directory,
        find: async (...of) => {
          const found = await directory.find(...of);
          return found && { ...found, credentialRev };
        },
        passwordHash: async () => 'hash of right',
      },
      hasher: plainHasher,
    }),
    throttles: { get: async (subjects) => subjects.flatMap((subject) => rows.get(subject) ?? []) },
    isKnownSource: async (_user, source) => given.known?.includes(source) === true,
    clock,
    digest: (text) => `digest-${text.length}-${text.slice(0, 12)}`,
    ...given,
  });
  const attempt = async (from: string, name: string, password: string, browser?: string): Promise<boolean> => {
    for (;;) {
      const request = {
        ...fakeRequest(),
        clientAddress: from,
        ...(browser !== undefined && { browserKnownTo: () => browser }),
      };
      const unit = new JourneyUnitOfWork(
        testRealm(),
        '',
        request,
        { commit: async () => ({ committed: true }) },
        turns,
      );
      try {
        const { status } = await passwordsOf(unit).verify(name, password);
        const changes: readonly Change[] = [...unit.changes, ...unit.always];
        if (changes.every((change) => apply(change as EngineChange))) return status === 'right';
      } finally {
        unit.release();
      }
    }
  };
  /** Whether the answer of a guess goes out at an even time. */
  const isEven = async (name: string, password: string): Promise<boolean> => {
    const unit = testUnitOfWork();
    await passwordsOf(unit).verify(name, password);
    unit.release();
    return unit.isAnsweredEvenly;
  };
  /** Guesses without a pause for as long; how many of them would have been answered with yes, had they been right. */
  const guessFor = async (millis: number, from: () => string, name = 'amadmin'): Promise<number> => {
    const end = clock.now() + millis;
    let counted = 0;
    while (clock.now() < end) {
      const before = [...rows.values()].filter(({ subject }) => subject.startsWith('password:'));
      const hits = before.reduce((sum, row) => sum + row.hits.length, 0);
      await attempt(from(), name, 'wrong');
      const after = [...rows.values()].filter(({ subject }) => subject.startsWith('password:'));
      if (after.reduce((sum, row) => sum + row.hits.length, 0) > hits) counted += 1;
      else clock.advance(10_000);
    }
    return counted;
  };
  /** Another password, as far as counters know: it is still `right`. */
  const choosePassword = () => {
    credentialRev += 1;
  };
  return { clock, rows, events, attempt, isEven, guessFor, choosePassword };
};

describe('guesses at one account', () => {
  test('are answered at even times where they are wrong or refused, whether there is such a user or not (I7, SEC-59)', async () => {
    const it = server();
    expect(await it.isEven('demo', 'right')).toBe(false);
    for (const name of ['demo', 'nobody']) {
      expect(await it.isEven(name, 'wrong')).toBe(true);
      for (let at = 0; at < 30; at += 1) await it.attempt(address(at), name, 'wrong');
      expect(await it.isEven(name, 'right')).toBe(true);
    }
  });

  test('are 5, and then one at each end of a lock, from one address (A6, SEC-57, SEC-56)', async () => {
    const it = server();
    const counted = await it.guessFor(DAY, () => HOME);
    expect(counted).toBeLessThanOrEqual(36);
    expect(counted).toBeGreaterThan(5);
    expect(await it.attempt(HOME, 'amadmin', 'right')).toBe(false);
  });

  test('are 20, and then one at each end of a lock, from any number of addresses (A6, SEC-57)', async () => {
    const it = server();
    let at = 0;
    const another = () => {
      at += 1;
      return address(at);
    };
    expect(await it.guessFor(DAY, another)).toBeLessThanOrEqual(51);
    // A stranger is told nothing while strangers are locked out, not even with the right password.
    expect(await it.attempt(address(60_000), 'amadmin', 'right')).toBe(false);
  });

  test('count by the /64 of an IPv6 address (A6, SEC-56)', async () => {
    const it = server();
    for (let at = 0; at < 5; at += 1) await it.attempt(`2001:db8::${at}`, 'amadmin', 'wrong');
    expect(await it.attempt('2001:db8::ffff', 'amadmin', 'right')).toBe(false);
    expect(await it.attempt('2001:db8:0:1::1', 'amadmin', 'right')).toBe(true);
  });

  test('in parallel reveal no more than one after the other (A6, SEC-56)', async () => {
    const it = server();
    const guesses = Array.from({ length: 200 }, (_, at) =>
      it.attempt(address(at), 'amadmin', at === 150 ? 'right' : 'wrong'),
    );
    expect((await Promise.all(guesses)).filter(Boolean).length).toBe(0);
  });
});

describe('nobody who guesses locks out the owner (A6, SEC-57)', () => {
  test('who comes from another address than five wrong passwords did', async () => {
    const it = server();
    for (let at = 0; at < 5; at += 1) await it.attempt(address(1), 'amadmin', 'wrong');
    expect(await it.attempt(address(1), 'amadmin', 'right')).toBe(false);
    expect(await it.attempt(HOME, 'amadmin', 'right')).toBe(true);
  });

  test('who has signed in from that address before, however many addresses guess', async () => {
    const it = server({ known: [HOME] });
    for (let at = 0; at < 500; at += 1) await it.attempt(address(at), 'amadmin', 'wrong');
    expect(await it.attempt(HOME, 'amadmin', 'right')).toBe(true);
  });

  test('whose browser has signed in before, at the very address that guesses', async () => {
    const it = server();
    for (let at = 0; at < 500; at += 1) await it.attempt(HOME, 'amadmin', 'wrong');
    expect(await it.attempt(HOME, 'amadmin', 'right', 'browser-1')).toBe(true);
    for (let at = 0; at < 5; at += 1) await it.attempt(HOME, 'amadmin', 'wrong', 'browser-1');
    expect(await it.attempt(HOME, 'amadmin', 'right', 'browser-1')).toBe(false);
  });

  test.each(['amadmin', 'nobody-of-that-name'])(
    'at %s, once strangers are locked out: where its owner is known is asked, whether there is one or not, which takes time (SEC-59)',
    async (name) => {
      let asked = 0;
      const it = server({
        isKnownSource: async () => {
          asked += 1;
          return true;
        },
      });
      for (let at = 0; at < 20; at += 1) await it.attempt(address(at), name, 'wrong');
      expect(asked).toBe(0);
      await it.attempt(address(99), name, 'wrong');
      expect(asked).toBe(1);
    },
  );

  test('and a sign-in of the owner gives strangers no new guesses (SEC-27)', async () => {
    const it = server({ known: [HOME] });
    for (let at = 0; at < 20; at += 1) await it.attempt(address(at), 'amadmin', 'wrong');
    // What the owner mistypes is forgotten by the sign-in, and nothing else is.
    expect(await it.attempt(HOME, 'amadmin', 'mistyped', 'browser-1')).toBe(false);
    expect(await it.attempt(HOME, 'amadmin', 'right', 'browser-1')).toBe(true);
    expect(await it.attempt(HOME, 'amadmin', 'right')).toBe(true);
    expect(await it.attempt(address(99), 'amadmin', 'right')).toBe(false);
  });
});

describe('a hundred wrong passwords in a row, however long they take (NIST 3.2.2, SEC-57)', () => {
  /** One wrong password a day, each from another address, so that no other limit has anything to say. */
  const guessDaily = async (it: ReturnType<typeof server>, days: number) => {
    for (let day = 0; day < days; day += 1) {
      await it.attempt(address(day), 'amadmin', 'wrong');
      it.clock.advance(DAY);
    }
  };
  const elsewhere = address(60_000);

  test('disable the password for strangers, which is told once, until there is another one', async () => {
    const it = server({ known: [HOME] });
    await guessDaily(it, 99);
    expect(it.events).not.toContain('FACTOR_DISABLED password');
    await guessDaily(it, 50);
    expect(it.events.filter((event) => event === 'FACTOR_DISABLED password')).toHaveLength(1);
    expect(await it.attempt(elsewhere, 'amadmin', 'right')).toBe(false);
    expect(await it.attempt(HOME, 'amadmin', 'right')).toBe(true);
    expect(await it.attempt(elsewhere, 'amadmin', 'right', 'browser-1')).toBe(true);
    // The owner at home is no proof that whoever comes from elsewhere is the owner.
    expect(await it.attempt(elsewhere, 'amadmin', 'right')).toBe(false);
    it.choosePassword();
    expect(await it.attempt(elsewhere, 'amadmin', 'right')).toBe(true);
  });

  test('are no row where a right one comes between them', async () => {
    const it = server({ known: [HOME] });
    await guessDaily(it, 99);
    expect(await it.attempt(HOME, 'amadmin', 'right')).toBe(true);
    await guessDaily(it, 99);
    expect(await it.attempt(elsewhere, 'amadmin', 'right')).toBe(true);
  });

  test('disable it for a known address as well, where they come from there', async () => {
    const it = server({ known: [HOME] });
    await guessDaily(it, 100);
    for (let day = 0; day < 100; day += 1) {
      await it.attempt(HOME, 'amadmin', 'wrong');
      it.clock.advance(DAY);
    }
    expect(await it.attempt(HOME, 'amadmin', 'right')).toBe(false);
    expect(await it.attempt(HOME, 'amadmin', 'right', 'browser-1')).toBe(true);
  });

  test('are kept of users alone: names that nobody has fill nothing for long', async () => {
    const it = server();
    for (let at = 0; at < 10; at += 1) await it.attempt(address(at), 'nobody', 'wrong');
    await it.attempt(HOME, 'amadmin', 'wrong');
    const kept = [...it.rows.values()].filter(({ failures }) => failures !== undefined);
    expect(kept.map(({ subject, failures }) => [subject.split(':')[0], failures?.count])).toEqual([['strangers', 1]]);
  });

  test('that come at once are no more than a hundred', async () => {
    const it = server();
    await guessDaily(it, 99);
    const guesses = Array.from({ length: 50 }, (_, at) =>
      it.attempt(address(1_000 + at), 'amadmin', at === 40 ? 'right' : 'wrong'),
    );
    expect(await Promise.all(guesses)).not.toContain(true);
  });
});

test('one password at five thousand users from fifty addresses is told of, and locks out nobody (A137)', async () => {
  const spray = sprayWatch(simulatedClock());
  const it = server({ spray });
  for (let at = 0; at < 5_000; at += 1) await it.attempt(address(at % 50), `user-${at}`, 'Spring2026!');
  expect(it.events.filter((event) => event.startsWith('PASSWORD_SPRAY'))).toHaveLength(1);
  expect(await it.attempt(HOME, 'demo', 'right')).toBe(true);
});

describe('an address that guesses at many accounts (A6, SEC-56)', () => {
  test('is refused after 100, but for those who have signed in from there', async () => {
    const it = server({ known: [HOME] });
    for (let at = 0; at < 100; at += 1) await it.attempt(HOME, `user-${at}`, 'wrong');
    expect(await it.attempt(HOME, 'demo', 'right')).toBe(true);
    const others = server();
    for (let at = 0; at < 100; at += 1) await others.attempt(HOME, `user-${at}`, 'wrong');
    expect(await others.attempt(HOME, 'demo', 'right')).toBe(false);
    expect(await others.attempt(address(1), 'demo', 'right')).toBe(true);
    others.clock.advance(60_000);
    expect(await others.attempt(HOME, 'demo', 'right')).toBe(true);
  });
});

test('no counter has in it what was typed, however long that is (A4, SEC-46)', async () => {
  const it = server();
  await it.attempt(HOME, 'x'.repeat(60_000), 'wrong');
  expect([...it.rows.keys()].every((subject) => subject.length < 100)).toBe(true);
});

describe('what a directory says of a password (OPS-76)', () => {
  const identity = { id: 'id', realm: '/', username: 'demo', active: true, attributes: {}, rev: 1, credentialRev: 1 };

  /** A server whose directory answers so, and what was staged and asked. */
  const directory = (proof: PasswordProof) => {
    const clock = simulatedClock();
    const asked: boolean[] = [];
    const unit = testUnitOfWork();
    const passwordsOf = (lockedUntil = 0) =>
      passwordsAdapter({
        keeper: {
          makesUsers: () => false,
          knownAs: async () => identity,
          prove: async (_unit, { isRefused }) => {
            asked.push(isRefused);
            return isRefused ? { status: 'wrong' } : proof;
          },
          has: async () => true,
          replace: async () => 'same',
        },
        throttles: { get: async ([subject = '']) => [{ subject, hits: [], lockedUntil, rev: 1 }] },
        isKnownSource: async () => false,
        clock,
        digest: (text) => text,
      })(unit);
    const typesOf = (changes: readonly Change[]) => changes.map(({ type }) => type);
    return { clock, asked, passwordsOf, staged: () => typesOf(unit.changes), kept: () => typesOf(unit.always) };
  };
  const GUESS = ['throttle.hit', 'throttle.hit', 'throttle.hit', 'audit.append'];

  test.each([
    ['wrong', GUESS, []],
    ['locked', GUESS, []],
    ['expired', [], ['throttle.unlocked']],
    ['mustChange', [], ['throttle.unlocked']],
    ['right', [], ['throttle.unlocked']],
  ] as const)('%s is told as it is; a guess that may have been wrong counts', async (status, kept, staged) => {
    const it = directory({ status, identity } as PasswordProof);
    expect(await it.passwordsOf().verify('demo', 'x')).toMatchObject({ status });
    expect([it.kept(), it.staged()]).toEqual([kept, staged]);
  });

  test.each([['locked'], ['expired'], ['mustChange'], ['right']] as const)(
    '%s is not told while guesses are locked out, and the directory does not hear of them',
    async (status) => {
      const it = directory({ status, identity } as PasswordProof);
      expect(await it.passwordsOf(it.clock.now() + 1).verify('demo', 'x')).toEqual({ status: 'wrong' });
      expect(it.asked).toEqual([true]);
    },
  );

  test('nor of a text that is too long to be a password', async () => {
    const it = directory({ status: 'right', identity });
    expect(await it.passwordsOf().verify('demo', 'x'.repeat(1_025))).toEqual({ status: 'wrong' });
    expect([it.asked, it.kept()]).toEqual([[true], GUESS]);
  });

  test('a password of signs that take two units each may have as many of them as any other (SEC-55)', async () => {
    const it = directory({ status: 'right', identity });
    const longest = '\u{1f511}'.repeat(1_024);
    expect(await it.passwordsOf().verify('demo', longest)).toMatchObject({ status: 'right' });
    expect(await it.passwordsOf().verify('demo', `${longest}x`)).toEqual({ status: 'wrong' });
    expect(it.asked).toEqual([false, true]);
  });
});
