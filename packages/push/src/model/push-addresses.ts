/** The realm as a path segment of REST addresses: nothing for the root realm (spec/push-protocol.md §1.2). */
const realmPath = (realm: string): string => (realm === '/' ? '' : realm);

/** Where phones of a realm post to, without `?_action=…`. Only the configured public URL counts (SEC-08). */
export const messageAddress = (publicUrl: string, realm: string): string =>
  `${publicUrl.replace(/(?<!\/)\/+$/, '')}/json${realmPath(realm)}/push/sns/message`;

/** Where our own phones fetch from; also the audience of their tokens (design.md §3.1). */
export const relayAddress = (publicUrl: string, realm: string): string =>
  `${publicUrl.replace(/(?<!\/)\/+$/, '')}/json${realmPath(realm)}/push/relay`;
