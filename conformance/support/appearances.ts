import type { Page } from 'playwright-core';

/** A colour scheme and the size of a window. */
export interface Appearance {
  /** Such as `dark-1280`; it is part of the names of pictures. */
  readonly appearance: string;
  readonly colorScheme: 'light' | 'dark';
  readonly viewport: { readonly width: number; readonly height: number };
}

/** By day and by night, on a phone and on a desk. */
const allAppearances = (phone: Appearance['viewport']): readonly Appearance[] =>
  (['light', 'dark'] as const).flatMap((colorScheme) =>
    [phone, { width: 1280, height: 800 }].map((viewport) => ({
      appearance: `${colorScheme}-${viewport.width}`,
      colorScheme,
      viewport,
    })),
  );

/** Both colours and both sizes, once each; whoever wants pictures gets them all. */
export const mainAppearances = (phone: Appearance['viewport']): readonly Appearance[] =>
  allAppearances(phone).filter(
    ({ colorScheme, viewport }) =>
      process.env.ASSENT_TEST_SCREENSHOTS !== undefined ||
      (colorScheme === 'light') === (viewport.width === phone.width),
  );

/** How many pixels of the page one has to scroll sideways for; negative or 0 where it fits. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
