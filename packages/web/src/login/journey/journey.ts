import { pollDelayOf } from '../step/screen-of-step.ts';
import { type Answers, ofType, type Step, sameQuestions } from '../step/step.ts';
import { afterFailure, knowingSession } from './after-failure.ts';
import { arrivalOf } from './arrival.ts';
import { backoffOf, connectionAfter, type Unanswered } from './connection-after.ts';
import { answerTo, type Call, isByItself } from './journey-call.ts';
import type { JourneyClient, ResendAnswer } from './journey-client.ts';
import {
  type Connection,
  type EndState,
  ended,
  type PageState,
  type RenderedState,
  type StepState,
} from './page-state.ts';
import { createPhoneWait } from './phone-wait.ts';
import { resendFrom, timesOf } from './request-times.ts';
import type { Answer } from './server-answer.ts';
import type { Timers } from './timers.ts';

/** What a reload needs to find its journey again. It lives in the tab, never in the address. */
export interface JourneyMemory {
  read(): { readonly authId: string; readonly first: boolean } | undefined;
  write(kept: { readonly authId: string; readonly first: boolean }): void;
  clear(): void;
}

/** One visit to the login page. */
export interface Journey {
  readonly state: () => PageState;
  readonly connection: () => Connection;
  /** The name that was typed, for the next try and for the recovery code file. */
  readonly username: () => string;
  /** Goes on with the journey of this tab, or starts one. */
  open(): void;
  /** Goes on from a first answer that came with the page. It is not remembered: a reload brings another one. */
  takeUp(rendered: RenderedState): void;
  submit(answers: Answers): void;
  /** The last call again, after a fault or a lost connection; safe by SEC-39. */
  retry(): void;
  /** Goes on with a step whose request to the phone ran out: most journeys then send a new one. */
  goOn(): void;
  /** Has the request to the phone sent once more; nothing else changes. */
  sendAgain(): Promise<ResendAnswer['kind']>;
  /** Asks at once: the page became visible, the network came back. */
  nudge(): void;
  /** Asks for the step on the screen again, in the words of another language; what was typed stays. */
  reword(): void;
  startOver(): void;
  useAnotherAccount(): void;
  close(): void;
}

/** Milliseconds of failing polls before it is told: one lost packet is no news. */
const lostAfter = 10_000;

