import { useEffect } from 'preact/hooks';
import { announce } from '../../kit/browser/announce.ts';
import { ConfirmationButtons } from '../callbacks/confirmation-buttons.tsx';
import { ScreenHead } from '../parts/screen-head.tsx';
import { inWords } from '../parts/time-left.ts';
import { language, say } from '../texts/say.ts';
import type { ScreenProps } from './screen-props.ts';

/** Nothing was sent, so there is no number and nothing to wait for: how long it lasts, and the other way in. @see ux.md §2.6 `push-locked` */
export const PausedScreen = ({ screen: { exit, millis }, busy, submit }: ScreenProps<'paused'>) => {
  const text = say('pausedText', { when: inWords(millis, language()) });
  useEffect(() => announce('alert', text), []);
  return (
    <>
      <ScreenHead title={say('paused')}>
        <p class="k-lead">{text}</p>
      </ScreenHead>
      {exit === undefined ? null : (
        <ConfirmationButtons confirmation={exit} busy={busy} submit={(index) => submit({ [exit.position]: index })} />
      )}
    </>
  );
};
