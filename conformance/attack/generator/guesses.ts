import assert from 'node:assert/strict';
import type { AttackCase } from '../attack-case.ts';
import { type Attacker, PASSWORD } from '../target/attacker.ts';
import { inParallel } from './in-parallel.ts';
import { type Sample, WILD_VALUES, wildParameters } from './wild-values.ts';

/** After so many the next one is not even looked at. */
const GUESSES = 5;

/** A way to say a guess that nobody uses, and that may not keep it from being counted. */
export interface GuessVariant {
  readonly what: string;
  /** Of the start and of the submit. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly change?: (body: Sample) => string;
}

interface Guessed {
  readonly status: number;
  readonly isSignedIn: boolean;
}

/** One whole sign-in; `undefined` where the start was refused already. */
const guess = async (
  attacker: Attacker,
  username: string,
  password: string,
  from: string,
  { query = '', headers = {}, change = JSON.stringify }: Partial<GuessVariant> = {},
): Promise<Guessed | undefined> => {
  const start = `${attacker.authenticate('Login')}${query && `&${query}`}`;
  const { status: started, authId, callbacks } = await attacker.ask(start, { headers, from });
  if (started !== 200 || authId === undefined) return undefined;
  const values: Readonly<Record<string, string>> = { NameCallback: username, PasswordCallback: password };
  const filled = callbacks.map((it) => ({
    ...it,
    input: it.input?.map((one) => ({ ...one, value: values[it.type] })),
  }));
  const submit = `${attacker.authenticate()}${query && `?${query}`}`;
  const answer = await attacker.ask(submit, { headers, from, body: change({ authId, callbacks: filled }) });
  if (answer.tokenId !== undefined) attacker.witness.legal(answer.tokenId);
  return { status: answer.status, isSignedIn: answer.tokenId !== undefined };
};

const ofQuery = ['goto', 'gotoOnFail', 'locale', 'noSession', 'ForceAuth', 'realm', 'suspendedId'].flatMap((name) =>
  wildParameters(name, name === 'realm' ? '/' : '/a').map(
    ({ what, text }): GuessVariant => ({ what: `parameter ${name} ${what}`, query: text }),
  ),
);

const beside = (what: string, member: string): GuessVariant => ({
  what: `body with ${what}`,
  change: (body) => `{${member},${JSON.stringify(body).slice(1)}`,
});

const ofBody: readonly GuessVariant[] = [
  ...Object.entries(WILD_VALUES).flatMap(([what, value]) =>
    value === WILD_VALUES['a text of 60 KiB']
      ? []
      : [beside(`a stage that is ${what}`, `"stage":${JSON.stringify(value)}`)],
  ),
  beside('a member constructor', '"constructor":{"prototype":{"a":1}}'),
  beside('its authId twice', '"authId":"a.b.c"'),
  beside('an unknown member', '"some-member":[{"a":[1]}]'),
  {
    what: 'body with its callbacks twice',
    change: (body) => {
      const { authId, callbacks } = body as { readonly authId: string; readonly callbacks: readonly unknown[] };
      return JSON.stringify({ authId, callbacks: [...callbacks, ...callbacks] });
    },
  },
];

const ofHeaders = ['accept-language', 'cookie', 'x-forgerock-transactionid', 'x-forwarded-for', 'user-agent'].map(
  (name): GuessVariant => ({ what: `header ${name} twice`, headers: { [name]: ['a=b', 'c=d'] } }),
);

export const GUESS_VARIANTS: readonly GuessVariant[] = [...ofQuery, ...ofBody, ...ofHeaders];

/** What became of wrong passwords that were said in a way: counted, refused unread, or lost, which none may be. */
export const guessedInVain = async (
  attacker: Attacker,
  { variant, username, from }: { readonly variant: GuessVariant; readonly username: string; readonly from: string },
): Promise<'counted' | 'unread' | `lost: ${string}`> => {
  await attacker.personNamed(username);
  const wrong: (number | undefined)[] = [];
  for (let count = 0; count < GUESSES; count += 1) {
    wrong.push((await guess(attacker, username, `wrong ${count}`, from, variant))?.status);
  }
  const right = await guess(attacker, username, PASSWORD, from);
  const isSignedIn = right?.isSignedIn === true;
  const isCounted = wrong.every((status) => status === 401);
  const isUnread = wrong.every((status) => status === undefined || status === 400);
  if ((isCounted && !isSignedIn) || (isUnread && isSignedIn)) return isCounted ? 'counted' : 'unread';
  return `lost: ${variant.what}: ${wrong.join(' ')}, then ${right?.status}${isSignedIn ? ' signed in' : ''}`;
};

/** No guess goes uncounted, however a request says what it says (SEC-46, SEC-57). */
export const guessesCount: AttackCase = {
  ids: [],
  title: 'a wrong password is told from the right one only where it counts',
  async attack(attacker) {
    const found = await inParallel(GUESS_VARIANTS.entries(), 8, ([at, variant]) =>
      guessedInVain(attacker, {
        variant,
        username: `guessed-${at}`,
        from: `127.1.${Math.floor(at / 200)}.${1 + (at % 200)}`,
      }),
    );
    assert.deepEqual(
      found.filter((it) => it.startsWith('lost')),
      [],
    );
    assert.ok(found.filter((it) => it === 'counted').length > 50);
  },
};
