import type { Clock, Random } from '@assent/engine';
import { MAX_PROPOSALS_OF_PROPOSER, MAX_PROPOSALS_OF_REALM, type Proposal } from '@assent/engine/host';
import { isJsonObject } from '@assent/wire';
import { type Caller, isAnswer } from '../authorization/administration.ts';
import type { Answered } from '../authorization/answered.ts';
import { auditOfCall } from '../authorization/audit-of-call.ts';
import { type CallerCommits, refusedWrite } from '../authorization/caller-commits.ts';
import { reasonOf } from '../authorization/reason.ts';
import { type Answer, type Call, refuse } from '../http/call.ts';
import {
  baseOf,
  type ConfigurationUnder,
  needsSecondAdministrator,
  type ProposalDocument,
} from './proposal-document.ts';
import { readScriptsOfTrees } from './run-scripts.ts';

export interface FourEyesOptions extends ConfigurationUnder {
  readonly commits: CallerCommits;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * How long a proposal waits.
 *
 * @internal The walk goes to its end.
 */
export const PROPOSAL_MILLIS = 7 * 24 * 3_600_000;

const NO_ROOM: Answer = refuse(
  409,
  `Too many changes wait for a second administrator: at most ${MAX_PROPOSALS_OF_PROPOSER} of one proposer and ${MAX_PROPOSALS_OF_REALM} of a realm may. Reject some of your own with _action=reject, or have some approved.`,
);
const CHANGED: Answer = refuse(412, 'You or your session have changed meanwhile. Sign in again.');

/** What was asked for, and is not done yet: whoever reads it back finds what was there before. */
const waitingFor = ({ body }: Answer, { id, expiresAt }: Proposal): Answer => ({
  status: 202,
  body: {
    ...(isJsonObject(body) ? body : {}),
    _proposal: { _id: id, expiresAt: new Date(expiresAt).toISOString() },
  },
});

/**
 * Publishes, or where the realm asks for four eyes keeps what would be published until another administrator approves it (ADR 118). It is checked as
 * ever before it is kept: what is wrong is refused at once.
 */
export const fourEyes = (options: FourEyesOptions) => {
  const { configuration, commits, clock, random } = options;
  const decided = async <D extends Answered>(
    call: Call,
    caller: Caller,
    decide: () => D,
  ): Promise<Answered & Partial<D>> => {
    const { realmPath } = call;
    let kept: Omit<ProposalDocument, 'reason'> | undefined;
    if (configuration.realm(realmPath)?.fourEyes === true) await readScriptsOfTrees(options, realmPath);
    const decision = await commits.decided(caller, (): D => {
      kept = undefined;
      const decision = decide();
      const { change, consequences: _, events = [], ...told } = decision;
      if (change === undefined || configuration.storedRealm(realmPath)?.fourEyes !== true) return decision;
      if (!needsSecondAdministrator(options, realmPath, change)) return decision;
      const rows = events.map(({ event, outcome, detail }) => ({
        event,
        ...(outcome !== undefined && { outcome }),
        ...(detail !== undefined && { detail }),
      }));
      kept = { change, base: baseOf(options, realmPath, change), rows };
      return told as D;
    });
    return kept === undefined ? decision : { ...decision, answer: await propose(call, caller, kept, decision.answer) };
  };

  const propose = async (
    call: Call,
    caller: Caller,
    kept: Omit<ProposalDocument, 'reason'>,
    answer: Answer,
  ): Promise<Answer> => {
    const reason = reasonOf(call, 'where the realm asks');
    if (isAnswer(reason)) return reason;
    const now = clock.now();
    const row: Proposal = {
      id: random.uuid(),
      realm: call.realmPath,
      proposer: caller.identity.id,
      document: JSON.stringify({ ...kept, ...reason } satisfies ProposalDocument),
      createdAt: now,
      expiresAt: now + PROPOSAL_MILLIS,
    };
    const [first] = kept.rows;
    const result = await commits.byRole(caller, [
      { type: 'proposal.put', row, now },
      auditOfCall(call, {
        at: now,
        event: 'CONFIG_PROPOSED',
        userId: caller.identity.id,
        ...(first?.outcome !== undefined && { outcome: first.outcome }),
        detail: { ...first?.detail, proposal: row.id, ...reason },
      }),
    ]);
    if (result.committed) return waitingFor(answer, row);
    return result.refused === 'proposal.put' ? NO_ROOM : refusedWrite(result, CHANGED);
  };

  return { decided };
};

export type FourEyes = ReturnType<typeof fourEyes>;
