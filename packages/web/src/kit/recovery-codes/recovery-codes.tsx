import { saveFile } from '../browser/save-file.ts';
import { Button } from '../parts/button.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Icon } from '../parts/icon.tsx';
import { type CodesAbout, type CodesFileTexts, codesFile, codesFileName } from './codes-file.ts';
import { groupedCode } from './grouped-code.ts';

/** What stands on and above the codes, in the language of the page. */
export interface RecoveryCodesTexts extends CodesFileTexts {
  readonly codesList: string;
  readonly codesDownload: string;
  readonly codesPrint: string;
  readonly codesCopy: string;
  readonly copied: string;
  readonly copyFailed: string;
}

/** Recovery codes, which are shown once, and three ways to keep them; on paper, the codes and whose they are alone. @see ux.md §2.5 */
export const RecoveryCodes = ({
  codes,
  about,
  texts,
  onSaved,
}: {
  readonly codes: readonly string[];
  readonly about: CodesAbout;
  readonly texts: RecoveryCodesTexts;
  readonly onSaved: () => void;
}) => {
  const download = (): void => {
    saveFile(codesFileName(about), codesFile(codes, about, texts), 'text/plain');
    onSaved();
  };
  return (
    <>
      <p class="k-only-print">{codesFile([], about, texts).trim()}</p>
      <ol class="k-codes" data-short={codes.length <= 10 ? '' : undefined} aria-label={texts.codesList}>
        {codes.map((code) => (
          <li key={code}>
            <code dir="ltr">{groupedCode(code)}</code>
          </li>
        ))}
      </ol>
      <div class="k-row k-no-print">
        <Button needsScript onPress={download}>
          <Icon name="download" />
          {texts.codesDownload}
        </Button>
        <Button
          needsScript
          onPress={() => {
            window.print();
            onSaved();
          }}
        >
          <Icon name="print" />
          {texts.codesPrint}
        </Button>
        <CopyButton
          text={codes.map((code) => code.replaceAll('-', '')).join('\n')}
          label={texts.codesCopy}
          done={texts.copied}
          failed={texts.copyFailed}
          onCopied={onSaved}
        />
      </div>
    </>
  );
};
