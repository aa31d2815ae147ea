import type { QrCode } from '@assent/wire';
import { useEffect, useId, useLayoutEffect, useState } from 'preact/hooks';
import { isIos } from '../../kit/browser/is-ios.ts';
import { CopyButton } from '../../kit/parts/copy-button.tsx';
import { Note } from '../../kit/parts/note.tsx';
import { ConfirmationButtons } from '../callbacks/confirmation-buttons.tsx';
import { Messages } from '../callbacks/messages.tsx';
import { ScreenHead } from '../parts/screen-head.tsx';
import { ofType } from '../step/step.ts';
import { say } from '../texts/say.ts';
import type { ScreenProps } from './screen-props.ts';
import { CheckAgain, Waiting } from './waiting.tsx';

/** Q: the setup code to scan, to open here, or to copy. On a phone the order is the other way round. @see ux.md §2.4 */
export const SetupScreen = ({ step, screen, busy, phone, until, posted, qr, submit }: ScreenProps<'setup'>) => {
  // Before it is painted, and not while it is rendered: a server knows nothing of pointers.
  const [here, setHere] = useState({ onPhone: false, takesLinks: true });
  useLayoutEffect(
    () => setHere({ onPhone: matchMedia('(pointer: coarse) and (max-width: 599px)').matches, takesLinks: !isIos() }),
    [],
  );
  const { uri, exit } = screen;
  const polls = ofType(step, 'PollingWaitCallback').length > 0;
  const copy = (kind: 'primary' | 'plain') => (
    <CopyButton text={uri} kind={kind} label={say('setupCopy')} done={say('copied')} failed={say('copyFailed')} />
  );
  // Its fragment never reaches the server. The page stays, since it waits for the phone to answer.
  const inAssent = phone === undefined || !here.takesLinks ? undefined : `${phone}#add=${encodeURIComponent(uri)}`;
  const links = (kind: 'primary' | 'quiet', lead = '') => (
    <>
      {inAssent === undefined ? null : (
        <a class="k-btn" data-kind={kind} href={inAssent} target="_blank" rel="noopener">
          {lead} {say('setupAssent')}
          <span class="sr-only"> {say('newTab')}</span>
        </a>
      )}
      <a class="k-btn" data-kind={inAssent === undefined ? kind : 'quiet'} href={uri}>
        {inAssent === undefined ? `${lead} ${say('setupOpen')}` : say('setupAnother')}
      </a>
    </>
  );
  const head = (
    <ScreenHead step={step} title={say('setupHeading')}>
      <Messages step={step} />
    </ScreenHead>
  );
  const foot = (
    <>
      {polls ? <Waiting step={step} until={until} text={say('setupWaiting')} /> : null}
      {polls ? <CheckAgain posted={posted} text={say('checkSetup')} /> : null}
      {exit === undefined ? null : (
        <ConfirmationButtons confirmation={exit} busy={busy} submit={(index) => submit({ [exit.position]: index })} />
      )}
    </>
  );
  if (here.onPhone) {
    return (
      <>
        {head}
        <div class="k-stack">
          <div class="k-actions">
            {links('primary')}
            {copy('plain')}
          </div>
          <details class="l-disclosure">
            <summary>{say('setupOther')}</summary>
            <Drawing uri={uri} qr={qr} />
            <CodeAsText uri={uri} />
          </details>
          {foot}
        </div>
      </>
    );
  }
  return (
    <>
      {head}
      <div class="k-stack">
        <div class="l-setup">
          <Drawing uri={uri} qr={qr} />
          <div class="k-stack">
            <ol class="l-steps">
              <li>{say('setupStep1')}</li>
              <li>{say('setupStep2')}</li>
              <li>{say('setupStep3')}</li>
            </ol>
            <div class="k-actions">
              {copy('plain')}
              {links('quiet', say('setupHere'))}
            </div>
          </div>
        </div>
        <details class="l-disclosure">
          <summary>{say('setupShow')}</summary>
          <CodeAsText uri={uri} />
        </details>
        {foot}
      </div>
    </>
  );
};

/** The picture. What renders it comes with this screen and not before, or the server has rendered it. */
const Drawing = ({ uri, qr }: { readonly uri: string; readonly qr: QrCode | undefined }) => {
  const [code, setCode] = useState(qr);
  useEffect(() => {
    let here = true;
    import('../parts/qr-code.ts').then(
      ({ renderQr }) => here && setCode(renderQr(uri)),
      () => here && setCode('too-long'),
    );
    return () => {
      here = false;
    };
  }, [uri]);
  if (code === 'too-long') return <Note tone="warn">{say('setupTooLong')}</Note>;
  if (code === undefined) {
    return (
      <div class="l-qr">
        <span class="sr-only">{say('setupDrawing')}</span>
      </div>
    );
  }
  const side = Math.min(Math.max(code.size * 3, 264), 360);
  return (
    <div class="l-qr">
      <svg
        role="img"
        aria-label={say('setupCode')}
        viewBox={`0 0 ${code.size} ${code.size}`}
        width={side}
        height={side}
        shape-rendering="crispEdges"
      >
        <rect width={code.size} height={code.size} fill="#fff" />
        <path d={code.path} fill="#000" />
      </svg>
    </div>
  );
};

/** The code to select and copy by hand. */
const CodeAsText = ({ uri }: { readonly uri: string }) => {
  const id = useId();
  return (
    <div class="k-field">
      <label for={id} class="k-small">
        {say('setupField')}
      </label>
      <textarea
        id={id}
        class="k-input k-input-mono l-code-text"
        rows={5}
        readOnly
        dir="ltr"
        spellcheck={false}
        onFocus={(event) => event.currentTarget.select()}
        value={uri}
      />
    </div>
  );
};
