import type { EngineChange } from './changes.ts';
import { foldUsername, type Identities, type Identity, type IdentityDirectory } from './identities.ts';
import type { Binding } from './submit.ts';

/** A user's change in this submit, still to be committed. */
interface OwnChange {
  readonly attributes: Record<string, readonly string[]>;
}

/**
 * Users as one submit sees them. An update is based on what this submit read or wrote last, and names the revision that
 * is stored, so that two submits never overwrite each other's attribute.
 */
export const bindIdentities =
  (directory: IdentityDirectory): Binding<Identities> =>
  (submit) => {
    const key = (username: string) => `identity:${foldUsername(username)}`;
    // Kept with the submit: another port that changes users in this submit must join the same change.
    const ownChanges = (): Promise<Map<string, OwnChange>> =>
      submit.remember('identity:written', () => Promise.resolve(new Map<string, OwnChange>()));

    const find = async (username: string): Promise<Identity | undefined> => {
      const identity = await submit.remember(key(username), () => directory.find(submit.realm.realm, username));
      const own = identity && (await ownChanges()).get(identity.id);
      return identity && own ? { ...identity, attributes: { ...identity.attributes, ...own.attributes } } : identity;
    };

    return {
      find,
      async update(username, attribute, change) {
        const identity = await find(username);
        if (identity === undefined) throw new RangeError('There is no such user to update.');
        const values = change(identity.attributes[attribute] ?? []);
        const written = await ownChanges();
        const own = written.get(identity.id);
        if (own !== undefined) {
          // One change per user and commit: the second update joins the first.
          own.attributes[attribute] = values;
          return;
        }
        const enlisted = {
          verb: 'identity.attributes',
          id: identity.id,
          seenRev: identity.rev,
          attributes: { [attribute]: values } as Record<string, readonly string[]>,
        } satisfies EngineChange;
        written.set(identity.id, enlisted);
        submit.enlist(enlisted);
      },
    };
  };
