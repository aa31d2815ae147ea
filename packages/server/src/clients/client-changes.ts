import { randomBytes } from 'node:crypto';
import type { ClientDocument } from '@assent/engine/host';
import { type EndedByClient, nextClientGenerations } from '@assent/oidc';
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
 * What ends with the change: everything where the client is created, all tokens where it is deactivated, and what users granted where they have to
 * sign in by another class, which no grant says that it has met. For all else that gets stricter, tokens are checked when they are used.
 */
const endedBy = (before: ClientDocument | undefined, after: ClientDocument): EndedByClient | undefined => {
  if (before === undefined) return 'all';
  const [old, now] = [strictnessOf(before), strictnessOf(after)];
  if (old.isActive && !now.isActive) return 'tokens';
  return now.requiredAcr !== undefined && now.requiredAcr !== old.requiredAcr ? 'grants' : undefined;
};

const GENERATION_BYTES = 16;
const newGeneration = (): string => randomBytes(GENERATION_BYTES).toString('base64url');

/**
 * The client with the generations that it has from now on. Those that the caller brings along are ignored. What ends gets another generation, so that
 * none of it is valid again under this or another client of the id (OIDC-11, OIDC-20); a deletion needs none, since a later creation gets new ones.
 */
const withGeneration = (
  before: ClientDocument | undefined,
  { generation: _, ...after }: ClientDocument,
): ClientDocument => {
  const ended = endedBy(before, after);
  const generation =
    ended === undefined ? before?.generation : nextClientGenerations(before?.generation, ended, newGeneration);
  return { ...after, ...(generation !== undefined && { generation }) };
};

/**
 * A client as it is to be, in one commit with its row of the audit trail (OIDC-28); a secret is told of, never told.
 */
export const savedClient = (
  before: ClientDocument | undefined,
  after: ClientDocument,
  actor: ConfigurationActor,
): Required<Pick<Decision, 'change' | 'events'>> => ({
  change: { putClients: [withGeneration(before, after)] },
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

/** A client is deleted, and everything that was granted to it ends: it is of a generation that no client has (OIDC-20). */
export const deletedClient = (
  { realm, id }: ClientDocument,
  actor: ConfigurationActor,
): Required<Pick<Decision, 'change' | 'events'>> => ({
  change: { deleteClients: [{ realm, id }] },
  events: [eventBy(actor, { event: 'CLIENT_DELETE', realm, outcome: id })],
});
