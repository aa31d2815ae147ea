import type { Answer, JourneyClient, PhoneEnd, ResendAnswer } from './journey-client.ts';
import { pollDelayOf, type Screen, screenOfStep } from './screen-of-step.ts';
import {
  type Answers,
  answered,
  answersStill,
  looksTheSame,
  ofType,
  type ResendsLeft,
  type Step,
  sameQuestions,
  sameTypes,
} from './step.ts';

/** Why a page stopped. @see ux.md §2.6 */
export type End =
  | 'locked'
  | 'failed'
  | 'request'
  | 'denied'
  | 'number'
  | 'no-answer'
  | 'withdrawn'
  | 'codes'
  | 'setup'
  | 'setup-refused'
  | 'setup-failed'
  | 'away'
  | 'no-journey'
  | 'fault'
  | 'gone';

/** What is wrong with the answer that was just sent; `message` is the server's own text, if it has one. */
export interface Problem {
  readonly kind: 'credentials' | 'answer';
  readonly message: string | undefined;
}

/** What the page shows. */
export type PageState =
  | { readonly kind: 'loading' }
  | {
      readonly kind: 'step';
      readonly step: Step;
      readonly screen: Screen;
      /** Grows when another screen appears: then focus moves and fields are new. */
      readonly serial: number;
      readonly first: boolean;
      readonly busy: boolean;
      readonly problem: Problem | undefined;
      /** When the request to the phone runs out, by the clock of {@link Timers}; `undefined` if the server does not tell. */
      readonly until: number | undefined;
      /** When the same request may be sent again; absent where it may not. */
      readonly resendFrom?: number | undefined;
      /** It has run out: nothing is sent before somebody asks for a new one. @see ux.md §0.3 */
      readonly ranOut: boolean;
      /** A new request has taken the place of the one that was on the screen. */
      readonly renewed: boolean;
      /** What was missing in the answers that a form has sent to the server, by position. A script keeps such answers back. */
      readonly errors?: Readonly<Record<number, string>>;
    }
  | { readonly kind: 'signed-in'; readonly name: string | undefined; readonly successUrl: string | undefined }
  | { readonly kind: 'success'; readonly successUrl: string | undefined }
  | {
      readonly kind: 'end';
      readonly end: End;
      readonly message: string | undefined;
      readonly reference: string | undefined;
      readonly failureUrl: string | undefined;
      /** The phone that was meant. */
      readonly device: string | undefined;
    };

/** How the connection is; all but `fine` is told to the person. */
export type Connection =
  | { readonly kind: 'fine' }
  | { readonly kind: 'offline' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'busy'; readonly for: number };

/** What the server has drawn: the page goes on from there instead of asking for it again. */
export interface Drawn {
  readonly state: PageState;
  readonly connection: Connection;
  /** The name that was typed; empty before that. */
  readonly username: string;
}

/** What a reload needs to find its journey again. It lives in the tab, never in the address. */
export interface JourneyMemory {
  read(): { readonly authId: string; readonly first: boolean } | undefined;
  write(kept: { readonly authId: string; readonly first: boolean }): void;
  clear(): void;
}

