/** The screens that have an address. */
export type Route =
  | { readonly name: 'requests' | 'accounts' | 'history' | 'settings' }
  | { readonly name: 'account'; readonly id: string }
  /** With the setup code of a link that led here. */
  | { readonly name: 'add'; readonly code: string | undefined };

const tabs = ['requests', 'accounts', 'history', 'settings'] as const;

/** Reads the fragment of the address: it never reaches a server, so that a link may carry a setup code in it. */
export const readRoute = (hash: string): Route => {
  const text = hash.replace(/^#/, '');
  if (text.startsWith('add=')) return { name: 'add', code: codeOf(text.slice('add='.length)) };
  if (text === 'add') return { name: 'add', code: undefined };
  if (text.startsWith('account/')) return { name: 'account', id: text.slice('account/'.length) };
  return { name: tabs.find((tab) => tab === text) ?? 'requests' };
};

/** A code may stand there as it is, or encoded as one value. */
const codeOf = (text: string): string => {
  if (/^(?:pushauth|mfauth|otpauth):\/\//i.test(text)) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** The fragment of a screen. */
export const hashOf = (route: Exclude<Route, { readonly name: 'add' }> | { readonly name: 'add' }): string =>
  route.name === 'account' ? `#account/${route.id}` : `#${route.name}`;
