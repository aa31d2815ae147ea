import { useState } from 'preact/hooks';
import { announce } from '../../kit/browser/announce.ts';
import { Button } from '../../kit/parts/button.tsx';
import { Mark } from '../../kit/parts/mark.tsx';
import { Note } from '../../kit/parts/note.tsx';
import type { RequestEnd } from '../accounts/phone-store.ts';
import { say } from '../texts/say.ts';
import type { PhoneTextId } from '../texts/texts.en.ts';
import { Screen } from './screen.tsx';

/** We say what we know: an answer was sent. Whether its number was right, the page that asked will say. @see ux.md §0, 5 */
const words: Readonly<Record<RequestEnd, readonly [heading: PhoneTextId, text: PhoneTextId]>> = {
  approved: ['overSentHeading', 'overSent'],
  denied: ['overDeniedHeading', 'overDenied'],
  'not-me': ['overDeniedHeading', 'overDenied'],
  'ran-out': ['overRanOutHeading', 'overRanOut'],
  withdrawn: ['overWithdrawnHeading', 'overWithdrawn'],
  refused: ['overRefusedHeading', 'overRefused'],
  unsent: ['overUnsentHeading', 'overUnsent'],
};

/** How a request ended. It stays until somebody has seen it. */
export const OutcomeScreen = ({
  end,
  accountPage,
  pause,
  onClose,
}: {
  readonly end: RequestEnd;
  /** Where a password is changed. */
  readonly accountPage: string;
  /** No requests for an hour; false where the server could not be told. */
  pause(): Promise<boolean>;
  onClose(): void;
}) => {
  const [heading, text] = words[end];
  return (
    <Screen title={say(heading)} lead={say(text)}>
      {end === 'approved' ? (
        <div class="p-sent">
          <Mark />
        </div>
      ) : null}
      {end === 'not-me' ? (
        <>
          <Note tone="warn">{say('overNotMe')}</Note>
          <a class="k-btn" data-kind="primary" href={accountPage}>
            {say('overAccount')}
          </a>
          <Pause pause={pause} />
        </>
      ) : null}
      <div class="k-actions">
        <Button kind={end === 'not-me' ? 'plain' : 'primary'} onPress={onClose}>
          {say('done')}
        </Button>
      </div>
    </Screen>
  );
};

/** Strangers are shut out already; this keeps everybody away, a browser that is known included. */
const Pause = ({ pause }: { pause(): Promise<boolean> }) => {
  const [state, setState] = useState<'open' | 'busy' | 'paused' | 'failed'>('open');
  const send = async (): Promise<void> => {
    setState('busy');
    const isPaused = await pause();
    setState(isPaused ? 'paused' : 'failed');
    announce(isPaused ? 'status' : 'alert', say(isPaused ? 'overPaused' : 'overPauseFailed'));
  };
  if (state === 'paused') return <Note tone="info">{say('overPaused')}</Note>;
  return (
    <>
      {state === 'failed' ? <Note tone="warn">{say('overPauseFailed')}</Note> : null}
      <Button busy={state === 'busy'} busyText={say('overPausing')} onPress={() => void send()}>
        {say('overPause')}
      </Button>
    </>
  );
};
