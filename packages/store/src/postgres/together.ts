import { setImmediate as nextTurn } from 'node:timers/promises';
import { Claimed } from '../sql/reach.ts';
import type { Reach } from '../sql/verbs/define-changes.ts';
import type { Call, Verb } from '../sql/verbs/verb.ts';

/** A part of a commit: what it asks of the database, and what it must have to itself. */
export interface Part {
  readonly begin: () => Verb<boolean>;
  /** Parts that reach for the same go one after the other. */
  readonly reach: readonly Reach[];
}

type Send = (calls: readonly Call[]) => Promise<readonly unknown[]>;

interface TogetherOptions {
  readonly send: Send;
  /** What goes first, in the first flight. */
  readonly before: readonly Call[];
  /** Runs each piece of a part. */
  readonly within: <T>(work: () => T) => T;
}

interface Started {
  readonly verb: Verb<boolean>;
  waitsFor: readonly Call[];
  isList: boolean;
}

/**
 * Carries out the parts of a commit in as few flights as their dependencies allow: what all of them ask for next goes to the
 * server at once, in their order (OPS-08). As one after the other would have it, a part sees what the earlier ones have
 * written wherever they could have to do with each other, and the first that is refused is the one that is told.
 *
 * Resolves to the place of the part that was refused, or to undefined where all were applied.
 */
export const carryOutTogether = async (
  parts: readonly Part[],
  { send, before, within }: TogetherOptions,
): Promise<number | undefined> => {
  const state: (Started | 'waiting' | 'applied' | 'refused')[] = parts.map(() => 'waiting');
  let refused: number | undefined;

  const note = (at: number, step: IteratorResult<Call | readonly Call[], boolean>, verb: Verb<boolean>): void => {
    if (step.done === true) {
      state[at] = step.value ? 'applied' : 'refused';
      if (!step.value) refused = Math.min(refused ?? at, at);
      return;
    }
    const isList = !('wants' in step.value);
    state[at] = { verb, isList, waitsFor: isList ? (step.value as readonly Call[]) : [step.value as Call] };
  };
  /** Where nothing is asked for, the next ones may begin at once. */
  const beginFree = (): void => {
    const claimed = new Claimed();
    for (const [at, part] of parts.entries()) {
      if (refused !== undefined && at > refused) return;
      if (state[at] === 'waiting' && !claimed.meets(part.reach)) {
        const verb = within(() => part.begin());
        note(
          at,
          within(() => verb.next()),
          verb,
        );
      }
      if (state[at] !== 'applied') claimed.add(part.reach);
    }
  };

  let first = before;
  for (;;) {
    beginFree();
    // Behind the first that is refused nothing counts any more; what stands before it may still be refused itself.
    const under = [...state.entries()].filter(
      (entry): entry is [number, Started] => typeof entry[1] === 'object' && entry[0] <= (refused ?? parts.length),
    );
    const calls = [...first, ...under.flatMap(([, { waitsFor }]) => waitsFor)];
    if (calls.length === 0 && under.length === 0) return refused;
    const answers = calls.length === 0 ? [] : (await send(calls)).slice(first.length);
    first = [];
    let from = 0;
    for (const [at, { verb, waitsFor, isList }] of under) {
      const mine = answers.slice(from, from + waitsFor.length);
      from += waitsFor.length;
      note(
        at,
        within(() => verb.next(isList ? mine : mine[0])),
        verb,
      );
    }
  }
};

/** Carries out a verb, one flight after the other. */
export const carryOut = async <T>(verb: Verb<T>, send: Send): Promise<T> => {
  let step = verb.next();
  while (step.done !== true) {
    const calls = step.value;
    if ('wants' in calls) {
      const [answer] = await send([calls]);
      step = verb.next(answer);
    } else if (calls.length > 0) step = verb.next(await send(calls));
    else {
      await nextTurn();
      step = verb.next([]);
    }
  }
  return step.value;
};
