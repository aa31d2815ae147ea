import type { Page } from 'playwright-core';

/** A colour scheme and the size of a window. */
export interface Look {
  /** Such as `dark-1280`; it is part of the names of pictures. */
  readonly look: string;
  readonly colorScheme: 'light' | 'dark';
  readonly viewport: { readonly width: number; readonly height: number };
}

/** By day and by night, on a phone and on a desk. */
const allLooks = (phone: Look['viewport']): readonly Look[] =>
  (['light', 'dark'] as const).flatMap((colorScheme) =>
    [phone, { width: 1280, height: 800 }].map((viewport) => ({
      look: `${colorScheme}-${viewport.width}`,
      colorScheme,
      viewport,
    })),
  );

/** Both colours and both sizes, once each; whoever wants pictures gets them all. */
export const mainLooks = (phone: Look['viewport']): readonly Look[] =>
  allLooks(phone).filter(
    ({ colorScheme, viewport }) =>
      process.env.ASSENT_TEST_SCREENSHOTS !== undefined ||
      (colorScheme === 'light') === (viewport.width === phone.width),
  );

/** How many pixels of the page one has to scroll sideways for; negative or 0 where it fits. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
