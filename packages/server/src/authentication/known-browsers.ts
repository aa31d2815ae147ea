import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock, Random } from '@assent/engine';
import type { KeyRing } from '@assent/store';
import type { Cookies } from '../http/cookies.ts';

const DAY_MILLIS = 24 * 3_600_000;
const KNOWN_DAYS = 180;
/** A browser of a family has a few users; who comes after that takes the place of the oldest. */
const MAX_USERS = 4;
/** The key stands behind the day; what names none was made with the first. */
const ENTRY = /^(\d{1,6})(?:\.([1-9]\d{0,8}))?\.([\w-]{22})\.([\w-]{43})$/;
const FIRST = '1';

interface Entry {
  readonly day: string;
  readonly keyId: string;
  readonly name: string;
}

/**
 * A browser that a user has signed in with is known by a cookie of its own, which says so of that user and proves nothing
 * else: guesses that strangers make do not count against it, and its own are counted apart (SEC-57, docs/adr/0039).
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

  /** The name of the browser for that user, where it is known to be the user's; `header` is that of its cookies. */
  nameOf(header: string | undefined, userId: string): string | undefined {
    return this.#find(header, userId)?.name;
  }

  /**
   * The cookie that makes a browser known to be that user's; undefined where it is already. Where it is known by a key that was replaced, it is
   * from now on by the one in use, under the name that it has (SEC-76).
   */
  cookieFor(header: string | undefined, userId: string): string | undefined {
    const known = this.#find(header, userId);
    const { id: keyId } = this.#keys.active();
    if (known?.keyId === keyId) return undefined;
    const day = String(this.#today());
    const name = known?.name ?? Buffer.from(this.#random.bytes(16)).toString('base64url');
    const others = this.#entries(header).filter((entry) => known === undefined || !entry.includes(known.name));
    const entries = [this.#entry(userId, known ? { ...known, keyId } : { day, keyId, name }), ...others];
    return this.#cookies.known(entries.slice(0, MAX_USERS).join('~'), KNOWN_DAYS * 86_400);
  }

  #find(header: string | undefined, userId: string): Entry | undefined {
    const today = this.#today();
    for (const entry of this.#entries(header)) {
      const [, day = '', keyId = FIRST, name = '', mac = ''] = ENTRY.exec(entry) ?? [];
      const age = today - Number(day);
      const known = { day, keyId, name };
      if (mac !== '' && age >= 0 && age < KNOWN_DAYS && this.#isMac(mac, userId, known)) return known;
    }
    return undefined;
  }

  #entry(userId: string, { day, keyId, name }: Entry): string {
    const mac = macOf(this.#keys.active().bytes, userId, day, name);
    return [day, ...(keyId === FIRST ? [] : [keyId]), name, mac].join('.');
  }

  #isMac(mac: string, userId: string, { day, keyId, name }: Entry): boolean {
    const key = this.#keys.find(keyId);
    return key !== undefined && isSame(mac, macOf(key, userId, day, name));
  }

  #entries(header: string | undefined): readonly string[] {
    const entries = this.#cookies.read(header, this.#cookies.knownName)?.split('~') ?? [];
    return entries.slice(0, MAX_USERS).filter((entry) => ENTRY.test(entry));
  }

  #today(): number {
    return Math.floor(this.#clock.now() / DAY_MILLIS);
  }
}

const macOf = (key: Uint8Array, userId: string, day: string, name: string): string =>
  createHmac('sha256', key).update(`${day}.${name}.${userId}`).digest('base64url');

const isSame = (one: string, other: string): boolean => timingSafeEqual(Buffer.from(one), Buffer.from(other));
