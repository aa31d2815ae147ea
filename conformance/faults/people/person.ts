import type { Phone } from '../../support/phone.ts';
import { type Send, sendByFetch } from '../../support/wire.ts';

export const PASSWORD = 'correct horse 7';

const MINUTE = 60_000;
/** Longer than nobody is rung after a denial. */
const REST_MILLIS = 35_000;

/** Somebody with an account, and what they have for it. They do one thing at a time. */
export class Person {
  readonly name: string;
  readonly address: string;
  phone: Phone | undefined;
  /** Of a phone whose messages come by a provider: under which name. */
  providerToken: string | undefined;
  codes: string[] = [];
  usedCode: string | undefined;
  hasRefused = false;
  /** Messages that were answered or lost before. */
  readonly seen = new Set<string>();
  /** The phone is in the hand of whoever logs in, and sends by the same network. */
  sendsBy: Send = sendByFetch;
  isBusy = false;
  /** The last login came to nothing, whatever excuses that: they come back when the fault is over. */
  isDisturbed = false;
  /** After a login that a fault has disturbed, and after a denial: what they left behind is over by then. */
  restsUntil = 0;
  #rung: number[] = [];

  constructor(name: string, number: number) {
    this.name = name;
    this.address = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
  }

  /**
   * The server sends three messages a minute and six in ten that are not answered by a yes, and none for half a minute after a no (SEC-25,
   * SEC-26): nobody here comes near.
   */
  mayBeRung(now: number): boolean {
    const within = (millis: number) => this.#rung.filter((at) => at > now - millis).length;
    return within(MINUTE) < 2 && within(10 * MINUTE) < 5;
  }

  wasRung(now: number): void {
    this.#rung.push(now);
  }

  /** A yes takes its own request back, and those of before go on counting. */
  hasApproved(): void {
    this.#rung.pop();
  }

  hasDenied(now: number): void {
    this.hasRefused = true;
    this.restsUntil = now + REST_MILLIS;
  }
}
