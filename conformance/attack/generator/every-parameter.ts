import assert from 'node:assert/strict';
import type { AttackCase, AttackGroup } from '../attack-case.ts';
import type { AttackTarget } from '../target/attack-target.ts';
import type { Attacker } from '../target/attacker.ts';
import { describedRows } from './described-rows.ts';
import { guessesCount } from './guesses.ts';
import { inParallel } from './in-parallel.ts';
import { ROUTE_ROWS, type RouteRow } from './route-rows.ts';
import {
  isAccepted,
  type Tokens,
  usualRequest,
  type WildRequest,
  wildAnywhere,
  wildRequests,
} from './wild-requests.ts';

/** As many requests at once as keep both processors busy. */
const AT_ONCE = 16;
/** Of what nodes and services are set by, every `npm test` says each thing in some of the ways, and another way each setting. */
const PART = 60;
/** Of what any route may be told, every `npm test` tells each route so much, and each thing to dozens of routes. */
const PART_OF_ANYWHERE = 4;

/** The sessions by which rows are called, of people of their own. */
export const tokensOf = async (attacker: Attacker): Promise<Tokens> => {
  for (const name of ['ada', 'bob']) await attacker.personNamed(name);
  const user = attacker.expectSession(await attacker.login('ada'));
  const { name, password } = attacker.target.administrator;
  const headers = { 'x-openam-username': name, 'x-openam-password': password };
  const administrator = attacker.expectSession(await attacker.ask('/json/realms/root/authenticate', { headers }));
  return { user, administrator };
};

const sent = (attacker: Attacker, { method, path, headers, body }: WildRequest) =>
  attacker.raw(`${new URL(attacker.am).pathname}${path}`, { method, headers, ...(body !== undefined && { body }) });

/** What was answered as it must not be; what no request may be answered with, the client sees by itself (I4). */
const acceptedOf = async (
  attacker: Attacker,
  key: string,
  requests: Iterable<WildRequest>,
): Promise<readonly string[]> => {
  const answers = await inParallel(requests, AT_ONCE, async (wild) => {
    const { status, text } = await sent(attacker, wild);
    return isAccepted(key, wild, status) ? [`${key}: ${wild.what}: ${status} ${text.slice(0, 200)}`] : [];
  });
  return answers.flat();
};

/** Each so many, beginning with another each time. */
function* part<T>(items: Iterable<T>, of: number, from: number): Generator<T> {
  let at = from;
  for (const item of items) {
    if (at % of === 0) yield item;
    at += 1;
  }
}

/**
 * Every parameter of every route, said in every way that nobody uses, and every setting of every node and service. The table of routes and
 * the types come from the server itself, so that a new one is attacked without anybody remembering it.
 */
export const everyParameter = async (
  target: AttackTarget,
  attacker: Attacker,
  { isWhole }: { readonly isWhole: boolean },
): Promise<AttackGroup> => {
  const tokens = await tokensOf(attacker);
  const described = await describedRows(attacker);
  const rows = Object.entries(ROUTE_ROWS).flatMap(([key, its]) => its.map((row, at) => ({ key, row, at })));
  const titleOf = (key: string, row: RouteRow, at: number): string =>
    `${key}${row.query?._action === undefined ? (at === 0 ? '' : ` (${at})`) : ` (${row.query._action})`}`;
  const attacks = (isLast: boolean): readonly AttackCase[] =>
    rows
      .filter(({ row }) => (row.isLast === true) === isLast)
      .map(({ key, row, at }) => ({
        ids: [],
        title: titleOf(key, row, at),
        async attack(by) {
          assert.deepEqual(await acceptedOf(by, key, wildRequests(key, row, tokens)), []);
          if (at > 0) return;
          const anywhere = wildAnywhere(key, row, tokens);
          const told = isWhole ? anywhere : part(anywhere, PART_OF_ANYWHERE, Object.keys(ROUTE_ROWS).indexOf(key));
          assert.deepEqual(await acceptedOf(by, key, told), []);
        },
      }));

  const routes: AttackCase = {
    ids: [],
    title: 'every route of the server has a row, and every row a route',
    async attack() {
      const found = await target.routes?.();
      assert.ok(found);
      assert.deepEqual(Object.keys(ROUTE_ROWS).sort(), [...found].sort());
      // Metrics tell so many apart: beyond them, whoever asks for all of them first would decide which (OPS-54).
      assert.ok(new Set(found.map((route) => route.split(' ')[1])).size < 250);
    },
  };
  const usual: AttackCase = {
    ids: [],
    title: 'every route is called as it should be',
    async attack(by) {
      const all = rows.filter(({ row }) => row.isLast !== true);
      const unanswered = await inParallel(all, 8, async ({ key, row }) => {
        const { status } = await sent(by, usualRequest(key, row, tokens));
        return status === 0 ? [key] : [];
      });
      assert.deepEqual(unanswered.flat(), []);
    },
  };
  const settings: AttackCase = {
    ids: ['A158'],
    title: 'every setting of every node and service',
    async attack(by) {
      assert.ok(described.length > 80, `${described.length} types describe themselves`);
      for (const [at, { key, row }] of described.entries()) {
        const all = wildRequests(key, row, tokens);
        assert.deepEqual(await acceptedOf(by, key, isWhole ? all : part(all, PART, at)), []);
      }
    },
  };
  return {
    number: '3.13',
    title: 'every parameter of every route',
    cases: [routes, usual, ...attacks(false), settings, guessesCount, ...attacks(true)],
  };
};
