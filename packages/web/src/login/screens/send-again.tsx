import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { announce } from '../../kit/browser/announce.ts';
import { Button } from '../../kit/parts/button.tsx';
import { say } from '../texts/say.ts';
import type { ScreenProps } from './screen-props.ts';

const secondsTo = (from: number | undefined): number =>
  from === undefined ? 0 : Math.max(0, Math.ceil((from - performance.now()) / 1000));

/** Has the same request sent once more. The seconds until then are shown and never read out. @see ux.md §2.5 */
export const SendAgain = ({
  from,
  sendAgain,
}: Pick<ScreenProps, 'sendAgain'> & {
  /** Absent where it may not be sent again: then there is no button. */
  readonly from: number | undefined;
}) => {
  const [seconds, setSeconds] = useState(() => secondsTo(from));
  const [sending, setSending] = useState(false);
  const [told, setTold] = useState<'sentAgain' | 'sendAgainFailed'>();
  const result = useRef<HTMLParagraphElement>(null);
  const wasPressed = useRef(false);
  useEffect(() => {
    const tick = (): void => setSeconds(secondsTo(from));
    tick();
    if (from === undefined) return;
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [from]);
  // The last press takes the button away: what came of it keeps the place of whoever tabs on.
  useLayoutEffect(() => {
    if (told === undefined || !wasPressed.current) return;
    wasPressed.current = false;
    if (from === undefined) result.current?.focus();
  }, [from, told]);

  const press = async (): Promise<void> => {
    wasPressed.current = true;
    setSending(true);
    setTold(undefined);
    const kind = await sendAgain();
    setSending(false);
    // Where it is over, the page asks what has become of it.
    if (kind !== 'sent' && kind !== 'failed') return;
    const text = kind === 'sent' ? 'sentAgain' : 'sendAgainFailed';
    setTold(text);
    announce(kind === 'sent' ? 'status' : 'alert', say(text));
  };

  return (
    <>
      <p ref={result} tabIndex={-1} hidden={told === undefined}>
        {told === undefined ? null : say(told)}
      </p>
      {from === undefined ? null : (
        <Button fit busy={sending || seconds > 0} onPress={() => void press()}>
          {seconds > 0 ? say('sendAgainIn', { n: seconds }) : say('sendAgain')}
        </Button>
      )}
    </>
  );
};
