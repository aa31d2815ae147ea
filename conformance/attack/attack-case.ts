import type { Attacker } from './target/attacker.ts';

/** One attack of the corpus, or several that are one work. What it does not expect, it throws. */
export interface AttackCase {
  /** Of spec/security-reliability §3, such as `A041`; none where the corpus has more than the specification. */
  readonly ids: readonly string[];
  readonly title: string;
  /** Where a ruling of design.md §3.3 changes what the specification expects, and how. */
  readonly ruling?: string;
  /** `clock` is a server whose time can be moved: a case that needs it is left out where it cannot. */
  readonly needs?: 'clock';
  /** Too long for every `npm test`: only `npm run tools -- attack` makes it. */
  readonly isLong?: true;
  /** Leaves somebody to a limit that time ends: where time cannot be moved, nobody waits to see that it does (I3). */
  readonly tripsLimit?: true;
  attack(attacker: Attacker): Promise<void>;
}

/** The cases of one part of §3. */
export interface AttackGroup {
  /** As the specification numbers it. */
  readonly number: string;
  readonly title: string;
  readonly cases: readonly AttackCase[];
}

/** The same attack on each of several things. */
export const each = <T>(
  things: Iterable<T>,
  about: (thing: T) => Omit<AttackCase, 'attack'>,
  attack: (attacker: Attacker, thing: T) => Promise<void>,
): readonly AttackCase[] =>
  [...things].map((thing) => ({ ...about(thing), attack: (attacker) => attack(attacker, thing) }));
