import { createJourney, type Journey } from '../journey/journey.ts';
import type { JourneyClient, ResendAnswer } from '../journey/journey-client.ts';
import type { StepState } from '../journey/page-state.ts';
import type { Answer } from '../journey/server-answer.ts';
import type { WaitEnd } from '../journey/wait-stream.ts';
import type { Callback, Step } from '../step/step.ts';

export const field = (type: string, prompt: string): Callback => ({
  type,
  output: [{ name: 'prompt', value: prompt }],
  input: [{ name: 'IDToken1', value: '' }],
});
/** The first step of most journeys. */
export const credentials = (authId: string): Step => ({
  authId,
  callbacks: [field('NameCallback', 'User Name'), field('PasswordCallback', 'Password')],
});
/** A step that takes a recovery code. */
export const recovery = (authId: string): Step => ({ authId, callbacks: [field('NameCallback', 'Recovery Code')] });
/** A step that waits for a phone, as any server sends it. */
export const wait = (authId: string, number = '42'): Step => ({
  authId,
  callbacks: [
    { type: 'PollingWaitCallback', output: [{ name: 'waitTime', value: '5000' }] },
    {
      type: 'HiddenValueCallback',
      output: [
        { name: 'value', value: number },
        { name: 'id', value: 'pushChallengeNumber' },
      ],
      input: [{ name: 'IDToken2', value: 'pushChallengeNumber' }],
    },
    {
      type: 'ConfirmationCallback',
      output: [{ name: 'options', value: ['Cancel'] }],
      input: [{ name: 'IDToken3', value: 100 }],
    },
  ],
});
export const asStep = (step: Step): Answer => ({ kind: 'step', step });
export const failure: Answer & { readonly kind: 'failure' } = {
  kind: 'failure',
  message: 'Login failure',
  locked: false,
  failureUrl: undefined,
};
export const timedOut: Answer = { kind: 'timed-out' };
export const success: Answer = { kind: 'success', successUrl: '/am/console' };

interface Sent {
  readonly call: 'start' | 'resume' | 'submit';
  readonly authId?: string;
  readonly values?: readonly unknown[];
}

/** A page whose server answers when the test says so, and whose clock stands still. */
export const visit = (kept?: { authId: string; first: boolean }) => {
  const sent: Sent[] = [];
  const open: ((answer: Answer) => void)[] = [];
  const timers: { delay: number; action: () => void }[] = [];
  /** The steps that a stream was opened for. */
  const waits: string[] = [];
  let tell: (end: WaitEnd) => void = () => {};
  const resends: string[] = [];
  let resent: ResendAnswer = { kind: 'failed' };
  let memory = kept;
  let signedIn: string | undefined = 'demo';
  let online = true;
  let now = 0;
  const reply = (call: Sent): Promise<Answer> => {
    sent.push(call);
    return new Promise((resolve) => open.push(resolve));
  };
  const client: JourneyClient = {
    start: () => reply({ call: 'start' }),
    resume: (authId) => reply({ call: 'resume', authId }),
    submit: (authId, callbacks) =>
      reply({ call: 'submit', authId, values: callbacks.flatMap((it) => it.input ?? []).map((it) => it.value) }),
    wait: ({ authId }, signal) => {
      waits.push(authId);
      return new Promise((resolve) => {
        tell = resolve;
        signal.addEventListener('abort', () => resolve('dropped'));
      });
    },
    resend: async (authId) => {
      resends.push(authId);
      return resent;
    },
    signedInAs: async () => signedIn,
    signOut: async () => {},
  };
  const journey = createJourney({
    client,
    memory: {
      read: () => memory,
      write: (next) => {
        memory = next;
      },
      clear: () => {
        memory = undefined;
      },
    },
    timers: {
      now: () => now,
      chance: () => 0.5,
      after: (delay, action) => {
        const timer = { delay, action };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer) >>> 0, 1);
      },
    },
    isOnline: () => online,
    onChange: () => {},
  });
  return {
    journey,
    sent,
    timers,
    waits,
    resends,
    signedInAs: (name: string | undefined) => {
      signedIn = name;
    },
    /** What the server says to whoever wants the request once more. */
    resendsAre: (answer: ResendAnswer) => {
      resent = answer;
    },
    /** Lets the open stream end. */
    tell: async (end: WaitEnd) => {
      tell(end);
      await new Promise((resolve) => setImmediate(resolve));
    },
    pass: (millis: number) => {
      now += millis;
    },
    memory: () => memory,
    goOffline: () => {
      online = false;
    },
    /** Answers the oldest call that is open and lets the page take it in. */
    answer: async (answer: Answer) => {
      open.shift()?.(answer);
      await new Promise((resolve) => setImmediate(resolve));
    },
    /** Lets the next timer ring. */
    ring: () => {
      const [timer] = timers.splice(0, 1);
      now += timer?.delay ?? 0;
      timer?.action();
      return timer?.delay;
    },
  };
};

export const stepState = (journey: Journey): StepState => {
  const state = journey.state();
  if (state.kind !== 'step') throw new Error(`not a step but ${JSON.stringify(state)}`);
  return state;
};

/** A page that shows the given step, reached by a poll-free submit from the first one. */
export const at = async (step: Step) => {
  const page = visit();
  page.journey.open();
  await page.answer(asStep(credentials('a1')));
  page.journey.submit({ 0: 'demo', 1: 'pw' });
  await page.answer(asStep(step));
  return page;
};
