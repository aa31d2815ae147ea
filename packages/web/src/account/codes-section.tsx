import { useEffect, useRef, useState } from 'preact/hooks';
import { realmName } from '../kit/browser/realm-path.ts';
import { fillText } from '../kit/language/fill-text.ts';
import { Button } from '../kit/parts/button.tsx';
import { Note } from '../kit/parts/note.tsx';
import { RecoveryCodes } from '../kit/recovery-codes/recovery-codes.tsx';
import type { CodesLeft, DeviceKind } from './account-client.ts';
import type { AccountWork } from './account-work.ts';
import { Question } from './question.tsx';
import { Section } from './section.tsx';
import type { Intention } from './step-up.ts';
import type { AccountCatalogue } from './texts/texts.en.ts';

/** From here on a user is told to make new ones. */
const FEW = 3;

const TEXT_OF_KIND = {
  push: 'codesLeftPush',
  oath: 'codesLeftOath',
  webauthn: 'codesLeftWebauthn',
} as const satisfies Record<DeviceKind, keyof AccountCatalogue>;

/** How many recovery codes are left for each kind of device, and new ones, which are shown once. Nothing where the user has no device. */
export const CodesSection = ({
  work,
  left,
  intention,
}: {
  readonly work: AccountWork;
  readonly left: readonly CodesLeft[];
  readonly intention: Intention | undefined;
}) => {
  const { texts, owner } = work;
  const [isAsking, setAsking] = useState(intention?.act === 'codes');
  const [busy, setBusy] = useState(false);
  const [codes, setCodes] = useState<readonly string[]>();
  const [saved, setSaved] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    if (codes === undefined || saved) return;
    const guard = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', guard);
    return () => removeEventListener('beforeunload', guard);
  }, [codes, saved]);

  const [first, ...others] = left;
  if (first === undefined) return null;
  const few = left.some(({ count }) => count <= FEW);
  const none = left.every(({ count }) => count === 0);

  const make = async (): Promise<void> => {
    setBusy(true);
    const made = await work.change({ act: 'codes' }, () => work.client.renewCodes(owner, first.kind), texts.codesMade);
    setBusy(false);
    setAsking(false);
    setSaved(false);
    setCodes(made);
    heading.current?.focus();
  };
  return (
    <Section
      title={texts.codes}
      headingRef={heading}
      action={<Button onPress={() => setAsking(true)}>{texts.codesMake}</Button>}
    >
      {codes === undefined ? (
        <>
          {others.length === 0 ? (
            <p>{fillText(texts.codesLeft, { count: first.count })}</p>
          ) : (
            <>
              <ul class="a-counts">
                {left.map(({ kind, count }) => (
                  <li key={kind}>{fillText(texts[TEXT_OF_KIND[kind]], { count })}</li>
                ))}
              </ul>
              <p class="k-small k-muted">{texts.codesKinds}</p>
            </>
          )}
          {few ? <Note tone="warn">{none ? texts.codesNone : texts.codesFew}</Note> : null}
        </>
      ) : (
        <div class="k-stack a-printed">
          <p class="k-no-print">{texts.codesLead}</p>
          <RecoveryCodes
            codes={codes}
            about={{ realm: realmName(owner.realm), account: owner.name, date: new Date() }}
            say={(id) => (id === 'codesFor' ? '' : texts[id])}
            onSaved={() => setSaved(true)}
          />
          <div class="k-no-print">
            <Button
              kind="primary"
              onPress={() => {
                setCodes(undefined);
                heading.current?.focus();
              }}
            >
              {texts.codesSaved}
            </Button>
          </div>
        </div>
      )}
      {isAsking ? (
        <Question title={texts.codesAsk} onClose={() => setAsking(false)}>
          <p>{texts.codesStop}</p>
          <div class="k-row">
            <Button onPress={() => setAsking(false)}>{texts.cancel}</Button>
            <Button kind="primary" busy={busy} busyText={texts.loading} onPress={() => void make()}>
              {texts.codesMake}
            </Button>
          </div>
        </Question>
      ) : null}
    </Section>
  );
};
