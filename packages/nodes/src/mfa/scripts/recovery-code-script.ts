import { cleanText } from '@assent/push/protocol';
import { htmlText, scriptText } from '../../escaping/script-text.ts';

export interface RecoveryCodePanel {
  readonly title: string;
  readonly description: string;
  /** Leads to the name of the device. */
  readonly introduction: string;
  readonly deviceName: string;
  readonly codes: readonly string[];
}

/** Text of anybody's, as data for HTML inside a JavaScript literal. */
const shown = (text: string): string => scriptText(htmlText(cleanText(text)));

/**
 * The script that shows the codes. Clients that do not run it look for its comment, for a blank, any sign, a quote and
 * a bare word before a backslash (a code), and for the `em` element (the device): no other line may have those forms.
 * @see spec: journeys-rest §4.2
 */
export const recoveryCodeScript = (panel: RecoveryCodePanel): string => {
  const notWord = panel.codes.find((code) => !/^\w+$/.test(code));
  if (notWord !== undefined) throw new RangeError('A recovery code that is no plain word cannot be shown.');
  const lines = [
    '<div>',
    `        <h3>${shown(panel.title)}</h3>`,
    `        <h4>${shown(panel.description)}</h4>`,
    ...panel.codes.flatMap((code) => ['<div class=\\"text-center\\">', code, '</div>']),
    `        <p>${shown(panel.introduction)} <em>${shown(panel.deviceName)}</em></p>`,
    '</div>',
  ];
  return [
    '// Recovery Codes',
    '(function () {',
    "  var panel = document.createElement('div');",
    '  panel.innerHTML =',
    lines
      .map((line) => `    "${line}\\n"`)
      .join(' +\n')
      .concat(';'),
    '  var form = document.forms[0] || document.body;',
    '  form.insertBefore(panel, form.firstChild);',
    '})();',
  ].join('\n');
};
