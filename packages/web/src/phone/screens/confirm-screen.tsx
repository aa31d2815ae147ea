import { useId, useState } from 'preact/hooks';
import { announce } from '../../kit/browser/announce.ts';
import { browserName } from '../../kit/browser/browser-name.ts';
import { Filled } from '../../kit/language/filled.tsx';
import { Button } from '../../kit/parts/button.tsx';
import { Note } from '../../kit/parts/note.tsx';
import type { ConnectOutcome } from '../model/new-account.ts';
import type { Phone } from '../model/phone.ts';
import type { SetupCode } from '../server/setup-code.ts';
import { say } from '../texts/say.ts';
import type { PhoneTextId } from '../texts/texts.en.ts';
import { Badge } from './badge.tsx';
import { Screen } from './screen.tsx';

type Problem = Extract<ConnectOutcome, { readonly problem: string }>['problem'] | 'unkept';

const problems: Readonly<Record<Problem, PhoneTextId>> = {
  used: 'connectUsed',
  'no-service': 'connectNoService',
  unreachable: 'connectUnreachable',
  'already-here': 'connectAlreadyHere',
  unkept: 'connectUnkept',
};

/** What a setup code would do, before it does it. */
export const ConfirmScreen = ({
  code,
  phone,
  onDone,
  onCancel,
}: {
  readonly code: SetupCode;
  readonly phone: Phone;
  onDone(): void;
  onCancel(): void;
}) => {
  const field = useId();
  const [deviceName, setDeviceName] = useState(() => browserName(navigator.userAgent));
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const { issuer, account, push, oath } = code;

  const connect = async (): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    setProblem(undefined);
    const outcome = await phone
      .connect(code, deviceName.trim() || browserName(navigator.userAgent))
      .catch((): { readonly problem: Problem } => ({ problem: 'unkept' }));
    setBusy(false);
    if ('problem' in outcome) {
      setProblem(outcome.problem);
      announce('alert', say(problems[outcome.problem]));
      return;
    }
    announce('status', say('connected', { issuer }));
    onDone();
  };

  return (
    <Screen title={say('confirmHeading')}>
      <form
        class="k-stack"
        onSubmit={(event) => {
          event.preventDefault();
          void connect();
        }}
      >
        <p class="p-who">
          <Badge title={issuer} />
          <span class="p-account-words">
            <span class="p-account-title">
              <bdi>{issuer}</bdi> · <bdi>{account}</bdi>
            </span>
            <span class="k-muted k-small">
              {push === undefined ? (
                say('confirmCodesOnly')
              ) : (
                <Filled text={say('confirmServer')} values={{ host: new URL(push.scanned.registerUrl).host }} />
              )}
            </span>
          </span>
        </p>
        {problem === undefined ? null : <Note tone="danger">{say(problems[problem])}</Note>}
        {push === undefined ? null : (
          <div class="k-field">
            <label for={field}>{say('confirmPhoneName')}</label>
            <input
              id={field}
              class="k-input"
              dir="auto"
              maxLength={64}
              autocomplete="off"
              aria-describedby={`${field}-help`}
              value={deviceName}
              onInput={({ currentTarget }) => setDeviceName(currentTarget.value)}
            />
            <p id={`${field}-help`} class="k-muted k-small">
              {say('confirmPhoneNameHelp')}
            </p>
          </div>
        )}
        {push === undefined ? null : (
          <p>
            <Filled text={say('confirmWill')} values={{ issuer }} />
          </p>
        )}
        {oath === undefined ? null : (
          <p>
            <Filled text={say('confirmWillCodes')} values={{ issuer }} />
          </p>
        )}
        <div class="k-actions">
          <Button kind="primary" submit busy={isBusy} busyText={say('confirmConnecting')}>
            {say('confirmConnect')}
          </Button>
          <Button kind="quiet" onPress={onCancel}>
            {say('cancel')}
          </Button>
        </div>
      </form>
    </Screen>
  );
};
