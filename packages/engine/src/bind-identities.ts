import type { EngineChange } from './changes.ts';
import {
  foldUsername,
  type Identities,
  type Identity,
  type IdentityDirectory,
  STATUS_ATTRIBUTE,
} from './identities.ts';
import type { Binding, Submit } from './submit.ts';

/** A user's attributes as this submit changes them, still to be committed. */
interface OwnAttributes {
  readonly attributes: Record<string, readonly string[]>;
}

/** Whether a user is in use, as this submit changes it. */
interface OwnStatus {
  active: boolean;
  /** A lock that is kept whatever becomes of the journey. */
  kept: { active: boolean } | undefined;
  /** Stands in the commit before any change of attributes that is enlisted later. */
  readonly first: boolean;
}

interface OwnChanges {
  readonly attributes: Map<string, OwnAttributes>;
  readonly status: Map<string, OwnStatus>;
}

// Kept with the submit: another port that changes users in this submit must join the same change.
const ownChanges = (submit: Submit): Promise<OwnChanges> =>
  submit.remember('identity:written', () => Promise.resolve({ attributes: new Map(), status: new Map() }));

/** The user with what this submit has changed. */
export const withOwnChanges = async (submit: Submit, identity: Identity): Promise<Identity> => {
  const own = await ownChanges(submit);
  const active = own.status.get(identity.id)?.active ?? identity.active;
  const attributes = {
    ...identity.attributes,
    ...own.attributes.get(identity.id)?.attributes,
    [STATUS_ATTRIBUTE]: [active ? 'Active' : 'Inactive'],
  };
  return { ...identity, active, attributes };
};

/**
 * Users as one submit sees them. An update is based on what this submit read or wrote last, and names the revision that
 * is stored, so that two submits never overwrite each other's attribute.
 */
export const bindIdentities =
  (directory: IdentityDirectory): Binding<Identities> =>
  (submit) => {
    const key = (username: string) => `identity:${foldUsername(username)}`;

    const find = async (username: string): Promise<Identity | undefined> => {
      const identity = await submit.remember(key(username), () => directory.find(submit.realm.realm, username));
      return identity && withOwnChanges(submit, identity);
    };

    const known = async (username: string): Promise<Identity> => {
      const identity = await find(username);
      if (identity === undefined) throw new RangeError('There is no such user to update.');
      return identity;
    };

    const setActive = async (username: string, active: boolean): Promise<void> => {
      const { id, active: isActive } = await known(username);
      if (active === isActive) return;
      const { status } = await ownChanges(submit);
      let { kept, first } = status.get(id) ?? { kept: undefined, first: false };
      const change = { verb: 'identity.active' as const, id, active };
      if (kept !== undefined) kept.active = active;
      else if (active) {
        submit.enlist(change satisfies EngineChange);
        first = true;
      } else {
        submit.enlistAlways(change satisfies EngineChange);
        kept = change;
      }
      status.set(id, { active, kept, first });
    };

    return {
      find,
      setActive,
      async update(username, attribute, change) {
        const identity = await known(username);
        const values = change(identity.attributes[attribute] ?? []);
        if (attribute === STATUS_ATTRIBUTE) return setActive(username, values[0]?.toLowerCase() !== 'inactive');
        const written = await ownChanges(submit);
        const own = written.attributes.get(identity.id);
        if (own !== undefined) {
          // One change per user and commit: the second update joins the first.
          own.attributes[attribute] = values;
          return;
        }
        const enlisted = {
          verb: 'identity.attributes',
          id: identity.id,
          // A change of status that is committed before it has moved the revision on.
          seenRev: identity.rev + (written.status.get(identity.id)?.first === true ? 1 : 0),
          attributes: { [attribute]: values } as Record<string, readonly string[]>,
        } satisfies EngineChange;
        written.attributes.set(identity.id, enlisted);
        submit.enlist(enlisted);
      },
    };
  };
