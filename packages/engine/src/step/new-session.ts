import type { PublishedTree, RealmSettings } from '../model/configuration.ts';
import type { Identity } from '../model/identities.ts';
import { namesOf, nodeTypeText, type ProvenFactor } from '../model/proven-factors.ts';
import { AUTH_FACTORS, authFactorsText, JOURNEYS, journeysText } from '../model/session-proofs.ts';
import {
  FACTOR_INSTANT,
  isSystemSessionProperty,
  LOGOUT_WEBHOOKS,
  type Session,
  type SessionOptions,
  USER_AGENT,
} from '../model/sessions.ts';
import type { JourneyRequest } from '../node/journey-request.ts';
import { demandLogoutWebhooks, demandSessionProperties } from '../state/session-properties.ts';
import { webhooksOf, webhooksText } from '../unit-of-work/logout-webhooks.ts';

const MAX_USER_AGENT_LENGTH = 256;

/** Who came, as far as it can be known: users are shown it, to tell their own sign-ins from those of others. */
export type Visitor = { readonly address: string; readonly userAgent?: string };

export const visitorOf = (request: Pick<JourneyRequest, 'clientAddress' | 'header'>): Visitor => {
  const userAgent = request.header('user-agent');
  return userAgent === undefined
    ? { address: request.clientAddress }
    : { address: request.clientAddress, userAgent: userAgent.slice(0, MAX_USER_AGENT_LENGTH) };
};

/** `sid` is for a session that goes on from none. */
export interface EndOfJourney extends Pick<Session, 'tokenHash' | 'handle' | 'sid'> {
  readonly now: number;
  readonly realm: RealmSettings;
  readonly tree: PublishedTree;
  readonly journeyId: string;
  readonly identity: Identity;
  readonly authLevel: unknown;
  readonly sessionOptions: SessionOptions;
  /** What the journey has proven of this user. */
  readonly factors: readonly ProvenFactor[];
  readonly visitor: Visitor;
  /** The session that the caller has: what it knows goes over to this one where it is the same user's. */
  readonly before: Session | undefined;
}

/**
 * The session that a journey ends in (spec: journeys-rest §5.4, §5.6).
 *
 * @throws NodeFailure where its properties would be too many or too long
 */
export const newSession = (end: EndOfJourney): Session => {
  const { now, realm, identity, sessionOptions, before } = end;
  const { maximumSessionTime, maximumIdleTime } = end.tree.tree;
  const maxMinutes =
    minutesOf(identity, 'iplanet-am-session-max-session-time') ??
    sessionOptions.maxSessionMinutes ??
    maximumSessionTime ??
    realm.sessionMaxMinutes;
  const idleMinutes =
    minutesOf(identity, 'iplanet-am-session-max-idle-time') ??
    sessionOptions.maxIdleMinutes ??
    maximumIdleTime ??
    realm.sessionIdleMinutes;
  return {
    tokenHash: end.tokenHash,
    handle: end.handle,
    sid: before?.userId === identity.id ? before.sid : end.sid,
    realm: realm.realm,
    userId: identity.id,
    username: identity.username,
    properties: propertiesOf(end),
    createdAt: now,
    lastUsedAt: now,
    maxExpiresAt: now + maxMinutes * 60_000,
    maxIdleMillis: idleMinutes * 60_000,
  };
};

const propertiesOf = (end: EndOfJourney): Readonly<Record<string, string>> => {
  const { before, identity, sessionOptions, visitor } = end;
  const properties: Record<string, string> = before?.userId === identity.id ? { ...before.properties } : {};
  for (const [name, value] of Object.entries(sessionOptions.properties)) {
    // No node sets one; a journey that is stored since an earlier version may have some, for whoever its user was then.
    if (isSystemSessionProperty(name)) continue;
    if (value === null) delete properties[name];
    else properties[name] = value;
  }
  // Also where each part of them was small: those of the session before and of this journey add up.
  demandSessionProperties(properties);
  const authInstant = instantText(end.now);
  properties.Service = end.tree.name;
  properties.AuthLevel = String(end.authLevel ?? 0);
  properties.authInstant = authInstant;
  // Without a factor in this journey, those of the session before it stay, and so does their time.
  const names = namesOf(end.factors);
  if (names.length > 0) {
    properties.NodeType = nodeTypeText(names);
    // When it was used, and not when the journey came to its end: one that waits for a link may do that days later.
    const times = end.factors.flatMap(({ name, at }) => (name !== undefined && at > 0 ? [at] : []));
    properties[FACTOR_INSTANT] = instantText(Math.max(0, ...times));
  }
  const proven = end.factors.flatMap(({ method, at }) => (method === undefined ? [] : [{ method, at }]));
  if (proven.length > 0) properties[AUTH_FACTORS] = authFactorsText(properties, proven);
  properties[JOURNEYS] = journeysText(properties, { tree: end.tree.name, at: end.now });
  const held = webhooksOf({ properties });
  const webhooks = [...held, ...(sessionOptions.logoutWebhooks ?? [])];
  // A session of an earlier version may hold more. It keeps them, and gets no further ones.
  if (new Set(webhooks).size > held.length) demandLogoutWebhooks(webhooks);
  if (webhooks.length > 0) properties[LOGOUT_WEBHOOKS] = webhooksText(webhooks);
  properties.Host = visitor.address;
  if (visitor.userAgent !== undefined) properties[USER_AGENT] = visitor.userAgent;
  properties.AMCtxId = end.journeyId;
  return properties;
};

/** To the second, as AM writes it. */
const instantText = (millis: number): string => `${new Date(millis).toISOString().slice(0, -'.000Z'.length)}Z`;

/** A session limit that the user's own profile sets (spec: journeys-rest §5.6, step 5). */
const minutesOf = ({ attributes }: Identity, attribute: string): number | undefined => {
  const minutes = Number(attributes[attribute]?.[0] ?? Number.NaN);
  return Number.isSafeInteger(minutes) && minutes > 0 ? minutes : undefined;
};
