import { useEffect, useRef, useState } from 'preact/hooks';
import { announce } from '../../kit/browser/announce.ts';
import { Filled } from '../../kit/language/filled.tsx';
import { Button } from '../../kit/parts/button.tsx';
import { Note } from '../../kit/parts/note.tsx';
import { RecoveryCodes } from '../../kit/recovery-codes/recovery-codes.tsx';
import { ScreenHead } from '../parts/screen-head.tsx';
import { pressed } from '../step/posted-step.tsx';
import { say } from '../texts/say.ts';
import type { ScreenProps } from './screen-props.ts';

/** R2: the codes, which are shown once, and three ways to keep them. @see ux.md §2.5 */
export const CodesScreen = ({ step, screen, busy, username, realm, submit }: ScreenProps<'codes'>) => {
  const { codes, device } = screen.recovery;
  const tick = useRef<HTMLInputElement>(null);
  const [saved, setSaved] = useState(false);
  const [asked, setAsked] = useState(false);
  const about = { realm, account: username, date: new Date(), device };

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
          {device === undefined ? null : <Filled text={`${say('codesFor')} `} values={{ device }} />}
          {say('codesLead')}
        </p>
      </ScreenHead>
      <div class="k-stack">
        <RecoveryCodes codes={codes} about={about} say={say} onSaved={() => setSaved(true)} />
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
