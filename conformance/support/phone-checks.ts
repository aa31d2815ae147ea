import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { overflowOf } from './appearances.ts';
import { accessibilityFindings, keepPicture } from './browser.ts';

/** What a script of another page, or a copy of the profile, could read here: everything but the keys themselves. */
const readable = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const names = ['accounts', 'history', 'settings'];
    const database = await new Promise<IDBDatabase>((resolve, fail) => {
      const request = indexedDB.open('assent-phone');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => fail(request.error);
    });
    const kept = names.map(
      (name) =>
        new Promise((resolve) => {
          const request = database.transaction(name).objectStore(name).getAll();
          request.onsuccess = () => resolve(request.result);
        }),
    );
    const rows = await Promise.all(kept);
    database.close();
    return JSON.stringify([
      rows,
      Object.entries(localStorage),
      Object.entries(sessionStorage),
      location.href,
      document.cookie,
    ]);
  });

/**
 * Checks a screen of the phone: it is accessible, fits its window, has its focus somewhere and has left none of the secrets
 * behind. Where pictures are wanted it is kept as `phone-{screen}-{appearance}`.
 */
export const checkPhoneScreen = async (
  page: Page,
  {
    screen,
    appearance,
    secrets,
  }: { readonly screen: string; readonly appearance: string; readonly secrets: readonly string[] },
): Promise<void> => {
  // A phone has no pointer that rests on a button.
  await page.mouse.move(0, 0);
  await keepPicture(page, `phone-${screen}-${appearance}`);
  expect(await accessibilityFindings(page), `${screen} is accessible`).toEqual([]);
  const left = await readable(page);
  for (const secret of secrets) expect(left, `${screen} keeps no secret`).not.toContain(secret);
  expect(await overflowOf(page), `${screen} does not scroll sideways`).toBeLessThanOrEqual(0);
  const focused = await page.evaluate(() => document.activeElement?.tagName);
  expect(['H1', 'BODY', 'INPUT', 'BUTTON', 'TEXTAREA', 'A'], `${screen} has its focus somewhere`).toContain(focused);
};
