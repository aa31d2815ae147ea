import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { storedPasswords } from '../adapters/password-keeper.ts';
import { passwordsAdapter } from '../adapters/passwords-adapter.ts';
import { nameCallback, passwordCallback } from '../callbacks/catalogue.ts';
import { JourneyError, NodeFailure, Unavailable } from '../model/errors.ts';
import { passwords } from '../model/identities.ts';
import { afterHit, type ThrottleRow } from '../model/throttle.ts';
import { SUCCESS } from '../model/tree.ts';
import type { JourneyContext } from '../node/journey-context.ts';
import { defineNode } from '../node/node-definition.ts';
import { stateKey } from '../state/state-key.ts';
import type { JourneyDependencies } from '../step/journey-requests.ts';
import { journeyHarness, type TestStep } from '../testing/journey-harness.ts';
import { memoryDirectory, plainHasher } from '../testing/memory-ports.ts';
import { simulatedClock } from '../testing/simulated-clock.ts';
import type { Change, CommitResult, EngineChange } from '../unit-of-work/changes.ts';
import { Bindings } from '../unit-of-work/unit-of-work.ts';

/** What a node can do to a submit in which a password was guessed before. */
const DEEDS: Readonly<Record<string, (journey: JourneyContext) => unknown>> = {
  nothing: () => undefined,
  'a documented error': () => {
    throw new NodeFailure('The key is lost.');
  },
  'an unexpected error': () => {
    throw new TypeError('value.startsWith is not a function');
  },
  'no error at all': () => {
    throw 'a text';
  },
  'the store cannot be used': () => {
    throw new Unavailable('The store is away.');
  },
  'a queue is full': () => {
    throw new JourneyError('OVERLOADED', { retryAfterSeconds: 1 });
  },
  'the words of an expired journey': () => {
    throw new JourneyError('JOURNEY_EXPIRED', { reason: 'so' });
  },
  'an outcome that there is not': () => ({ kind: 'goTo', outcome: 'nowhere' }),
  'no action': () => null,
  'an empty step': () => ({ kind: 'send', callbacks: [] }),
  'a step that no text can hold': () => ({
    kind: 'send',
    callbacks: [{ type: 'TextOutputCallback', output: { message: 1n }, input: {} }],
  }),
  'a rest that goes on': (journey) => journey.suspend() && undefined,
  'a cookie of the server': (journey) => {
    journey.setCookie({ name: 'session', value: '1' } as never);
  },
};

const username = stateKey.shared('username', z.string());
const base = { title: 'x', help: 'x', tags: [] } as const;

const ask = defineNode({
  ...base,
  type: 'Ask',
  config: z.object({}),
  outcomes: { true: 'True', false: 'False' },
  outputs: [username],
  uses: [passwords],
  async process({ answered, ports, state, journey, goTo, send }) {
    const name = answered(nameCallback);
    const password = answered(passwordCallback);
    if (name === undefined || password === undefined) {
      return send(nameCallback({ prompt: 'User Name' }), passwordCallback({ prompt: 'Password' }));
    }
    state.set(username, name);
    const result = await ports.passwords.verify(name, password);
    if (result.status === 'right') journey.identify(result.identity);
    return goTo(result.status === 'right' ? 'true' : 'false');
  },
});

const after = defineNode({
  ...base,
  type: 'After',
  config: z.object({ deed: z.string(), waits: z.boolean(), hook: z.string() }),
  outcomes: { outcome: 'Outcome' },
  process({ config, journey, goTo }) {
    const does = () => (DEEDS[config.deed]?.(journey) as ReturnType<typeof goTo> | undefined) ?? goTo('outcome');
    const acts = () => (config.deed === 'no action' ? (undefined as never) : does());
    return config.waits ? Promise.resolve().then(acts) : acts();
  },
  async onJourneySuccess({ config, journey }) {
    DEEDS[config.hook]?.(journey);
  },
});

type Writer = 'isAllowedRedirect' | 'changesAtEnd' | 'newToken' | 'digest';
const WRITERS: readonly Writer[] = ['isAllowedRedirect', 'changesAtEnd', 'newToken', 'digest'];
const VERBS = ['none', 'journey.insert', 'journey.advance', 'session.insert', 'identity.usable'] as const;

interface World {
  readonly deed: string;
  readonly waits: boolean;
  readonly hook: string;
  readonly writers: readonly Writer[];
  readonly type: (typeof VERBS)[number];
  /** Whether the store refuses the change, or throws at it. */
  readonly storeThrows: boolean;
  /** The directory can be read so often in one submit, and is away after that. */
  readonly readsLeft: number;
  readonly goto: string | undefined;
}

