import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import type { Random } from '../../faults/random.ts';
import { realmPath } from '../../support/realm-path.ts';
import { filled } from '../../support/rest-client.ts';
import type { AttackRun } from '../attack-run.ts';
import { type Attacker, PASSWORD, WRONG } from '../target/attacker.ts';
import type { Enrolled, Waiting } from '../target/open-phone.ts';
import { describedRows } from './described-rows.ts';
import { tokensOf } from './every-parameter.ts';
import { GUESS_VARIANTS, guessedInVain } from './guesses.ts';
import { ROUTE_ROWS, type RouteRow } from './route-rows.ts';
import { someWildRequest, type Tokens, usualRequest, type WildRequest } from './wild-requests.ts';
import { WILD_VALUES } from './wild-values.ts';

/** What came of so many inputs. */
export interface LongReport {
  readonly inputs: number;
  readonly byKind: Readonly<Record<string, number>>;
  /** How often each class of status was answered; 0 is a connection that was closed on what is too large. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** Sequences of guesses, and what became of them. */
  readonly guesses: Readonly<Record<string, number>>;
  readonly wrong: readonly string[];
}

/** The people and the steps that inputs are about. */
interface Stage {
  readonly attacker: Attacker;
  readonly tokens: Tokens;
  readonly rows: readonly { readonly key: string; readonly row: RouteRow }[];
  readonly person: Enrolled;
  readonly waiting: Waiting;
  readonly random: Random;
}

const some = <T>(random: Random, items: readonly T[]): T => items[random.below(items.length)] as T;

const ALPHABET = '{}[]":,\\.-+eE019 tfn\u0000\u202eé😀%&=/?#;<>\'$`*()!_ABCxyz';

/** A text of which some places are others: bytes lost, doubled, changed, put in, or the rest cut off. */
const mutated = (random: Random, text: string): string => {
  const letters = [...text];
  for (let change = 1 + random.below(4); change > 0; change -= 1) {
    const at = random.below(letters.length + 1);
    const length = random.below(4);
    const from = random.below(letters.length + 1);
    switch (random.below(6)) {
      case 0:
        letters.splice(at, length);
        break;
      case 1:
        letters.splice(at, 0, ...letters.slice(from, from + 8));
        break;
      case 2:
        letters.splice(at, 1, some(random, [...ALPHABET]));
        break;
      case 3:
        letters.splice(at, 0, some(random, [...ALPHABET]).repeat(1 + random.below(20)));
        break;
      case 4:
        letters.length = at;
        break;
      default:
        letters.splice(at, 0, ...[...JSON.stringify(some(random, Object.values(WILD_VALUES)) ?? null)].slice(0, 200));
    }
  }
  return letters.join('');
};

/** What may stand in an address, however it came there. */
const inAddress = (text: string): string =>
  encodeURI(Buffer.from(text).toString())
    .replace(/[^\x21-\x7e]/g, '')
    .slice(0, 12_000);

const JSON_HEADERS = { 'content-type': 'application/json', 'accept-api-version': 'protocol=1.0,resource=2.1' };

/** One of the wild ways to say one part of a row, and sometimes another part besides. */
const route = ({ random, rows, tokens }: Stage): WildRequest => {
  const { key, row } = some(random, rows);
  const one = someWildRequest(key, row, tokens, (limit) => random.below(limit));
  if (random.below(3) > 0) return one;
  const other = usualRequest(key, row, tokens);
  return random.below(2) === 0 || one.body === undefined
    ? { ...one, path: inAddress(mutated(random, other.path)) }
    : { ...one, path: other.path, body: mutated(random, one.body) };
};

const MESSAGE = `${realmPath('/')}/push/sns/message?_action=`;