/** Time and chance, handed in. */
export interface Timers {
  now(): number;
  /** Between 0 and 1. */
  chance(): number;
  /** Runs `action` once after `delay` ms; the result takes it back. */
  after(delay: number, action: () => void): () => void;
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
  takeUp(drawn: Drawn): void;
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

type Call =
  | { readonly kind: 'start'; readonly problem?: Problem }
  | { readonly kind: 'resume'; readonly authId: string; readonly first: boolean }
  | { readonly kind: 'submit'; readonly step: Step; readonly answers: Answers; readonly again: boolean }
  | { readonly kind: 'poll'; readonly step: Step }
  | { readonly kind: 'reword'; readonly step: Step };

/** Texts that say no more than that it failed; ours say it better, and in the page's language. @see journeys-rest.md §1.8 */
const plainFailures: ReadonlySet<string> = new Set([
  '',
  'Login failure',
  'Authentication Failed',
  'Authentication Failed.',
  'Invalid Password',
  'Invalid Password!!',
  'Unauthorized',
]);

/** Without the stream the last poll goes out so long before the request runs out; a later one would send a new request. */
const lastPollBefore = 300;
/** A stream that breaks sooner than this is no better than polling. */
const shortStream = 2_000;
/** Milliseconds until a stream is tried again, after one that could not be had. */
const streamAgainAfter = 30_000;
const phoneEnds = {
  denied: 'denied',
  number: 'number',
  expired: 'no-answer',
  withdrawn: 'withdrawn',
  'setup-refused': 'setup-refused',
  'setup-failed': 'setup-failed',
} as const satisfies Record<PhoneEnd['end'], End>;

/** Milliseconds of failing polls before it is told: one lost packet is no news. */
const lostAfter = 10_000;

/** The state machine of the login page: it owns the authId, the polling and the retries, and knows no DOM. */
export const createJourney = ({
  client,
  memory,
  timers,
  isOnline,
  onChange,
}: {
  readonly client: JourneyClient;
  readonly memory: JourneyMemory;
  readonly timers: Timers;
  readonly isOnline: () => boolean;
  readonly onChange: () => void;
}): Journey => {
  let state: PageState = { kind: 'loading' };
  /** The step that was last on the screen; an end state or a fault does not forget it. */
  let shown: (PageState & { readonly kind: 'step' }) | undefined;
  let connection: Connection = { kind: 'fine' };
  let username = '';
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
  let cancelTimer = (): void => {};
  /** No stream before this time: there was none to be had. */
  let streamsFrom = Number.NEGATIVE_INFINITY;
  /** The step that a stream had news of. */
  let readied: string | undefined;

  const show = (next: PageState): void => {
    state = next;
    if (next.kind === 'step') shown = next;
    onChange();
  };
  const later = (delay: number, action: () => void): void => {
    cancelTimer();
    cancelTimer = timers.after(delay, action);
  };

  /** By our own clock, so that a wrong time of the computer changes nothing. */
  const untilOf = ({ phone }: Step): number | undefined => phone && timers.now() + phone.left;

  const fromOf = (resend: ResendsLeft | undefined): number | undefined => resend && timers.now() + resend.in;

  /** Waits for the phone: by the stream where there is one, else by polling. */
  const waitForPhone = (step: Step, delay: number, until: number | undefined): void => {
    const now = timers.now();
    const poll = (pause: number): void => later(pause, () => void run({ kind: 'poll', step }));
    const pause = delay * (0.9 + 0.2 * timers.chance());
    const lastPoll = (until ?? Number.POSITIVE_INFINITY) - lastPollBefore;
    if (until !== undefined && now >= until) runOut();
    else if (step.phone !== undefined && now >= streamsFrom) stream(step, now);
    else if (now < lastPoll) poll(Math.min(pause, lastPoll - now));
    else if (until !== undefined) later(until - now, runOut);
  };

  const stream = (step: Step, since: number): void => {
    cancelTimer();
    const leave = new AbortController();
    cancelTimer = () => leave.abort();
    void client.wait(step.authId, leave.signal).then((end) => {
      if (leave.signal.aborted || state.kind !== 'step') return;
      if (end === 'expired') {
        runOut();
        return;
      }
      if (end === 'withdrawn') {
        stop('withdrawn');
        return;
      }
      const isFutile = end === 'refused' || (end === 'dropped' && timers.now() - since < shortStream);
      // A step that stays although there was news would otherwise be asked for without a pause.
      if (isFutile || (end === 'ready' && step.authId === readied)) streamsFrom = timers.now() + streamAgainAfter;
      if (end === 'ready') readied = step.authId;
      // An answer may have come while the stream was down, so the server is asked before another one is opened.
      if (end === 'refused') waitForPhone(step, pollDelayOf(step) ?? 0, state.until);
      else void run({ kind: 'poll', step });
    });
  };

  const runOut = (): void => {
    if (state.kind !== 'step' || state.ranOut) return;
    cancelTimer();
    serial += 1;
    show({ ...state, serial, ranOut: true, busy: false });
  };

  const perform = (call: Call): Promise<Answer> => {
    switch (call.kind) {
      case 'start':
        return client.start();
      case 'resume':
        return client.resume(call.authId);
      case 'reword':
        return client.resume(call.step.authId);
      case 'submit':
        return client.submit(call.step.authId, answered(call.step.callbacks, call.answers));
      case 'poll':
        return client.submit(call.step.authId, call.step.callbacks);
    }
  };

  const run = async (call: Call): Promise<void> => {
    const mine = visit;
    cancelTimer();
    running = call;
    failed = undefined;
    const answer = await perform(call);
    if (mine !== visit) return;
    running = undefined;
    if (answer.kind === 'unreachable' || answer.kind === 'busy') return waitForServer(call, answer);
    attempts = 0;
    failingSince = undefined;
    connection = { kind: 'fine' };
    await settle(call, answer, mine);
  };

  const waitForServer = (call: Call, answer: Answer & { kind: 'unreachable' | 'busy' }): void => {
    failed = call;
    const now = timers.now();
    failingSince ??= now;
    attempts += 1;
    const backoff = answer.kind === 'busy' ? answer.retryAfter : Math.min(1000 * 2 ** (attempts - 1), 8000);
    if (answer.kind === 'busy') connection = { kind: 'busy', for: backoff };
    else if (!isOnline()) connection = { kind: 'offline' };
    else if ((call.kind !== 'poll' && call.kind !== 'reword') || now - failingSince >= lostAfter)
      connection = { kind: 'lost' };
    const takeUp = queued;
    if (takeUp !== undefined && (call.kind === 'poll' || call.kind === 'reword')) {
      queued = undefined;
      failed = { kind: 'submit', step: call.step, answers: takeUp, again: false };
    }
    later(backoff, retry);
    onChange();
  };

  const settle = async (
    call: Call,
    answer: Exclude<Answer, { kind: 'unreachable' | 'busy' }>,
    mine: number,
  ): Promise<void> => {
    switch (answer.kind) {
      case 'step':
        return onStep(call, answer.step);
      case 'success': {
        memory.clear();
        if (call.kind !== 'start') return show({ kind: 'success', successUrl: answer.successUrl });
        const name = await client.signedInAs();
        if (mine === visit) show({ kind: 'signed-in', name, successUrl: answer.successUrl });
        return;
      }
      case 'timed-out':
        return onTimedOut(call);
      case 'failure':
        return onFailure(call, answer);
      case 'link-gone':
        return stop('gone');
      case 'no-journey':
        return stop('no-journey');
      case 'fault':
        failed = call;
        return show({
          kind: 'end',
          end: 'fault',
          message: undefined,
          reference: answer.reference,
          failureUrl: undefined,
          device: undefined,
        });
    }
  };

  const onStep = (call: Call, step: Step): void => {
    const before = shown;
    const again = call.kind === 'submit' && before !== undefined && sameQuestions(before.step, step);
    const reworded = call.kind === 'reword' && before !== undefined && sameTypes(before.step, step);
    const first =
      call.kind === 'start' ||
      (call.kind === 'resume' && call.first) ||
      (before?.first === true && (reworded || sameQuestions(before.step, step)));
    const screen = screenOfStep(step, { first });
    memory.write({ authId: step.authId, first });

    const delay = pollDelayOf(step);
    const ranOut = before?.ranOut === true && !reworded;
    const quiet =
      (call.kind === 'poll' || reworded) && !ranOut && before !== undefined && before.screen.kind === screen.kind;
    const until = untilOf(step);
    if (!quiet) serial += 1;
    const problem: Problem | undefined =
      call.kind === 'start'
        ? call.problem
        : again && delay === undefined
          ? { kind: 'answer', message: undefined }
          : reworded
            ? before.problem
            : undefined;

    const takeUp = queued;
    queued = undefined;
    // An exit pressed meant the question that was on the screen; to another question it is no answer.
    // In another language the same questions have other words, so there the types have to do.
    const send = takeUp !== undefined && quiet && (reworded || answersStill(takeUp, before.step, step));
    const unchanged = quiet && !send && !before.busy && looksTheSame(before.step, step);
    const next: PageState = {
      kind: 'step',
      step,
      screen,
      serial,
      first,
      busy: send,
      problem,
      until,
      resendFrom: fromOf(step.phone?.resend),
      ranOut: reworded && before.ranOut,
      renewed: ranOut && call.kind === 'poll' && before?.screen.kind === screen.kind,
    };
    // An unchanged poll draws nothing, but the authId may be a new one.
    if (unchanged) {
      shown = { ...next, screen: before.screen };
      state = shown;
    } else show(next);

    const reword = rewordNext;
    rewordNext = false;
    if (send) void run({ kind: 'submit', step, answers: takeUp, again: false });
    else if (reword) void run({ kind: 'reword', step });
    else if (delay !== undefined && !next.ranOut) waitForPhone(step, delay, until);
    if (unchanged) onChange();
  };

  const onTimedOut = async (call: Call): Promise<void> => {
    memory.clear();
    if (call.kind === 'resume' || (call.kind === 'reword' && shown?.first === true)) return run({ kind: 'start' });
    // A tab left open over night just works: the typed answers go out again with a new authId. @see ux.md §2.6 `journey`
    if (call.kind === 'submit' && !call.again && shown?.first === true) {
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
    }
    stop('away');
  };

  const onFailure = (
    call: Call,
    { message, locked, failureUrl, phone }: Answer & { kind: 'failure' },
  ): void | Promise<void> => {
    const own = plainFailures.has(message) ? undefined : message;
    memory.clear();
    if (locked) return stop('locked', { failureUrl });
    const before = shown;
    if (call.kind === 'submit' && before?.first === true && ofType(before.step, 'PasswordCallback').length > 0) {
      return run({ kind: 'start', problem: { kind: 'credentials', message: own } });
    }
    const kind = before?.screen.kind;
    if (call.kind === 'poll' && phone !== undefined && own === undefined)
      return stop(phoneEnds[phone.end], { failureUrl, device: phone.device });
    if (call.kind === 'poll' && (kind === 'number' || kind === 'wait'))
      return stop('request', { message: own, failureUrl });
    if (kind === 'recovery') return stop('codes', { message: own, failureUrl });
    if (call.kind === 'poll' && kind === 'setup') return stop('setup', { message: own, failureUrl });
    stop('failed', { message: own, failureUrl });
  };

  const stop = (
    end: End,
    told: { message?: string | undefined; failureUrl?: string | undefined; device?: string | undefined } = {},
  ): void => {
    memory.clear();
    cancelTimer();
    const { message, failureUrl, device } = told;
    show({ kind: 'end', end, message, reference: undefined, failureUrl, device });
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
    streamsFrom = Number.NEGATIVE_INFINITY;
    cancelTimer();
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
    if (answer.kind === 'sent') show({ ...state, resendFrom: fromOf(answer.resend) });
    if (answer.kind === 'too-soon') show({ ...state, resendFrom: timers.now() + answer.in });
    if (answer.kind === 'over') {
      show({ ...state, resendFrom: undefined });
      // The phone may have answered, or another sign-in has taken its place.
      nudge();
    }
    return answer.kind;
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
    takeUp: (drawn) => {
      restart();
      memory.clear();
      ({ connection, username } = drawn);
      if (connection.kind === 'busy' || (drawn.state.kind === 'end' && drawn.state.end === 'fault'))
        failed = { kind: 'start' };
      if (connection.kind === 'busy') later(connection.for, retry);
      if (drawn.state.kind !== 'step') return show(drawn.state);
      const { step } = drawn.state;
      const until = untilOf(step);
      const delay = pollDelayOf(step);
      ({ serial } = drawn.state);
      show({ ...drawn.state, until, resendFrom: fromOf(step.phone?.resend) });
      if (delay !== undefined) waitForPhone(step, delay, until);
    },
    submit: (answers) => {
      if (state.kind !== 'step' || state.busy) return;
      const { step } = state;
      for (const { position } of ofType(step, 'NameCallback')) {
        const typed = answers[position];
        if (state.first && typeof typed === 'string') username = typed;
      }
      if (running?.kind === 'poll' || running?.kind === 'reword') queued = answers;
      const { errors: _, ...asked } = state;
      show({ ...asked, busy: true, problem: undefined });
      if (queued === undefined) void run({ kind: 'submit', step, answers, again: false });
    },
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
