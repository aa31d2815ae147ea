import type { ThrottlePolicy } from '@assent/engine';
import { type EngineChange, sourceOf } from '@assent/engine/host';
import { answerAuthentication } from './answer-authentication.ts';
import { answerRefresh } from './answer-refresh.ts';
import { answerRegistration } from './answer-registration.ts';
import type { PhoneCall, PhoneEndpointDependencies, PhoneReply } from './phone-call.ts';

/** Stands behind the message address: registration, answers and token refresh of phones (spec/push-protocol.md §2, §4, §5). */
export type PhoneEndpoint = (call: PhoneCall) => Promise<PhoneReply>;

/** How many bad answers a minute one source may give before it is refused for a while (SEC-34). */
export const BAD_ANSWER_POLICY: ThrottlePolicy = {
  windowMillis: 60_000,
  free: 60,
  lockMillis: 60_000,
  maxLockMillis: 900_000,
};

/** Counts the bad answers that come from a source. */
const badAnswerSubject = (source: string): string => `bad-answers:${source}`;

export function phoneEndpoint(dependencies: PhoneEndpointDependencies): PhoneEndpoint {
  const { transports, throttles, committer, clock } = dependencies;
  const ceremonies = new Map<string, typeof answerRegistration>([
    ['register', answerRegistration],
    ['authenticate', answerAuthentication],
    ['refresh', answerRefresh],
  ]);
  // Whoever names an unknown message or device gets a verification that takes as long, under a key that nobody has.
  const withDummyKey = { ...dependencies, dummyKey: dependencies.random.bytes(32) };

  /**
   * Only what was refused is counted: an answer is proven by a key that nobody guesses, so a right one is taken from
   * wherever it comes, also where others have used up what their address may get wrong.
   */
  const counted = async (refused: PhoneReply, clientAddress: string): Promise<PhoneReply> => {
    const subject = badAnswerSubject(sourceOf(clientAddress));
    const [row] = await throttles.get([subject]);
    const now = clock.now();
    const left = (row?.lockedUntil ?? 0) - now;
    if (left > 0) {
      return {
        status: 429,
        cause: 'too many bad answers from its address',
        retryAfterSeconds: Math.ceil(left / 1_000),
      };
    }
    await committer.commit([
      { type: 'throttle.hit', subject, policy: BAD_ANSWER_POLICY, at: now } satisfies EngineChange,
    ]);
    return refused;
  };

  return async (call) => {
    const ceremony = ceremonies.get(call.action ?? '');
    if (call.action === undefined) return { status: 400, cause: 'no action' };
    if (ceremony === undefined) return { status: 501, cause: 'unknown action' };
    if (!transports.hasService(call.realm)) {
      return { status: 404, cause: 'the realm has no Push Notification service' };
    }
    const reply = await ceremony(withDummyKey, call);
    return reply.status === 400 ? counted(reply, call.clientAddress) : reply;
  };
}
