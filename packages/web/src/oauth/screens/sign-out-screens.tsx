import { Filled } from '../../kit/language/filled.tsx';
import { HiddenFields } from './fields.tsx';
import { Message } from './message.tsx';
import type { ScreenProps } from './screen-props.ts';

/** Asks before a session ends that nobody has proven to be meant (OpenID Connect RP-Initiated Logout §2). */
export const SignOutScreen = ({ screen: { fields }, say, folder, realmName }: ScreenProps<'signOut'>) => (
  <>
    <Message heading={<Filled text={say('signOut')} values={{ realm: realmName }} />} text={say('signOutText')} />
    <form class="k-actions" method="post">
      <button class="k-btn" type="submit" data-kind="primary">
        {say('signOutDo')}
      </button>
      <a class="k-btn" href={`${folder}account`}>
        {say('signOutStay')}
      </a>
      <HiddenFields fields={fields} />
    </form>
  </>
);

export const SignedOutScreen = ({ say, folder, realm }: ScreenProps<'signedOut'>) => (
  <>
    <Message heading={say('signedOut')} text={say('signedOutText')} />
    <div class="k-actions">
      <a class="k-btn" href={`${folder}login?${new URLSearchParams({ realm })}`}>
        {say('signInAgain')}
      </a>
    </div>
  </>
);
