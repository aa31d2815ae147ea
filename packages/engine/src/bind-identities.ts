import type { EngineChange } from './changes.ts';
import { foldUsername, type Identities, type Identity, type IdentityDirectory } from './identities.ts';
import type { Binding } from './submit.ts';

/**
 * Users as one submit sees them. An update is based on what this submit read or wrote last, and names the revision that
 * is stored, so that two submits never overwrite each other's attribute.
 */
export const bindIdentities =
  (directory: IdentityDirectory): Binding<Identities> =>
  (submit) => {
    const key = (username: string) => `identity:${foldUsername(username)}`;
    const written = new Map<string, { change: { attributes: Record<string, readonly string[]> } }>();

    const find = async (username: string): Promise<Identity | undefined> => {
      const identity = await submit.remember(key(username), () => directory.find(submit.realm.realm, username));
      const own = identity && written.get(identity.id);
      return identity && own
        ? { ...identity, attributes: { ...identity.attributes, ...own.change.attributes } }
        : identity;
    };

    return {
      find,
      async update(username, attribute, change) {
        const identity = await find(username);
        if (identity === undefined) throw new RangeError('There is no such user to update.');
        const values = change(identity.attributes[attribute] ?? []);
        const own = written.get(identity.id);
        if (own !== undefined) {
          // One change per user and commit: the second update joins the first.
          own.change.attributes[attribute] = values;
          return;
        }
        const enlisted = {
          verb: 'identity.attributes',
          id: identity.id,
          seenRev: identity.rev,
          attributes: { [attribute]: values } as Record<string, readonly string[]>,
        } satisfies EngineChange;
        written.set(identity.id, { change: enlisted });
        submit.enlist(enlisted);
      },
    };
  };
