import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { announce } from '../../kit/browser/announce.ts';
import { Filled } from '../../kit/language/filled.tsx';
import { Button } from '../../kit/parts/button.tsx';
import { Note } from '../../kit/parts/note.tsx';
import { type Account, titleOf } from '../accounts/account.ts';
import type { Phone, PhoneView } from '../model/phone.ts';
import { momentText, say } from '../texts/say.ts';
import { useNow } from './now.ts';
import { hashOf } from './route.ts';
import { Screen } from './screen.tsx';

/** One account: its name here, what is known of it, and the way out. */
export const AccountScreen = ({
  account,
  phone,
  view,
}: {
  readonly account: Account;
  readonly phone: Phone;
  readonly view: PhoneView;
}) => {
  const [isRemoving, setRemoving] = useState(false);
  const now = useNow(false);
  const { id, issuer, name, push, codes, addedAt } = account;
  if (isRemoving) return <RemoveScreen account={account} phone={phone} onBack={() => setRemoving(false)} />;
  const at = view.accounts.findIndex((it) => it.id === id);
  return (
    <Screen title={<bdi>{titleOf(account)}</bdi>}>
      {view.unknown.has(id) ? <Note tone="warn">{say('accountUnknown')}</Note> : null}
      <RenameForm account={account} phone={phone} />
      <dl class="p-facts">
        <Detail name={say('detailsIssuer')}>
          <bdi>{issuer}</bdi>
        </Detail>
        <Detail name={say('detailsName')}>
          <bdi>{name}</bdi>
        </Detail>
        {push === undefined ? null : (
          <Detail name={say('detailsServer')}>
            <bdi dir="ltr">{new URL(push.authenticateUrl).host}</bdi>
          </Detail>
        )}
        <Detail name={say('detailsAdded')}>
          <time dateTime={new Date(addedAt).toISOString()}>{momentText(addedAt, now)}</time>
        </Detail>
        {push === undefined ? null : (
          <Detail name={say('detailsAnswered')}>
            {push.lastAnswerAt === undefined ? say('detailsNever') : momentText(push.lastAnswerAt, now)}
          </Detail>
        )}
        <Detail name={say('detailsKey')}>
          {[push && say('detailsKeyOwn'), codes && say('detailsKeyCodes')].filter(Boolean).join('; ')}
        </Detail>
      </dl>
      {push === undefined || view.ring !== 'possible' ? null : <RingSwitch account={account} phone={phone} />}
      {view.accounts.length < 2 ? null : (
        <div class="k-row">
          <Button onPress={() => void phone.move(id, -1)}>{say('detailsUp')}</Button>
          <Button onPress={() => void phone.move(id, 1)}>{say('detailsDown')}</Button>
        </div>
      )}
      {at < 0 || view.accounts.length < 2 ? null : (
        <p class="sr-only" role="status">
          {at + 1} / {view.accounts.length}
        </p>
      )}
      <div class="k-actions">
        <Button kind="danger" onPress={() => setRemoving(true)}>
          {say('detailsRemove')}
        </Button>
        <a class="k-btn" data-kind="quiet" href={hashOf({ name: 'accounts' })}>
          {say('back')}
        </a>
      </div>
    </Screen>
  );
};

const Detail = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const RenameForm = ({ account, phone }: { readonly account: Account; readonly phone: Phone }) => {
  const field = useId();
  const [label, setLabel] = useState(titleOf(account));
  return (
    <form
      class="k-field"
      onSubmit={(event) => {
        event.preventDefault();
        void phone.rename(account.id, label).then(() => announce('status', say('detailsSaved')));
      }}
    >
      <label for={field}>{say('detailsLabel')}</label>
      <div class="k-field-with-button">
        <input
          id={field}
          class="k-input"
          dir="auto"
          maxLength={64}
          autocomplete="off"
          value={label}
          onInput={({ currentTarget }) => setLabel(currentTarget.value)}
        />
        <Button submit>{say('save')}</Button>
      </div>
    </form>
  );
};

const RingSwitch = ({ account, phone }: { readonly account: Account; readonly phone: Phone }) => {
  const [isBusy, setBusy] = useState(false);
  const change = async (isOn: boolean): Promise<void> => {
    setBusy(true);
    const isDone = await phone.ringHere(account.id, isOn);
    setBusy(false);
    if (!isDone) announce('alert', say('detailsRingFailed'));
  };
  return (
    <label class="k-check">
      <input
        type="checkbox"
        checked={account.push?.wantsRing === true}
        disabled={isBusy}
        onChange={({ currentTarget }) => void change(currentTarget.checked)}
      />
      <span>{say('detailsRing')}</span>
    </label>
  );
};

const RemoveScreen = ({
  account,
  phone,
  onBack,
}: {
  readonly account: Account;
  readonly phone: Phone;
  onBack(): void;
}) => (
  <Screen
    title={<Filled text={say('removeHeading')} values={{ issuer: titleOf(account) }} />}
    lead={say(account.push === undefined ? 'removeCodes' : 'removeLead')}
  >
    {account.push !== undefined && account.codes !== undefined ? <p>{say('removeCodes')}</p> : null}
    <div class="k-actions">
      <Button
        kind="danger"
        onPress={() => {
          announce('status', say('removed'));
          location.hash = hashOf({ name: 'accounts' });
          void phone.remove(account.id);
        }}
      >
        {say('removeNow')}
      </Button>
      <Button kind="quiet" onPress={onBack}>
        {say('cancel')}
      </Button>
    </div>
  </Screen>
);