const world: fc.Arbitrary<World> = fc.record({
  deed: fc.constantFrom(...Object.keys(DEEDS)),
  waits: fc.boolean(),
  hook: fc.constantFrom('nothing', 'a documented error', 'an unexpected error', 'the store cannot be used'),
  writers: fc.subarray([...WRITERS]),
  type: fc.constantFrom(...VERBS),
  storeThrows: fc.boolean(),
  readsLeft: fc.constantFrom(1, 2, 99),
  goto: fc.constantFrom(undefined, '/next'),
});

/** A server in that world, whose one tree asks for a password and then does its deed, whatever the password was. */
const serverIn = ({ deed, waits, hook, writers, type, storeThrows, readsLeft, goto }: World) => {
  const clock = simulatedClock();
  const users = memoryDirectory({ demo: {} });
  let reads = 0;
  const read = async <T>(from: () => Promise<T>): Promise<T> => {
    reads += 1;
    if (reads > readsLeft) throw new Unavailable('The directory is away.');
    return from();
  };
  const directory = {
    ...users,
    find: (realm: string, name: string) => read(() => users.find(realm, name)),
    findById: (id: string) => read(() => users.findById(id)),
    passwordHash: async () => 'hash of right',
  };
  const rows = new Map<string, ThrottleRow>();
  const throttles = {
    get: async (subjects: readonly string[]) => subjects.flatMap((subject) => rows.get(subject) ?? []),
  };
  const fails = () => {
    throw new TypeError('a writer failed');
  };
  const faults: Partial<JourneyDependencies> = Object.fromEntries(writers.map((name) => [name, fails]));
  const it = journeyHarness({
    nodes: [ask, after],
    trees: {
      Login: {
        entry: 'ask',
        nodes: {
          ask: { type: 'Ask', to: { true: 'after', false: 'after' } },
          after: { type: 'After', config: { deed, waits, hook }, to: { outcome: SUCCESS } },
        },
      },
    },
    bindings: new Bindings().bind(
      passwords,
      passwordsAdapter({
        keeper: storedPasswords({ identities: directory, hasher: plainHasher }),
        throttles,
        isKnownSource: async () => false,
        clock,
        digest: (text) => text,
      }),
    ),
    clock,
    directory,
    faults,
    commit: async (changes, commit): Promise<CommitResult> => {
      if (changes.some((change) => change.type === type)) {
        if (storeThrows) throw new Unavailable('The disk is full.');
        return { committed: false, refused: type };
      }
      const result = await commit(changes);
      if (result.committed) count(changes);
      return result;
    },
  });
  const count = (changes: readonly Change[]) => {
    for (const change of changes as readonly EngineChange[]) {
      if (change.type !== 'throttle.hit' || !change.subject.startsWith('password:')) continue;
      const { subject, policy, at } = change;
      rows.set(subject, afterHit(rows.get(subject), subject, policy, at));
    }
  };
  return {
    ...it,
    begin: () => it.begin(undefined, goto === undefined ? {} : { goto, gotoOnFail: goto }),
    /** One guess at the step; what became of it does not matter here. */
    async guess(step: TestStep, password: string) {
      reads = 0;
      return it.answer(step, 'demo', password).then(
        (answer) => answer.kind,
        (error: unknown) => (error instanceof JourneyError ? error.code : String(error)),
      );
    },
    hits: () => [...rows.values()].reduce((sum, { hits }) => sum + hits.length, 0),
    refusals: () =>
      it.store.audit.filter(({ event, outcome }) => event === 'AUTH_FAIL' && outcome === 'password').length,
  };
};

describe('whatever throws after a guess was made (A1, SEC-46, -49, -56, -57, I6, I7)', () => {
  test('the guess is counted and audited', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const it = serverIn(given);
        const step = await it.begin();
        const said = await it.guess(step, 'wrong');
        expect({ said, hits: it.hits(), refusals: it.refusals() }).toEqual({ said, hits: 1, refusals: 1 });
      }),
      { numRuns: 500 },
    );
  });

  test('no number of tries on one step finds out whether a password is right', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const it = serverIn(given);
        const step = await it.begin();
        let successes = 0;
        for (let tries = 1; tries <= 7; tries += 1) {
          const before = it.hits();
          const said = await it.guess(step, `wrong ${tries}`);
          if (said === 'success') successes += 1;
          // The step is used up, or the guess was counted, or the account is locked, which counts nothing.
          expect([said, it.hits() > before || said === 'JOURNEY_EXPIRED' || before === 5]).toEqual([said, true]);
        }
        // The tree leads wrong passwords to success as well: where nothing throws, that is what its author gets, once.
        expect(successes).toBeLessThan(2);
        expect(it.store.sessions.size).toBe(successes);
      }),
      { numRuns: 100 },
    );
  });
});
