import type { BackChannelDependencies } from '@assent/engine/host';

const jsonPathOf = (realm: string): string =>
  realm
    .split('/')
    .filter((name) => name !== '')
    .map((name) => `/realms/${encodeURIComponent(name)}`)
    .join('');

/**
 * Where the journey of a back channel begins, in AM's parameters. Both addresses are of the public name: by which one this
 * server was called is the caller's word.
 */
export const backChannelLinks =
  (publicUrl: string): BackChannelDependencies['links'] =>
  ({ realm, id }) => {
    const index = { authIndexType: 'transaction', authIndexValue: id };
    return {
      pageLink: `${publicUrl}/login?${new URLSearchParams({ realm, ...index })}`,
      startLink: `${publicUrl}/json/realms/root${jsonPathOf(realm)}/authenticate?${new URLSearchParams(index)}`,
    };
  };
