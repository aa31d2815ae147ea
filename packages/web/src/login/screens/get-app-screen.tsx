import { Button } from '../../kit/parts/button.tsx';
import { ConfirmationButtons } from '../callbacks/confirmation-buttons.tsx';
import { Messages } from '../callbacks/messages.tsx';
import { ScreenHead } from '../parts/screen-head.tsx';
import { pressed } from '../step/posted-step.tsx';
import { say } from '../texts/say.ts';
import type { ScreenProps } from './screen-props.ts';

/** Where to get an app: the links out of the node's script, which itself is never run. */
export const GetAppScreen = ({ step, screen, busy, submit }: ScreenProps<'get-app'>) => {
  const { confirmation, links } = screen;
  return (
    <>
      <ScreenHead step={step} title={say('getAppHeading')}>
        <p class="k-lead">{say('getAppLead')}</p>
        <Messages step={step} />
      </ScreenHead>
      <div class="k-stack">
        <div class="k-actions">
          {links.map(({ href, label }) => (
            <a key={href} class="k-btn" href={href} target="_blank" rel="noopener noreferrer">
              <bdi>{label === '' ? new URL(href).host : label}</bdi>
              <span class="sr-only"> {say('newTab')}</span>
            </a>
          ))}
        </div>
        {confirmation === undefined ? (
          <Button
            kind="primary"
            busy={busy}
            busyText={say('loading')}
            posts={pressed}
            value="answer"
            onPress={() => submit({})}
          >
            {say('continue')}
          </Button>
        ) : (
          <ConfirmationButtons
            confirmation={confirmation}
            busy={busy}
            submit={(index) => submit({ [confirmation.position]: index })}
          />
        )}
      </div>
    </>
  );
};
