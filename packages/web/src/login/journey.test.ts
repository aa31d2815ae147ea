import { describe, expect, test } from 'vitest';
import { createJourney, type Drawn, type Journey, type PageState } from './journey.ts';
import type { Answer, JourneyClient, ResendAnswer } from './journey-client.ts';
import { screenOfStep } from './screen-of-step.ts';
import type { Callback, Step } from './step.ts';
import type { WaitEnd } from './wait-stream.ts';

const field = (type: string, prompt: string): Callback => ({
  type,
  output: [{ name: 'prompt', value: prompt }],
  input: [{ name: 'IDToken1', value: '' }],
});
const credentials = (authId: string): Step => ({
  authId,
  callbacks: [field('NameCallback', 'User Name'), field('PasswordCallback', 'Password')],
});
const recovery = (authId: string): Step => ({ authId, callbacks: [field('NameCallback', 'Recovery Code')] });
const wait = (authId: string, number = '42'): Step => ({
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
const asStep = (step: Step): Answer => ({ kind: 'step', step });
const failure: Answer = { kind: 'failure', message: 'Login failure', locked: false, failureUrl: undefined };
const timedOut: Answer = { kind: 'timed-out' };
const success: Answer = { kind: 'success', successUrl: '/am/console' };

interface Sent {
  readonly call: 'start' | 'resume' | 'submit';
  readonly authId?: string;
  readonly values?: readonly unknown[];
}

/** A page whose server answers when the test says so, and whose clock stands still. */
const visit = (kept?: { authId: string; first: boolean }) => {
  const sent: Sent[] = [];
  const open: ((answer: Answer) => void)[] = [];
  const timers: { delay: number; action: () => void }[] = [];
  /** The steps that a stream was opened for. */
  const waits: string[] = [];
  let tell: (end: WaitEnd) => void = () => {};
  const resends: string[] = [];
  let resent: ResendAnswer = { kind: 'failed' };
  let memory = kept;
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
    wait: (authId, signal) => {
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
    signedInAs: async () => 'demo',
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

const stepState = (journey: Journey): PageState & { kind: 'step' } => {
  const state = journey.state();
  if (state.kind !== 'step') throw new Error(`not a step but ${JSON.stringify(state)}`);
  return state;
};

/** A page that shows the given step, reached by a poll-free submit from the first one. */
const at = async (step: Step) => {
  const page = visit();
  page.journey.open();
  await page.answer(asStep(credentials('a1')));
  page.journey.submit({ 0: 'demo', 1: 'pw' });
  await page.answer(asStep(step));
  return page;
};

test('a wrong password shows the form again with its reason, and keeps the name', async () => {
  const page = visit();
  page.journey.open();
  await page.answer(asStep(credentials('a1')));
  page.journey.submit({ 0: 'demo', 1: 'wrong' });
  await page.answer(failure);
  await page.answer(asStep(credentials('a2')));
  expect(stepState(page.journey)).toMatchObject({
    first: true,
    busy: false,
    problem: { kind: 'credentials', message: undefined },
  });
  expect(page.journey.username()).toBe('demo');
  expect(page.sent.map((it) => it.call)).toEqual(['start', 'submit', 'start']);
});

test('a locked account ends with that reason', async () => {
  const page = visit();
  page.journey.open();
  await page.answer(asStep(credentials('a1')));
  page.journey.submit({ 0: 'demo', 1: 'x' });
  await page.answer({ ...failure, locked: true });
  expect(page.journey.state()).toMatchObject({ kind: 'end', end: 'locked' });
  expect(page.memory()).toBeUndefined();
});

test.each([
  ['a wait', wait('a2'), 'request'],
  ['recovery codes', recovery('a2'), 'codes'],
])('a failure after %s names its own reason', async (_what, step, end) => {
  const page = await at(step);
  if (page.timers.length > 0) page.ring();
  else page.journey.submit({ 0: '1111' });
  await page.answer(failure);
  expect(page.journey.state()).toMatchObject({ kind: 'end', end });
});

test('two presses send one answer', async () => {
  const page = visit();
  page.journey.open();
  await page.answer(asStep(credentials('a1')));
  page.journey.submit({ 0: 'demo', 1: 'pw' });
  page.journey.submit({ 0: 'demo', 1: 'pw' });
  expect(page.sent.filter((it) => it.call === 'submit')).toHaveLength(1);
});

test('a form that was left open too long just works: the answers go out again with a new authId', async () => {
  const page = visit();
  page.journey.open();
  await page.answer(asStep(credentials('a1')));
  page.journey.submit({ 0: 'demo', 1: 'pw' });
  await page.answer(timedOut);
  await page.answer(asStep(credentials('a9')));
  expect(page.sent.at(-1)).toEqual({ call: 'submit', authId: 'a9', values: ['demo', 'pw'] });
  await page.answer(timedOut);
  expect(page.journey.state()).toMatchObject({ kind: 'end', end: 'away' });
});

test('a journey that times out later says so', async () => {
  const page = await at(recovery('a2'));
  page.journey.submit({ 0: 'x' });
  await page.answer(timedOut);
  expect(page.journey.state()).toMatchObject({ kind: 'end', end: 'away' });
});

test('a reload asks for the step again and sends nothing else', async () => {
  const page = visit({ authId: 'a5', first: false });
  page.journey.open();
  expect(page.sent).toEqual([{ call: 'resume', authId: 'a5' }]);
  await page.answer(asStep(recovery('a5')));
  expect(stepState(page.journey)).toMatchObject({ first: false, screen: { kind: 'recovery' } });
});

test('a reload after the journey is over starts a new one without a word', async () => {
  const page = visit({ authId: 'a5', first: false });
  page.journey.open();
  await page.answer(timedOut);
  await page.answer(asStep(credentials('a6')));
  expect(stepState(page.journey)).toMatchObject({ first: true, problem: undefined });
  expect(page.memory()).toEqual({ authId: 'a6', first: true });
});

test('polls leave the exit alone, and an unchanged step changes nothing but the authId', async () => {
  const page = await at(wait('a2'));
  const { serial } = stepState(page.journey);
  expect(page.ring()).toBe(5000);
  expect(page.sent.at(-1)).toEqual({ call: 'submit', authId: 'a2', values: ['pushChallengeNumber', 100] });
  await page.answer(asStep(wait('a3')));
  expect(stepState(page.journey).serial).toBe(serial);
  page.ring();
  expect(page.sent.at(-1)?.authId).toBe('a3');
});

test('a new number comes without another screen', async () => {
  const page = await at(wait('a2'));
  const { serial } = stepState(page.journey);
  page.ring();
  await page.answer(asStep(wait('a3', '77')));
  expect(stepState(page.journey)).toMatchObject({ serial, screen: { number: '77' } });
});

test('an exit pressed during a poll goes out after it, with the authId that the poll brought', async () => {
  const page = await at(wait('a2'));
  page.ring();
  page.journey.submit({ 2: 0 });
  expect(stepState(page.journey).busy).toBe(true);
  expect(page.sent.at(-1)?.values).toEqual(['pushChallengeNumber', 100]);
  await page.answer(asStep(wait('a3', '77')));
  expect(page.sent.at(-1)).toEqual({ call: 'submit', authId: 'a3', values: ['pushChallengeNumber', 0] });
  await page.answer(asStep(recovery('a4')));
  expect(stepState(page.journey).screen.kind).toBe('recovery');
});

test('an exit pressed while the phone approved does not undo the approval', async () => {
  const page = await at(wait('a2'));
  page.ring();
  page.journey.submit({ 2: 0 });
  await page.answer(success);
  expect(page.journey.state()).toEqual({ kind: 'success', successUrl: '/am/console' });
  expect(page.sent.at(-1)?.values).toEqual(['pushChallengeNumber', 100]);
});

test('coming back to the tab asks at once', async () => {
  const page = await at(wait('a2'));
  page.journey.nudge();
  page.journey.nudge();
  expect(page.sent.filter((it) => it.call === 'submit')).toHaveLength(2);
});

test('coming back to a form sends nothing', async () => {
  const page = await at(recovery('a2'));
  const before = page.sent.length;
  page.journey.nudge();
  expect(page.sent).toHaveLength(before);
});

test('one lost poll is no news, ten seconds of them are', async () => {
  const page = await at(wait('a2'));
  page.ring();
  await page.answer({ kind: 'unreachable' });
  expect(page.journey.connection()).toEqual({ kind: 'fine' });
  for (let times = 0; times < 4; times += 1) {
    page.ring();
    await page.answer({ kind: 'unreachable' });
  }
  expect(page.journey.connection()).toEqual({ kind: 'lost' });
  page.ring();
  await page.answer(asStep(wait('a2')));
  expect(page.journey.connection()).toEqual({ kind: 'fine' });
});

test('an answer given offline goes out once, when the network is back', async () => {
  const page = await at(recovery('a2'));
  page.goOffline();
  page.journey.submit({ 0: 'CODE' });
  await page.answer({ kind: 'unreachable' });
  expect(page.journey.connection()).toEqual({ kind: 'offline' });
  page.journey.submit({ 0: 'CODE' });
  page.journey.nudge();
  expect(page.sent.slice(2).map((it) => it.values)).toEqual([['CODE'], ['CODE']]);
  await page.answer(success);
  expect(page.journey.state()).toMatchObject({ kind: 'success' });
});

test('a busy server is asked again when it said', async () => {
  const page = visit();
  page.journey.open();
  await page.answer({ kind: 'busy', retryAfter: 8000 });
  expect(page.journey.connection()).toEqual({ kind: 'busy', for: 8000 });
  expect(page.ring()).toBe(8000);
  expect(page.sent.map((it) => it.call)).toEqual(['start', 'start']);
});

test('after a fault the same answer goes out again (SEC-39)', async () => {
  const page = await at(recovery('a2'));
  page.journey.submit({ 0: 'CODE' });
  await page.answer({ kind: 'fault', reference: 'tx-1' });
  expect(page.journey.state()).toMatchObject({ kind: 'end', end: 'fault', reference: 'tx-1' });
  page.journey.retry();
  expect(page.sent.at(-1)).toEqual({ call: 'submit', authId: 'a2', values: ['CODE'] });
  await page.answer(asStep(recovery('a3')));
  expect(stepState(page.journey)).toMatchObject({ busy: false, screen: { kind: 'recovery' } });
});

test('a code that did not work is said on the same screen', async () => {
  const page = await at(recovery('a2'));
  const { serial } = stepState(page.journey);
  page.journey.submit({ 0: '1111' });
  await page.answer(asStep(recovery('a3')));
  expect(stepState(page.journey)).toMatchObject({ problem: { kind: 'answer' }, busy: false });
  expect(stepState(page.journey).serial).toBeGreaterThan(serial);
});

test('what was asked before Start over is not answered after it', async () => {
  const page = await at(recovery('a2'));
  page.journey.submit({ 0: '1111' });
  page.journey.startOver();
  await page.answer(success);
  expect(page.journey.state()).toEqual({ kind: 'loading' });
  await page.answer(asStep(credentials('b1')));
  expect(stepState(page.journey)).toMatchObject({ first: true, step: { authId: 'b1' } });
});

test('somebody who is signed in already is asked, not sent away', async () => {
  const page = visit();
  page.journey.open();
  await page.answer(success);
  expect(page.journey.state()).toEqual({ kind: 'signed-in', name: 'demo', successUrl: '/am/console' });
});

const inGerman = (authId: string): Step => ({
  authId,
  callbacks: [field('NameCallback', 'Benutzername'), field('PasswordCallback', 'Passwort')],
});

// ux.md §7.2 K7
test('another language asks for the same step in other words, on the same screen', async () => {
  const page = visit();
  page.journey.open();
  await page.answer(asStep(credentials('a1')));
  const { serial } = stepState(page.journey);
  page.journey.reword();
  expect(page.sent.at(-1)).toEqual({ call: 'resume', authId: 'a1' });
  await page.answer(asStep(inGerman('a2')));
  expect(stepState(page.journey)).toMatchObject({ serial, first: true, busy: false, step: { authId: 'a2' } });
});

test('what is pressed while the step is being reworded is sent once it is there', async () => {
  const page = visit();
  page.journey.open();
  await page.answer(asStep(credentials('a1')));
  page.journey.reword();
  page.journey.submit({ 0: 'demo', 1: 'pw' });
  await page.answer(asStep(inGerman('a2')));
  expect(page.sent.at(-1)).toEqual({ call: 'submit', authId: 'a2', values: ['demo', 'pw'] });
});

test('a language chosen while a call is on its way rewords the step that the call brings', async () => {
  const page = visit();
  page.journey.open();
  page.journey.reword();
  await page.answer(asStep(credentials('a1')));
  expect(page.sent.at(-1)).toEqual({ call: 'resume', authId: 'a1' });
  await page.answer(asStep(inGerman('a2')));
  expect(page.sent).toHaveLength(2);
});

test('a wait goes on being polled after it was reworded', async () => {
  const page = await at(wait('a2'));
  page.journey.reword();
  await page.answer(asStep(wait('a3')));
  page.ring();
  expect(page.sent.at(-1)).toMatchObject({ call: 'submit', authId: 'a3' });
});

test('a first step that ran out while its language changed begins anew', async () => {
  const page = visit();
  page.journey.open();
  await page.answer(asStep(credentials('a1')));
  page.journey.reword();
  await page.answer(timedOut);
  expect(page.sent.at(-1)).toEqual({ call: 'start' });
});

/** A step that waits for a phone, with what our server adds for our page. */
const awaited = (authId: string, left = 120_000, number = '42'): Step => ({
  ...wait(authId, number),
  phone: { for: 'sign-in', left, devices: ['Pixel 8'] },
});

/** Up to the wait for the phone. */
const waiting = async (step = awaited('b')) => {
  const page = visit();
  page.journey.open();
  await page.answer(asStep(credentials('a')));
  page.journey.submit({ 0: 'demo', 1: 'secret' });
  await page.answer(asStep(step));
  return page;
};
const kindOf = ({ journey }: { readonly journey: Journey }): string => {
  const state = journey.state();
  return state.kind === 'end' ? state.end : state.kind === 'step' && state.ranOut ? 'ran-out' : state.kind;
};

test('waits by a stream and does not poll; news is fetched at once', async () => {
  const page = await waiting();
  expect([page.waits, page.timers]).toEqual([['b'], []]);
  const before = page.sent.length;
  await page.tell('ready');
  expect(page.sent.slice(before)).toEqual([{ call: 'submit', authId: 'b', values: ['pushChallengeNumber', 100] }]);
  await page.answer(success);
  expect(page.journey.state()).toMatchObject({ kind: 'success' });
});

test('polls where no stream can be had, and tries one again half a minute later', async () => {
  const page = await waiting();
  await page.tell('refused');
  for (let polls = 0; polls < 6; polls += 1) {
    expect(page.ring()).toBe(5000);
    expect(page.waits).toHaveLength(1);
    await page.answer(asStep(awaited('b', 90_000)));
  }
  expect(page.waits).toEqual(['b', 'b']);
});

test('asks the server when a stream breaks, and opens another one', async () => {
  const page = await waiting();
  page.pass(20_000);
  await page.tell('dropped');
  expect(page.sent.at(-1)).toMatchObject({ call: 'submit', authId: 'b' });
  await page.answer(asStep(awaited('b')));
  expect(page.waits).toHaveLength(2);
});

test('polls where streams break at once, as behind a proxy that holds answers back', async () => {
  const page = await waiting();
  await page.tell('dropped');
  await page.answer(asStep(awaited('b')));
  expect(page.waits).toHaveLength(1);
  expect(page.timers).toHaveLength(1);
});

test('news that changes nothing is not asked for again without a pause', async () => {
  const page = await waiting();
  await page.tell('ready');
  await page.answer(asStep(awaited('b')));
  await page.tell('ready');
  await page.answer(asStep(awaited('b')));
  expect(page.waits).toHaveLength(2);
  expect(page.timers).toHaveLength(1);
});

test('a request that ran out is not sent again before somebody asks for it', async () => {
  const page = await waiting();
  const before = page.sent.length;
  await page.tell('expired');
  expect(kindOf(page)).toBe('ran-out');
  page.journey.nudge();
  expect([page.sent.length, page.timers.length]).toEqual([before, 0]);
  page.journey.goOn();
  page.journey.goOn();
  expect(page.sent.slice(before)).toHaveLength(1);
  await page.answer(asStep(awaited('c', 120_000, '17')));
  expect(page.journey.state()).toMatchObject({ kind: 'step', ranOut: false, renewed: true, busy: false });
  expect(page.waits.at(-1)).toBe('c');
});

test('the way out still leads out after the request ran out', async () => {
  const page = await waiting();
  await page.tell('expired');
  page.journey.submit({ 2: 0 });
  expect(page.sent.at(-1)?.values).toEqual(['pushChallengeNumber', 0]);
  await page.answer(asStep(recovery('c')));
  expect(kindOf(page)).toBe('step');
});

test('polling too stops when the request runs out: once more just before, then not at all', async () => {
  const page = await waiting(awaited('b', 6_000));
  await page.tell('refused');
  expect(page.ring()).toBe(5000);
  await page.answer(asStep(awaited('b', 1_000)));
  expect(page.ring()).toBe(700);
  await page.answer(asStep(awaited('b', 300)));
  const before = page.sent.length;
  expect(page.ring()).toBe(300);
  expect(kindOf(page)).toBe('ran-out');
  expect(page.sent).toHaveLength(before);
});

test('a reload finds a request that ran out meanwhile', async () => {
  const page = visit({ authId: 'b', first: false });
  page.journey.open();
  await page.answer(asStep(awaited('b', 0)));
  expect([kindOf(page), page.waits]).toEqual(['ran-out', []]);
});

test('another sign-in of the same user ends the wait', async () => {
  const page = await waiting();
  await page.tell('withdrawn');
  expect([kindOf(page), page.memory()]).toEqual(['withdrawn', undefined]);
});

test.each([
  ['denied', 'denied'],
  ['number', 'number'],
  ['expired', 'no-answer'],
  ['setup-failed', 'setup-failed'],
] as const)('a failure that was %s says so', async (end, shown) => {
  const page = await waiting();
  await page.tell('ready');
  await page.answer({
    ...failure,
    kind: 'failure',
    message: '',
    locked: false,
    failureUrl: undefined,
    phone: { end, device: 'Pixel 8' },
  });
  expect(page.journey.state()).toMatchObject({ kind: 'end', end: shown, device: 'Pixel 8' });
});

test('leaving the wait closes its stream; what it says after that is not listened to', async () => {
  const page = await waiting();
  page.journey.submit({ 2: 0 });
  await page.answer(asStep(recovery('c')));
  const before = page.sent.length;
  await page.tell('ready');
  expect([page.sent.length, kindOf(page)]).toEqual([before, 'step']);
});

describe('what came with the page', () => {
  const fine = { kind: 'fine' } as const;
  const drawn = (step: Step): Drawn => ({
    state: {
      kind: 'step',
      step,
      screen: screenOfStep(step, { first: true }),
      serial: 1,
      first: true,
      busy: false,
      problem: undefined,
      until: undefined,
      ranOut: false,
      renewed: false,
    },
    connection: fine,
    username: '',
  });

  test('is answered without having been asked for, and a reload brings another one', async () => {
    const it = visit();
    it.journey.takeUp(drawn(credentials('a1')));
    expect(it.journey.state()).toMatchObject({ kind: 'step', first: true, screen: { kind: 'credentials' } });
    expect(it.memory()).toBeUndefined();
    it.journey.submit({ 0: 'demo', 1: 'secret' });
    expect(it.sent).toEqual([{ call: 'submit', authId: 'a1', values: ['demo', 'secret'] }]);
    await it.answer(asStep(recovery('a2')));
    expect(it.journey.state()).toMatchObject({ serial: 2, first: false });
    expect(it.memory()).toEqual({ authId: 'a2', first: false });
  });

  test('starts anew after a wrong password, as a step that was asked for', async () => {
    const it = visit();
    it.journey.takeUp(drawn(credentials('a1')));
    it.journey.submit({ 0: 'demo', 1: 'wrong' });
    await it.answer(failure);
    await it.answer(asStep(credentials('a2')));
    expect(it.journey.state()).toMatchObject({ problem: { kind: 'credentials' } });
    expect(it.journey.username()).toBe('demo');
  });

  test('waits where it polls', () => {
    const it = visit();
    it.journey.takeUp(drawn(wait('a1')));
    expect(it.ring()).toBe(5_000);
    expect(it.sent.map(({ call }) => call)).toEqual(['submit']);
  });

  test('forgets a first step that this tab had asked for', () => {
    const it = visit({ authId: 'a0', first: true });
    it.journey.takeUp(drawn(credentials('a1')));
    expect(it.memory()).toBeUndefined();
    expect(it.sent).toEqual([]);
  });

  test('a fault is tried again by a start', () => {
    const it = visit();
    const told = { message: undefined, reference: 'tx-1', failureUrl: undefined, device: undefined };
    it.journey.takeUp({ state: { kind: 'end', end: 'fault', ...told }, connection: fine, username: '' });
    expect(it.journey.state()).toMatchObject({ end: 'fault', reference: 'tx-1' });
    it.journey.retry();
    expect(it.sent).toEqual([{ call: 'start' }]);
  });

  test('a server that was too busy is asked again after the time that it has named', () => {
    const it = visit();
    it.journey.takeUp({ state: { kind: 'loading' }, connection: { kind: 'busy', for: 8_000 }, username: '' });
    expect(it.journey.connection()).toEqual({ kind: 'busy', for: 8_000 });
    expect(it.sent).toEqual([]);
    expect(it.ring()).toBe(8_000);
    expect(it.sent).toEqual([{ call: 'start' }]);
  });
});

describe('the same request once more', () => {
  const resendFrom = (page: ReturnType<typeof visit>) => {
    const state = page.journey.state();
    return state.kind === 'step' ? state.resendFrom : undefined;
  };
  const resendable = (): Step => ({
    ...awaited('b'),
    phone: { for: 'sign-in', left: 120_000, devices: ['Pixel 8'], resend: { left: 2, in: 15_000 } },
  });

  test('is not asked for where the server offers none', async () => {
    const page = await waiting();
    expect(resendFrom(page)).toBeUndefined();
    expect(await page.journey.sendAgain()).toBe('over');
    expect(page.resends).toEqual([]);
  });

  test('leaves the step, its stream and its time as they are, and waits anew for the next one', async () => {
    const page = await waiting(resendable());
    expect(resendFrom(page)).toBe(15_000);
    const before = page.journey.state();
    const polls = page.sent.length;
    page.pass(16_000);
    page.resendsAre({ kind: 'sent', resend: { left: 1, in: 15_000 } });
    expect(await page.journey.sendAgain()).toBe('sent');
    expect(page.resends).toEqual(['b']);
    expect(page.journey.state()).toEqual({ ...before, resendFrom: 31_000 });
    expect([page.waits.length, page.sent.length]).toEqual([1, polls]);
    page.resendsAre({ kind: 'sent' });
    await page.journey.sendAgain();
    expect(resendFrom(page)).toBeUndefined();
  });

  test('waits as long as the server says where it was too soon, and may be tried again where it failed', async () => {
    const page = await waiting(resendable());
    page.resendsAre({ kind: 'too-soon', in: 4_000 });
    await page.journey.sendAgain();
    expect(resendFrom(page)).toBe(4_000);
    page.resendsAre({ kind: 'failed' });
    expect(await page.journey.sendAgain()).toBe('failed');
    expect(resendFrom(page)).toBe(4_000);
  });

  test('asks what has become of the request where there is nothing to send any more', async () => {
    const page = await waiting(resendable());
    page.resendsAre({ kind: 'over' });
    await page.journey.sendAgain();
    expect(page.sent.at(-1)).toMatchObject({ call: 'submit', authId: 'b' });
    expect(resendFrom(page)).toBeUndefined();
  });
});
