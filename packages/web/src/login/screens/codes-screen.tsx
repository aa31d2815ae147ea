import { useEffect, useRef, useState } from 'preact/hooks';
import { announce } from '../../kit/announce.ts';
import { Button } from '../../kit/button.tsx';
import { CopyButton } from '../../kit/copy-button.tsx';
import { Filled } from '../../kit/filled.tsx';
import { Icon } from '../../kit/icon.tsx';
import { Note } from '../../kit/note.tsx';
import { codesFile, codesFileName } from '../codes-file.ts';
import { groupedCode } from '../recovery-script.ts';
import { say } from '../say.ts';
import { ScreenHead } from './screen-head.tsx';
import type { ScreenProps } from './screen-props.ts';

/** R2: the codes, which are shown once, and three ways to keep them. @see ux.md §2.5 */
export const CodesScreen = ({ step, screen, busy, username, realm, submit }: ScreenProps<'codes'>) => {
  const { codes, device } = screen.recovery;
  const tick = useRef<HTMLInputElement>(null);
  const [saved, setSaved] = useState(false);
  const [asked, setAsked] = useState(false);
  const about = { realm, account: username, date: new Date() };

  useEffect(() => {
    if (saved || busy) return;
    const guard = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', guard);
    return () => removeEventListener('beforeunload', guard);
  }, [saved, busy]);

  const download = (): void => {
    const url = URL.createObjectURL(new Blob([codesFile(codes, about)], { type: 'text/plain' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = codesFileName(about);
    link.click();
    // The browser has taken the blob by the next turn of its loop at the latest.
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    setSaved(true);
  };
  const goOn = (): void => {
    if (saved || asked) {
      submit({});
      return;
    }
    setAsked(true);
    announce('alert', say('codesAsk'));
    tick.current?.focus();
  };
  return (
    <>
      <ScreenHead step={step} title={say('codesHeading')}>
        <p class="k-lead l-no-print">
          {device === undefined ? say('codesLeadPhone') : <Filled text={say('codesLead')} values={{ device }} />}
        </p>
        <p class="l-only-print">{codesFile([], about).trim()}</p>
      </ScreenHead>
      <div class="k-stack">
        <ol class="k-codes" data-short={codes.length <= 10 ? '' : undefined} aria-label={say('codesList')}>
          {codes.map((code) => (
            <li key={code}>
              <code dir="ltr">{groupedCode(code)}</code>
            </li>
          ))}
        </ol>
        <div class="k-row l-no-print">
          <Button onPress={download}>
            <Icon name="download" />
            {say('codesDownload')}
          </Button>
          <Button
            onPress={() => {
              window.print();
              setSaved(true);
            }}
          >
            <Icon name="print" />
            {say('codesPrint')}
          </Button>
          <CopyButton
            text={codes.map((code) => code.replaceAll('-', '')).join('\n')}
            label={say('codesCopy')}
            done={say('copied')}
            failed={say('copyFailed')}
            onCopied={() => setSaved(true)}
          />
        </div>
        <div class="k-stack l-no-print">
          {asked && !saved ? <Note tone="warn">{say('codesAsk')}</Note> : null}
          <label class="k-check">
            <input
              ref={tick}
              type="checkbox"
              checked={saved}
              onChange={(event) => setSaved(event.currentTarget.checked)}
            />
            {say('codesSaved')}
          </label>
          <Button kind={asked && !saved ? 'plain' : 'primary'} busy={busy} busyText={say('loading')} onPress={goOn}>
            {say(asked && !saved ? 'codesAnyway' : 'continue')}
          </Button>
        </div>
      </div>
    </>
  );
};
