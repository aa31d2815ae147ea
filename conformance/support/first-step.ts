import type { BrowserContext } from 'playwright-core';

/**
 * Lets the next page ask for its first step by a call, as after a reload in the middle of a journey: for suites that answer
 * the page themselves. The page takes this back as soon as it has looked.
 */
export const letPageAsk = (context: BrowserContext, am: string): Promise<void> => {
  const { hostname: domain, pathname: path } = new URL(`${am}/login`);
  return context.addCookies([{ name: 'assent-under-way', value: '1', domain, path, sameSite: 'Strict' }]);
};
