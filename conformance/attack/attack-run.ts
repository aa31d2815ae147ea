import { AssertionError } from 'node:assert';
import type { AttackCase, AttackGroup } from './attack-case.ts';
import { type Broken, Invariants, type Limits } from './invariants/invariants.ts';
import { Witness } from './invariants/witness.ts';
import { AttackClient } from './target/attack-client.ts';
import type { AttackTarget } from './target/attack-target.ts';
import { Attacker } from './target/attacker.ts';

/** A case that went another way than it is expected to. */
export interface Unexpected {
  readonly ids: readonly string[];
  readonly title: string;
  readonly seen: string;
}

export interface GroupReport {
  readonly number: string;
  readonly title: string;
  readonly cases: number;
  readonly leftOut: readonly string[];
  readonly unexpected: readonly Unexpected[];
  /** What held no longer once the group was over (I1 to I8). */
  readonly broken: readonly Broken[];
  readonly seconds: number;
}

/**
 * How much of the corpus a run makes: `whole` with what is too long for every `npm test`, `short` without it, and `sample` one case of each
 * attack, where people and servers cost more.
 */
export type Extent = 'whole' | 'short' | 'sample';

export interface RunOptions {
  readonly limits: Limits;
  readonly extent: Extent;
}

/** The second and third number of an address of the loopback network, so that each case has its own. */
const addressOf = (at: number): string =>
  `127.${10 + Math.floor(at / 62_500)}.${Math.floor(at / 250) % 250}.${1 + (at % 250)}`;

const titleOf = ({ ids, title }: AttackCase): string => (ids.length === 0 ? title : `${title} (${ids.join(', ')})`);

const seenOf = (error: unknown): string => {
  if (error instanceof AssertionError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
};

/** A server under attack: each case is an attacker's of its own, and after each group the invariants are looked at. */
export class AttackRun {
  readonly target: AttackTarget;
  readonly client: AttackClient;
  readonly witness = new Witness();
  readonly #invariants: Invariants;
  readonly #extent: Extent;
  #attackers = 0;
  #names = 0;

  constructor(target: AttackTarget, { limits, extent }: RunOptions) {
    this.target = target;
    this.client = new AttackClient(target.am);
    this.#extent = extent;
    const { client, witness } = this;
    this.#invariants = new Invariants({ target, client, witness, limits, attacker: this.newAttacker() });
  }

  newAttacker(): Attacker {
    this.#attackers += 1;
    return new Attacker(this.target, this.client, this.witness, {
      address: addressOf(this.#attackers),
      atOnce: this.#extent === 'whole' ? 50 : 15,
      newName: () => {
        this.#names += 1;
        return `person-${this.#names}`;
      },
    });
  }

  /** Makes one case, and lets everybody sign in whom it was about; what it did not expect, if anything. */
  async attack(it: AttackCase): Promise<Unexpected | undefined> {
    const attacker = this.newAttacker();
    try {
      await it.attack(attacker);
    } catch (error) {
      return { ids: it.ids, title: it.title, seen: seenOf(error) };
    }
    if (it.tripsLimit && this.target.pass === undefined) return undefined;
    const stuck = await attacker.honestLogins(this.#extent === 'whole');
    return stuck.length === 0 ? undefined : { ids: it.ids, title: it.title, seen: `I3: ${stuck.join('; ')}` };
  }

  #wanted(cases: readonly AttackCase[]): readonly AttackCase[] {
    const possible = cases.filter(
      ({ needs, isLong }) =>
        (this.#extent === 'whole' || isLong !== true) && (needs !== 'clock' || this.target.pass !== undefined),
    );
    if (this.#extent !== 'sample') return possible;
    const seen = new Set<string>();
    return possible.filter(({ ids, title }) => {
      const attack = ids.join() || title;
      return seen.has(attack) ? false : seen.add(attack);
    });
  }

  /** What holds no longer (I1 to I8); to read all files takes a while. */
  check({ withFiles }: { readonly withFiles: boolean }): Promise<readonly Broken[]> {
    return this.#invariants.check({ withFiles });
  }

  async group({ number, title, cases }: AttackGroup): Promise<GroupReport> {
    const since = performance.now();
    const wanted = this.#wanted(cases);
    const unexpected: Unexpected[] = [];
    for (const it of wanted) {
      const found = await this.attack(it);
      if (found !== undefined) unexpected.push(found);
    }
    const broken = await this.check({ withFiles: this.#extent === 'whole' });
    const leftOut = cases.filter((it) => !wanted.includes(it)).map(titleOf);
    return {
      number,
      title,
      cases: wanted.length,
      leftOut,
      unexpected,
      broken,
      seconds: (performance.now() - since) / 1_000,
    };
  }

  /** What stands in every realm of the cases, beside `/`. */
  async prepare(): Promise<void> {
    await this.target.addRealm('/alpha');
    await this.#invariants.begin();
  }

  async close(): Promise<void> {
    this.client.close();
    await this.target.close();
  }
}

/** Starts a server, attacks it, and ends it. */
export const withRun = async <T>(
  start: () => Promise<AttackTarget>,
  options: RunOptions,
  work: (run: AttackRun) => Promise<T>,
): Promise<T> => {
  const run = new AttackRun(await start(), options);
  try {
    await run.prepare();
    return await work(run);
  } finally {
    await run.close();
  }
};
