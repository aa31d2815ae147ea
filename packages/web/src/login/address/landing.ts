/**
 * Where a finished sign-in goes: the server's `successUrl`, which it has checked against its allow list, or the account page.
 * Whatever is no address of the web (`javascript:`, `data:`) is never followed.
 */
export const landingOf = (
  successUrl: string | undefined,
  place: { readonly href: string; readonly context: string },
): string => {
  const account = new URL('account', place.context).href;
  if (successUrl === undefined || !URL.canParse(successUrl, place.href)) return account;
  const url = new URL(successUrl, place.href);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : account;
};
