import { runSuccessHooks } from '../execution/evaluator.ts';
import { isOpenBackChannel } from '../model/back-channels.ts';
import { NodeFailure } from '../model/errors.ts';
import type { Identity } from '../model/identities.ts';
import { sameText } from '../model/nonce.ts';
import { factorsOf, hasLeft, type ProvenFactor } from '../model/proven-factors.ts';
import type { Session } from '../model/sessions.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import {
  type CredentialVersion,
  credentialVersionOf,
  isOutdated,
  revAfter,
} from '../unit-of-work/credential-version.ts';
import { StagedUsers } from '../unit-of-work/staged-users.ts';
import { successDetails } from './answer-members.ts';
import { failedBehindNodes, refuseAccount, refuseBackChannel, refuseOldCredentials } from './endings.ts';
import type { JourneyAnswer } from './journey-requests.ts';
import { endedRow, stillInForce, written } from './journey-row.ts';
import { type BrowserProof, knownBy, type PlaceProof, placeProof, provesMailbox } from './known-places.ts';
import { successUrlOf } from './leading-urls.ts';
import { newSession } from './new-session.ts';
import { rememberBrowser } from './remembered-browser.ts';
import type { Outcome, StepExecution } from './step-execution.ts';

type Success = JourneyAnswer & { readonly kind: 'success' };

/** Success: the account is read once more, the hooks run, and the session is made, all in this commit. */
export const succeed = async (execution: StepExecution): Promise<Outcome> => {
  const identity = await principal(execution);
  if (identity === undefined || !identity.active) return refuseAccount(execution, identity);
  if (isOutdated(execution.progress.credential, identity)) return refuseOldCredentials(execution);
  const refusal = await refusalOfBackChannel(execution, identity);
  if (refusal !== undefined) return refuseBackChannel(execution, identity, refusal);

  const { unit, plan, progress, audit, visitor } = execution;
  const version = credentialVersionOf(undefined, identity);
  const credential = { ...version, rev: revAfter(unit, version) };
  // The journey ends here: neither is stored.
  progress.keep('identity', identity.id, undefined);
  progress.keep('credential', credential, undefined);
  await runHooks(execution);

  if (plan.submitted !== undefined) unit.changes.push(written(execution, endedRow(execution)));
  const noSession = plan.parameters.noSession === true || plan.tree.published.tree.noSession;
  // A place becomes known by what was shown there in this journey (SEC-86).
  const proof = noSession ? undefined : await proofOfPlace(execution, identity);
  audit.stage('JOURNEY_END', identity.id, {
    outcome: 'success',
    detail: { ...visitor, ...(noSession && { noSession }), ...(proof && { knownBy: knownBy(proof) }) },
  });
  demandUsable(execution, identity, version);
  // Another success writes a row, of the journey or of its session.
  if (noSession && plan.submitted === undefined) unit.stage(stillInForce(execution));
  const created = noSession ? undefined : createSession(execution, identity);
  const { canBecomeKnown = false } = unit.request;
  const proofs = noSession || !canBecomeKnown ? [] : proofsOfBrowser(execution, identity, proof);
  const owner = { userId: identity.id, credentialRev: credential.rev, attributes: identity.attributes };
  const remembered = await rememberBrowser(execution, owner, proofs);
  completeBackChannel(execution, identity, created?.session);
  // The approval of one access changes no session: the one that asks for the access stays.
  const { session } = unit.request;
  const existing = noSession && session !== undefined && session.userId === progress.backChannel?.subject;
  return {
    answer: successAnswer(execution, { created, existing: existing ? session : undefined }, remembered),
    commit: true,
  };
};

/**
 * What this journey has shown of the user in the caller's place. A code that was sent shows nothing of a user who has a device: the mailbox is not
 * what that user signs in with, and may be the attacker's (SEC-86).
 */
const proofOfPlace = async (execution: StepExecution, identity: Identity): Promise<PlaceProof | undefined> => {
  const { dependencies, unit } = execution;
  const proof = placeProof(factorsOfPlace(execution, identity));
  if (proof !== 'sentCode') return proof;
  return (await dependencies.knownPlaces?.hasSecondFactor(unit, identity.id)) === true ? undefined : proof;
};

/** A code to an address that the user has no more shows nothing of the user, even where the code came back before the address was changed. */
const factorsOfPlace = ({ progress }: StepExecution, identity: Identity): readonly ProvenFactor[] =>
  factorsOf(progress.factors, identity.id).filter(
    ({ sentTo = [] }) =>
      !hasLeft(identity, sentTo, (digest, text) => sameText(digest, progress.digestOf(text, digest))),
  );

/** What makes the browser known, the strongest first: also a link that the user has followed in it. */
const proofsOfBrowser = (
  execution: StepExecution,
  identity: Identity,
  proof: PlaceProof | undefined,
): readonly BrowserProof[] => {
  const { followedLink: link } = execution.progress;
  const sentTo = factorsOfPlace(execution, identity).flatMap((factor) => factor.sentTo ?? []);
  const addressIn = proof === 'sentCode' ? sentTo.map(({ attribute }) => attribute) : [];
  return [
    ...(proof === undefined ? [] : [{ by: proof, addressIn }]),
    ...(link !== undefined && provesMailbox(link, identity, execution.dependencies.clock.now())
      ? [{ by: 'mailbox' as const, addressIn: [link.attribute] }]
      : []),
  ];
};

