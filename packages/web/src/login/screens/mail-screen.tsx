import { Lead, ScreenHead } from '../parts/screen-head.tsx';
import { ofType, textOf } from '../step/step.ts';
import { say } from '../texts/say.ts';
import type { ScreenProps } from './screen-props.ts';

/** E: the journey goes on by a link in a mail. */
export const MailScreen = ({ step }: ScreenProps<'mail'>) => (
  <ScreenHead step={step} title={say('mailHeading')}>
    {ofType(step, 'SuspendedTextOutputCallback').map(({ callback, position }) => (
      <Lead key={position} text={textOf(callback, 'message')} />
    ))}
    <p class="k-muted">{say('mailHint')}</p>
  </ScreenHead>
);
