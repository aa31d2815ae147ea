import { createHmac, timingSafeEqual } from 'node:crypto';
import { type BrowserKnownBy, type BrowserOwner, type Clock, foldUsername, type Random } from '@assent/engine';
import type { RememberedBrowser } from '@assent/engine/host';
import type { KeyRing } from '@assent/store';
import type { Cookies } from '../http/cookies.ts';

const DAY_MILLIS = 24 * 3_600_000;
const KNOWN_DAYS = 180;
/** A browser of a family has a few users; who comes after that takes the place of the oldest. */
const MAX_USERS = 4;
/**
 * By what the browser became known, then the day, the key behind it, and the attributes with the addresses behind it; what names no key was made
 * with the first. An entry of before says nothing of what made it known, of the credentials or of the addresses, and is none any more (docs/adr/0128).
 */
const ENTRY = /^([fcbmp])(\d{1,6})(?:\.([1-9]\d{0,8}))?\.([\w-]{22})\.([\w-]{43})(?:\.([\w-]{2,200})\.([\w-]{43}))?$/;
const FIRST = '1';

interface Kind {
  /** In its MAC. `factor` was that of an entry which did not tell a device from a code that was sent. */
  readonly word: string;
  readonly knownBy: readonly BrowserKnownBy[];
  /** It counts while the user has the addresses that it was earned with: a reader of a former mailbox is a stranger. */
  readonly hasAddresses: boolean;
  /** It begins another entry, since what was counted at the one of before may not be the owner's. */
  readonly beginsAnew: boolean;
}

/** Each kind of entry, the strongest first. */
const KINDS = {
  f: { word: 'device', knownBy: ['factor', 'sentCode', 'mailbox', 'password'], hasAddresses: false, beginsAnew: true },
  c: { word: 'sentCode', knownBy: ['sentCode', 'mailbox', 'password'], hasAddresses: true, beginsAnew: true },
  b: { word: 'mailbox+password', knownBy: ['mailbox', 'password'], hasAddresses: true, beginsAnew: false },
  m: { word: 'mailbox', knownBy: ['mailbox'], hasAddresses: true, beginsAnew: false },
  p: { word: 'password', knownBy: ['password'], hasAddresses: false, beginsAnew: false },
} as const satisfies Readonly<Record<string, Kind>>;

type Letter = keyof typeof KINDS;

const STRONGEST_FIRST = Object.keys(KINDS) as readonly Letter[];

interface Entry {
  readonly letter: Letter;
  readonly day: string;
  readonly keyId: string;
  readonly name: string;
  /** The names of the attributes, as the entry has them; empty where no address made the browser known. */
  readonly attributes: string;
}

/** A user has no more addresses in an attribute, and no longer ones, in characters, than this of them goes into a MAC. */
const MAX_ADDRESSES = 100;
const MAX_ADDRESS_LENGTH = 320;

