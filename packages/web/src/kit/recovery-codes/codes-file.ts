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

/** A line above the codes in the language of the page; `codesFor` is asked for with a device alone. */
export type SayInFile = (
  id: 'codesFileTitle' | 'codesFileAccount' | 'codesFileDate' | 'codesFileAdvice' | 'codesFor',
) => string;

/** The text of the file: whose codes they are, since when, and one line of advice. */
export const codesFile = (
  codes: readonly string[],
  { realm, account, date, device }: CodesAbout,
  say: SayInFile,
): string =>
  [
    fillText(say('codesFileTitle'), { realm }),
    ...(account === '' ? [] : [fillText(say('codesFileAccount'), { account })]),
    fillText(say('codesFileDate'), { date: isoDay(date) }),
    ...(device ? [fillText(say('codesFor'), { device })] : []),
    say('codesFileAdvice'),
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
