import type { RealmSettings } from '@assent/engine';

/** For whom passkeys are made, and from which pages they may be used (WebAuthn Level 3 §4, "Relying Party"). */
export interface RelyingParty {
  /** The RP ID: a host name, whose hash each authenticator signs. */
  readonly id: string;
  /** Origins as browsers and apps write them, letter by letter (WA-03). */
  readonly origins: readonly string[];
}

/** What a node says of it; what it leaves out is the realm's. */
export interface RelyingPartySettings {
  readonly relyingPartyDomain?: string | undefined;
  readonly origins: readonly string[];
}

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
const LAST_LABEL = /^(?!\d+$)[a-z0-9-]+$/;

/**
 * Whether browsers take a text as an RP ID: a domain in lower case, international names in their ASCII form. They take no IP address
 * (WA-04), and of those an IPv4 address alone looks like a domain: its last label is a number.
 */
export const isRelyingPartyId = (text: string): boolean => {
  const labels = text.split('.');
  return text.length <= 253 && labels.every((label) => LABEL.test(label)) && LAST_LABEL.test(labels.at(-1) ?? '');
};

/**
 * The relying party of a node: what its settings say, else what those of the realm say, else the server's public address. Nothing that a
 * request says has a part in it (WA-03, WA-04). Undefined where no passkey can be made, since the host is an IP address.
 */
export const relyingPartyOf = (
  { relyingPartyDomain, origins }: RelyingPartySettings,
  realm: Pick<RealmSettings, 'relyingPartyId' | 'corsOrigins'>,
  publicUrl: string,
): RelyingParty | undefined => {
  const own = new URL(publicUrl);
  const id = [relyingPartyDomain?.trim().toLowerCase(), realm.relyingPartyId].find((it) => it) ?? own.hostname;
  if (!isRelyingPartyId(id)) return undefined;
  return { id, origins: origins.length > 0 ? origins : [own.origin, ...realm.corsOrigins] };
};
