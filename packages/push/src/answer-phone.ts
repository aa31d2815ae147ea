import { answerAuthentication } from './answer-authentication.ts';
import { answerRefresh } from './answer-refresh.ts';
import { answerRegistration } from './answer-registration.ts';
import type { PhoneCall, PhoneEndpointDependencies, PhoneReply } from './phone-call.ts';

/** Stands behind the message address: registration, answers and token refresh of phones (spec/push-protocol.md §2, §4, §5). */
export type PhoneEndpoint = (call: PhoneCall) => Promise<PhoneReply>;

export function phoneEndpoint(dependencies: PhoneEndpointDependencies): PhoneEndpoint {
  const { configuration, transports } = dependencies;
  const ceremonies = new Map<string, typeof answerRegistration>([
    ['register', answerRegistration],
    ['authenticate', answerAuthentication],
    ['refresh', answerRefresh],
  ]);
  // Whoever names an unknown message or device gets a verification that takes as long, under a key that nobody has.
  const withDummyKey = { ...dependencies, dummyKey: dependencies.random.bytes(32) };

  return async (call) => {
    const ceremony = ceremonies.get(call.action ?? '');
    if (call.action === undefined) return { status: 400, cause: 'no action' };
    if (ceremony === undefined) return { status: 501, cause: 'unknown action' };
    if (configuration.realm(call.realm)?.active !== true || !transports.hasService(call.realm)) {
      return { status: 404, cause: 'the realm has no Push Notification service' };
    }
    return ceremony(withDummyKey, call);
  };
}
