import { Filled } from '../../kit/language/filled.tsx';
import { Icon } from '../../kit/parts/icon.tsx';
import { AppLogo, ScopeList, SignedInAs } from './app.tsx';
import { HiddenFields } from './fields.tsx';
import { Message } from './message.tsx';
import type { ScreenProps } from './screen-props.ts';

const problems = { unknown: 'deviceCodeUnknown', tooMany: 'deviceCodeTooMany' } as const;

/** Longer than any code of ours, with room for whatever stands between its characters. */
const MAX_TYPED = 64;

/** Takes the code that a device shows (RFC 8628 §3.3). */
export const DeviceCodeScreen = ({ screen: { problem, userCode }, say }: ScreenProps<'deviceCode'>) => (
  <>
    <div class="k-head">
      <h1>{say('deviceCode')}</h1>
      <p class="k-lead">{say('deviceCodeLead')}</p>
    </div>
    <form class="k-stack" method="post">
      <div class="k-field">
        <label for="user-code">{say('deviceCodeField')}</label>
        <input
          id="user-code"
          class="k-input k-input-mono"
          name="user_code"
          type="text"
          defaultValue={userCode ?? ''}
          required
          maxLength={MAX_TYPED}
          dir="ltr"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          aria-invalid={problem === undefined ? undefined : 'true'}
          aria-describedby={problem === undefined ? 'user-code-hint' : 'user-code-error user-code-hint'}
        />
        {problem === undefined ? null : (
          <p id="user-code-error" class="k-field-error" role="alert">
            <Icon name="alert" />
            {say(problems[problem])}
          </p>
        )}
        <p id="user-code-hint" class="k-small k-muted">
          {say('deviceCodeHint')}
        </p>
      </div>
      <div class="k-actions">
        <button class="k-btn" type="submit" data-kind="primary">
          {say('continue')}
        </button>
      </div>
    </form>
  </>
);

/** Asks whether the code is that of a device in front of the user: somebody else may have sent it (RFC 8628 §5.4). */
export const DeviceConsentScreen = ({ screen, say }: ScreenProps<'deviceConsent'>) => {
  const { app, username, scopes, userCode, fields } = screen;
  return (
    <>
      <div class="k-head">
        <AppLogo app={app} />
        <h1>{say('deviceConsent')}</h1>
        <p class="k-lead">
          <Filled text={say('deviceConsentLead')} values={{ app: app.name }} />
        </p>
      </div>
      <form class="k-stack" method="post">
        <div class="o-code">
          <p>{say('deviceConsentCode')}</p>
          <p class="k-number o-user-code" dir="ltr">
            {userCode}
          </p>
        </div>
        <SignedInAs username={username} say={say} />
        <ScopeList scopes={scopes} say={say} />
        <div class="k-actions">
          <button class="k-btn" type="submit" data-kind="primary" name="decision" value="allow">
            {say('deviceConsentYes')}
          </button>
          <button class="k-btn" type="submit" name="decision" value="deny">
            {say('deviceConsentNo')}
          </button>
        </div>
        <HiddenFields fields={fields} />
      </form>
    </>
  );
};

/** What became of the device. */
export const DeviceDoneScreen = ({ screen: { isApproved }, say }: ScreenProps<'deviceDone'>) =>
  isApproved ? (
    <Message heading={say('deviceDone')} text={say('deviceDoneText')} />
  ) : (
    <Message heading={say('deviceDenied')} text={say('deviceDeniedText')} />
  );
