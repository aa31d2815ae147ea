import type { PageAddress } from '../address/page-address.ts';

const cookieName = 'assent-under-way';

/** Longer than any journey of ours; one that a closed tab leaves behind is gone by then. */
const maxAge = 3600;

/**
 * Whether a tab of this browser is in the middle of a journey. The journey itself is known to the tab alone, so after a reload
 * the server renders no first step, which would only flash by.
 */
export const isUnderWay = (cookies: string): boolean =>
  cookies.split(';').some((it) => it.trim() === `${cookieName}=1`);

/** The cookie that says so, or takes it back, for the login page alone. */
export const cookieOfUnderWay = (
  underWay: boolean,
  { context, path }: Pick<PageAddress, 'context' | 'path'>,
): string => {
  const secure = context.startsWith('https:') ? '; Secure' : '';
  return `${cookieName}=1; Path=${path}; Max-Age=${underWay ? maxAge : 0}; SameSite=Strict${secure}`;
};
