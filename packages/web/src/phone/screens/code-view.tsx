import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../kit/parts/button.tsx';
import { CopyButton } from '../../kit/parts/copy-button.tsx';
import type { CodePart } from '../accounts/account.ts';
import { groupedCode, type TimedCode, timedCode } from '../accounts/one-time-code.ts';
import { say } from '../texts/say.ts';
import { useNow } from './now.ts';

/** What a code is for, in words. */
interface CodeOf {
  readonly title: string;
  readonly name: string;
}

/** A code that changes with the time, and the next one just before. @see ux.md §3.2 "TOTP" */
export const TimedCodeView = ({
  codes,
  of,
  isHidden,
}: {
  readonly codes: CodePart & { readonly type: 'totp' };
  readonly of: CodeOf;
  readonly isHidden: boolean;
}) => {
  const now = useNow();
  const [isShown, setShown] = useState(!isHidden);
  const [current, setCurrent] = useState<TimedCode>();
  const step = Math.floor(now / (codes.periodSeconds * 1_000));
  useEffect(() => {
    let isHere = true;
    void timedCode(codes, step * codes.periodSeconds * 1_000).then((code) => isHere && setCurrent(code));
    return () => {
      isHere = false;
    };
  }, [codes, step]);
  useEffect(() => setShown(!isHidden), [isHidden]);

  if (!isShown) return <Button onPress={() => setShown(true)}>{say('codeShow')}</Button>;
  if (current === undefined) return <p class="p-code">&nbsp;</p>;
  const left = Math.max(0, Math.ceil((current.expiresAt - now) / 1_000));
  return (
    <CodeLine code={current.code} of={of}>
      <span class="k-muted k-small">
        <span class="p-code-left">{say('codeLeft', { n: left })}</span>
        {left <= 5 ? <span> {say('codeNext', { code: groupedCode(current.next) })}</span> : null}
      </span>
    </CodeLine>
  );
};

/** A code that changes with each use: made only when asked for, since each one that is made counts. */
export const CountedCodeView = ({ of, make }: { readonly of: CodeOf; make(): Promise<string | undefined> }) => {
  const [code, setCode] = useState<string>();
  const next = async (): Promise<void> => setCode(await make());
  return (
    <>
      {code === undefined ? null : <CodeLine code={code} of={of} />}
      <Button onPress={() => void next()}>{say(code === undefined ? 'codeMake' : 'codeMakeAnother')}</Button>
    </>
  );
};

const CodeLine = ({
  code,
  of,
  children,
}: {
  readonly code: string;
  readonly of: CodeOf;
  readonly children?: ComponentChildren;
}) => (
  <div class="p-code-line">
    <p class="p-code" dir="ltr">
      <span class="sr-only">{say('codeLabel', { issuer: of.title, name: of.name })} </span>
      {groupedCode(code)}
    </p>
    {children}
    <CopyButton
      text={code}
      label={say('codeCopy')}
      name={`${say('codeCopy')}: ${of.title}, ${of.name}`}
      done={say('copied')}
      failed={say('copyFailed')}
    />
  </div>
);
