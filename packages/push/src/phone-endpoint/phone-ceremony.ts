import { hash } from 'node:crypto';
import { auditChange, type EngineChange } from '@assent/engine/host';
import { openHs256, sameBytes } from '../jose/index.ts';
import type { MessageChange, PushMessage } from '../model/messages.ts';
import { messageIdHash } from '../model/push-audit.ts';
import { repeatOf } from '../model/push-limits.ts';
import type { PhoneCall, PhoneEndpointDependencies, PhoneReply } from './phone-call.ts';

export interface CeremonyDependencies extends PhoneEndpointDependencies {
  readonly dummyKey: Uint8Array;
}

export const ACCEPTED: PhoneReply = { status: 200 };
export const refusal = (cause: string): PhoneReply => ({ status: 400, cause });

/** How often an answer is decided whose commits lose every race. */
const MAX_TRIES = 6;

/** Decides an answer of a phone anew, from what is stored by then, for as long as its commit loses races. */
export async function untilCommitted(decide: () => Promise<PhoneReply | 'lost the race'>): Promise<PhoneReply> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const reply = await decide();
    if (reply !== 'lost the race') return reply;
  }
  return refusal('lost every race');
}

/** An identical repeat of an accepted answer within this time is a lost reply, not an attack (SEC-19). */
const RETRY_MILLIS = 60_000;

/** What an answer is recognised by when it comes again. */
export const answerHash = (jwt: string): string => hash('sha256', jwt, 'base64url');

export const sameHash = (a: string, b: string): boolean => sameBytes(Buffer.from(a), Buffer.from(b));

/** Whether this is the very answer that the row accepted a moment ago. */
export const isRepeat = (row: PushMessage, hash: string, now: number): boolean =>
  row.answerHash !== undefined &&
  row.answeredAt !== undefined &&
  sameHash(row.answerHash, hash) &&
  now - row.answeredAt <= RETRY_MILLIS &&
  now < row.expiresAt;

/** Spends the time of a verification on a JWT that nobody's key can open (SEC-34). */
export function verifyInVain({ dummyKey }: CeremonyDependencies, jwt: string, now: number): void {
  openHs256(jwt, dummyKey, { now });
}

/** An audit row about a message, for the commit of what happened to it. */
export const messageAudit = (
  call: PhoneCall,
  row: PushMessage,
  at: number,
  event: string,
  outcome?: string,
  more: Readonly<Record<string, string>> = {},
): EngineChange =>
  auditChange({ at, realm: row.realm, transactionId: call.transactionId }, event, {
    userId: row.userId,
    ...(outcome !== undefined && { outcome }),
    detail: {
      message: messageIdHash(row.id),
      device: row.deviceUuid,
      ...(row.request !== row.id && { request: messageIdHash(row.request) }),
      ...more,
    },
  });

/** Counts a bad proof on a message that could still be answered; the fifth closes it. */
export async function countBadProof(
  { committer }: CeremonyDependencies,
  row: PushMessage,
  at: number,
  cause: string,
): Promise<PhoneReply> {
  if (row.state === 'pending') {
    await committer.commit([{ type: 'push.badProof', id: row.id, at } satisfies MessageChange]);
  }
  return refusal(cause);
}

/** Says in the trail that something came again which changes nothing: once a message, however often it comes (SEC-02, SEC-19). */
export async function auditRepeat(
  { committer }: CeremonyDependencies,
  call: PhoneCall,
  row: PushMessage,
  at: number,
  event: 'PUSH_DUPLICATE' | 'REG_REPLAY',
  outcome?: string,
): Promise<void> {
  await committer.commit([...repeatOf(row.id, event, outcome ?? '', at), messageAudit(call, row, at, event, outcome)]);
}
