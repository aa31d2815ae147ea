import type { RealmSettings, Session } from '@assent/engine';
import { authLevelOf, type Policy, type PolicyCondition, walkedIn } from '@assent/engine/host';
import { covers, patternOf, type Resource, type ResourcePattern } from './resource-pattern.ts';

/** What a session lacks, as SDKs and agents pass it on to `authenticate`. */
export type Advices = Readonly<Record<string, readonly string[]>>;
export type Actions = Readonly<Record<string, boolean>>;

export type TransactionPolicy = Policy & { readonly condition: PolicyCondition & { readonly type: 'Transaction' } };

/** What the policies of a realm say of a session and a resource. */
export type Verdict =
  | { readonly kind: 'denied'; readonly advices: Advices }
  | { readonly kind: 'allowed'; readonly actions: Actions }
  /** The session lacks nothing; the access is for users who approve it under each of these policies. */
  | { readonly kind: 'approval'; readonly actions: Actions; readonly policies: readonly TransactionPolicy[] };

const needsApproval = (policy: Policy): policy is TransactionPolicy => policy.condition?.type === 'Transaction';

const lackOf = ({ condition }: Policy, session: Session): Advices | undefined => {
  switch (condition?.type) {
    case 'AuthLevel': {
      const { authLevel } = condition;
      return authLevelOf(session) >= authLevel ? undefined : { AuthLevelConditionAdvice: [String(authLevel)] };
    }
    case 'AuthenticateToService': {
      const { authenticateToService: journey } = condition;
      const hasWalked = walkedIn(session.properties).some(({ tree }) => tree === journey);
      return hasWalked ? undefined : { AuthenticateToServiceConditionAdvice: [journey] };
    }
    default:
      return undefined;
  }
};

/** What one of the policies allows and none of them denies. */
const actionsOf = (policies: readonly Policy[]): Actions => {
  const actions: Record<string, boolean> = Object.create(null) as Record<string, boolean>;
  for (const { actionValues } of policies) {
    for (const [name, isAllowed] of Object.entries(actionValues)) actions[name] = isAllowed && actions[name] !== false;
  }
  return { ...actions };
};

/** The patterns of policies, read once for each version of the configuration. */
const patternsOfPolicies = new WeakMap<readonly Policy[], ReadonlyMap<Policy, readonly ResourcePattern[]>>();

const patternsOf = (policies: readonly Policy[]): ReadonlyMap<Policy, readonly ResourcePattern[]> => {
  const known = patternsOfPolicies.get(policies);
  if (known !== undefined) return known;
  const read = new Map(
    policies.map((policy) => [policy, policy.resources.flatMap((text) => patternOf(text) ?? [])] as const),
  );
  patternsOfPolicies.set(policies, read);
  return read;
};

/**
 * What is covered by no policy is denied, and so is what is covered by one whose condition is not met. The advice is that of the first such
 * policy, since an SDK follows one at a time; approvals come last, so that none is asked for in vain.
 */
export const verdictOf = (
  { policies }: Pick<RealmSettings, 'policies'>,
  asked: { readonly application: string; readonly resource: Resource },
  session: Session,
): Verdict => {
  const patterns = patternsOf(policies);
  const covering = policies.filter(
    (policy) =>
      policy.active &&
      policy.applicationName === asked.application &&
      patterns.get(policy)?.some((pattern) => covers(pattern, asked.resource)),
  );
  if (covering.length === 0) return { kind: 'denied', advices: {} };
  for (const policy of covering) {
    const advices = lackOf(policy, session);
    if (advices !== undefined) return { kind: 'denied', advices };
  }
  const actions = actionsOf(covering);
  const approved = covering.filter(needsApproval);
  return approved.length === 0 ? { kind: 'allowed', actions } : { kind: 'approval', actions, policies: approved };
};