const successAnswer = (
  execution: StepExecution,
  { created, existing }: { readonly [name in 'created' | 'existing']: Success[name] | undefined },
  remembered: Success['remembered'],
): Success => {
  const { dependencies, unit, plan, progress, context, cookies } = execution;
  const details = successDetails(progress.sessionOptions, created?.session);
  return {
    kind: 'success',
    realm: unit.realm,
    successUrl: successUrlOf(dependencies, unit.realm, plan.parameters, context.state.get('successUrl')),
    ...(created && { created }),
    ...(existing && { existing }),
    ...(remembered && { remembered }),
    ...(details && { details }),
    ...cookies,
  };
};

/**
 * Whom the session is for. Factors are proven by the user whom the state names, so a journey that has identified one user, or is bound to
 * one (docs/adr/0138), and names another signs in neither; a name that nobody has names no other.
 */
const principal = async ({ dependencies, unit, progress, username }: StepExecution): Promise<Identity | undefined> => {
  const { identity, boundUser } = progress;
  const users = new StagedUsers(unit, dependencies.identities);
  const named = username === undefined ? undefined : await users.find(username);
  const only = identity ?? boundUser;
  if (only !== undefined && named !== undefined && named.id !== only) return undefined;
  return named ?? (identity === undefined ? undefined : await users.findById(identity));
};

const runHooks = async ({ context, plan, progress, unit }: StepExecution): Promise<void> => {
  if (progress.visited.size === 0) return;
  await runSuccessHooks(context, plan.tree);
  const { always, changes } = unit;
  changes.push(...always.filter((change) => !changes.includes(change)));
};

/** The commit stands only if the user can still sign in, with the credentials that the journey goes by. */
const demandUsable = ({ unit }: StepExecution, { id }: Identity, version: CredentialVersion): void =>
  unit.stage({ type: 'identity.usable', id, credentialRev: revAfter(unit, version) } satisfies EngineChange);

const createSession = (execution: StepExecution, identity: Identity): NonNullable<Success['created']> => {
  const { dependencies, unit, plan, progress, context, audit, visitor } = execution;
  const { session: before } = unit.request;
  const { token, tokenHash } = dependencies.newToken();
  const end = {
    tokenHash,
    handle: dependencies.random.uuid(),
    sid: dependencies.random.uuid(),
    now: dependencies.clock.now(),
    realm: unit.realm,
    tree: plan.tree.published,
    journeyId: plan.reference.journeyId,
    identity,
    authLevel: context.state.get('authLevel'),
    sessionOptions: progress.sessionOptions,
    // What another user has proven, whom the journey named before, is none of this one's.
    factors: factorsOf(progress.factors, identity.id),
    visitor,
    before,
  };
  let session: Session;
  try {
    session = newSession(end);
  } catch (error) {
    throw error instanceof NodeFailure ? failedBehindNodes(execution, error.reason) : error;
  }
  // What the session before has proven goes over to this one only if that one is still there at the commit (SEC-61).
  if (before?.userId === identity.id) {
    unit.stage({ type: 'session.usable', tokenHash: before.tokenHash, now: end.now } satisfies EngineChange);
  }
  unit.stage({
    type: 'session.insert',
    row: session,
    ...(before && { replaces: { tokenHash: before.tokenHash, userId: before.userId, sid: before.sid } }),
  } satisfies EngineChange);
  audit.stage('SESSION_CREATE', identity.id);
  return { token, session };
};

/** Success is for whom the back channel asks, while it is open. */
const refusalOfBackChannel = async (
  { dependencies, progress: { backChannel } }: StepExecution,
  { id }: Identity,
): Promise<'otherUser' | 'backChannelClosed' | undefined> => {
  if (backChannel === undefined) return undefined;
  const row = await dependencies.backChannels.get(backChannel.idHash);
  if (row === undefined || !isOpenBackChannel(row, dependencies.clock.now())) return 'backChannelClosed';
  return backChannel.subject === undefined || backChannel.subject === id ? undefined : 'otherUser';
};

/** Tells the journey that asked; of two that complete one back channel, the second starts over and is refused. */
const completeBackChannel = (
  { dependencies, unit, progress: { backChannel }, audit }: StepExecution,
  identity: Identity,
  session: Session | undefined,
): void => {
  if (backChannel === undefined) return;
  const { idHash } = backChannel;
  unit.stage({
    type: 'backChannel.approve',
    idHash,
    now: dependencies.clock.now(),
    ...(session && { properties: JSON.stringify(session.properties) }),
  } satisfies EngineChange);
  audit.stage('BACK_CHANNEL_END', identity.id, { outcome: 'approved', detail: { backChannel: idHash } });
};
