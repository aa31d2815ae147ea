import type { Clock, Configuration, Identity, Random, RealmSettings, Session } from '@assent/engine';
import {
  type BackChannel,
  type BackChannelReader,
  type EngineChange,
  isApprovalOf,
  mayRun,
  newNonce,
  openedByPolicy,
} from '@assent/engine/host';
import type { Caller } from '../authorization/administration.ts';
import { auditOfCall } from '../authorization/audit-of-call.ts';
import { type CallerCommits, refusedWrite } from '../authorization/caller-commits.ts';
import type { Rate, RatePerKey } from '../bounds/rate-per-key.ts';
import { type Answer, type Call, refuse } from '../http/call.ts';
import type { TransactionPolicy } from './policy-decisions.ts';
import type { Resource } from './resource-pattern.ts';

/**
 * Questions for approval, of one session: each is a row, and a gateway asks again whenever a page is opened. All sessions of a user together would
 * let an attacker who has the password keep the owner from approving (SEC-87).
 */
export const APPROVALS_OF_SESSION: Rate = { burst: 20, perSecond: 1 / 6 };

/** How long an approval may take, the access included; AM's default. */
const APPROVAL_SECONDS = 180;

const TOO_MANY: Answer = refuse(429, 'Too many approvals were asked of this session at once. Try again later.');
const STALE: Answer = refuse(412, 'The session or its user have changed meanwhile. Ask again.');

/** What is left of a commit that was refused: a session that is over gets no access, whichever of the two it is. */
const lost = (refused: Parameters<typeof refusedWrite>[0]): Approval =>
  refused.refused === 'session.usable' || refused.refused === 'identity.usable'
    ? { kind: 'impossible' }
    : { kind: 'refused', answer: refusedWrite(refused, STALE) };

export interface AccessApprovalsPorts {
  readonly reader: BackChannelReader;
  readonly configuration: Pick<Configuration, 'tree'>;
  readonly commits: Pick<CallerCommits, 'ofAccount'>;
  readonly rate: Pick<RatePerKey, 'take' | 'wait'>;
  readonly clock: Clock;
  readonly random: Random;
  digest(text: string): string;
}

/** An access that users approve one by one. */
export interface ApprovedAccess {
  readonly realm: RealmSettings;
  readonly session: Session;
  readonly user: Identity;
  readonly resource: Resource;
  readonly policies: readonly TransactionPolicy[];
  /** Ids of transactions that the caller has brought. */
  readonly brought: readonly string[];
}

/** `granted`: all approvals were there and are used up. `asked`: the user is to approve by the transaction with that id. */
export type Approval =
  | { readonly kind: 'granted' }
  | { readonly kind: 'asked'; readonly id: string }
  /** The realm does not let callers start the journey, or the session or its user has gone meanwhile. */
  | { readonly kind: 'impossible' }
  | { readonly kind: 'refused'; readonly answer: Answer };

/**
 * Approvals of single accesses (AM: "Transactional authorization"). Each is a back channel for one user, one session, one policy and one
 * address with its query: an approval for another amount, or by another user, approves nothing.
 */
export class AccessApprovals {
  readonly #ports: AccessApprovalsPorts;

  constructor(ports: AccessApprovalsPorts) {
    this.#ports = ports;
  }

  async decide(call: Call, caller: Caller, access: ApprovedAccess): Promise<Approval> {
    const found = await this.#approvals(access);
    const missing = access.policies.find((policy) => !found.has(policy));
    if (missing === undefined) {
      const committed = await this.#ports.commits.ofAccount(caller, [
        ...this.#stillTheirs(access),
        ...[...found].flatMap(([policy, row]) => this.#use(call, access, policy, row)),
      ]);
      if (committed.committed) return { kind: 'granted' };
      // Another call has used the approval up: this access takes one of its own.
      if (committed.refused !== 'backChannel.consume') return lost(committed);
    }
    const policy = missing ?? access.policies[0];
    return policy === undefined ? { kind: 'impossible' } : this.#ask(call, caller, access, policy);
  }

  /** What the approval is for. */
  #openedBy({ session, resource }: ApprovedAccess, { name }: TransactionPolicy): string {
    const { origin, path, query } = resource;
    return openedByPolicy(this.#ports.digest(JSON.stringify([name, session.sid, origin, path, query])));
  }

  /** The approvals among those that were brought. */
  async #approvals(access: ApprovedAccess): Promise<ReadonlyMap<TransactionPolicy, BackChannel>> {
    const { reader, digest, clock } = this.#ports;
    const found = new Map<TransactionPolicy, BackChannel>();
    for (const id of access.brought) {
      const row = await reader.get(digest(id));
      const policy =
        row?.realm === access.realm.realm
          ? access.policies.find((it) => {
              const openedBy = this.#openedBy(access, it);
              return isApprovalOf(row, { openedBy, subject: access.user.id, now: clock.now() });
            })
          : undefined;
      if (row !== undefined && policy !== undefined) found.set(policy, row);
    }
    return found;
  }

  #use(
    call: Call,
    access: ApprovedAccess,
    policy: TransactionPolicy,
    { idHash }: BackChannel,
  ): readonly EngineChange[] {
    const now = this.#ports.clock.now();
    const openedBy = this.#openedBy(access, policy);
    return [
      { type: 'backChannel.consume', idHash, openedBy, subject: access.user.id, now },
      auditOfCall(call, {
        at: now,
        event: 'BACK_CHANNEL_END',
        userId: access.user.id,
        outcome: 'used',
        detail: { backChannel: idHash, policy: policy.name },
      }),
    ];
  }

  async #ask(call: Call, caller: Caller, access: ApprovedAccess, policy: TransactionPolicy): Promise<Approval> {
    const { configuration, commits, rate, clock, random, digest } = this.#ports;
    const { realm, session, user } = access;
    const tree = policy.condition.strategySpecifier;
    if (!mayRun(realm, configuration.tree(realm.realm, tree))) return { kind: 'impossible' };
    const seconds = rate.wait(session.sid);
    if (seconds > 0) {
      return { kind: 'refused', answer: { ...TOO_MANY, headers: { 'retry-after': String(seconds) } } };
    }
    rate.take(session.sid);
    const id = newNonce(random);
    const now = clock.now();
    const row: BackChannel = {
      idHash: digest(id),
      realm: realm.realm,
      tree,
      openedBy: this.#openedBy(access, policy),
      expiresAt: now + APPROVAL_SECONDS * 1_000,
      allowRetry: true,
      subject: user.id,
      status: 'created',
      data: JSON.stringify({ username: user.username }),
    };
    const committed = await commits.ofAccount(caller, [
      ...this.#stillTheirs(access),
      { type: 'backChannel.open', row } satisfies EngineChange,
      auditOfCall(call, {
        at: now,
        event: 'BACK_CHANNEL_OPEN',
        userId: user.id,
        detail: { backChannel: row.idHash, policy: policy.name },
      }),
    ]);
    return committed.committed ? { kind: 'asked', id } : lost(committed);
  }

  /** The session that asks for the access is still that of an account in use when it is written. */
  #stillTheirs({ session, user }: ApprovedAccess): readonly EngineChange[] {
    return [
      { type: 'session.usable', tokenHash: session.tokenHash, now: this.#ports.clock.now() },
      { type: 'identity.usable', id: user.id, credentialRev: user.credentialRev },
    ];
  }
}
