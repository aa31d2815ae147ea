import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Identity } from '@assent/engine';
import type { IdentityDirectory, Proposal, ProposalReader } from '@assent/engine/host';
import { formatQueryResult, type JsonObject } from '@assent/wire';
import { hasFreshDeviceFactor, hasPrivilege, rolesOf } from '../../authorization/access.ts';
import {
  administered,
  type Caller,
  isAnswer,
  mayDo,
  NEEDS_RECENT_FACTOR,
  NOT_FOUND,
  unchanged,
} from '../../authorization/administration.ts';
import type { Answered } from '../../authorization/answered.ts';
import { auditOfCall } from '../../authorization/audit-of-call.ts';
import { type CallerCommits, refusedWrite } from '../../authorization/caller-commits.ts';
import { reasonOf } from '../../authorization/reason.ts';
import { type Answer, actionOf, type Call, ok, type Routes, refuse, unsupportedAction } from '../../http/call.ts';
import { baseOf, documentOf, type ProposalDocument, underneath } from '../../proposals/proposal-document.ts';
import { ConsequenceRefused } from '../../realms/configuration-writes.ts';
import { type JourneyConfigurationOptions, withoutNewFindings } from '../trees/journey-configuration.ts';

export interface ProposalsRoutesOptions extends JourneyConfigurationOptions {
  readonly commits: CallerCommits;
  readonly identities: Pick<IdentityDirectory, 'findById'>;
  readonly proposals: ProposalReader;
  /** A change as that caller reads it: without secrets. */
  readonly shown: (call: Call, caller: Caller, change: ProposalDocument['change']) => JsonObject;
}

const BASE = 'realm-config/proposals';

const OWN: Answer = refuse(403, 'You have proposed this yourself: another administrator has to approve it.');
const DECIDED: Answer = refuse(409, 'This was decided meanwhile, or has expired.');
const NOT_THEIRS: Answer = refuse(
  409,
  'Whoever proposed this may not do it any more. Reject it, or have it proposed by somebody who may.',
);
const OVERTAKEN: Answer = refuse(
  409,
  'What this was made on has changed since. Nothing was done, and it still waits: look at it, reject it, and propose it anew.',
);

const time = (millis: number): string => new Date(millis).toISOString();

