import { renderToString } from 'preact-render-to-string';
import { expect, test } from 'vitest';
import type { CodesLeft } from './account-client.ts';
import type { AccountWork } from './account-work.ts';
import { CodesSection } from './codes-section.tsx';
import { accountTextsEn as texts } from './texts/texts.en.ts';

const shown = (left: readonly CodesLeft[]): string => {
  const work = { texts, owner: { realm: '/', name: 'ada' } } as unknown as AccountWork;
  return renderToString(<CodesSection work={work} left={left} intention={undefined} />);
};

test.each([
  [10, undefined],
  [4, undefined],
  [3, texts.codesFew],
  [1, texts.codesFew],
  [0, texts.codesNone],
])('with %i recovery codes left somebody is told %j, and a fresh set is one button away (SEC-47)', (left, note) => {
  const html = shown([{ kind: 'push', count: left }]);
  expect(html).toContain(`Codes left: ${left}`);
  expect(html).toContain(texts.codesMake);
  for (const text of [texts.codesFew, texts.codesNone]) expect(html.includes(text)).toBe(text === note);
});

test('with devices of several kinds each count says what it is for, and that a code works for its kind alone', () => {
  const html = shown([
    { kind: 'push', count: 9 },
    { kind: 'webauthn', count: 10 },
  ]);
  expect(html).toContain('Codes left for phones: 9');
  expect(html).toContain('Codes left for passkeys: 10');
  expect(html).toContain(texts.codesKinds);
  expect(html).not.toContain(texts.codesFew);
});

test.each([
  [0, 10, texts.codesFew],
  [0, 0, texts.codesNone],
  [4, 3, texts.codesFew],
])('with %i codes for phones and %i for passkeys the note is %j', (push, webauthn, note) => {
  const html = shown([
    { kind: 'push', count: push },
    { kind: 'webauthn', count: webauthn },
  ]);
  for (const text of [texts.codesFew, texts.codesNone]) expect(html.includes(text)).toBe(text === note);
});

test('a user without devices has no codes, and is offered none', () => {
  expect(shown([])).toBe('');
});
