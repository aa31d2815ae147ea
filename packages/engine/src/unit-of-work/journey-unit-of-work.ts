import type { RealmSettings } from '../model/configuration.ts';
import { JourneyError } from '../model/errors.ts';
import { ForwardedRequest } from '../node/forwarded-request.ts';
import type { JourneyRequest } from '../node/journey-request.ts';
import { addChange } from './audit-repeats.ts';
import type { Change, Committer, EngineChange } from './changes.ts';
import type { Turns } from './turns.ts';
import type { ActingUnitOfWork } from './unit-of-work.ts';

/** Conditions of a commit that are refused where the caller's session may be over. */
const ENDS_OF_SESSION = ['session.usable', 'session.continues'] as const satisfies readonly EngineChange['type'][];
/** Conditions of a commit that end their journey where they are refused. */
const UNMET_CONDITIONS = ['factor.held', 'session.continues'] as const satisfies readonly EngineChange['type'][];

export type UnmetCondition = (typeof UNMET_CONDITIONS)[number];

/** A unit of work under way: what it has read, what it wants to write, which turns it holds. */
export class JourneyUnitOfWork implements ActingUnitOfWork {
  readonly realm: RealmSettings;
  readonly journeyId: string;
  request: JourneyRequest;
  changes: Change[] = [];
  always: Change[] = [];
  effects: (() => void)[] = [];
  isAnsweredEvenly = false;
  #owed: readonly Change[] = [];
  #isOverFor: UnmetCondition | undefined;
  readonly #committer: Committer;
  readonly #turns: Turns;
  /** Turns that are held or waited for, each with what ends it. */
  readonly #held = new Map<string, Promise<() => void>>();
  readonly #remembered = new Map<string, Promise<unknown>>();
  readonly #kept = new Map<string, object>();
  readonly #whenCommitted = new Map<Change, () => void>();

  constructor(realm: RealmSettings, journeyId: string, request: JourneyRequest, committer: Committer, turns: Turns) {
    this.realm = realm;
    this.journeyId = journeyId;
    this.request = request;
    this.#committer = committer;
    this.#turns = turns;
  }

  stage(change: Change): void {
    addChange(this.changes, change);
  }

  stageAlways(change: Change, whenCommitted?: () => void): void {
    addChange(this.always, change);
    if (whenCommitted !== undefined) this.#whenCommitted.set(change, whenCommitted);
  }

  async commitNow(changes: readonly Change[]): Promise<boolean> {
    return (await this.#committer.commit(changes)).committed;
  }

  afterCommit(effect: () => void): void {
    this.effects.push(effect);
  }

  answerEvenly(): void {
    this.isAnsweredEvenly = true;
  }

  /**
   * Whoever waits holds nothing, so that no two units of work ever wait for each other. A turn only spares work; that a limit
   * holds is for the conditional commit to see to.
   */
  async holdTurn(key: string): Promise<void> {
    const known = this.#held.get(key);
    if (known !== undefined) return void (await known);
    if (this.#turns.isTaken(key)) {
      if (this.#counters.length > 0) {
        await this.#commitCounters();
        return this.holdTurn(key);
      }
      this.release();
    }
    const turn = this.#turns.take(key);
    this.#held.set(key, turn);
    try {
      await turn;
    } catch (error) {
      if (this.#held.get(key) === turn) this.#held.delete(key);
      throw error;
    }
  }

  /** Gives up all turns, and goes on in the next one for its walk: a unit of work that waits holds nothing. */
  async takeWalkTurn(take: () => Promise<void>): Promise<void> {
    if (this.#counters.length > 0) await this.#commitCounters();
    this.release();
    await take();
  }

  /** The counters that this try has changed and not committed. What an earlier one owes is out of date: the guess is made again, and counted then. */
  get #counters(): readonly Change[] {
    return this.always.filter(({ type }) => type.startsWith('throttle.'));
  }

  /**
   * Commits the guesses that were counted, before their turn is given up: the next unit of work that has it must see them, or any number of guesses
   * would be made while this one waits (SEC-56). Where a counter was changed elsewhere, the request fails, and its last commit makes it start over.
   */
  async #commitCounters(): Promise<void> {
    const counters = this.#counters;
    if (!(await this.commitNow(counters))) throw new JourneyError('OVERLOADED', { retryAfterSeconds: 1 });
    const committed = new Set(counters);
    const others = (changes: readonly Change[]) => changes.filter((change) => !committed.has(change));
    this.always = others(this.always);
    this.changes = others(this.changes);
    this.#owed = [];
    for (const change of counters) this.#whenCommitted.get(change)?.();
  }

  remember<T>(key: string, load: () => Promise<T>): Promise<T> {
    let value = this.#remembered.get(key);
    if (value === undefined) {
      value = load();
      this.#remembered.set(key, value);
    }
    return value as Promise<T>;
  }

  forget(key: string): void {
    this.#remembered.delete(key);
  }

  keep<T extends object>(key: string, make: () => T): T {
    let value = this.#kept.get(key);
    if (value === undefined) {
      value = make();
      this.#kept.set(key, value);
    }
    return value as T;
  }

  /** Why the journey cannot go on, where a commit was refused for a reason that no other try changes. */
  get isOverFor(): UnmetCondition | undefined {
    return this.#isOverFor;
  }

  /** What must be written in any case. A try that lost a race has made its guess, too: that stays owed until it is written. */
  get kept(): readonly Change[] {
    return this.always.length > 0 ? this.always : this.#owed;
  }

  /** All of it: what is kept in any case may stand in its place among the rest. */
  get toCommit(): readonly Change[] {
    const staged = new Set(this.changes);
    return [...this.changes, ...this.kept.filter((change) => !staged.has(change))];
  }

  /** Drops what was staged, but for what must be written in any case. */
  keepOnly(): void {
    this.changes = [...this.kept];
    this.effects = [];
  }

  /**
   * Forgets what was read and staged, so that the unit of work can run again from what is stored now. A session that turned out to
   * be over when a change hung on it is among that: the journey runs again for a caller who is not signed in (SEC-61). A removed factor, and the end
   * of a session that an earlier step has read, end it.
   */
  startOver(refused?: string): void {
    if (ENDS_OF_SESSION.some((it) => it === refused)) {
      this.request = new ForwardedRequest(this.request, () => undefined);
    }
    this.#isOverFor = UNMET_CONDITIONS.find((it) => it === refused);
    this.#owed = this.kept;
    this.changes = [];
    this.always = [];
    this.effects = [];
    this.#remembered.clear();
    this.#kept.clear();
    this.#whenCommitted.clear();
  }

  release(): void {
    // A turn that was refused has nothing to end, and whoever asked for it has been told.
    for (const turn of this.#held.values()) turn.then((end) => end()).catch(() => undefined);
    this.#held.clear();
  }
}