/** A token that nearly is one: by the right key or by another, of whatever claims and header. */
const jwtOf = ({ random, person, waiting }: Stage): string => {
  const encoded = (text: string) => Buffer.from(text).toString('base64url');
  const header = JSON.stringify({ typ: 'JWT', alg: some(random, ['HS256', 'HS256', 'none', 'ES256', 'HS512']) });
  const { challengeResponse: _never, ...claims } = person.open.claims(waiting.request, waiting.number);
  const said: Record<string, unknown> = { ...claims, deviceId: 'x', communicationType: 'relay', mechanismUid: 'x' };
  for (let change = random.below(3); change > 0; change -= 1)
    said[some(random, ['response', 'deny', 'iat', 'exp', 'mid', 'x_key', '__proto__'])] = some(
      random,
      Object.values(WILD_VALUES),
    );
  const body = random.below(2) === 0 ? JSON.stringify(said) : mutated(random, JSON.stringify(said));
  const input = `${encoded(random.below(4) === 0 ? mutated(random, header) : header)}.${encoded(body)}`;
  // Never by the key of the phone: whatever is said, it is no answer of its owner.
  const signature = createHmac('sha256', Buffer.alloc(32, random.below(256)))
    .update(input)
    .digest('base64url');
  const whole = `${input}.${signature}`;
  return random.below(3) === 0 ? mutated(random, whole) : whole;
};

const message = (stage: Stage): WildRequest => {
  const { random, person, waiting } = stage;
  const action = some(random, ['authenticate', 'register', 'refresh']);
  const ids = [waiting.request.messageId, person.open.code.messageId, `AUTHENTICATE:${randomUUID()}`, 'x'];
  const body = { messageId: some(random, ids), mechanismUid: person.open.mechanismUid, jwt: jwtOf(stage) };
  const text = JSON.stringify(body);
  return {
    what: `message ${action}`,
    method: 'POST',
    path: `${MESSAGE}${action}`,
    headers: JSON_HEADERS,
    body: random.below(4) === 0 ? mutated(random, text) : text,
  };
};

/** A step that is sent back nearly as it came. */
const step = ({ random, waiting: { wait } }: Stage): WildRequest => {
  const body = filled(wait, { [random.below(4)]: some(random, Object.values(WILD_VALUES)) });
  const text = JSON.stringify(body);
  const start = text.indexOf('"callbacks"');
  const changed = random.below(2) === 0 ? text : `${text.slice(0, start)}${mutated(random, text.slice(start))}`;
  return { what: 'step', method: 'POST', path: `${realmPath('/')}/authenticate`, headers: JSON_HEADERS, body: changed };
};

const FILTER = 'userName eq "ada" and (mail co "x" or !(sn sw "y")) and cn pr';

const filter = ({ random, tokens }: Stage): WildRequest => ({
  what: 'filter',
  method: 'GET',
  path: inAddress(
    `${realmPath('/')}/${some(random, ['users', 'sessions', 'scripts'])}?_queryFilter=${mutated(random, FILTER)}`,
  ),
  headers: { ...JSON_HEADERS, iplanetdirectorypro: tokens.administrator ?? '' },
});

const TREE = JSON.stringify(
  ROUTE_ROWS['PUT /json/realm-config/authentication/authenticationtrees/trees/:id']?.[0]?.body,
);

const tree = ({ random, tokens }: Stage): WildRequest => ({
  what: 'tree',
  method: 'PUT',
  path: `${realmPath('/')}/realm-config/authentication/authenticationtrees/trees/Fuzzed`,
  headers: { ...JSON_HEADERS, iplanetdirectorypro: tokens.administrator ?? '' },
  body: mutated(random, TREE),
});

/** Kinds of inputs, each as often as its weight says. */
const KINDS: readonly (readonly [kind: string, weight: number, make: (stage: Stage) => WildRequest])[] = [
  ['routes', 55, route],
  ['messages', 20, message],
  ['steps', 15, step],
  ['filters', 8, filter],
  ['trees', 2, tree],
];
const WEIGHTS = KINDS.reduce((sum, [, weight]) => sum + weight, 0);

const kindOf = (random: Random) => {
  let dice = random.below(WEIGHTS);
  for (const kind of KINDS) {
    if (dice < kind[1]) return kind;
    dice -= kind[1];
  }
  throw new Error('There is no kind.');
};

