import { foldUsername, type Identity, type IdentityDirectory, STATUS_ATTRIBUTE } from './identities.ts';
import type { Submit } from './submit.ts';

/** A user's attributes as this submit changes them, still to be committed. */
export interface OwnAttributes {
  readonly attributes: Record<string, readonly string[]>;
}

/** Whether a user is in use, as this submit changes it. */
export interface OwnStatus {
  active: boolean;
  /** A lock that is kept whatever becomes of the journey. */
  kept: { active: boolean } | undefined;
  /** Stands in the commit before any change of attributes that is enlisted later. */
  readonly first: boolean;
}

export interface OwnChanges {
  readonly attributes: Map<string, OwnAttributes>;
  readonly status: Map<string, OwnStatus>;
  /** Users that this submit makes, by folded name. */
  readonly created: Map<string, Identity>;
  /** By id, the hashes of passwords that this submit gives. */
  readonly passwords: Map<string, string>;
  /** By id, the `credentialRev` that users have once this submit is committed, where it changes that. */
  readonly credentials: Map<string, number>;
}

/** Kept with the submit: every port that changes users in it joins the same changes. */
export const ownChanges = (submit: Submit): OwnChanges =>
  submit.keep('identity:written', () => ({
    attributes: new Map(),
    status: new Map(),
    created: new Map(),
    passwords: new Map(),
    credentials: new Map(),
  }));

/** Users whom this submit has read or made, by id: as they were then, without what it changes about them. */
export const usersRead = (submit: Submit): Map<string, Identity> =>
  submit.keep('identity:read', () => new Map<string, Identity>());

export const noteRead = (submit: Submit, identity: Identity): void => {
  usersRead(submit).set(identity.id, identity);
};

/** The user with what this submit has changed. */
export const withOwnChanges = (submit: Submit, identity: Identity): Identity => {
  const own = ownChanges(submit);
  const active = own.status.get(identity.id)?.active ?? identity.active;
  // Not `{ ...copied, added }`: each such object has a hidden class of its own, and is slow to read.
  const attributes = Object.assign({}, identity.attributes, own.attributes.get(identity.id)?.attributes, {
    [STATUS_ATTRIBUTE]: [active ? 'Active' : 'Inactive'],
  });
  return { ...identity, active, attributes };
};

/** A user whom this submit makes, by id, or where there is none by name: not stored yet, and so to be found nowhere else. */
export const madeBySubmit = (submit: Submit, id: string | undefined, username?: string): Identity | undefined => {
  const { created } = ownChanges(submit);
  if (created.size === 0) return undefined;
  if (id !== undefined) return [...created.values()].find((identity) => identity.id === id);
  return username === undefined ? undefined : created.get(foldUsername(username));
};

type Directory = Pick<IdentityDirectory, 'find' | 'findById' | 'findByAttribute'>;

/** Users as one submit sees them: what is stored, read once, with what it has changed and those that it has made. */
export class UsersOfSubmit {
  protected readonly submit: Submit;
  readonly #directory: Directory;

  constructor(submit: Submit, directory: Directory) {
    this.submit = submit;
    this.#directory = directory;
  }

  async find(username: string): Promise<Identity | undefined> {
    const key = `identity:${foldUsername(username)}`;
    const identity =
      madeBySubmit(this.submit, undefined, username) ??
      (await this.submit.remember(key, () => this.#directory.find(this.#realm, username)));
    return identity && this.#seen(identity);
  }

  async findById(id: string): Promise<Identity | undefined> {
    const identity =
      madeBySubmit(this.submit, id) ??
      (await this.submit.remember(`identity:#${id}`, () => this.#directory.findById(id)));
    return identity?.realm === this.#realm ? this.#seen(identity) : undefined;
  }

  async findBy(attribute: string, value: string): Promise<readonly Identity[]> {
    const { created, attributes: written } = ownChanges(this.submit);
    const folded = foldUsername(value);
    const stored = await this.submit.remember(`identity:@${attribute}:${folded}`, () =>
      this.#directory.findByAttribute(this.#realm, attribute, value),
    );
    // Who has the value by what this submit has written is not found by it in the store.
    const read = usersRead(this.submit);
    const changed = [...written.keys()].flatMap((id) => read.get(id) ?? []);
    const known = new Map([...stored, ...changed, ...created.values()].map((identity) => [identity.id, identity]));
    return [...known.values()]
      .map((it) => this.#seen(it))
      .filter(({ attributes }) => attributes[attribute]?.some((it) => foldUsername(it) === folded));
  }

  get #realm(): string {
    return this.submit.realm.realm;
  }

  #seen(identity: Identity): Identity {
    noteRead(this.submit, identity);
    return withOwnChanges(this.submit, identity);
  }
}
