import { describe, expect, test } from 'vitest';
import { createServerClock } from './server-clock.ts';

describe('the server’s clock', () => {
  const answer = (at: number) => ({ headers: new Headers({ date: new Date(at).toUTCString() }) });

  test('is the phone’s, until an answer says otherwise', () => {
    const clock = createServerClock(() => 1_000_000_000);
    expect(clock.now()).toBe(1_000_000_000);
    clock.learn(answer(1_086_400_000));
    expect(clock.now()).toBe(1_086_400_500);
  });

  test('does not jump with every answer', () => {
    const clock = createServerClock(() => 1_000_000_000);
    clock.learn(answer(1_000_001_000));
    clock.learn({ headers: new Headers() });
    clock.learn({ headers: new Headers({ date: 'yesterday' }) });
    expect(clock.offset()).toBe(0);
  });
});
