import type { AuditEvent, Change, CommitResult } from '@assent/engine/host';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inject } from '../testing/inject.ts';
import { type SteeredServer, steeredServer } from '../testing/steered-server.ts';
import { REFUSALS_WRITTEN, repeatedRefusals } from './repeated-refusals.ts';

const NOW = 1_700_000_000_000;
const HOUR = REFUSALS_WRITTEN.windowMillis;

describe('repeated refusals (SEC-56)', () => {
  const world = (result: CommitResult = { committed: true }) => {
    const commits: string[][] = [];
    let answer = result;
    const committer = repeatedRefusals().over({
      async commit(changes) {
        commits.push(changes.map(({ type, event }) => (event as AuditEvent | undefined)?.event ?? type));
        return answer;
      },
    });
    const append = (event: string, given: Partial<AuditEvent> = {}): Change => ({
      type: 'audit.append',
      event: { at: NOW, event, realm: '/', transactionId: 't', ...given },
    });
    const refusal = (given: Partial<AuditEvent> & { from?: string } = {}) => {
      const { from = '198.51.100.1', ...rest } = given;
      return append('THROTTLED', { userId: 'jane', outcome: 'password', detail: { address: from }, ...rest });
    };
    /** Commits, and tells what came of it to the store. */
    const written = async (...changes: readonly Change[]) => {
      commits.length = 0;
      const { committed } = await committer.commit(changes);
      return committed ? (commits[0] ?? []) : 'refused';
    };
    const answers = (next: CommitResult): void => {
      answer = next;
    };
    return { append, refusal, written, answers };
  };

  test('are written once an hour for each address, with the failed journey around them', async () => {
    const { append, refusal, written } = world();
    const journey = (given: Parameters<typeof refusal>[0] = {}) => [
      append('JOURNEY_START'),
      { type: 'realm.usable', realm: '/' },
      refusal(given),
      append('JOURNEY_END', { outcome: 'failure', userId: 'jane' }),
    ];
    const all = ['JOURNEY_START', 'realm.usable', 'THROTTLED', 'JOURNEY_END'];
    expect(await written(...journey())).toEqual(all);
    expect(await written(...journey({ at: NOW + HOUR - 1 }))).toEqual(['realm.usable']);
    expect(await written(...journey({ from: '198.51.100.2' }))).toEqual(all);
    expect(await written(...journey({ at: NOW + HOUR }))).toEqual(all);
    expect(await written(...journey({ at: NOW + HOUR + 1 }))).toEqual(['realm.usable']);
  });

  test('are told apart by realm, user, kind of guess, and source, and addresses of one customer are one source', async () => {
    const { refusal, written } = world();
    const others = [
      refusal(),
      refusal({ realm: '/beta' }),
      refusal({ userId: 'john' }),
      refusal({ outcome: 'otp' }),
      refusal({ from: '2001:db8::1' }),
    ];
    for (const other of others) expect(await written(other)).toEqual(['THROTTLED']);
    for (const other of [...others, refusal({ from: '2001:db8::2' })]) expect(await written(other)).toEqual([]);
  });

  test('are written for a few addresses of a user within an hour, however many guess', async () => {
    const { refusal, written } = world();
    let rows = 0;
    for (let n = 0; n < 300; n += 1) rows += (await written(refusal({ from: `198.51.${n % 100}.${n}` }))).length;
    expect(rows).toBe(REFUSALS_WRITTEN.places);
  });

  test('of names without a user are counted by address', async () => {
    const { append, written } = world();
    const unknownName = (from: string) => append('THROTTLED', { outcome: 'password', detail: { address: from } });
    for (let n = 0; n < 2 * REFUSALS_WRITTEN.places; n += 1)
      expect(await written(unknownName(`192.0.2.${n}`))).toEqual(['THROTTLED']);
    expect(await written(unknownName('192.0.2.1'))).toEqual([]);
  });

  test('take nothing else out of a commit: counters, a success, other events', async () => {
    const { append, refusal, written } = world();
    await written(refusal());
    const rest = [
      { type: 'throttle.hit' },
      append('JOURNEY_START'),
      append('AUTH_FAIL'),
      append('JOURNEY_END', { outcome: 'success', userId: 'jane' }),
    ];
    expect(await written(refusal(), ...rest)).toEqual(['throttle.hit', 'JOURNEY_START', 'AUTH_FAIL', 'JOURNEY_END']);
    const guess = [append('JOURNEY_START'), append('AUTH_FAIL'), append('JOURNEY_END', { outcome: 'failure' })];
    expect(await written(...guess)).toEqual(['JOURNEY_START', 'AUTH_FAIL', 'JOURNEY_END']);
  });

  test('count only once their commit stands', async () => {
    const { refusal, written, answers } = world({ committed: false, refused: 'throttle.put' });
    expect(await written(refusal())).toBe('refused');
    answers({ committed: true });
    expect(await written(refusal())).toEqual(['THROTTLED']);
    expect(await written(refusal())).toEqual([]);
  });
});

describe('a server at which strangers guess (SEC-56, SEC-59)', () => {
  let server: SteeredServer;
  beforeAll(async () => {
    server = await steeredServer({ port: 0, managementPort: 0, trustedProxies: ['127.0.0.1'] });
    await server.assent.listen();
    await server.createUser('/', 'jane', 'correct horse 7');
  });
  afterAll(() => server?.assent.stop());

  const guess = async (name: string, from: string, password = 'wrong') => {
    const { statusCode } = await inject(server.assent, {
      method: 'POST',
      url: '/am/json/authenticate?authIndexType=service&authIndexValue=ldapService',
      headers: {
        host: 'localhost:8080',
        'content-type': 'application/json',
        'accept-api-version': 'resource=2.1, protocol=1.0',
        'x-forwarded-for': from,
        'x-openam-username': name,
        'x-openam-password': password,
      },
      payload: '{}',
    });
    return statusCode;
  };
  const rowsOf = async (name: string) => {
    const user = await server.assent.store.identities.find('/', name);
    return (await server.assent.store.audit.ofUser(user?.id ?? '', 5_000)).map(({ event }) => event);
  };

  const countedRefusals = async () => {
    const opened = server.logged().find(({ msg }) => msg === 'The management port is open.');
    const text = await (await fetch(`http://127.0.0.1:${opened?.port}/metrics`)).text();
    return Number(/^assent_throttled_total\{limit="password"\} (\d+)$/m.exec(text)?.[1]);
  };

  test('writes no more rows for a hundred refused guesses of an address than for one, and answers all alike', async () => {
    for (let address = 1; address <= 4; address += 1)
      for (let n = 0; n < 5; n += 1) await guess('jane', `198.51.100.${address}`);
    const before = (await rowsOf('jane')).length;
    const answers = new Set<number>();
    for (let n = 0; n < 100; n += 1) answers.add(await guess('jane', '198.51.100.5'));
    expect([...answers]).toEqual([401]);
    const rows = (await rowsOf('jane')).slice(0, -before);
    expect(rows).toEqual(['JOURNEY_END', 'THROTTLED']);
    expect(await countedRefusals()).toBe(100);
    server.clock.advance(HOUR);
    // The locks of an hour before are over: a right password from a new address signs in, and is written.
    expect(await guess('jane', '198.51.100.6', 'correct horse 7')).toBe(200);
    expect((await rowsOf('jane')).slice(0, 2).toSorted()).toEqual(['JOURNEY_END', 'SESSION_CREATE']);
  });
});
