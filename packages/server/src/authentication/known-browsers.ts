import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock, Random } from '@assent/engine';
import type { RememberedBrowser } from '@assent/engine/host';
import type { KeyRing } from '@assent/store';
import type { Cookies } from '../http/cookies.ts';

const DAY_MILLIS = 24 * 3_600_000;
const KNOWN_DAYS = 180;
/** A browser of a family has a few users; who comes after that takes the place of the oldest. */
const MAX_USERS = 4;
/**
 * By what the browser became known, then the day, and the key behind it; what names no key was made with the first. An entry of before says
 * nothing of what made it known, and is none any more (docs/adr/0128).
 */
const ENTRY = /^([fp])(\d{1,6})(?:\.([1-9]\d{0,8}))?\.([\w-]{22})\.([\w-]{43})$/;
const FIRST = '1';

type Letter = 'f' | 'p';

interface Entry {
  readonly letter: Letter;
  readonly day: string;
  readonly keyId: string;
  readonly name: string;
}

/** Whose browser it is, and by what; a password makes it known for as long as that is the user's. */
type Owner = { readonly userId: string; readonly credentialRev?: number | undefined };

/**
 * A browser in which a user has shown a second factor is known by a cookie of its own, which says so of that user and proves nothing
 * else: guesses that strangers make do not count against it, and its own are counted apart (SEC-57, SEC-86, docs/adr/0039). One in which
 * a user has shown the password, who had nothing else to show, is known to the limits of passwords alone.
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
   * The name of the browser for that user, where a second factor has made it known; `header` is that of its cookies. With the version of the
   * user's credentials also where a password of that version has.
   */
  nameOf(header: string | undefined, userId: string, credentialRev?: number): string | undefined {
    return this.#find(header, { userId, credentialRev })?.name;
  }

  /**
   * The cookie that makes a browser known to be that user's; undefined where it is already. Where it is known by a key that was replaced, it is
   * from now on by the one in use, under the name that it has (SEC-76).
   */
  cookieFor(header: string | undefined, { userId, by, credentialRev }: RememberedBrowser): string | undefined {
    const owner = by === 'factor' ? { userId } : { userId, credentialRev };
    const known = this.#find(header, owner);
    const { id: keyId } = this.#keys.active();
    if (known?.keyId === keyId) return undefined;
    const day = String(this.#today());
    const name = known?.name ?? Buffer.from(this.#random.bytes(16)).toString('base64url');
    // What the password had made known is from now on so by the factor.
    const earlier = known ?? this.#find(header, { userId, credentialRev });
    const others = this.#entries(header).filter((entry) => earlier === undefined || !entry.includes(earlier.name));
    const letter = by === 'factor' ? 'f' : 'p';
    const entries = [this.#entry(owner, known ? { ...known, keyId } : { letter, day, keyId, name }), ...others];
    return this.#cookies.known(entries.slice(0, MAX_USERS).join('~'), KNOWN_DAYS * 86_400);
  }

  /** The entry of a second factor before that of a password. */
  #find(header: string | undefined, owner: Owner): Entry | undefined {
    const today = this.#today();
    const found: Entry[] = [];
    for (const entry of this.#entries(header)) {
      const [, letter = '', day = '', keyId = FIRST, name = '', mac = ''] = ENTRY.exec(entry) ?? [];
      const age = today - Number(day);
      const known = { letter: letter as Letter, day, keyId, name };
      const isMeant = letter === 'f' || owner.credentialRev !== undefined;
      if (isMeant && age >= 0 && age < KNOWN_DAYS && this.#isMac(mac, owner, known)) found.push(known);
    }
    return found.find(({ letter }) => letter === 'f') ?? found[0];
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

const macOf = (key: Uint8Array, { userId, credentialRev }: Owner, { letter, day, name }: Entry): string => {
  const by = letter === 'f' ? 'factor' : `password ${credentialRev}`;
  return createHmac('sha256', key).update(`${by}.${day}.${name}.${userId}`).digest('base64url');
};

const isSame = (one: string, other: string): boolean => timingSafeEqual(Buffer.from(one), Buffer.from(other));
