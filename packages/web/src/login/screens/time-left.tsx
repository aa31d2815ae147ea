import { useEffect, useRef, useState } from 'preact/hooks';
import { announce } from '../../kit/browser/announce.ts';
import { clockTime } from '../../kit/language/clock-time.ts';
import { Filled } from '../../kit/language/filled.tsx';
import { announcedAt } from '../parts/time-left.ts';
import { say } from '../texts/say.ts';

const secondsUntil = (until: number): number => Math.max(0, Math.ceil((until - performance.now()) / 1000));

/** How long the phone may still answer. Seconds are shown and never read out; three moments are. @see ux.md §2.5 */
export const TimeLeft = ({ until }: { readonly until: number }) => {
  const [seconds, setSeconds] = useState(() => secondsUntil(until));
  const before = useRef(seconds);
  useEffect(() => {
    const tick = (): void => {
      const left = secondsUntil(until);
      const text = announcedAt(before.current, left);
      before.current = left;
      if (text !== undefined) announce('status', say(text));
      setSeconds(left);
    };
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [until]);
  return (
    // Without a script it would stand still.
    <span class="l-left k-script" role="timer" aria-live="off">
      <Filled text={say('left')} values={{ time: clockTime(seconds) }} />
    </span>
  );
};
