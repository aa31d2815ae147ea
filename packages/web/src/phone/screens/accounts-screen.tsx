import { Note } from '../../kit/parts/note.tsx';
import { type Account, titleOf } from '../accounts/account.ts';
import type { Phone, PhoneView } from '../model/phone.ts';
import { say } from '../texts/say.ts';
import { Badge } from './badge.tsx';
import { CountedCodeView, TimedCodeView } from './code-view.tsx';
import { hashOf } from './route.ts';
import { Screen } from './screen.tsx';

/** All accounts of this phone, each with its code where it has one. */
export const AccountsScreen = ({ phone, view }: { readonly phone: Phone; readonly view: PhoneView }) => (
  <Screen title={say('navAccounts')}>
    {view.accounts.length === 0 ? <p class="k-muted">{say('accountsEmpty')}</p> : null}
    {view.accounts.length === 0 ? null : (
      <ul class="p-list">
        {view.accounts.map((account) => (
          <li key={account.id}>
            <AccountCard account={account} phone={phone} view={view} />
          </li>
        ))}
      </ul>
    )}
    <a class="k-btn" data-kind="primary" href={hashOf({ name: 'add' })}>
      {say('add')}
    </a>
  </Screen>
);

const AccountCard = ({
  account,
  phone,
  view,
}: {
  readonly account: Account;
  readonly phone: Phone;
  readonly view: PhoneView;
}) => {
  const { id, name, push, codes } = account;
  const of = { title: titleOf(account), name };
  return (
    <>
      <a
        class="p-account"
        href={hashOf({ name: 'account', id })}
        aria-label={say('accountOpen', { issuer: of.title, name })}
      >
        <Badge title={of.title} />
        <span class="p-account-words">
          <bdi class="p-account-title">{of.title}</bdi>
          <span class="k-muted k-small">
            <bdi>{name}</bdi>
            {push === undefined ? null : (
              <>
                {' '}
                · {say(push.channel.type === 'webpush' && view.ring === 'possible' ? 'accountRings' : 'accountSilent')}
              </>
            )}
          </span>
        </span>
        <span class="p-chevron k-flip" aria-hidden="true">
          ›
        </span>
      </a>
      {view.unknown.has(id) ? <Note tone="warn">{say('accountUnknown')}</Note> : null}
      {codes?.type === 'totp' ? <TimedCodeView codes={codes} of={of} isHidden={view.settings.hidesCodes} /> : null}
      {codes?.type === 'hotp' ? <CountedCodeView of={of} make={() => phone.nextCode(id)} /> : null}
    </>
  );
};
