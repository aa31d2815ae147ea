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
export const cookieOfUnderWay = (underWay: boolean, context: string): string => {
  const { pathname, protocol } = new URL('login', context);
  const secure = protocol === 'https:' ? '; Secure' : '';
  return `${cookieName}=1; Path=${pathname}; Max-Age=${underWay ? maxAge : 0}; SameSite=Strict${secure}`;
};
