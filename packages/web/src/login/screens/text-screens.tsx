import { Note } from '../../kit/note.tsx';
import { Messages } from '../callbacks/messages.tsx';
import { say } from '../say.ts';
import { ofType, textOf } from '../step.ts';
import { Lead, ScreenHead } from './screen-head.tsx';
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

/** P: not yet; what is missing is named instead of failing in silence. */
export const PasskeyScreen = ({ step }: ScreenProps<'passkey'>) => (
  <>
    <ScreenHead step={step} title={say('passkeyHeading')}>
      <Messages step={step} />
    </ScreenHead>
    <Note tone="warn">{say('cantDo', { type: 'WebAuthn' })}</Note>
  </>
);
