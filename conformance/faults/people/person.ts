import type { Phone } from '../../support/phone.ts';
import { type Send, sendByFetch } from '../../support/wire.ts';

export const PASSWORD = 'correct horse 7';

const MINUTE = 60_000;

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
  /** After a login that a fault has disturbed: what it left behind on the phone is over by then. */
  restsUntil = 0;
  #rung: number[] = [];

  constructor(name: string, number: number) {
    this.name = name;
    this.address = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
  }

  /** The server sends three messages a minute and six in ten to whoever does not answer by a yes (SEC-25): nobody here comes near. */
  mayBeRung(now: number): boolean {
    const within = (millis: number) => this.#rung.filter((at) => at > now - millis).length;
    return within(MINUTE) < 2 && within(10 * MINUTE) < 5;
  }

  wasRung(now: number): void {
    this.#rung.push(now);
  }

  hasApproved(): void {
    this.#rung = [];
  }
}
