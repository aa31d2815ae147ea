import { Filled } from '../../kit/language/filled.tsx';
import type { OAuthTextId } from '../texts/texts.en.ts';
import { Message } from './message.tsx';
import type { ScreenProps } from './screen-props.ts';

type Words = readonly [heading: OAuthTextId, text: OAuthTextId];

const usual: Words = ['errorRequest', 'errorRequestText'];

/** What a person can make of an error; whatever is not here is a fault of the request. */
const words: ReadonlyMap<string, Words> = new Map([
  ['invalid_client', ['errorApp', 'errorAppText']],
  ['unauthorized_client', ['errorApp', 'errorAppText']],
  ['redirect_uri_mismatch', ['errorRedirect', 'errorRedirectText']],
  // AM's own, for a sign-out of nobody (spec: oidc §2.4).
  ['bad_request', ['errorSignOut', 'errorSignOutText']],
  ['server_error', ['errorFault', 'errorFaultText']],
  ['temporarily_unavailable', ['errorBusy', 'errorBusyText']],
]);

/** Where a request ends that may not go back to where it came from: plain words first, and below what an operator needs. */
export const ErrorScreen = ({ screen: { code, description }, say, reference }: ScreenProps<'error'>) => {
  const [heading, text] = words.get(code) ?? usual;
  return (
    <>
      <Message heading={say(heading)} text={say(text)} />
      <div class="o-details k-small">
        <p lang="en" dir="ltr">
          <code>{code}</code>: {description}
        </p>
        <p>
          <Filled text={say('errorReference')} values={{ id: reference }} />
        </p>
      </div>
    </>
  );
};
