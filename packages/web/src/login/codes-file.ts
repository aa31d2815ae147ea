import { groupedCode } from './recovery-script.ts';
import { say } from './say.ts';

/** What a file of recovery codes is about. */
export interface CodesAbout {
  readonly realm: string;
  readonly account: string;
  readonly date: Date;
}

/** The text of the file: whose codes they are, since when, and one line of advice. */
export const codesFile = (codes: readonly string[], { realm, account, date }: CodesAbout): string =>
  [
    say('codesFileTitle', { realm }),
    ...(account === '' ? [] : [say('codesFileAccount', { account })]),
    say('codesFileDate', { date: isoDay(date) }),
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
