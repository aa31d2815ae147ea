import { createHmac, timingSafeEqual } from 'node:crypto';
import type { BrowserKnownBy, Clock, Random } from '@assent/engine';
import type { RememberedBrowser } from '@assent/engine/host';
import type { KeyRing } from '@assent/store';
import type { Cookies } from '../http/cookies.ts';

const DAY_MILLIS = 24 * 3_600_000;
const KNOWN_DAYS = 180;
/** A browser of a family has a few users; who comes after that takes the place of the oldest. */
const MAX_USERS = 4;
/**
 * By what the browser became known, then the day, and the key behind it; what names no key was made with the first. An entry of before says
 * nothing of what made it known or of the credentials, and is none any more (docs/adr/0128).
 */
const ENTRY = /^([fpmb])(\d{1,6})(?:\.([1-9]\d{0,8}))?\.([\w-]{22})\.([\w-]{43})$/;
const FIRST = '1';

/** Each kind of entry: the word of its MAC, and what it makes the browser known by. */
const KINDS = {
  f: { word: 'factor', knownBy: ['factor', 'mailbox', 'password'] },
  b: { word: 'mailbox+password', knownBy: ['mailbox', 'password'] },
  m: { word: 'mailbox', knownBy: ['mailbox'] },
  p: { word: 'password', knownBy: ['password'] },
} as const satisfies Readonly<Record<string, { word: string; knownBy: readonly BrowserKnownBy[] }>>;

type Letter = keyof typeof KINDS;

interface Entry {
  readonly letter: Letter;
  readonly day: string;
  readonly keyId: string;
  readonly name: string;
}

/** Whose browser it is, and with which credentials. */
type Owner = Pick<RememberedBrowser, 'userId' | 'credentialRev'>;

/**
 * A browser in which a user has shown a second factor is known by a cookie, which says so of that user and proves nothing
 * else: guesses that strangers make do not count against it, and its own are counted apart (SEC-57, SEC-86, docs/adr/0039). One in which
 * a user has shown the password, who had nothing else to show, is known to the limits of passwords and mails alone, and one in which the user
 * has followed a mailed link to those of mails (docs/adr/0137). Another password, a reset of the
 * second factors and what else raises the version of the user's credentials ends all of them: the browsers of a thief are strangers from then on.
 */
export class KnownBrowsers {
  readonly #keys: Pick<KeyRing, 'active' | 'find'>;
  readonly #cookies: Cookies;
  readonly #clock: Clock;
  readonly #random: Pick<Random, 'bytes'>;

  constructor(
    keys: Pick<KeyRing, 'active' | 'find'>,
    { cookies, clock, random }: { cookies: Cookies; clock: Clock; random: Pick<Random, 'bytes'> },
  ) {
    this.#keys = keys;
    this.#cookies = cookies;
    this.#clock = clock;
    this.#random = random;
  }

  /** The name of the browser for that user with these credentials, where that or a second factor has made it known; `header` is that of its cookies. */
  nameOf(header: string | undefined, { by, ...owner }: Owner & { readonly by: BrowserKnownBy }): string | undefined {
    return this.#heldBy(header, owner).find(({ letter }) => isKnownBy(letter, by))?.name;
  }

  /**
   * The cookie that makes a browser known to be that user's; undefined where it is already. A proof that is added joins the entry
   * of earlier ones, with its name and day; a second factor begins another one. Where it is known by a key that was replaced, it is
   * from now on by the one in use, under the name that it has (SEC-76).
   */
  cookieFor(header: string | undefined, { by, ...owner }: RememberedBrowser): string | undefined {
    const held = this.#heldBy(header, owner);
    const [before] = held;
    const letter = letterOf([...by, ...held.flatMap((entry) => KINDS[entry.letter].knownBy)]);
    const { id: keyId } = this.#keys.active();
    if (before?.letter === letter && before.keyId === keyId) return undefined;
    const isKept = before !== undefined && (letter !== 'f' || before.letter === 'f');
    const day = isKept ? before.day : String(this.#today());
    const name = isKept ? before.name : Buffer.from(this.#random.bytes(16)).toString('base64url');
    const others = this.#entries(header).filter((entry) => !held.some((it) => entry.includes(it.name)));
    const entries = [this.#entry(owner, { letter, day, keyId, name }), ...others];
    return this.#cookies.known(entries.slice(0, MAX_USERS).join('~'), KNOWN_DAYS * 86_400);
  }

  /** The valid entries of that user, that of a second factor first. */
  #heldBy(header: string | undefined, owner: Owner): readonly Entry[] {
    const today = this.#today();
    const found: Entry[] = [];
    for (const entry of this.#entries(header)) {
      const [, letter = '', day = '', keyId = FIRST, name = '', mac = ''] = ENTRY.exec(entry) ?? [];
      const age = today - Number(day);
      const known = { letter: letter as Letter, day, keyId, name };
      if (age >= 0 && age < KNOWN_DAYS && this.#isMac(mac, owner, known)) found.push(known);
    }
    return found.sort((one, other) => Number(other.letter === 'f') - Number(one.letter === 'f'));
  }

  #entry(owner: Owner, entry: Entry): string {
    const { letter, day, keyId, name } = entry;
    const mac = macOf(this.#keys.active().bytes, owner, entry);
    return [`${letter}${day}`, ...(keyId === FIRST ? [] : [keyId]), name, mac].join('.');
  }

  #isMac(mac: string, owner: Owner, entry: Entry): boolean {
    const key = this.#keys.find(entry.keyId);
    return key !== undefined && isSame(mac, macOf(key, owner, entry));
  }

  #entries(header: string | undefined): readonly string[] {
    const entries = this.#cookies.read(header, this.#cookies.knownName)?.split('~') ?? [];
    return entries.slice(0, MAX_USERS).filter((entry) => ENTRY.test(entry));
  }

  #today(): number {
    return Math.floor(this.#clock.now() / DAY_MILLIS);
  }
}

const isKnownBy = (letter: Letter, by: BrowserKnownBy): boolean =>
  (KINDS[letter].knownBy as readonly BrowserKnownBy[]).includes(by);

const letterOf = (by: readonly BrowserKnownBy[]): Letter => {
  if (by.includes('factor')) return 'f';
  if (!by.includes('mailbox')) return 'p';
  return by.includes('password') ? 'b' : 'm';
};

const macOf = (key: Uint8Array, { userId, credentialRev }: Owner, { letter, day, name }: Entry): string => {
  const by = KINDS[letter].word;
  return createHmac('sha256', key).update(`${by} ${credentialRev}.${day}.${name}.${userId}`).digest('base64url');
};

const isSame = (one: string, other: string): boolean => timingSafeEqual(Buffer.from(one), Buffer.from(other));
