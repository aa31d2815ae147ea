import { useState } from 'preact/hooks';
import { announce } from '../../kit/browser/announce.ts';
import { Button } from '../../kit/parts/button.tsx';
import type { Phone, PhoneView } from '../model/phone.ts';
import { say } from '../texts/say.ts';
import { hashOf } from './route.ts';
import { Screen } from './screen.tsx';

/** Nothing is asked right now: what to do first, or what to expect. Every question is asked when it is needed. @see ux.md §3.1 */
export const RequestsScreen = ({
  phone,
  view,
  install,
}: {
  readonly phone: Phone;
  readonly view: PhoneView;
  /** Asks the browser to install the page; undefined where it cannot or need not. */
  readonly install: (() => void) | undefined;
}) => {
  const { accounts, settings, ring } = view;
  if (accounts.length === 0) {
    return (
      <Screen title={say('firstHeading')} lead={say('firstLead')}>
        <a class="k-btn" data-kind="primary" href={hashOf({ name: 'add' })}>
          {say('firstAdd')}
        </a>
      </Screen>
    );
  }
  const answers = accounts.filter(({ push }) => push !== undefined);
  const isSilent = answers.length > 0 && !answers.some(({ push }) => push?.channel.type === 'webpush');
  const canAsk = isSilent && !settings.wasAskedToRing && (ring === 'not-asked' || ring === 'possible');
  return (
    <Screen title={say('idleHeading')} lead={say('idleLead')}>
      {canAsk ? <RingQuestion phone={phone} /> : null}
      {isSilent && !canAsk ? <p class="k-muted">{say('idleClosed')}</p> : null}
      {install === undefined ? null : (
        <section class="p-card k-stack">
          <h2>{say('installHeading')}</h2>
          <p>{say('installLead')}</p>
          <Button fit onPress={install}>
            {say('install')}
          </Button>
        </section>
      )}
    </Screen>
  );
};

/** Our own question first: the browser's can be asked only once. */
const RingQuestion = ({ phone }: { readonly phone: Phone }) => {
  const [isBusy, setBusy] = useState(false);
  const turnOn = async (): Promise<void> => {
    setBusy(true);
    const isOn = await phone.ring();
    setBusy(false);
    if (!isOn) announce('alert', say('ringFailed'));
  };
  return (
    <section class="p-card k-stack">
      <h2>{say('ringHeading')}</h2>
      <p>{say('ringLead')}</p>
      <div class="k-row">
        <Button kind="primary" busy={isBusy} onPress={() => void turnOn()}>
          {say('ringOn')}
        </Button>
        <Button kind="quiet" onPress={() => void phone.changeSettings({ wasAskedToRing: true })}>
          {say('ringLater')}
        </Button>
      </div>
    </section>
  );
};
