import { useEffect, useState } from 'preact/hooks';
import { useDelayed } from '../../kit/browser/delayed.ts';
import { Button } from '../../kit/parts/button.tsx';
import { Note } from '../../kit/parts/note.tsx';
import { Ring } from '../../kit/parts/ring.tsx';
import {
  type LocationChoice,
  locationChoice,
  notNow,
  profileOfThisBrowser,
  readPlace,
} from '../device/browser-device.ts';
import type { Place } from '../device/device-profile.ts';
import { Lead, ScreenHead } from '../parts/screen-head.tsx';
import { pressed } from '../step/posted-step.tsx';
import { textOf } from '../step/step.ts';
import { say } from '../texts/say.ts';
import type { ScreenProps } from './screen-props.ts';

/** Without an answer for so long, the profile goes without a place. @see ux.md §2.3 */
const placeLimit = 3_000;
/** The browser's own question may take a person a while. */
const askedPlaceLimit = 60_000;

/** DeviceProfileCallback: invisible, but for L, which asks before the browser does. */
export const DeviceScreen = ({ step, screen, busy, problem, posted, submit, turned }: ScreenProps<'device'>) => {
  const { profile } = screen;
  const [choice, setChoice] = useState<LocationChoice>();
  const [reading, setReading] = useState(false);
  const late = useDelayed(choice !== 'ask', 400);

  const send = (place: Place | undefined): void => submit({ [profile.position]: profileOfThisBrowser(profile, place) });
  useEffect(() => {
    let here = true;
    // A server that asks for the same profile again would otherwise be answered for ever.
    if (problem !== undefined) return;
    void locationChoice(profile).then(async (next) => {
      if (!here) return;
      setChoice(next);
      if (next === 'ask') {
        turned();
        return;
      }
      const place = next === 'read' ? await readPlace(placeLimit) : undefined;
      if (here) send(place);
    });
    return () => {
      here = false;
    };
    // Once per appearance of the screen: a new one has a new key.
  }, []);

  const share = async (): Promise<void> => {
    setReading(true);
    send(await readPlace(askedPlaceLimit));
  };
  const message = textOf(profile.callback, 'message');
  if (problem !== undefined) {
    return (
      <>
        <ScreenHead step={step} title={say('deviceHeading')} />
        <Note tone="danger">{say('cantDo', { type: profile.callback.type })}</Note>
      </>
    );
  }
  if (choice !== 'ask') {
    return (
      <div class="k-stack">
        <ScreenHead step={step} title={say('deviceHeading')}>
          {message === '' ? null : <Lead text={message} />}
        </ScreenHead>
        {late ? (
          <p class="k-waiting">
            <Ring />
            {say('deviceBusy')}
          </p>
        ) : null}
        {posted === undefined ? null : (
          <button class="k-btn k-no-script" type="submit" data-kind="primary" {...pressed} value="answer">
            {say('continue')}
          </button>
        )}
      </div>
    );
  }
  return (
    <>
      <ScreenHead step={step} title={say('locationHeading')}>
        <p class="k-lead">{say('locationLead')}</p>
        {message === '' ? null : <Lead text={message} />}
      </ScreenHead>
      <div class="k-actions">
        <Button kind="primary" busy={busy || reading} busyText={say('deviceBusy')} onPress={() => void share()}>
          {say('locationShare')}
        </Button>
        <Button
          kind="quiet"
          busy={busy || reading}
          onPress={() => {
            notNow();
            send(undefined);
          }}
        >
          {say('locationLater')}
        </Button>
      </div>
    </>
  );
};
