import { describe, expect, test } from 'vitest';
import type { Step } from '../step/step.ts';
import { asStep, at, credentials, failure, recovery, stepState, success, visit, wait } from '../testing/visit.ts';
import type { Journey } from './journey.ts';

// How the page waits for a phone: by polls, by the stream, and by a request that is sent once more (ux.md §2.1, §2.5).

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

test('an exit pressed during a poll goes out after it, with the authId that the poll brought (REL-11)', async () => {
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

test('polls where no stream can be had, and tries one again half a minute later (REL-23)', async () => {
  const page = await waiting();
  await page.tell('refused');
  for (let polls = 0; polls < 6; polls += 1) {
    expect(page.ring()).toBe(5000);
    expect(page.waits).toHaveLength(1);
    await page.answer(asStep(awaited('b', 90_000)));
  }
  expect(page.waits).toEqual(['b', 'b']);
});

test('asks at once when no phone is rung any more, and waits on; told so again, it does not ask without a pause', async () => {
  const page = await waiting();
  await page.tell('unreachable');
  expect(page.sent.at(-1)).toMatchObject({ call: 'submit', authId: 'b' });
  const step = awaited('b');
  await page.answer(
    asStep({ ...step, phone: { for: 'sign-in', left: 100_000, devices: ['Pixel 8'], unreachable: true } }),
  );
  expect(page.waits).toHaveLength(2);
  await page.tell('unreachable');
  await page.answer(asStep(step));
  expect(page.waits).toHaveLength(2);
  expect(page.timers).toHaveLength(1);
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

test('a phone that could not be connected leaves a signed-in user signed in, with a way to the account page (F6)', async () => {
  const page = await waiting();
  await page.tell('ready');
  await page.answer({ ...failure, message: '', phone: { end: 'setup-failed', device: undefined } });
  expect(page.journey.state()).toMatchObject({ kind: 'end', end: 'setup-failed', isSignedIn: true });
});

test('leaving the wait closes its stream; what it says after that is not listened to', async () => {
  const page = await waiting();
  page.journey.submit({ 2: 0 });
  await page.answer(asStep(recovery('c')));
  const before = page.sent.length;
  await page.tell('ready');
  expect([page.sent.length, kindOf(page)]).toEqual([before, 'step']);
});

test('where requests to the phone are paused nothing is asked by itself, and the way out leads out', async () => {
  const held = awaited('b');
  const page = await waiting({ ...held, phone: { for: 'sign-in', left: 120_000, devices: [], pausedFor: 60_000 } });
  expect([page.waits, page.timers]).toEqual([[], []]);
  page.pass(130_000);
  page.journey.nudge();
  expect([page.sent.length, kindOf(page)]).toEqual([2, 'step']);
  page.journey.submit({ 2: 0 });
  expect(page.sent.at(-1)).toMatchObject({ call: 'submit', authId: 'b', values: ['pushChallengeNumber', 0] });
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
