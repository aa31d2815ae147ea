import { renderToString } from 'preact-render-to-string';
import { expect, test } from 'vitest';
import type { AccountWork } from './account-work.ts';
import { CodesSection } from './codes-section.tsx';
import { accountTextsEn as texts } from './texts/texts.en.ts';

const shown = (left: number): string => {
  const work = { texts, owner: { realm: '/', name: 'ada' } } as unknown as AccountWork;
  return renderToString(<CodesSection work={work} left={left} kind="push" intention={undefined} />);
};

test.each([
  [10, undefined],
  [4, undefined],
  [3, texts.codesFew],
  [1, texts.codesFew],
  [0, texts.codesNone],
])('with %i recovery codes left somebody is told %j, and a fresh set is one button away (SEC-47)', (left, note) => {
  const html = shown(left);
  expect(html).toContain(`Codes left: ${left}`);
  expect(html).toContain(texts.codesMake);
  for (const text of [texts.codesFew, texts.codesNone]) expect(html.includes(text)).toBe(text === note);
});
