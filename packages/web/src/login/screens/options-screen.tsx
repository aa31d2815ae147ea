import { ConfirmationButtons } from '../callbacks/confirmation-buttons.tsx';
import { Messages } from '../callbacks/messages.tsx';
import { ScreenHead } from '../parts/screen-head.tsx';
import { say } from '../texts/say.ts';
import type { ScreenProps } from './screen-props.ts';

/** O: a message and what can be done about it. */
export const OptionsScreen = ({ step, screen, busy, submit }: ScreenProps<'options'>) => (
  <>
    <ScreenHead step={step} title={say('optionsHeading')}>
      <Messages step={step} />
    </ScreenHead>
    <ConfirmationButtons
      confirmation={screen.confirmation}
      busy={busy}
      submit={(index) => submit({ [screen.confirmation.position]: index })}
    />
  </>
);
