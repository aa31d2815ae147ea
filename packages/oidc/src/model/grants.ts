import { STRENGTH, type Strength } from '@assent/engine/host';
import type { OAuthClient } from './clients.ts';

/** What a request asked of single claims (OpenID Connect Core §5.5): a member for each, null where it is simply wanted. */
export interface ClaimsRequest {
  readonly id_token?: Readonly<Record<string, ClaimRequest | null>>;
  readonly userinfo?: Readonly<Record<string, ClaimRequest | null>>;
}
export interface ClaimRequest {
  readonly essential?: boolean;
  readonly value?: string;
  readonly values?: readonly string[];
}

/** What the request of a code must be repeated with, or proven by, where the code is redeemed. */
export interface CodeBinding {
  /** As it was sent; absent where the request had none, since the client has one alone. */
  readonly redirectUri?: string;
  /** Of PKCE, `S256`. */
  readonly challenge?: string;
  readonly nonce?: string;
}

/**
 * What a user, or a client for itself, has agreed to, and all tokens that follow from it: one row (spec: oidc §5.1). Tokens are
 * handles that are derived from it; the row says which of their numbers are good, so that nothing secret is kept.
 */
export interface OAuthGrant {
  /** 128 bits, base64url. */
  readonly id: string;
  readonly realm: string;
  readonly clientId: string;
  /** Of the client when the user granted it; under another generation of the client nothing of it is valid (OIDC-20). */
  readonly clientGeneration?: string;
  readonly userId: string;
  /** Of the user's credentials when it was made: with others it is over at its next use (ADR 0019). */
  readonly credentialRev: number;
  /** Of the session that it was made in, which outlives an upgrade; absent for one that was made without. */
  readonly sid?: string;
  /** In the order in which they were granted. */
  readonly scopes: readonly string[];
  readonly claims?: ClaimsRequest;
  /** The class of sign-in that was met; absent where nobody asked for one. */
  readonly acr?: string;
  readonly amr: readonly string[];
  /** When the user last proved a factor, in seconds. */
  readonly authTime: number;
  /** One that has ended is not there any more: nothing of it is good, and nobody can ask why. */
  readonly status: 'code' | 'active';
  readonly code?: CodeBinding;
  /** Milliseconds; kept so that a code that comes twice can be told from a page that was loaded twice. */
  readonly redeemedAt?: number;
  /** The number of the refresh token that is good. */
  readonly refreshNo: number;
  /** When it became that, milliseconds. */
  readonly rotatedAt: number;
  /** The number of the newest access token. */
  readonly accessNo: number;
  /** Numbers of access tokens that were revoked one by one; at most {@link MAX_DROPPED} are kept. */
  readonly dropped: readonly number[];
  /** Thumbprint of the key that tokens are bound to (RFC 9449 §6). */
  readonly jkt?: string;
  /** Whether its client has to be told when the session is over; absent for one that wants to hear of none, or has been told. */
  readonly wantsLogoutNotice?: true;
  readonly createdAt: number;
  /** Milliseconds: of the code until it is redeemed, then the end of all that follows from it. */
  readonly expiresAt: number;
}

/** Access tokens that are older by more numbers than this are over whatever they say, so that the list has an end. */
const MAX_DROPPED = 100;

/** A session may outlast the tokens that were granted in it: for so long whom to tell of its end is remembered, milliseconds. */
export const NOTICE_RETENTION = 24 * 3_600_000;

/** Of one client in one session, so many grants live at once; the oldest ends when another begins (silent renewal). */
export const MAX_GRANTS_OF_SESSION = 20;

/**
 * A user has so many grants of each strength at most, in all sessions and at all clients: more of them would be ended by one statement (SEC-93).
 * One more of a strength ends others of that strength alone, so that an attacker with the password ends nothing that took more.
 */
export const MAX_GRANTS_OF_USER = 1_000;
/** Of those that prove nothing a user has more: all guests of a realm are one user. */
export const MAX_GRANTS_OF_NOTHING = 10_000;

export const maxGrantsOf = (strength: Strength): number =>
  strength === STRENGTH.nothing ? MAX_GRANTS_OF_NOTHING : MAX_GRANTS_OF_USER;

/** How many of them end where one more begins, so that not each one has to look for the oldest. */
export const GRANTS_ENDED_AT_ONCE = 100;