/**
 * A browser in which a user has shown a second factor is known by a cookie, which says so of that user and proves nothing
 * else: guesses that strangers make do not count against it, and its own are counted apart (SEC-57, SEC-86, docs/adr/0039). One in which
 * a user has shown a code that was sent is no longer known to limits of guesses once the user has a device. One in which
 * a user has shown the password, who had nothing else to show, is known to the limits of passwords and mails alone, and one in which the user
 * has followed a mailed link to those of mails (docs/adr/0137). Another password, a reset of the
 * second factors and what else raises the version of the user's credentials ends all of them: the browsers of a thief are strangers from then on.
 * What a link or a sent code has made known ends with a change of the address.
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

  /**
   * The name of the browser for that user with these credentials and addresses, where that or something stronger has made it known; `header` is that
   * of its cookies.
   */
  nameOf(header: string | undefined, owner: BrowserOwner, by: BrowserKnownBy): string | undefined {
    return this.#heldBy(header, owner).find(({ letter }) => isKnownBy(letter, by))?.name;
  }

  /**
   * The cookie that makes a browser known to be that user's; undefined where it is already. A proof that is added joins the entry
   * of earlier ones, with its name and day; a second factor, also a sent code, begins another one. Where it is known by a key that was replaced, it is
   * from now on by the one in use, under the name that it has (SEC-76).
   */
  cookieFor(header: string | undefined, { by, addressIn: shownIn, ...owner }: RememberedBrowser): string | undefined {
    const held = this.#heldBy(header, owner);
    const [before] = held;
    const letter = letterOf([...by, ...held.flatMap((entry) => KINDS[entry.letter].knownBy)]);
    const { id: keyId } = this.#keys.active();
    if (before?.letter === letter && before.keyId === keyId) return undefined;
    const { hasAddresses, beginsAnew } = KINDS[letter];
    const isKept = before !== undefined && (!beginsAnew || before.letter === letter);
    const day = isKept ? before.day : String(this.#today());
    const name = isKept ? before.name : Buffer.from(this.#random.bytes(16)).toString('base64url');
    const addressIn = hasAddresses ? [...new Set([...held.flatMap(addressInOf), ...shownIn])] : [];
    const others = this.#entries(header).filter((entry) => !held.some((it) => entry.includes(it.name)));
    const entries = [this.#entry(owner, { letter, day, keyId, name, attributes: textOf(addressIn) }), ...others];
    return this.#cookies.known(entries.slice(0, MAX_USERS).join('~'), KNOWN_DAYS * 86_400);
  }

  /** The valid entries of that user, the strongest first. */
  #heldBy(header: string | undefined, owner: BrowserOwner): readonly Entry[] {
    const today = this.#today();
    const found: Entry[] = [];
    for (const entry of this.#entries(header)) {
      const [, letter = '', day = '', keyId = FIRST, name = '', mac = '', attributes = '', ofAddresses = ''] =
        ENTRY.exec(entry) ?? [];
      const age = today - Number(day);
      const known = { letter: letter as Letter, day, keyId, name, attributes };
      if (age >= 0 && age < KNOWN_DAYS && this.#isValid(known, owner, { mac, ofAddresses })) found.push(known);
    }
    return found.sort((one, other) => STRONGEST_FIRST.indexOf(one.letter) - STRONGEST_FIRST.indexOf(other.letter));
  }

  #entry(owner: BrowserOwner, entry: Entry): string {
    const { letter, day, keyId, name, attributes } = entry;
    const { bytes } = this.#keys.active();
    const ofAddresses = attributes === '' ? [] : [attributes, macOfAddresses(bytes, owner, entry)];
    return [
      `${letter}${day}`,
      ...(keyId === FIRST ? [] : [keyId]),
      name,
      macOf(bytes, owner, entry),
      ...ofAddresses,
    ].join('.');
  }

  /** The first MAC covers the names of the attributes: no value of theirs is looked up before. */
  #isValid(entry: Entry, owner: BrowserOwner, given: { readonly mac: string; readonly ofAddresses: string }): boolean {
    const key = this.#keys.find(entry.keyId);
    if (key === undefined || !isSame(given.mac, macOf(key, owner, entry))) return false;
    if (!KINDS[entry.letter].hasAddresses) return true;
    return owner.attributes !== undefined && isSame(given.ofAddresses, macOfAddresses(key, owner, entry));
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
  if (by.includes('sentCode')) return 'c';
  if (!by.includes('mailbox')) return 'p';
  return by.includes('password') ? 'b' : 'm';
};

const textOf = (addressIn: readonly string[]): string => Buffer.from(addressIn.join('\n')).toString('base64url');
const addressInOf = ({ attributes }: Entry): readonly string[] =>
  attributes === '' ? [] : Buffer.from(attributes, 'base64url').toString().split('\n');

const macOf = (
  key: Uint8Array,
  { userId, credentialRev }: BrowserOwner,
  { letter, day, name, attributes }: Entry,
): string => {
  const { word, hasAddresses } = KINDS[letter];
  const text = `${word} ${credentialRev}.${day}.${name}.${userId}${hasAddresses ? `\n${attributes}` : ''}`;
  return createHmac('sha256', key).update(text).digest('base64url');
};

const macOfAddresses = (key: Uint8Array, { attributes, userId }: BrowserOwner, entry: Entry): string => {
  const addresses = addressInOf(entry).map((it) => addressesOf(attributes?.[it]));
  const text = `addresses ${entry.name}.${userId}\n${JSON.stringify(addresses)}`;
  return createHmac('sha256', key).update(text).digest('base64url');
};

/** As look-ups compare them. */
const addressesOf = (values: readonly string[] = []): readonly string[] =>
  values.slice(0, MAX_ADDRESSES).map((value) => foldUsername(value.slice(0, MAX_ADDRESS_LENGTH)));

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
