import { useEffect, useRef } from 'preact/hooks';
import { announce } from '../../kit/browser/announce.ts';
import { useDelayed } from '../../kit/browser/delayed.ts';
import { CopyButton } from '../../kit/parts/copy-button.tsx';
import { Icon } from '../../kit/parts/icon.tsx';
import { Note } from '../../kit/parts/note.tsx';
import { ConfirmationButtons } from '../callbacks/confirmation-buttons.tsx';
import { Messages } from '../callbacks/messages.tsx';
import { groupedNumber, spokenNumber } from '../parts/number-groups.ts';
import { Lead, ScreenHead } from '../parts/screen-head.tsx';
import { ofType, type Placed, textOf, textsOf } from '../step/step.ts';
import { say } from '../texts/say.ts';
import type { ScreenProps } from './screen-props.ts';
import { SendAgain } from './send-again.tsx';
import { CheckAgain, Waiting } from './waiting.tsx';

/** N and W: wait for the phone, with a number to type or tap if there is one. @see ux.md §2.5 */
export const WaitScreen = ({
  step,
  screen,
  busy,
  until,
  resendFrom,
  renewed,
  posted,
  submit,
  sendAgain,
}: ScreenProps<'number' | 'wait'>) => {
  const number = screen.kind === 'number' ? screen.number : undefined;
  const { exit } = screen;
  const isUnreachable = step.phone?.unreachable === true;
  useEffect(() => {
    if (isUnreachable) announce('alert', say('unreachableText'));
  }, [isUnreachable]);
  const message = ofType(step, 'PollingWaitCallback')
    .map(({ callback }) => textOf(callback, 'message'))
    .find((it) => it !== '');
  const earlier = useRef(renewed ? undefined : number);
  useEffect(() => {
    if (number === earlier.current) return;
    earlier.current = number;
    announce('status', say('newRequest'));
  }, [number]);
  return (
    <>
      <ScreenHead step={step} title={say(isUnreachable ? 'unreachable' : 'waitHeading')}>
        {isUnreachable ? <Note tone="warn">{say('unreachableText')}</Note> : null}
        {message === undefined ? <p class="k-lead">{say('waitLead')}</p> : <Lead text={message} />}
        <Messages step={step} />
      </ScreenHead>
      <div class="k-stack">
        {number === undefined ? (
          <div class="l-phone">
            <Icon name="phone" />
          </div>
        ) : (
          <div class="l-number">
            <p class="k-number" dir="ltr">
              <span aria-hidden="true">{groupedNumber(number).join('\u2009\u2009')}</span>
              <span class="sr-only">{say('number', { digits: spokenNumber(number) })}</span>
            </p>
            <CopyButton
              text={number}
              kind="quiet"
              label={say('codesCopy')}
              name={say('numberCopy')}
              done={say('copied')}
              failed={say('copyFailed')}
            />
          </div>
        )}
        <Waiting step={step} until={until} text={say('waitWaiting')} />
        <CheckAgain posted={posted} />
        {isUnreachable ? null : <LateHint key={number ?? ''} from={resendFrom} sendAgain={sendAgain} />}
        {exit === undefined ? null : (
          <WaysOut
            exit={exit}
            open={isUnreachable}
            busy={busy}
            submit={(index) => submit({ [exit.position]: index })}
          />
        )}
      </div>
    </>
  );
};

/** One way out is a button; several are behind a word, so that the number stays the thing to look at: unless they are what is left. */
const WaysOut = ({
  exit,
  open,
  ...buttons
}: {
  readonly exit: Placed;
  readonly open: boolean;
  readonly busy: boolean;
  submit(index: number): void;
}) =>
  open || textsOf(exit.callback, 'options').length < 2 ? (
    <ConfirmationButtons confirmation={exit} {...buttons} />
  ) : (
    <details class="l-disclosure">
      <summary>{say('other')}</summary>
      <ConfirmationButtons confirmation={exit} {...buttons} />
    </details>
  );

/** After ten seconds: the phone may not have rung. */
const LateHint = (resend: Pick<ScreenProps, 'sendAgain'> & { readonly from: number | undefined }) => {
  const late = useDelayed(true, 10_000);
  return late ? (
    <div class="l-late">
      <h2>{say('waitLateHeading')}</h2>
      <p class="k-muted">{say('waitLate')}</p>
      <SendAgain {...resend} />
    </div>
  ) : null;
};
