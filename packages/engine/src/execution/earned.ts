import { foldUsername } from '../model/identities.ts';
import type { Earned, ExecutionContext } from './execution-context.ts';

type Context = Pick<ExecutionContext, 'progress' | 'state'>;

export const NOTHING_EARNED: Earned = {
  authLevel: undefined,
  properties: undefined,
  successDetails: undefined,
  successProperties: undefined,
};

/** What the journey would give to the session now, apart from proofs. */
export const earnedBy = ({ progress: { sessionOptions }, state }: Context): Earned => ({
  authLevel: state.get('authLevel'),
  properties: sessionOptions.properties,
  successDetails: sessionOptions.successDetails,
  successProperties: sessionOptions.successProperties,
});

/** What the journey has come to for another user is none of this one's; what is proven is kept by user anyway. */
export const dropEarned = (context: Context): void => {
  const { progress, state } = context;
  state.remove('authLevel');
  const { properties: _, successDetails: __, successProperties: ___, ...others } = progress.sessionOptions;
  progress.keep('sessionOptions', { ...others, properties: {} }, undefined);
  progress.keep('earnedFor', undefined, undefined);
  progress.earned = earnedBy(context);
};

/** The journey comes to know its user: what it has earned under the name of another goes. Absent where only the id of the user is known. */
export const demandEarnedFor = (context: Context, username: string | undefined): void => {
  const { earnedFor } = context.progress;
  if (earnedFor !== undefined && (username === undefined || foldUsername(username) !== earnedFor)) dropEarned(context);
};

/**
 * After each node, as long as the journey only names a user: notes under which name it has earned something, and drops what it has earned once it
 * names another (docs/adr/0138). What was earned before any name stays: it says nothing about a user.
 */
export const settleEarned = (context: Context): void => {
  const { progress, state } = context;
  if (progress.identity !== undefined || progress.boundUser !== undefined) return;
  const name = progress.sessionOptions.username ?? state.get('username');
  const isNamed = typeof name === 'string' && name !== '';
  if (progress.earnedFor !== undefined) {
    if (isNamed) demandEarnedFor(context, name);
    return;
  }
  const before = progress.earned;
  const now = earnedBy(context);
  progress.earned = now;
  const isSame = (Object.keys(now) as (keyof Earned)[]).every((member) => now[member] === before[member]);
  if (isSame || !isNamed) return;
  const folded = foldUsername(name);
  progress.keep('earnedFor', folded, folded);
};
