import { expect, test } from 'vitest';
import { textsEn } from '../texts/texts.en.ts';
import { readPageData, writePageData } from './page-data.ts';

test('no text in the data ends its element, and the script reads what the server wrote', () => {
  const data = { language: 'en', texts: textsEn, realm: { name: '</script><!--<script>&amp;' } } as const;
  const text = writePageData(data);
  expect(text).not.toContain('<');
  expect(readPageData(text)).toEqual(data);
});