/** What survives the end of its session, once its code is redeemed. */
export const OFFLINE_ACCESS = 'offline_access';

/** Whose grants are meant; what was granted under other credentials is over (spec: oidc §5.3). */
export interface GrantingUser {
  readonly userId: string;
  readonly credentialRev: number;
}

export interface HeldPage {
  readonly now: number;
  /** The id of a client. */
  readonly from?: string;
  /** So many clients at most. */
  readonly limit: number;
}

/** What a client holds of a user, all that is live together. */
export interface HeldAccess {
  readonly clientId: string;
  /** Of the grants; those of each generation are one access. */
  readonly clientGeneration?: string;
  readonly scopes: readonly string[];
  /** When the first of it was granted, milliseconds. */
  readonly since: number;
  /** When tokens of it were last given out or renewed, as far as that is kept. */
  readonly lastUsedAt: number;
  /** When the last of it ends, unless it is renewed before. */
  readonly expiresAt: number;
}

export interface GrantReader {
  get(id: string): Promise<OAuthGrant | undefined>;
  /**
   * What clients hold of a user at `now`, by id of the client, from that of `from` on: what people see of their applications. Which generation of
   * a client is in force the store does not know: the caller leaves out what is of another one.
   */
  heldOf(user: GrantingUser, page: HeldPage): Promise<readonly HeldAccess[]>;
  /** Active and not expired at `now`: whom to tell that a session is over. */
  ofSession(userId: string, sid: string, now: number): Promise<readonly OAuthGrant[]>;
}

/** The client of something that was granted, with the generation that it had then. */
export interface GrantedTo {
  readonly realm: string;
  readonly clientId: string;
  readonly clientGeneration?: string;
}

/** Whether something was granted to this client, and not to another generation or client of the id, whichever handle it was found by (OIDC-13, OIDC-20). */
export const isGrantedTo = (
  { realm, id, grantGeneration }: Pick<OAuthClient, 'realm' | 'id' | 'grantGeneration'>,
  granted: GrantedTo,
): boolean => granted.realm === realm && granted.clientId === id && granted.clientGeneration === grantGeneration;

/** Whether a code can be redeemed. */
export const isRedeemable = ({ status, expiresAt }: OAuthGrant, now: number): boolean =>
  status === 'code' && now < expiresAt;

/** Whether tokens of it can be good. */
export const isLiveGrant = ({ status, expiresAt }: Pick<OAuthGrant, 'status' | 'expiresAt'>, now: number): boolean =>
  status === 'active' && now < expiresAt;

/** What a client holds, while it is read: the set of its scopes is made once, so that the work grows with their number. */
interface Merged extends Omit<HeldAccess, 'scopes'> {
  readonly scopes: Set<string>;
}

/**
 * The page of clients that hold something of a user, while live grants are read in any order. Only clients of the page are kept in memory, and of each
 * generation of a client one access, however many grants a user has (SEC-93).
 */
export class HeldClients {
  readonly #from: string;
  readonly #limit: number;
  readonly #clients = new Map<string, Map<string | undefined, Merged>>();
  /** The greatest client that the page can have; undefined until there are more than it lists. */
  #last: string | undefined;

  constructor({ from = '', limit }: Pick<HeldPage, 'from' | 'limit'>) {
    this.#from = from;
    this.#limit = limit;
  }

  /** Whether the page can have the client, as far as is known. */
  canHave(clientId: string): boolean {
    return clientId >= this.#from && (this.#last === undefined || clientId <= this.#last);
  }

