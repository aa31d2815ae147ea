import { expect, test } from 'vitest';
import { brandSettings } from './realm-brand.ts';

const uri = (kind: string, beginning: string): string =>
  `data:image/${kind};base64,${Buffer.from(beginning, 'latin1').toString('base64')}`;

const problemOf = (logo: string): string | undefined =>
  brandSettings.brandLogo
    .safeParse(logo)
    .error?.issues.map(({ message }) => message)
    .join();

test.each([
  ['cut off in its first bytes', uri('png', '\x89PNG')],
  ['a sound', uri('webp', 'RIFF\x10\x00\x00\x00WAVEfmt ')],
  ['one kind under the name of another', uri('jpeg', '\x89PNG\r\n\x1a\n')],
  ['a page', uri('png', '<!doctype html><script>')],
])('a logo that is %s is named for what it is not (SEC-70)', (_what, logo) => {
  expect(problemOf(logo)).toContain('and its content is not');
});

test.each(['gif', 'svg+xml', 'PNG', 'png;charset=utf-8'])('no logo is of the kind %s (SEC-70)', (kind) => {
  expect(problemOf(uri(kind, 'GIF89a'))).toContain('Must be a PNG, JPEG or WebP picture');
});

test.each([
  '',
  uri('png', '\x89PNG\r\n\x1a\n'),
  uri('jpeg', '\xff\xd8\xff\xe0'),
  uri('webp', 'RIFF\x10\x00\x00\x00WEBPVP8 '),
])('a logo may be %j', (logo) => {
  expect(problemOf(logo)).toBeUndefined();
});