/** The state machine of the login page: it owns the authId and the retries, and knows no DOM. */
export const createJourney = ({
  client,
  memory,
  timers,
  isOnline,
  onChange,
  loginHint = '',
  followsGoto = false,
}: {
  readonly client: JourneyClient;
  readonly memory: JourneyMemory;
  readonly timers: Timers;
  readonly isOnline: () => boolean;
  readonly onChange: () => void;
  /** The name that the first step begins with. */
  readonly loginHint?: string;
  /** Whether a sign-in that needs no step goes on at once, to where the server has said. */
  readonly followsGoto?: boolean;
}): Journey => {
  let state: PageState = { kind: 'loading' };
  /** The step that was last on the screen; an end state or a fault does not forget it. */
  let shown: StepState | undefined;
  let connection: Connection = { kind: 'fine' };
  let username = loginHint;
  let serial = 0;
  /** Answers to calls of an older visit are not looked at. */
  let visit = 0;
  let running: Call | undefined;
  let failed: Call | undefined;
  /** Pressed while a poll was on its way: the poll may change the authId, so it has to come home first. */
  let queued: Answers | undefined;
  /** The language changed while a call was on its way: the step that it brings is in the old one. */
  let rewordNext = false;
  let attempts = 0;
  let failingSince: number | undefined;
  let cancelRetry = (): void => {};

  const show = (next: PageState): void => {
    state = next;
    if (next.kind === 'step') shown = next;
    onChange();
  };

  const phone = createPhoneWait({
    client,
    timers,
    onPoll: (step) => void run({ kind: 'poll', step }),
    onRunOut: () => runOut(),
    onWithdrawn: () => stop(ended('withdrawn')),
  });
  /** Whatever was to happen by itself. */
  const pause = (): void => {
    phone.leave();
    cancelRetry();
  };
  const retryIn = (delay: number): void => {
    pause();
    cancelRetry = timers.after(delay, retry);
  };

  const runOut = (): void => {
    if (state.kind !== 'step' || state.ranOut) return;
    pause();
    serial += 1;
    show({ ...state, serial, ranOut: true, busy: false });
  };

  const run = async (call: Call): Promise<void> => {
    const mine = visit;
    pause();
    running = call;
    failed = undefined;
    const answer = await answerTo(client, call);
    if (mine !== visit) return;
    running = undefined;
    if (answer.kind === 'unreachable' || answer.kind === 'busy') return waitForServer(call, answer);
    attempts = 0;
    failingSince = undefined;
    connection = { kind: 'fine' };
    await settle(call, answer, mine);
  };

  const waitForServer = (call: Call, answer: Unanswered): void => {
    failed = call;
    const now = timers.now();
    failingSince ??= now;
    attempts += 1;
    connection =
      connectionAfter(answer, isOnline(), !isByItself(call) || now - failingSince >= lostAfter) ?? connection;
    const takeUp = queued;
    if (takeUp !== undefined && isByItself(call)) {
      queued = undefined;
      failed = { kind: 'submit', step: call.step, answers: takeUp, again: false };
    }
    retryIn(backoffOf(answer, attempts));
    onChange();
  };

  const settle = async (call: Call, answer: Exclude<Answer, Unanswered>, mine: number): Promise<void> => {
    switch (answer.kind) {
      case 'step':
        return onStep(call, answer.step);
      case 'success':
        return onSuccess(call, answer.successUrl, mine);
      case 'timed-out':
        return onTimedOut(call);
      case 'failure':
        return onFailure(call, answer);
      case 'link-gone':
        return stop(ended('gone'));
      case 'no-journey':
        return stop(ended('no-journey'));
      case 'fault':
        failed = call;
        return show(ended('fault', { reference: answer.reference }));
    }
  };

  const onSuccess = async (call: Call, successUrl: string | undefined, mine: number): Promise<void> => {
    memory.clear();
    if (call.kind !== 'start' || followsGoto) return show({ kind: 'success', successUrl });
    const name = await client.signedInAs();
    if (mine === visit) show({ kind: 'signed-in', name, successUrl });
  };

  const onStep = (call: Call, step: Step): void => {
    const takeUp = queued;
    queued = undefined;
    const {
      state: arrived,
      sendsQueued,
      isUnchanged,
    } = arrivalOf(call, step, { before: shown, queued: takeUp, serial });
    ({ serial } = arrived);
    memory.write({ authId: step.authId, first: arrived.first });
    const next = { ...arrived, ...timesOf(timers.now(), step) };
    if (isUnchanged) {
      shown = next;
      state = next;
    } else show(next);

    const reword = rewordNext;
    rewordNext = false;
    if (sendsQueued) void run({ kind: 'submit', step, answers: takeUp ?? {}, again: false });
    else if (reword) void run({ kind: 'reword', step });
    else if (!next.ranOut) phone.begin(step, next.until);
    if (isUnchanged) onChange();
  };

  const onTimedOut = async (call: Call): Promise<void> => {
    memory.clear();
    if (call.kind === 'resume' || (call.kind === 'reword' && shown?.first === true)) return run({ kind: 'start' });
    // A tab left open over night just works. @see ux.md §2.6 `journey`
    if (call.kind === 'submit' && !call.again && shown?.first === true) return submitAgain(call);
    stop(ended('away'));
  };

  /** The typed answers go out again with a new authId, where the journey still begins with the questions that they answer. */
  const submitAgain = async (call: Call & { readonly kind: 'submit' }): Promise<void> => {
    const mine = visit;
    const answer = await client.start();
    if (mine !== visit) return;
    if (answer.kind === 'step' && sameQuestions(call.step, answer.step)) {
      memory.write({ authId: answer.step.authId, first: true });
      return run({ ...call, step: answer.step, again: true });
    }
    return answer.kind === 'unreachable' || answer.kind === 'busy'
      ? run({ kind: 'start' })
      : settle({ kind: 'start' }, answer, mine);
  };

  const onFailure = async (call: Call, failure: Answer & { readonly kind: 'failure' }): Promise<void> => {
    const after = afterFailure(call, failure, shown);
    memory.clear();
    if (after.kind === 'again') return run({ kind: 'start', problem: after.problem });
    pause();
    const mine = visit;
    const end = await knowingSession(after, async () => (await client.signedInAs()) !== undefined);
    if (mine === visit) stop(end);
  };

  const stop = (end: EndState): void => {
    memory.clear();
    pause();
    show(end);
  };

  const restart = (): void => {
    visit += 1;
    shown = undefined;
    running = undefined;
    failed = undefined;
    queued = undefined;
    rewordNext = false;
    attempts = 0;
    failingSince = undefined;
    connection = { kind: 'fine' };
    phone.reset();
    cancelRetry();
  };

  const retry = (): void => {
    const call = failed;
    if (call === undefined || running !== undefined) return;
    if (state.kind === 'end') show(shown === undefined ? { kind: 'loading' } : { ...shown, busy: true });
    void run(call);
  };

  const nudge = (): void => {
    if (running !== undefined) return;
    if (failed !== undefined && state.kind !== 'end') {
      retry();
      return;
    }
    if (state.kind !== 'step' || state.busy || state.ranOut || pollDelayOf(state.step) === undefined) return;
    if (state.until !== undefined && timers.now() >= state.until) runOut();
    else void run({ kind: 'poll', step: state.step });
  };

  const sendAgain = async (): Promise<ResendAnswer['kind']> => {
    if (state.kind !== 'step' || state.resendFrom === undefined) return 'over';
    const asked = state.serial;
    const mine = visit;
    const answer = await client.resend(state.step.authId);
    // Polls may have changed the step meanwhile, but not the screen.
    if (mine !== visit || state.kind !== 'step' || state.serial !== asked) return answer.kind;
    if (answer.kind === 'sent') show({ ...state, resendFrom: resendFrom(timers.now(), answer.resend) });
    if (answer.kind === 'too-soon') show({ ...state, resendFrom: timers.now() + answer.in });
    if (answer.kind === 'over') {
      show({ ...state, resendFrom: undefined });
      // The phone may have answered, or another sign-in has taken its place.
      nudge();
    }
    return answer.kind;
  };

  const takeUp = ({ state: rendered, ...given }: RenderedState): void => {
    restart();
    memory.clear();
    ({ connection, username } = given);
    if (connection.kind === 'busy' || (rendered.kind === 'end' && rendered.end === 'fault')) failed = { kind: 'start' };
    if (connection.kind === 'busy') retryIn(connection.for);
    if (rendered.kind !== 'step') {
      show(rendered);
      return;
    }
    const { step } = rendered;
    const times = timesOf(timers.now(), step);
    ({ serial } = rendered);
    show({ ...rendered, ...times });
    phone.begin(step, times.until);
  };

  const submit = (answers: Answers): void => {
    if (state.kind !== 'step' || state.busy) return;
    const { step } = state;
    for (const { position } of ofType(step, 'NameCallback')) {
      const typed = answers[position];
      if (state.first && typeof typed === 'string') username = typed;
    }
    if (running !== undefined && isByItself(running)) queued = answers;
    const { errors: _, ...asked } = state;
    show({ ...asked, busy: true, problem: undefined });
    if (queued === undefined) void run({ kind: 'submit', step, answers, again: false });
  };

  return {
    state: () => state,
    connection: () => connection,
    username: () => username,
    open: () => {
      restart();
      const kept = memory.read();
      void run(kept === undefined ? { kind: 'start' } : { kind: 'resume', ...kept });
    },
    takeUp,
    submit,
    retry,
    goOn: () => {
      if (state.kind !== 'step' || state.busy || running !== undefined) return;
      show({ ...state, busy: true });
      void run({ kind: 'poll', step: state.step });
    },
    nudge,
    sendAgain,
    reword: () => {
      if (running !== undefined) rewordNext = true;
      else if (state.kind === 'step') void run({ kind: 'reword', step: state.step });
    },
    startOver: () => {
      restart();
      memory.clear();
      show({ kind: 'loading' });
      void run({ kind: 'start' });
    },
    useAnotherAccount: () => {
      restart();
      const mine = visit;
      username = '';
      show({ kind: 'loading' });
      void client.signOut().then(() => (mine === visit ? run({ kind: 'start' }) : undefined));
    },
    close: restart,
  };
};
