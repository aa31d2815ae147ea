import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextRound } from 'node:timers/promises';
import { JourneyError } from '@assent/engine';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { QrThread } from './qr-thread.ts';
import { after } from './system-ports.ts';

const LANE = { realm: '/' };

let webRoot: string;
let thread: QrThread;

beforeEach(() => {
  webRoot = mkdtempSync(join(tmpdir(), 'assent-qr-'));
  mkdirSync(join(webRoot, 'view'));
  writeFileSync(join(webRoot, 'package.json'), '{"type":"module"}');
  thread = new QrThread(webRoot, after);
});
afterEach(async () => {
  await thread.close();
  rmSync(webRoot, { recursive: true });
});

const build = (source: string): void => writeFileSync(join(webRoot, 'view/qr.js'), source);

test('renders by the code of the pages, several at a time, each for whom it was', async () => {
  build('export const renderQr = (text) => text === "long" ? "too-long" : { size: text.length, path: text };');
  expect(await Promise.all(['ab', 'long', 'c'].map((text) => thread.render(text, LANE)))).toEqual([
    { size: 2, path: 'ab' },
    'too-long',
    { size: 1, path: 'c' },
  ]);
});

test('a text that fits in no code is too long, and does not wait for the thread (SEC-93)', async () => {
  build('export const renderQr = (text) => ({ size: text.length, path: "" });');
  expect(await thread.render('1'.repeat(7_089), LANE)).toEqual({ size: 7_089, path: '' });
  expect(await thread.render('1'.repeat(7_090), LANE)).toBe('too-long');
});

test('a code that cannot be rendered is an error of its own, and the next one is rendered', async () => {
  build(
    'export const renderQr = (text) => { if (text === "bad") throw new Error("no room"); return { size: 1, path: text }; };',
  );
  await expect(thread.render('bad', LANE)).rejects.toThrow('A QR code could not be rendered: Error: no room');
  await expect(thread.render('good', LANE)).resolves.toEqual({ size: 1, path: 'good' });
});

test('where the pages are not built, that is said', async () => {
  await expect(thread.render('x', LANE)).rejects.toThrow(/could not be rendered: .*qr\.js/);
});

test('a thread that ends rejects the codes that it has, and another thread renders the next ones', async () => {
  build('export const renderQr = (text) => { if (text === "end") process.exit(3); return { size: 1, path: text }; };');
  const [end, inThread, waiting] = ['end', 'b', 'c'].map((text) => thread.render(text, LANE));
  await expect(end).rejects.toThrow('The thread for QR codes ended.');
  await expect(inThread).rejects.toThrow('The thread for QR codes ended.');
  expect(await waiting).toEqual({ size: 1, path: 'c' });
});

test('ends a thread that is busy for 10 seconds', async () => {
  build('export const renderQr = () => { for (;;); };');
  const timers: [millis: number, action: () => void][] = [];
  const busyThread = new QrThread(webRoot, (millis, action) => {
    timers.push([millis, action]);
    return () => undefined;
  });
  const busy = busyThread.render('x', LANE);
  await nextRound();
  expect(timers.map(([millis]) => millis)).toEqual([10_000]);
  for (const [, action] of timers) action();
  await expect(busy).rejects.toThrow('The thread for QR codes ended.');
});

test('refuses more codes of a realm than may wait, and rejects those that wait when it is closed (SEC-93)', async () => {
  build('export const renderQr = () => { for (;;); };');
  // 2 are in the thread, and 128 of one realm wait.
  const waiting = Array.from({ length: 130 }, () => thread.render('x', LANE).catch(({ message }: Error) => message));
  await expect(thread.render('x', LANE)).rejects.toThrow(JourneyError);
  await nextRound();
  await thread.close();
  expect(new Set(await Promise.all(waiting))).toEqual(
    new Set(['The thread for QR codes ended.', 'The thread for QR codes is closed.']),
  );
});
