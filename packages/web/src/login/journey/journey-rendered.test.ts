import { describe, expect, test } from 'vitest';
import { screenOfStep } from '../step/screen-of-step.ts';
import type { Step } from '../step/step.ts';
import { asStep, credentials, failure, recovery, visit, wait } from '../testing/visit.ts';
import type { RenderedState } from './page-state.ts';

describe('what came with the page', () => {
  const fine = { kind: 'fine' } as const;
  const rendered = (step: Step): RenderedState => ({
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
    it.journey.takeUp(rendered(credentials('a1')));
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
    it.journey.takeUp(rendered(credentials('a1')));
    it.journey.submit({ 0: 'demo', 1: 'wrong' });
    await it.answer(failure);
    await it.answer(asStep(credentials('a2')));
    expect(it.journey.state()).toMatchObject({ problem: { kind: 'credentials' } });
    expect(it.journey.username()).toBe('demo');
  });

  test('waits where it polls', () => {
    const it = visit();
    it.journey.takeUp(rendered(wait('a1')));
    expect(it.ring()).toBe(5_000);
    expect(it.sent.map(({ call }) => call)).toEqual(['submit']);
  });

  test('forgets a first step that this tab had asked for', () => {
    const it = visit({ authId: 'a0', first: true });
    it.journey.takeUp(rendered(credentials('a1')));
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
