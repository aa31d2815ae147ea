import { saveFile } from '../browser/save-file.ts';
import { Button } from '../parts/button.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Icon } from '../parts/icon.tsx';
import { type CodesAbout, codesFile, codesFileName, type SayInFile } from './codes-file.ts';
import { groupedCode } from './grouped-code.ts';

/** What stands on and above the codes, in the language of the page. */
export type SayOfCodes = (
  id: Parameters<SayInFile>[0] | 'codesList' | 'codesDownload' | 'codesPrint' | 'codesCopy' | 'copied' | 'copyFailed',
) => string;

/** Recovery codes, which are shown once, and three ways to keep them; on paper, the codes and whose they are alone. @see ux.md §2.5 */
export const RecoveryCodes = ({
  codes,
  about,
  say,
  onSaved,
}: {
  readonly codes: readonly string[];
  readonly about: CodesAbout;
  readonly say: SayOfCodes;
  readonly onSaved: () => void;
}) => {
  const download = (): void => {
    saveFile(codesFileName(about), codesFile(codes, about, say), 'text/plain');
    onSaved();
  };
  return (
    <>
      <p class="k-only-print">{codesFile([], about, say).trim()}</p>
      <ol class="k-codes" data-short={codes.length <= 10 ? '' : undefined} aria-label={say('codesList')}>
        {codes.map((code) => (
          <li key={code}>
            <code dir="ltr">{groupedCode(code)}</code>
          </li>
        ))}
      </ol>
      <div class="k-row k-no-print">
        <Button needsScript onPress={download}>
          <Icon name="download" />
          {say('codesDownload')}
        </Button>
        <Button
          needsScript
          onPress={() => {
            window.print();
            onSaved();
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
          onCopied={onSaved}
        />
      </div>
    </>
  );
};
