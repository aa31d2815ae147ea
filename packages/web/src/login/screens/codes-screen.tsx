import { useEffect, useRef, useState } from 'preact/hooks';
import { announce } from '../../kit/announce.ts';
import { Button } from '../../kit/button.tsx';
import { Filled } from '../../kit/filled.tsx';
import { Note } from '../../kit/note.tsx';
import { RecoveryCodes, type RecoveryCodesTexts } from '../../kit/recovery-codes.tsx';
import { pressed } from '../posted-step.tsx';
import { say } from '../say.ts';
import { ScreenHead } from './screen-head.tsx';
import type { ScreenProps } from './screen-props.ts';

const recoveryTexts = (): RecoveryCodesTexts => ({
  codesList: say('codesList'),
  codesDownload: say('codesDownload'),
  codesPrint: say('codesPrint'),
  codesCopy: say('codesCopy'),
  copied: say('copied'),
  copyFailed: say('copyFailed'),
  codesFileTitle: say('codesFileTitle'),
  codesFileAccount: say('codesFileAccount'),
  codesFileDate: say('codesFileDate'),
  codesFileAdvice: say('codesFileAdvice'),
});

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
        <p class="k-lead k-no-print">
          {device === undefined ? say('codesLeadPhone') : <Filled text={say('codesLead')} values={{ device }} />}
        </p>
      </ScreenHead>
      <div class="k-stack">
        <RecoveryCodes codes={codes} about={about} texts={recoveryTexts()} onSaved={() => setSaved(true)} />
        <div class="k-stack k-no-print">
          {asked && !saved ? <Note tone="warn">{say('codesAsk')}</Note> : null}
          <label class="k-check k-script">
            <input
              ref={tick}
              type="checkbox"
              checked={saved}
              onChange={(event) => setSaved(event.currentTarget.checked)}
            />
            {say('codesSaved')}
          </label>
          <Button
            kind={asked && !saved ? 'plain' : 'primary'}
            busy={busy}
            busyText={say('loading')}
            posts={pressed}
            value="answer"
            onPress={goOn}
          >
            {say(asked && !saved ? 'codesAnyway' : 'continue')}
          </Button>
        </div>
      </div>
    </>
  );
};
