import { useEffect } from 'preact/hooks';
import { announce } from '../../kit/browser/announce.ts';
import { Filled } from '../../kit/language/filled.tsx';
import { Button } from '../../kit/parts/button.tsx';
import { CopyButton } from '../../kit/parts/copy-button.tsx';
import { RichTextView } from '../../kit/rich-text/rich-text-view.tsx';
import type { PageAddress } from '../address/page-address.ts';
import type { End, EndState } from '../journey/page-state.ts';
import { ScreenHead } from '../parts/screen-head.tsx';
import { pressed } from '../step/posted-step.tsx';
import { say } from '../texts/say.ts';
import type { TextId } from '../texts/texts.en.ts';

const texts: Readonly<Record<End, readonly [heading: TextId, text: TextId, action?: TextId]>> = {
  locked: ['endLocked', 'endLockedText'],
  failed: ['endFailed', 'endFailedText'],
  unfinished: ['endUnfinished', 'endUnfinishedText'],
  request: ['endRequest', 'endRequestText'],
  denied: ['endDenied', 'endDeniedTextPhone'],
  number: ['endNumber', 'endNumberText'],
  'no-answer': ['endNoAnswer', 'endNoAnswerText'],
  withdrawn: ['endWithdrawn', 'endWithdrawnText'],
  codes: ['endCodes', 'endCodesText'],
  setup: ['endSetup', 'endSetupText'],
  'setup-refused': ['endSetup', 'endSetupRefusedText'],
  'setup-failed': ['endSetup', 'endSetupFailedText'],
  'no-passkey': ['endNoPasskey', 'endFailedText'],
  away: ['endAway', 'endAwayText', 'startAgain'],
  'no-journey': ['endNoJourney', 'endNoJourneyText', 'endNoJourneyDo'],
  fault: ['endFault', 'endFaultText', 'tryAgain'],
  gone: ['endGone', 'endGoneText'],
};

/** Where a page stops: what happened, what to do, and one named next step. @see ux.md §2.6 */
export const EndScreen = ({
  state,
  address,
  usual,
  startOver,
  retry,
}: {
  readonly state: EndState;
  readonly address: PageAddress;
  /** Address of the realm's usual sign-in. */
  readonly usual: string;
  startOver(): void;
  retry(): void;
}) => {
  const { end, message, reference, failureUrl } = state;
  const device = end === 'denied' ? state.device : undefined;
  const [heading, text, action = 'startOver'] = texts[end];
  const words = message ?? (device === undefined ? say(text) : say('endDeniedText', { device }));
  useEffect(() => announce('alert', words), [words]);
  const leave =
    followable(failureUrl, address.href) ??
    (state.isSignedIn === true ? new URL('account', address.context).href : undefined);
  return (
    <>
      <ScreenHead title={say(heading)}>
        <div class="k-lead">
          {message !== undefined ? (
            <RichTextView text={words} newTab={say('newTab')} />
          ) : device === undefined ? (
            <p>{words}</p>
          ) : (
            <p>
              <Filled text={say('endDeniedText')} values={{ device }} />
            </p>
          )}
        </div>
        {reference === undefined ? null : (
          <div class="k-row k-small k-muted">
            <span>
              <Filled text={say('endFaultReference')} values={{ id: reference }} />
            </span>
            <CopyButton
              text={reference}
              kind="quiet"
              label={say('codesCopy')}
              done={say('copied')}
              failed={say('copyFailed')}
            />
          </div>
        )}
      </ScreenHead>
      <div class="k-actions">
        {end === 'no-journey' ? (
          <a class="k-btn" data-kind="primary" href={usual}>
            {say(action)}
          </a>
        ) : (
          <Button kind="primary" posts={pressed} value="over" onPress={end === 'fault' ? retry : startOver}>
            {say(action)}
          </Button>
        )}
        {end === 'fault' ? (
          <Button kind="quiet" posts={pressed} value="over" onPress={startOver}>
            {say('startOver')}
          </Button>
        ) : null}
        {leave === undefined ? null : (
          <a class="k-btn" href={leave}>
            {say('endLeave')}
          </a>
        )}
      </div>
    </>
  );
};

/** The server has checked the address against its list; that it is one of the web is checked here. */
const followable = (url: string | undefined, page: string): string | undefined => {
  if (url === undefined || !URL.canParse(url, page)) return undefined;
  const { protocol, href } = new URL(url, page);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
};
