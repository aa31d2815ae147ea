import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock, Random } from '@assent/engine';
import type { Cookies } from '../http/cookies.ts';

const DAY_MILLIS = 24 * 3_600_000;
const KNOWN_DAYS = 180;
/** A browser of a family has a few users; who comes after that takes the place of the oldest. */
const MAX_USERS = 4;
const ENTRY = /^(\d{1,6})\.([\w-]{22})\.([\w-]{43})$/;

/**
 * A browser that a user has signed in with is known by a cookie of its own, which says so of that user and proves nothing
 * else: guesses that strangers make do not count against it, and its own are counted apart (SEC-57, docs/adr/0039).
 */
export class KnownBrowsers {
  readonly #key: Uint8Array;
  readonly #cookies: Cookies;
  readonly #clock: Clock;
  readonly #random: Pick<Random, 'bytes'>;

  constructor(
    key: Uint8Array,
    { cookies, clock, random }: { cookies: Cookies; clock: Clock; random: Pick<Random, 'bytes'> },
  ) {
    this.#key = key;
    this.#cookies = cookies;
    this.#clock = clock;
    this.#random = random;
  }

  /** The name of the browser for that user, where it is known to be the user's; `header` is that of its cookies. */
  nameOf(header: string | undefined, userId: string): string | undefined {
    const today = this.#today();
    for (const entry of this.#entries(header)) {
      const [, day = '', name = '', mac = ''] = ENTRY.exec(entry) ?? [];
      const age = today - Number(day);
      if (mac !== '' && age >= 0 && age < KNOWN_DAYS && isSame(mac, this.#macOf(userId, day, name))) return name;
    }
    return undefined;
  }

  /** The cookie that makes a browser known to be that user's; undefined where it is already. */
  cookieFor(header: string | undefined, userId: string): string | undefined {
    if (this.nameOf(header, userId) !== undefined) return undefined;
    const day = String(this.#today());
    const name = Buffer.from(this.#random.bytes(16)).toString('base64url');
    const entries = [`${day}.${name}.${this.#macOf(userId, day, name)}`, ...this.#entries(header)];
    return this.#cookies.known(entries.slice(0, MAX_USERS).join('~'), KNOWN_DAYS * 86_400);
  }

  #entries(header: string | undefined): readonly string[] {
    const entries = this.#cookies.read(header, this.#cookies.knownName)?.split('~') ?? [];
    return entries.slice(0, MAX_USERS).filter((entry) => ENTRY.test(entry));
  }

  #today(): number {
    return Math.floor(this.#clock.now() / DAY_MILLIS);
  }

  #macOf(userId: string, day: string, name: string): string {
    return createHmac('sha256', this.#key).update(`${day}.${name}.${userId}`).digest('base64url');
  }
}

const isSame = (one: string, other: string): boolean => timingSafeEqual(Buffer.from(one), Buffer.from(other));