/** What makes rows without end, or takes away what the run stands on, is left to `every parameter`. */
const isRepeatable = ({ key, row }: { readonly key: string; readonly row: RouteRow }): boolean =>
  row.isLast !== true && !/^(POST \/json\/(scripts|users|global-config\/realms)|DELETE )/.test(key);

const AT_ONCE = 24;
/** Each so many inputs are followed by five guesses and one right password. */
const GUESS_EACH = 400;

/**
 * Makes inputs by a seed, and notes what must not be: an answer of 5xx, a guess that was not counted, a session that nobody may have. What is
 * written where it must not be, the invariants say afterwards.
 */
export const generateInputs = async (
  run: AttackRun,
  { inputs, random, told }: { readonly inputs: number; readonly random: Random; told?(done: number): void },
): Promise<LongReport> => {
  const attacker = run.newAttacker();
  const tokens = await tokensOf(attacker);
  const described = await describedRows(attacker);
  const rows = [
    ...Object.entries(ROUTE_ROWS).flatMap(([key, its]) => its.map((row) => ({ key, row }))),
    // A save of a setting takes long, and what can be said in it is said by `every parameter`.
    ...described.filter((_, at) => at % 8 === 0),
  ].filter(isRepeatable);
  const person = await attacker.enrolled();
  const stage: Stage = { attacker, tokens, rows, person, random, waiting: await attacker.waiting(person) };
  const byKind: Record<string, number> = {};
  const byStatus: Record<string, number> = {};
  const guesses: Record<string, number> = { counted: 0, unread: 0, lost: 0 };
  const wrong: string[] = [];
  const prefix = new URL(run.target.am).pathname;
  let made = 0;

  const guess = async (at: number): Promise<void> => {
    const variant = some(random, GUESS_VARIANTS);
    const from = `127.${2 + Math.floor(at / 62_500)}.${Math.floor(at / 250) % 250}.${1 + (at % 250)}`;
    const outcome = await guessedInVain(attacker, { variant, username: `long-${at}`, from });
    const [kind = ''] = outcome.split(':', 1);
    guesses[kind] = (guesses[kind] ?? 0) + 1;
    if (kind === 'lost') wrong.push(outcome);
  };

  const worker = async (): Promise<void> => {
    while (made < inputs) {
      const at = made;
      made += 1;
      if (at % 10_000 === 0) told?.(at);
      if (at % GUESS_EACH === 0) await guess(at / GUESS_EACH);
      const [kind, , make] = kindOf(random);
      const input = make(stage);
      // A thousand addresses, so that the limits of one do not answer for the server, and each with its connection.
      const from = `127.9.${at % 4}.${1 + (Math.floor(at / 4) % 250)}`;
      const { method, path, headers, body } = input;
      const answer = await attacker.raw(`${prefix}${path}`, {
        method,
        headers,
        from,
        ...(body !== undefined && { body }),
      });
      byKind[kind] = (byKind[kind] ?? 0) + 1;
      const status = answer.status < 500 ? `${Math.floor(answer.status / 100)}xx` : String(answer.status);
      byStatus[status] = (byStatus[status] ?? 0) + 1;
      // Headers with the name and the password of somebody are a login, too; none of these inputs has both.
      if (answer.tokenId !== undefined && !new Set(Object.values(tokens)).has(answer.tokenId))
        wrong.push(`${input.what}: a session: ${path.slice(0, 200)} ${body?.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));

  // Whatever was said, it was said in the names of people who are still there.
  for (const [who, token] of Object.entries(tokens)) {
    const { body } = await attacker.ask(`${realmPath('/')}/sessions?_action=validate`, { body: { tokenId: token } });
    if (body.valid !== true) wrong.push(`the session of the ${who} was lost on the way`);
  }
  await attacker.approve(person, await attacker.waiting(person)).catch((error: unknown) => {
    wrong.push(`the owner of the phone cannot sign in: ${String(error).slice(0, 300)}`);
  });
  assert.equal(await attacker.login(person.name, WRONG).then(({ tokenId }) => tokenId), undefined);
  attacker.expectSession(await attacker.login(person.name, PASSWORD));
  return { inputs, byKind, byStatus, guesses, wrong };
};
