import { relyingPartyOf } from '@assent/factors';
import type { Settings } from '@assent/server';
import type { Store } from '@assent/store';
import type { Server } from '../command/stored.ts';
import { type Finding, ok, problem, warning } from './check.ts';

/** More of another host than this are not counted. */
const MAX_COUNTED = 10_000;

/** Whether browsers make and use passkeys at the public address (W3C Secure Contexts §3.1). */
export const checkPasskeyAddress = (publicUrl: string): Finding => {
  const { protocol, hostname } = new URL(publicUrl);
  return protocol === 'https:' || hostname === 'localhost' || hostname.endsWith('.localhost') || isAddress(hostname)
    ? ok('passkeys', `Browsers may use passkeys at ${publicUrl}.`)
    : warning(
        'passkeys',
        `Browsers use no passkeys at ${publicUrl}, because it is http.`,
        'serve it by https, and set --public-url (ASSENT_PUBLIC_URL) to that address',
      );
};

/** Per realm: whether the host that its passkeys are made for is one that browsers take there, and whether those that are stored are for it. */
export const checkRelyingParties = async (
  server: Pick<Server, 'storedClients'>,
  store: Store,
  { publicUrl }: Pick<Settings, 'publicUrl'>,
): Promise<readonly Finding[]> => {
  const { configuration } = await server.storedClients(store, publicUrl);
  const { hostname } = new URL(publicUrl);
  const findings: Finding[] = [];
  for (const realm of configuration.realms()) {
    const name = `realm ${realm.realm}`;
    const relyingParty = relyingPartyOf({ origins: [] }, realm, publicUrl);
    if (relyingParty === undefined) {
      findings.push(madeForNoHost(name, hostname));
      continue;
    }
    const { id } = relyingParty;
    const isOfHost = [hostname, ...realm.aliases].some((host) => `.${host.toLowerCase()}`.endsWith(`.${id}`));
    const others = await store.passkeys.countOfOtherRelyingParty(realm.realm, id, MAX_COUNTED);
    if (!isOfHost) findings.push(madeForAnotherHost(name, id, hostname));
    if (others > 0) findings.push(storedForAnotherHost(name, id, others));
    if (isOfHost && others === 0) findings.push(ok(name, `Passkeys are made for ${id}.`));
  }
  return findings;
};

const isAddress = (hostname: string): boolean => /^\[|^\d+(?:\.\d+){3}$/.test(hostname);

const madeForNoHost = (name: string, hostname: string): Finding =>
  warning(
    name,
    `No passkey can be made: browsers make none for an IP address, and the public URL has ${hostname}.`,
    /^127\.|^\[::1\]$/.test(hostname)
      ? 'call the server localhost: set --public-url (ASSENT_PUBLIC_URL) to it, and open it by that name'
      : 'give the server a name, and set --public-url (ASSENT_PUBLIC_URL) to it',
  );

const madeForAnotherHost = (name: string, id: string, hostname: string): Finding =>
  problem(
    name,
    `Browsers refuse the passkeys of the realm: they are made for ${id}, and ${hostname} is neither that nor below it.`,
    'set relyingPartyId of the service assent to the host of the public URL or to a domain above it; or leave it empty',
  );

const storedForAnotherHost = (name: string, id: string, count: number): Finding =>
  warning(
    name,
    `${count === MAX_COUNTED ? `${count} passkeys or more` : count === 1 ? 'One passkey' : `${count} passkeys`} cannot be used: made for another host than ${id}.`,
    'set relyingPartyId of the service assent back to the host that they were made for; or have their users add new ones',
  );
