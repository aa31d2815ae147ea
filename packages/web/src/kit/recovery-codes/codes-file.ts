import { fillText } from '../language/fill-text.ts';
import { groupedCode } from './grouped-code.ts';

/** What a file of recovery codes is about. */
export interface CodesAbout {
  readonly realm: string;
  /** Left out where it is empty. */
  readonly account: string;
  readonly date: Date;
  /** The device whose place the codes take; absent where they are for every device of the user. */
  readonly device?: string | undefined;
}

/** The lines above the codes, in the language of the page. */
export interface CodesFileTexts {
  readonly codesFileTitle: string;
  readonly codesFileAccount: string;
  readonly codesFileDate: string;
  readonly codesFileAdvice: string;
  /** With `{device}`. */
  readonly codesFor?: string;
}

/** The text of the file: whose codes they are, since when, and one line of advice. */
export const codesFile = (
  codes: readonly string[],
  { realm, account, date, device }: CodesAbout,
  texts: CodesFileTexts,
): string =>
  [
    fillText(texts.codesFileTitle, { realm }),
    ...(account === '' ? [] : [fillText(texts.codesFileAccount, { account })]),
    fillText(texts.codesFileDate, { date: isoDay(date) }),
    ...(device ? [fillText(texts.codesFor ?? '', { device })] : []),
    texts.codesFileAdvice,
    '',
    ...codes.map((code, index) => `${String(index + 1).padStart(2)}  ${groupedCode(code)}`),
    '',
  ].join('\n');

/** `assent-recovery-codes-{realm}-{yyyy-mm-dd}.txt` */
export const codesFileName = ({ realm, date }: CodesAbout): string =>
  `assent-recovery-codes-${realm.replace(/[^\w-]+/g, '-').toLowerCase()}-${isoDay(date)}.txt`;

/** The day by the person's own calendar. */
const isoDay = (date: Date): string =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((it) => String(it).padStart(2, '0')).join('-');
