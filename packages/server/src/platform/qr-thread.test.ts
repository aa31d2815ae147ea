import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { QrThread } from './qr-thread.ts';

let webRoot: string;
let thread: QrThread;

beforeEach(() => {
  webRoot = mkdtempSync(join(tmpdir(), 'assent-qr-'));
  mkdirSync(join(webRoot, 'view'));
  writeFileSync(join(webRoot, 'package.json'), '{"type":"module"}');
  thread = new QrThread(webRoot);
});
afterEach(async () => {
  await thread.close();
  rmSync(webRoot, { recursive: true });
});

const build = (source: string): void => writeFileSync(join(webRoot, 'view/qr.js'), source);

test('renders by the code of the pages, several at a time, each for whom it was', async () => {
  build('export const renderQr = (text) => text === "long" ? "too-long" : { size: text.length, path: text };');
  expect(await Promise.all(['ab', 'long', 'c'].map((text) => thread.render(text)))).toEqual([
    { size: 2, path: 'ab' },
    'too-long',
    { size: 1, path: 'c' },
  ]);
});

test('a code that cannot be rendered is an error of its own, and the next one is rendered', async () => {
  build(
    'export const renderQr = (text) => { if (text === "bad") throw new Error("no room"); return { size: 1, path: text }; };',
  );
  await expect(thread.render('bad')).rejects.toThrow('A QR code could not be rendered: Error: no room');
  await expect(thread.render('good')).resolves.toEqual({ size: 1, path: 'good' });
});

test('where the pages are not built, that is said', async () => {
  await expect(thread.render('x')).rejects.toThrow(/could not be rendered: .*qr\.js/);
});

test('more than may wait are refused', async () => {
  build('export const renderQr = () => { for (;;); };');
  const waiting = Array.from({ length: 256 }, () => thread.render('x').catch(() => 'ended'));
  await expect(thread.render('x')).rejects.toThrow('Too many QR codes are waiting.');
  await thread.close();
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['ended']));
});
