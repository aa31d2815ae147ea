import { useEffect } from 'preact/hooks';
import { ConfirmationButtons } from '../callbacks/confirmation-buttons.tsx';
import { Messages } from '../callbacks/messages.tsx';
import { ScreenHead } from '../parts/screen-head.tsx';
import { textOf } from '../step/step.ts';
import type { ScreenProps } from './screen-props.ts';

/** Offers a passkey to somebody who has signed in but for that. @see spec: webauthn §10.1 "Upgrade prompt" */
export const PasskeyOfferScreen = ({ step, screen, busy, submit }: ScreenProps<'passkey-offer'>) => {
  const { confirmation, goOnIn } = screen;
  // Before the journey ends it goes on as if nothing had been offered: whoever went away does not sign in once more.
  useEffect(() => {
    const timer = setTimeout(() => submit({}), goOnIn);
    return () => clearTimeout(timer);
  }, []);
  return (
    <>
      <ScreenHead step={step} title={textOf(confirmation.callback, 'prompt')}>
        <Messages step={step} />
      </ScreenHead>
      <ConfirmationButtons
        confirmation={confirmation}
        hasPrimary
        busy={busy}
        submit={(index) => submit({ [confirmation.position]: index })}
      />
    </>
  );
};
