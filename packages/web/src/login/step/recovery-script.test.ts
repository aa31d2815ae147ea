import { expect, test } from 'vitest';
import { groupedCode } from '../../kit/recovery-codes/grouped-code.ts';
import { readRecoveryScript, typedRecoveryCode } from './recovery-script.ts';

/** The generator's form of journeys-rest.md §4.2: `\n` and `\"` are two characters each. */
const script = (codes: readonly string[], device = 'Push Device'): string =>
  [
    '// Recovery Codes',
    'panel = "<div>\\n" +',
    '    "        <h3>Your Recovery Codes</h3>\\n" +',
    ...codes.flatMap((code) => ['"<div class=\\"text-center\\">\\n" +', `    "${code}\\n" +`, '"</div>\\n" +']),
    `    "        <p>Use one of these: <em>${device}</em></p>\\n" +`,
    '"</div>";',
  ].join('\n');

test('a script without the words that clients look for carries no codes', () => {
  expect(readRecoveryScript(script(['AAAA1111']).replaceAll('Recovery Codes', 'Anything'))).toBeUndefined();
});

test('the words alone make no page of codes', () => {
  expect(readRecoveryScript('// Recovery Codes')).toBeUndefined();
  expect(readRecoveryScript('enter one of your recovery codes')).toBeUndefined();
});

test('codes with a hyphen, or at the start of a line, are none, as for the client SDKs', () => {
  expect(
    readRecoveryScript('// Recovery Codes\n    "AAAA-1111\\n" +\n"BBBB2222\\n" +\n    "CCCC3333\\n"')?.codes,
  ).toEqual(['CCCC3333']);
});

test('all codes are read in order, with the name of the device', () => {
  const codes = Array.from({ length: 10 }, (_, index) => `7Q2MX4KD9TRB0VN${index}`);
  expect(readRecoveryScript(script(codes))).toEqual({ codes, device: 'Push Device' });
});

test('a name that was escaped for script and HTML is shown as it was given', () => {
  expect(readRecoveryScript(script(['AAAA1111'], 'Ann\\u0027s &lt;b&gt; \\"phone\\"'))?.device).toBe(
    'Ann\'s <b> "phone"',
  );
});

test('a name that brings elements of its own shows only their words (SEC-71)', () => {
  expect(readRecoveryScript(script(['AAAA1111'], '<img src=x onerror=alert(1)>Pixel'))?.device).toBe('Pixel');
});

test('codes are shown in blocks of four where they come out even', () => {
  expect(groupedCode('7Q2MX4KD9TRB0VNE')).toBe('7Q2M-X4KD-9TRB-0VNE');
  expect(groupedCode('iZmEtxvQ00')).toBe('iZmEtxvQ00');
});

test.each([
  ['7q2m x4kd-9trb ovne', '7Q2MX4KD9TRB0VNE'],
  ['7Q2M‑X4KD–9TRB—0VNE', '7Q2MX4KD9TRB0VNE'],
  ['iL2MX4KD9TRB0VNE', '112MX4KD9TRB0VNE'],
])('%j is read as %j', (typed, read) => {
  expect(typedRecoveryCode(typed)).toBe(read);
});

test('what is certainly none of our codes is sent as typed', () => {
  expect(typedRecoveryCode(' iZmEtxvQ00 ')).toBe('iZmEtxvQ00');
  expect(typedRecoveryCode("o'neill")).toBe("o'neill");
  expect(typedRecoveryCode('   ')).toBe('');
});
