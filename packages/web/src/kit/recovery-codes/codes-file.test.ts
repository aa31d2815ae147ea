import { expect, test } from 'vitest';
import { textsEn } from '../../login/texts/texts.en.ts';
import { codesFile, codesFileName } from './codes-file.ts';

const say = (id: keyof typeof textsEn) => textsEn[id];
const about = { realm: 'Acme Payroll/../x', account: 'demo', date: new Date(2026, 2, 9, 12) };

test('the name of the file has realm and day, and nothing that a file system would read as a path', () => {
  expect(codesFileName(about)).toBe('assent-recovery-codes-acme-payroll-x-2026-03-09.txt');
});

test('the file says whose codes they are and lists them in blocks', () => {
  expect(codesFile(['7Q2MX4KD9TRB0VNE'], about, say)).toContain('Account: demo\nDate: 2026-03-09\n');
  expect(codesFile(['7Q2MX4KD9TRB0VNE'], about, say)).toContain('\n 1  7Q2M-X4KD-9TRB-0VNE\n');
});

test('an account that is not known is not mentioned', () => {
  expect(codesFile([], { ...about, account: '' }, say)).not.toContain('Account');
});

test('codes that stand in for one device name it, so that they are found where that device is lost', () => {
  expect(codesFile([], { ...about, device: 'Pixel 8' }, say)).toContain('if you can no longer use “Pixel 8”.\n');
  expect(codesFile([], about, say)).not.toContain('can no longer use');
});