  add({ scopes, ...access }: HeldAccess): void {
    if (!this.canHave(access.clientId)) return;
    const generations = this.#clients.get(access.clientId) ?? new Map<string | undefined, Merged>();
    const before = generations.get(access.clientGeneration);
    const merged = before?.scopes ?? new Set<string>();
    for (const scope of scopes) merged.add(scope);
    generations.set(access.clientGeneration, {
      ...access,
      scopes: merged,
      since: Math.min(access.since, before?.since ?? access.since),
      lastUsedAt: Math.max(access.lastUsedAt, before?.lastUsedAt ?? 0),
      expiresAt: Math.max(access.expiresAt, before?.expiresAt ?? 0),
    });
    this.#clients.set(access.clientId, generations);
    // Twice as many as a page has, so that the sorting costs little for each one.
    if (this.#clients.size > 2 * this.#limit) this.#keepPage();
  }

  /** By id of the client. */
  page(): readonly HeldAccess[] {
    this.#keepPage();
    return [...this.#clients.keys()]
      .sort()
      .flatMap((clientId) => [...(this.#clients.get(clientId)?.values() ?? [])])
      .map(({ scopes, ...access }) => ({ ...access, scopes: [...scopes] }));
  }

  #keepPage(): void {
    if (this.#clients.size <= this.#limit) return;
    const sorted = [...this.#clients.keys()].sort();
    for (const clientId of sorted.slice(this.#limit)) this.#clients.delete(clientId);
    this.#last = sorted[this.#limit - 1];
  }
}

/** A page of what clients hold, of parts of it in any order. The limit counts clients. */
export const heldPage = (
  parts: readonly HeldAccess[],
  page: Pick<HeldPage, 'from' | 'limit'>,
): readonly HeldAccess[] => {
  const held = new HeldClients(page);
  for (const part of parts) held.add(part);
  return held.page();
};

/** Whether an access token of that number is good as far as the grant says. */
export const isGoodAccessNo = ({ accessNo, dropped }: OAuthGrant, no: number): boolean =>
  no > accessNo - MAX_DROPPED && no <= accessNo && !dropped.includes(no);

/** The revoked numbers after one more: those that are over by their age need not be kept. */
export const afterDrop = ({ accessNo, dropped }: OAuthGrant, no: number): readonly number[] =>
  [...new Set([...dropped, no])].filter((it) => it > accessNo - MAX_DROPPED && it <= accessNo).sort((a, b) => a - b);

/** The grant whose code was redeemed; undefined where it cannot be (OIDC-04). A key that was named for it stays. */
export const afterRedeem = (
  row: OAuthGrant,
  { at, expiresAt, jkt }: { readonly at: number; readonly expiresAt: number; readonly jkt?: string },
): OAuthGrant | undefined =>
  isRedeemable(row, at)
    ? {
        ...row,
        status: 'active',
        redeemedAt: at,
        refreshNo: 1,
        rotatedAt: at,
        accessNo: 1,
        expiresAt,
        ...(jkt !== undefined && { jkt }),
      }
    : undefined;

/** The grant after a refresh; undefined where its refresh token is another by now, or nothing of it is good (OIDC-06). */
export const afterRefresh = (
  row: OAuthGrant,
  change: {
    readonly seenRefreshNo: number;
    readonly rotates: boolean;
    readonly at: number;
    readonly expiresAt: number;
  },
): OAuthGrant | undefined =>
  isLiveGrant(row, change.at) && row.refreshNo === change.seenRefreshNo
    ? {
        ...row,
        accessNo: row.accessNo + 1,
        ...(change.rotates && { refreshNo: row.refreshNo + 1, rotatedAt: change.at }),
        expiresAt: change.expiresAt,
      }
    : undefined;

/**
 * Which of one client's grants in a session end when it gets one more at that time. Codes take the place of codes alone: any page
 * can send a browser for those, and must not end what is in use by that.
 */
export const endedByNext = (
  others: readonly Pick<OAuthGrant, 'id' | 'status' | 'createdAt' | 'expiresAt'>[],
  now: number,
): readonly string[] =>
  (['code', 'active'] as const).flatMap((kind) =>
    others
      .filter(({ status, expiresAt }) => status === kind && now < expiresAt)
      .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1))
      .slice(MAX_GRANTS_OF_SESSION - 1)
      .map(({ id }) => id),
  );

/** Whether the client of a grant is one of its session, to be told when that is over (OpenID Connect Back-Channel Logout §2). */
export const isToBeTold = ({ wantsLogoutNotice, status, sid }: OAuthGrant): boolean =>
  wantsLogoutNotice === true && status === 'active' && sid !== undefined;

/** How long the row is of any use. */
export const keptUntil = (row: OAuthGrant): number => row.expiresAt + (isToBeTold(row) ? NOTICE_RETENTION : 0);

/**
 * Whether what was granted is over with the session that it was granted in, where somebody ends that. What no application has fetched yet
 * always is: nobody who has signed out wants it to begin after that, were it to last without them.
 */
export const endsWithSession = ({ status, scopes }: Pick<OAuthGrant, 'status' | 'scopes'>): boolean =>
  status === 'code' || !scopes.includes(OFFLINE_ACCESS);
