import type { Clock } from '@assent/engine';
import type { Change, Committer, EngineChange } from '@assent/engine/host';
import type { MessageChange } from '../model/messages.ts';

type Noted = Extract<MessageChange | EngineChange, { readonly moment?: unknown }>;

const NOTED: ReadonlySet<string> = new Set<Noted['type']>([
  'push.answer',
  'push.consume',
  'push.close',
  'push.closeJourney',
  'push.closeUser',
  'push.defer',
  'push.delivery',
  'identity.active',
  'identity.endAccess',
]);

/**
 * Wraps a committer, so that each change of a message says when it was committed and by which instance. The message notes it in the
 * statement that changes it anyway: a trace costs no commit and no statement of its own (OPS-50).
 */
export const withMoments = (
  committer: Committer,
  { instance, clock }: { readonly instance: string; readonly clock: Clock },
): Committer => ({
  commit(changes) {
    if (!changes.some(({ type }) => NOTED.has(type))) return committer.commit(changes);
    const moment = { at: clock.now(), by: instance };
    return committer.commit(changes.map((change): Change => (NOTED.has(change.type) ? { ...change, moment } : change)));
  },
});
