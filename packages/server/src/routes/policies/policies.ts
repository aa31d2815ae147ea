import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Identity, Session } from '@assent/engine';
import { administered, type Caller, type CallerPorts } from '../../authorization/administration.ts';
import { type Answer, badRequest, type Call, ok, type Routes, unsupportedAction } from '../../http/call.ts';
import type { AccessApprovals } from '../../policies/access-approvals.ts';
import { type Actions, type Advices, verdictOf } from '../../policies/policy-decisions.ts';
import { USUAL_APPLICATION } from '../../policies/policy-schema.ts';
import { resourceOf } from '../../policies/resource-pattern.ts';
import { type Evaluation, evaluationIn } from './evaluation.ts';

export interface PoliciesRoutesOptions extends CallerPorts {
  readonly approvals: Pick<AccessApprovals, 'decide'>;
  readonly clock: Clock;
}

/** A decision as AM words it. */
interface Decision {
  readonly resource: string;
  readonly actions: Actions;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly advices: Advices;
  /** Until when a gateway may go by it, in milliseconds since 1970; 0 for one access, or none. */
  readonly ttl: number;
}

/** A session can end at any time, and a gateway hears of it when it asks again. */
const KEPT_MILLIS = 60_000;

const denied = (resource: string, advices: Advices = {}): Decision => ({
  resource,
  actions: {},
  attributes: {},
  advices,
  ttl: 0,
});
const allowed = (resource: string, actions: Actions, ttl: number): Decision => ({
  resource,
  actions,
  attributes: {},
  advices: {},
  ttl,
});

/** An access for which an approval was used up. */
interface Granted {
  readonly granted: Decision;
}

/** A session of the realm, and its user. */
interface SignedIn {
  readonly session: Session;
  readonly user: Identity;
}

/** `policies?_action=evaluate`, for gateways, agents and the backends of applications (SEC-85). */
export const policiesRoutes = (options: PoliciesRoutesOptions): Routes => {
  const { sessions, identities, approvals, clock } = options;

  /** Who wants access; undefined where the session is over, of another realm, or that of an account out of use. */
  const signedIn = async (call: Call, caller: Caller, { ssoToken }: Evaluation): Promise<SignedIn | undefined> => {
    const session = ssoToken === undefined ? caller.session : await sessions.find(ssoToken);
    if (session?.realm !== call.realmPath) return undefined;
    const user = await identities.findById(session.userId);
    return user?.active === true ? { session, user } : undefined;
  };

  const decide = async (
    call: Call,
    caller: Caller,
    text: string,
    { application, transactions }: Evaluation,
    { session, user }: SignedIn,
  ): Promise<Decision | Granted | { readonly refused: Answer }> => {
    const resource = resourceOf(text);
    if (resource === undefined) return denied(text);
    const verdict = verdictOf(call.realm, { application, resource }, session);
    if (verdict.kind === 'denied') return denied(text, verdict.advices);
    const { actions } = verdict;
    if (verdict.kind === 'allowed') {
      const idleUntil = session.lastUsedAt + session.maxIdleMillis;
      return allowed(text, actions, Math.min(clock.now() + KEPT_MILLIS, session.maxExpiresAt, idleUntil));
    }
    const { realm } = call;
    const access = { realm, session, user, resource, policies: verdict.policies, brought: transactions };
    const approval = await approvals.decide(call, caller, access);
    switch (approval.kind) {
      case 'granted':
        return { granted: allowed(text, actions, 0) };
      case 'asked':
        return denied(text, { TransactionConditionAdvice: [approval.id] });
      case 'impossible':
        return denied(text);
      case 'refused':
        return { refused: approval.answer };
    }
  };

  const evaluate = async (call: Call, caller: Caller): Promise<Answer> => {
    const asked = evaluationIn(call.body);
    if ('status' in asked) return asked;
    const { application, resources } = asked;
    if (
      application !== USUAL_APPLICATION &&
      !call.realm.policies.some(({ applicationName }) => applicationName === application)
    ) {
      return badRequest(`The realm has no policies of the application ${application}.`, 'application');
    }
    const who = await signedIn(call, caller, asked);
    const decisions: Decision[] = [];
    let hasUsedApproval = false;
    // One after the other: each may use an approval up, and is counted. Each is compared with up to 2,000 patterns: others get a turn in between.
    for (const [at, text] of resources.entries()) {
      if (at > 0) await nextTurn();
      const decision = who === undefined ? denied(text) : await decide(call, caller, text, asked, who);
      if ('granted' in decision) {
        hasUsedApproval = true;
        decisions.push(decision.granted);
      } else if (!('refused' in decision)) decisions.push(decision);
      // An approval that was used up is told of in any case: the gateway asks again for the rest.
      else if (hasUsedApproval) decisions.push(denied(text));
      else return decision.refused;
    }
    return ok(decisions);
  };

  return {
    'POST policies': administered(
      options,
      'policies',
      'evaluate',
    )((call, caller) =>
      call.query._action === 'evaluate' ? evaluate(call, caller) : Promise.resolve(unsupportedAction(['evaluate'])),
    ),
  };
};
