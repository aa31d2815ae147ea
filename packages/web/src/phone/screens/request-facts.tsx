import type { ComponentChildren } from 'preact';
import { browserName } from '../../kit/browser/browser-name.ts';
import type { SignInRequest } from '../server/sign-in-request.ts';
import { momentText, say, secondsText } from '../texts/say.ts';

/** What is known of a sign-in, as text: the place is what the browser there reported, the address what the server saw. */
export const RequestFacts = ({ request, now }: { readonly request: SignInRequest; readonly now: number }) => {
  const { name, context, sentAt, text } = request;
  const { location, userAgent, remoteIp } = context;
  return (
    <dl class="p-facts">
      <Fact name={say('requestAccount')}>
        <bdi>{name}</bdi>
      </Fact>
      {text === '' ? null : (
        <Fact name={say('requestMessage')}>
          <span dir="auto">{text}</span>
        </Fact>
      )}
      {userAgent === undefined || userAgent === '' ? null : (
        <Fact name={say('requestBrowser')}>
          <bdi>{browserName(userAgent)}</bdi>
        </Fact>
      )}
      <Fact name={say('requestPlace')}>
        {location === undefined ? (
          say('requestPlaceUnknown')
        ) : (
          <span>
            {say('requestPlaceReported', {
              place: `${location.latitude.toFixed(1)}, ${location.longitude.toFixed(1)}`,
            })}
          </span>
        )}
      </Fact>
      {remoteIp === undefined || remoteIp === '' ? null : (
        <Fact name={say('requestAddress')}>
          <bdi dir="ltr">{remoteIp}</bdi>
        </Fact>
      )}
      <Fact name={say('requestTime')}>
        <time dateTime={new Date(sentAt).toISOString()}>
          {now - sentAt < 3_600_000 ? secondsText(sentAt) : momentText(sentAt, now)}
        </time>
      </Fact>
    </dl>
  );
};

const Fact = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
