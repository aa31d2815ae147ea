import { auditIn, type EngineChange } from '@assent/engine/host';
import { newestHint, phoneHint } from '../delivery/hints.ts';
import type { PushDevice } from '../model/devices.ts';
import type { MessageChange } from '../model/messages.ts';
import { messageIdHash } from '../model/push-audit.ts';
import type { Asking } from '../model/push-limits.ts';
import type { PushRequestOptions, PushRequestResult } from '../model/push-messages.ts';
import { draftRequest, draftSuppressedRequest, type RequestDraft, sentResult } from './draft-request.ts';
import type { RequestContext } from './request-context.ts';
import { isTooLarge } from './signed-envelope.ts';
import { openRequest, stagedMessagesOf } from './staged-messages.ts';

const PROVIDER_WAIT_MILLIS = 2_000;
const MAX_ATTEMPTS = 3;

/** Check, throttle, draft a message for each phone, stage or commit it with its audit, ring the phones, answer the node. */
export async function sendRequest(context: RequestContext, options: PushRequestOptions): Promise<PushRequestResult> {
  const { dependencies, unit, counters } = context;
  const { devices, identity, payload, waitForProvider } = options;
  if (devices.length === 0) throw new RangeError('a push request needs a device');
  await newestServices(context, devices);
  if (!dependencies.transports.hasService(unit.realm.realm)) return { status: 'serviceMissing' };
  if (isTooLarge(payload)) return { status: 'payloadTooLarge' };

  const asking = await counters.load(identity, devices, dependencies.clock.now());
  const now = dependencies.clock.now();
  if (counters.heldUntil(asking, now) > now) return suppress(context, options, asking, now);
  // What a provider says, and how long it takes to, would tell who has a phone: it is called once the answer is on its way (ADR 119).
  const waits = waitForProvider && !options.toAnybody;
  return waits ? sendAndWait(context, options, asking, now) : sendAfterCommit(context, options, asking, now);
}

/** A phone without a transport may have got one a moment ago, by another process; those that have one wait for nothing. */
async function newestServices(
  { dependencies: { transports }, unit }: RequestContext,
  devices: readonly PushDevice[],
): Promise<void> {
  const { realm } = unit.realm;
  const isServed = ({ communicationType, communicationId }: PushDevice) =>
    transports.find(realm, communicationType, communicationId) !== undefined;
  if (!devices.every(isServed)) await transports.catchUp(realm);
}

/** Over the limit: the journey goes on as if it had been sent, and nobody can answer (SEC-25, SEC-26). */
function suppress(
  context: RequestContext,
  options: PushRequestOptions,
  { place, source }: Asking,
  now: number,
): PushRequestResult {
  const { identity, devices } = options;
  const { dependencies, unit } = context;
  const draft = draftSuppressedRequest(context, { ...options, askedFrom: { place, source } }, now);
  openRequest(unit, draft.rows);
  unit.stage(auditIn(unit, now, 'THROTTLED', { userId: identity.id, outcome: 'push' }));
  // The phones look again, as they do after a request that was sent; what rings there goes on ringing.
  unit.afterCommit(() => {
    for (const { uuid } of devices) dependencies.hints.publish(phoneHint({ userId: identity.id, deviceUuid: uuid }));
    dependencies.hints.publish(newestHint(identity.id));
  });
  return sentResult(devices, draft);
}

function sendAfterCommit(
  context: RequestContext,
  options: PushRequestOptions,
  asking: Asking,
  now: number,
): PushRequestResult {
  const { identity, devices } = options;
  const { dependencies, unit, counters } = context;
  const askedFrom = counters.count(asking, now);
  const draft = draftRequest(context, { ...options, askedFrom }, now);
  openRequest(unit, draft.rows);
  unit.stage(sentAudit(context, draft));
  unit.afterCommit(() => {
    dependencies.dispatcher.dispatch(draft.rows);
    tellOfUnrung(context, draft);
    dependencies.hints.publish(newestHint(identity.id));
  });
  return sentResult(devices, draft);
}

const unrungIn = ({ rows }: RequestDraft) => rows.filter(({ delivery }) => delivery === 'unreachable');

/** Phones that no provider reaches may be open at this moment: those of ours look for what waits for them. */
function tellOfUnrung({ dependencies: { hints } }: RequestContext, draft: RequestDraft): void {
  for (const { userId, deviceUuid } of unrungIn(draft)) hints.publish(phoneHint({ userId, deviceUuid }));
}

/** Only with the node's `captureFailure`: the outcome depends on what the provider says of a committed message. */
async function sendAndWait(
  context: RequestContext,
  options: PushRequestOptions,
  asking: Asking,
  now: number,
): Promise<PushRequestResult> {
  const { identity, devices } = options;
  const { dependencies, unit } = context;
  const committed = await commitNow(context, options, asking, now);
  if (committed === 'held back') return suppress(context, options, asking, dependencies.clock.now());
  if (committed === 'busy') return { status: 'refused', cause: 'Busy' };
  const draft = committed;
  stagedMessagesOf(unit).opened(draft.rows);
  tellOfUnrung(context, draft);
  dependencies.hints.publish(newestHint(identity.id));

  const results = await dependencies.dispatcher.sendNow(draft.rows, PROVIDER_WAIT_MILLIS);
  const failures = results.filter((result) => result.status === 'failed');
  // A phone that has not answered yet, or one that got it, is enough to go on.
  if (failures.length + unrungIn(draft).length < devices.length) return sentResult(devices, draft);
  unit.stage({ type: 'push.close', request: draft.request, reason: 'undelivered' } satisfies MessageChange);
  return { status: 'refused', cause: failures[0]?.cause ?? 'AddressDead' };
}

/** Commits the request apart from the rest of the unit of work: what others have counted meanwhile may hold it back. */
async function commitNow(
  context: RequestContext,
  options: PushRequestOptions,
  asking: Asking,
  begin: number,
): Promise<RequestDraft | 'held back' | 'busy'> {
  const { dependencies, unit, counters } = context;
  let now = begin;
  for (let attempt = 1; ; attempt += 1) {
    const counted = counters.countApart(asking, now);
    const draft = draftRequest(context, { ...options, askedFrom: counted.askedFrom }, now);
    const open = { type: 'push.open', rows: draft.rows } satisfies MessageChange;
    if (await unit.commitNow([open, ...counted.changes, sentAudit(context, draft)])) {
      counters.wasCommitted(counted);
      return draft;
    }
    if (attempt >= MAX_ATTEMPTS) return 'busy';
    await counters.reload(asking);
    now = dependencies.clock.now();
    if (counters.heldUntil(asking, now) > now) return 'held back';
  }
}

function sentAudit({ dependencies, unit }: RequestContext, { rows, request, dropped }: RequestDraft): EngineChange {
  const [first] = rows;
  const detail = {
    message: messageIdHash(request),
    devices: rows.length,
    // Of which journey the messages are, for who asks what became of them, and who has sent them (OPS-50).
    journey: unit.journeyId,
    by: dependencies.instance,
    ...(dropped.length > 0 && { dropped: dropped.join(' ') }),
  };
  return auditIn(unit, dependencies.clock.now(), 'PUSH_SENT', { detail, ...(first && { userId: first.userId }) });
}