/** `realm-config/proposals`: what waits for a second administrator (ADR 118). */
export const proposalsRoutes = (options: ProposalsRoutesOptions): Routes => {
  const { configuration, commits, clock, identities } = options;
  const asAdministrator = administered(options, 'journeys');

  const record = async (row: Proposal, { identity }: Caller): Promise<JsonObject> => {
    const { change, base, rows, reason } = documentOf(row);
    return {
      _id: row.id,
      proposer: (await identities.findById(row.proposer))?.username ?? row.proposer,
      isOwn: row.proposer === identity.id,
      changes: rows.map(({ outcome, detail }) => ({ ...detail, ...(outcome !== undefined && { outcome }) })),
      isOvertaken: baseOf(options, row.realm, change) !== base,
      createdAt: time(row.createdAt),
      expiresAt: time(row.expiresAt),
      ...(reason !== undefined && { reason }),
    };
  };

  const find = async (call: Call): Promise<Proposal | undefined> => {
    const row = await options.proposals.get(call.realmPath, call.names.id ?? '');
    return row !== undefined && clock.now() < row.expiresAt ? row : undefined;
  };

  const isStillTheirs = (proposer: Identity | undefined, realm: string): proposer is Identity =>
    proposer?.active === true &&
    (proposer.realm === '/' || proposer.realm === realm) &&
    hasPrivilege(rolesOf(proposer), 'journeys:write');

  const rowOf = (
    call: Call,
    caller: Caller,
    event: string,
    row: Proposal,
    detail: object,
  ): ReturnType<typeof auditOfCall> => {
    const [first] = documentOf(row).rows;
    return auditOfCall(call, {
      at: clock.now(),
      event,
      userId: caller.identity.id,
      ...(first?.outcome !== undefined && { outcome: first.outcome }),
      detail: { ...first?.detail, proposal: row.id, proposer: row.proposer, ...detail },
    });
  };

  const approve = async (call: Call, caller: Caller, row: Proposal): Promise<Answer> => {
    if (row.proposer === caller.identity.id) return OWN;
    // Also where administrators need no second factor at all: two passwords that somebody has stolen are no two people.
    if (!hasFreshDeviceFactor(caller.session, clock.now())) return NEEDS_RECENT_FACTOR;
    const { change, base, rows } = documentOf(row);
    if (change.putRealm !== undefined && !mayDo(caller, row.realm, 'settings:write')) return caller.refusal;
    const reason = reasonOf(call, 'where the realm asks');
    if (isAnswer(reason)) return reason;
    const proposer = await identities.findById(row.proposer);
    if (!isStillTheirs(proposer, row.realm)) return NOT_THEIRS;
    const decide = (): Answered => {
      if (baseOf(options, row.realm, change) !== base) return { answer: OVERTAKEN };
      const now = clock.now();
      if (!hasFreshDeviceFactor(caller.session, now)) return { answer: NEEDS_RECENT_FACTOR };
      const { id, credentialRev } = proposer;
      const place = { realm: row.realm, transactionId: call.transactionId, at: now, userId: id };
      const approved: Answered = {
        answer: ok({ _id: row.id, result: 'approved' }),
        change,
        consequences: [
          { type: 'identity.usable', id, credentialRev },
          // A proposer who loses the role between the check and the commit has nothing published in their name.
          unchanged(proposer),
          { type: 'proposal.settle', id: row.id, realm: row.realm, now, notBy: caller.identity.id },
          rowOf(call, caller, 'CONFIG_APPROVED', row, reason),
        ],
        events: rows.map((it) => ({
          ...place,
          ...it,
          detail: { ...it.detail, proposal: row.id, approvedBy: caller.identity.id },
        })),
      };
      // What other changes have made of the trees around it meanwhile is looked at again, unless the proposer has accepted findings.
      const isAccepted = rows.some(({ detail }) => detail?.accepted !== undefined);
      return isAccepted ? approved : withoutNewFindings(options, call, approved);
    };
    try {
      return (await commits.decided(caller, decide)).answer;
    } catch (error) {
      if (!(error instanceof ConsequenceRefused)) throw error;
      const isOfProposer = error.type === 'identity.usable' || error.type === 'identity.unchanged';
      return refusedWrite({ committed: false, refused: error.type }, isOfProposer ? NOT_THEIRS : DECIDED);
    }
  };

  const reject = async (call: Call, caller: Caller, row: Proposal): Promise<Answer> => {
    const reason = reasonOf(call, 'where the realm asks');
    if (isAnswer(reason)) return reason;
    const now = clock.now();
    const result = await commits.byRole(caller, [
      { type: 'proposal.settle', id: row.id, realm: row.realm, now },
      rowOf(call, caller, 'CONFIG_REJECTED', row, reason),
    ]);
    return result.committed ? ok({ _id: row.id, result: 'rejected' }) : refusedWrite(result, DECIDED);
  };

  const actions: Readonly<Record<string, typeof approve>> = { approve, reject };

  return {
    [`GET ${BASE}`]: asAdministrator(async (call, caller) => {
      await configuration.refreshNodes();
      const rows = await options.proposals.ofRealm(call.realmPath, clock.now());
      const records: JsonObject[] = [];
      for (const row of rows) {
        records.push(await record(row, caller));
        // Other requests are served between two proposals: each may be the first to need the digest of a large journey.
        await nextTurn();
      }
      return ok(formatQueryResult(records));
    }),
    [`GET ${BASE}/:id`]: asAdministrator(async (call, caller) => {
      const row = await find(call);
      if (row === undefined) return NOT_FOUND;
      await configuration.refreshNodes();
      const { change } = documentOf(row);
      const { trees, scripts } = underneath(configuration, row.realm, change);
      const before = {
        publishTrees: trees.flatMap((it) => it ?? []),
        putScripts: scripts.flatMap((it) => it ?? []),
      };
      return ok({
        ...(await record(row, caller)),
        before: options.shown(call, caller, before),
        after: options.shown(call, caller, change),
      });
    }),
    [`POST ${BASE}/:id`]: asAdministrator(async (call, caller) => {
      const act = actionOf(actions, call);
      if (act === undefined) return unsupportedAction(Object.keys(actions));
      const row = await find(call);
      return row === undefined ? NOT_FOUND : act(call, caller, row);
    }),
  };
};
