import type { Change, EngineChange, Lane } from '@assent/engine/host';

/** Why a commit has no caller: the closed list of what changes configuration without a session. */
export type SystemReason = 'first start' | 'command line';

/** What a commit of a caller starts with: the session, the account and the realm are still usable when the store applies it. */
export type CallerConditions = readonly [
  session: Extract<EngineChange, { readonly type: 'session.usable' }>,
  identity: Extract<EngineChange, { readonly type: 'identity.usable' }>,
  realm: Extract<EngineChange, { readonly type: 'realm.usable' }>,
  ...others: Change[],
];

/** The conditions of one try, or the name of the condition that fails before the store is asked. */
export type ConditionsNow = { readonly conditions: readonly Change[] } | { readonly refused: string };

/**
 * On whose behalf configuration is committed. No commit of configuration can be built without one, and one without conditions
 * exists only for a {@link SystemReason} (SEC-91).
 */
export class CommitAuthority {
  /** Where the commit waits for its turn. */
  readonly lane: Lane;
  readonly #conditionsNow: () => ConditionsNow;

  private constructor(lane: Lane, conditionsNow: () => ConditionsNow) {
    this.lane = lane;
    this.#conditionsNow = conditionsNow;
  }

  /** A caller, whose realm and id are the lane: `conditionsNow` is asked again for each try, so that a retry never uses an old answer. */
  static ofCaller(
    lane: Required<Lane>,
    conditionsNow: () => { readonly conditions: CallerConditions } | { readonly refused: string },
  ): CommitAuthority {
    return new CommitAuthority(lane, conditionsNow);
  }

  /** The installation itself, or its operator at the machine. */
  static ofSystem(_reason: SystemReason): CommitAuthority {
    return new CommitAuthority({ realm: '/' }, () => ({ conditions: [] }));
  }

  conditionsNow(): ConditionsNow {
    return this.#conditionsNow();
  }
}
