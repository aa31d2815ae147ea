import type { ShippedJourney, ShippedNode } from '../journeys/shipped-journey.ts';

const signIn: ShippedNode = {
  type: 'PageNode',
  displayName: 'Sign in',
  to: { outcome: 'checkPassword' },
  inside: [
    { type: 'UsernameCollectorNode', displayName: 'Username' },
    { type: 'PasswordCollectorNode', displayName: 'Password' },
  ],
};

const checkPassword = (next: string): ShippedNode => ({
  type: 'DataStoreDecisionNode',
  displayName: 'Data Store Decision',
  to: { true: next, false: 'Failure' },
});

/** A password and an approval on the phone, without the device profile and the ways around the phone that PushLogin has. */
const pushLogin = (name: string, description: string, secondsToWait: number): ShippedJourney => ({
  name,
  description,
  entry: 'signIn',
  settings: { treeTimeout: 15 },
  nodes: {
    signIn,
    checkPassword: checkPassword('send'),
    send: {
      type: 'PushAuthenticationSenderNode',
      displayName: 'Push Sender',
      // Ten minutes, so that 100,000 journeys can wait at the same time.
      config: { mandatory: true, contextInfo: true, pushType: 'CHALLENGE', messageTimeout: 600_000 },
      to: { SENT: 'wait', NOT_REGISTERED: 'Failure' },
    },
    wait: {
      type: 'PushWaitNode',
      displayName: 'Push Wait',
      config: { secondsToWait },
      to: { DONE: 'verify', EXITED: 'Failure' },
    },
    verify: {
      type: 'PushResultVerifierNode',
      displayName: 'Push Result Verifier',
      to: { TRUE: 'Success', FALSE: 'Failure', EXPIRED: 'Failure', WAITING: 'wait' },
    },
  },
});

const registration: ShippedJourney = {
  name: 'BenchRegistration',
  description: 'Password, a question, and a phone that scans a code.',
  entry: 'signIn',
  settings: { treeTimeout: 15 },
  nodes: {
    signIn,
    checkPassword: checkPassword('ask'),
    ask: { type: 'MessageNode', displayName: 'Ask', to: { true: 'register', false: 'Failure' } },
    register: {
      type: 'PushRegistrationNode',
      displayName: 'Push Registration',
      config: { verifyAfterRegister: false },
      to: { successOutcome: 'Success', failureOutcome: 'Failure', timeoutOutcome: 'Failure' },
    },
  },
};

/** The journeys that the benchmark walks, beside those that are shipped. */
export const BENCH_JOURNEYS: readonly ShippedJourney[] = [
  pushLogin('BenchPush', 'A push login of five requests.', 5),
  pushLogin('BenchDuePoll', 'The same, whose wait is over after a second.', 1),
  registration,
];
