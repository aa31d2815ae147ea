import { randomBytes } from 'node:crypto';
import type { ClientDocument } from '@assent/engine/host';
import type { OAuthChange } from '@assent/oidc';
import { isJsonObject } from '@assent/wire';
import { type ConfigurationActor, eventBy } from '../realms/configuration-actor.ts';
import { contentRevision, type Decision } from '../realms/configuration-writes.ts';
import { strictnessOf } from './client-of-document.ts';

const attributesOf = ({ document }: Pick<ClientDocument, 'document'>): ReadonlyMap<string, unknown> =>
  new Map(
    Object.entries(document).flatMap(([section, attributes]) =>
      isJsonObject(attributes) ? Object.entries(attributes).map(([name, value]) => [`${section}.${name}`, value]) : [],
    ),
  );

/** The names of the attributes that are not what they were. */
const changedAttributes = (before: ClientDocument | undefined, after: ClientDocument): readonly string[] => {
  const [old, now] = [before === undefined ? new Map<string, unknown>() : attributesOf(before), attributesOf(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])];
  return names.filter((name) => contentRevision([old.get(name)]) !== contentRevision([now.get(name)]));
};

/**
 * Whether what was granted before may not stand under the client as it is to be: it is out of use, or its users have to sign in by another
 * class, which no grant says that it has met. All else that gets stricter, tokens are measured by when they are used.
 */
const endsGrants = (before: ClientDocument, after: ClientDocument): boolean => {
  const [old, now] = [strictnessOf(before), strictnessOf(after)];
  return (old.isActive && !now.isActive) || (now.requiredAcr !== undefined && now.requiredAcr !== old.requiredAcr);
};

const GENERATION_BYTES = 16;

/**
 * The client with the generation that it has from now on. One that the caller brings along is ignored. It is a new one where it is created or deactivated, so
 * that no token which it got for itself before is valid again under this or another client of the id; otherwise the one that it has.
 */
const withGeneration = (
  before: ClientDocument | undefined,
  { generation: _, ...after }: ClientDocument,
): ClientDocument => {
  const isEnded = before === undefined || (strictnessOf(before).isActive && !strictnessOf(after).isActive);
  const generation = isEnded ? randomBytes(GENERATION_BYTES).toString('base64url') : before.generation;
  return { ...after, ...(generation !== undefined && { generation }) };
};

/**
 * A client as it is to be, in one commit with its row of the audit trail (OIDC-28) and the end of what it may hold no longer (OIDC-11,
 * OIDC-20); a secret is told of, never told.
 */
export const savedClient = (
  before: ClientDocument | undefined,
  after: ClientDocument,
  actor: ConfigurationActor,
): Required<Pick<Decision, 'change' | 'events' | 'consequences'>> => ({
  change: { putClients: [withGeneration(before, after)] },
  consequences: before !== undefined && endsGrants(before, after) ? [endOfGrants(after)] : [],
  events: [
    eventBy(actor, {
      event: before === undefined ? 'CLIENT_CREATE' : 'CLIENT_UPDATE',
      realm: after.realm,
      outcome: after.id,
      detail: {
        changed: changedAttributes(before, after).join(','),
        hasNewSecret: after.secretDigest !== undefined && after.secretDigest !== before?.secretDigest,
      },
    }),
  ],
});

const endOfGrants = ({ realm, id }: Pick<ClientDocument, 'realm' | 'id'>): OAuthChange => ({
  type: 'grant.endOfClient',
  realm,
  clientId: id,
});

/** A client that goes, with everything that was granted to it: another of its name begins with nothing (OIDC-20). */
export const deletedClient = (
  { realm, id }: ClientDocument,
  actor: ConfigurationActor,
): Required<Pick<Decision, 'change' | 'events' | 'consequences'>> => ({
  change: { deleteClients: [{ realm, id }] },
  consequences: [
    endOfGrants({ realm, id }),
    { type: 'consent.dropOfClient', realm, clientId: id } satisfies OAuthChange,
  ],
  events: [eventBy(actor, { event: 'CLIENT_DELETE', realm, outcome: id })],
});
