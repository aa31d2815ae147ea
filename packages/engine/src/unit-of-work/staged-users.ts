import { foldUsername, type Identity, type IdentityDirectory, STATUS_ATTRIBUTE } from '../model/identities.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** A user's attributes as this submit changes them, still to be committed. */
export interface StagedAttributes {
  readonly attributes: Record<string, readonly string[]>;
}

/** Whether a user is in use, as this submit changes it. */
export interface StagedStatus {
  active: boolean;
  /** A lock that is kept whatever becomes of the journey. */
  kept: { active: boolean } | undefined;
  /** Stands in the commit before any change of attributes that is enlisted later. */
  readonly first: boolean;
}

export interface StagedChanges {
  readonly attributes: Map<string, StagedAttributes>;
  readonly status: Map<string, StagedStatus>;
  /** Users that this submit makes, by folded name. */
  readonly created: Map<string, Identity>;
  /** By id, the hashes of passwords that this submit gives. */
  readonly passwords: Map<string, string>;
  /** By id, the `credentialRev` that users have once this submit is committed, where it changes that. */
  readonly credentials: Map<string, number>;
}

/** Kept with the submit: every port that changes users in it joins the same changes. */
export const stagedChanges = (submit: UnitOfWork): StagedChanges =>
  submit.keep('identity:written', () => ({
    attributes: new Map(),
    status: new Map(),
    created: new Map(),
    passwords: new Map(),
    credentials: new Map(),
  }));

/** Users whom this submit has read or made, by id: as they were then, without what it changes about them. */
export const usersRead = (submit: UnitOfWork): Map<string, Identity> =>
  submit.keep('identity:read', () => new Map<string, Identity>());

export const noteRead = (submit: UnitOfWork, identity: Identity): void => {
  usersRead(submit).set(identity.id, identity);
};

/** The user with what this submit has changed. */
export const withStagedChanges = (submit: UnitOfWork, identity: Identity): Identity => {
  const own = stagedChanges(submit);
  const active = own.status.get(identity.id)?.active ?? identity.active;
  // Not `{ ...copied, added }`: each such object has a hidden class of its own, and is slow to read.
  const attributes = Object.assign({}, identity.attributes, own.attributes.get(identity.id)?.attributes, {
    [STATUS_ATTRIBUTE]: [active ? 'Active' : 'Inactive'],
  });
  return { ...identity, active, attributes };
};

/** A user whom this submit makes, by id, or where there is none by name: not stored yet, and so to be found nowhere else. */
export const createdInUnit = (submit: UnitOfWork, id: string | undefined, username?: string): Identity | undefined => {
  const { created } = stagedChanges(submit);
  if (created.size === 0) return undefined;
  if (id !== undefined) return [...created.values()].find((identity) => identity.id === id);
  return username === undefined ? undefined : created.get(foldUsername(username));
};

type Directory = Pick<IdentityDirectory, 'find' | 'findById' | 'findByAttribute'>;

/** Users as one submit sees them: what is stored, read once, with what it has changed and those that it has made. */
export class StagedUsers {
  protected readonly submit: UnitOfWork;
  readonly #directory: Directory;

  constructor(submit: UnitOfWork, directory: Directory) {
    this.submit = submit;
    this.#directory = directory;
  }

  async find(username: string): Promise<Identity | undefined> {
    const key = `identity:${foldUsername(username)}`;
    const identity =
      createdInUnit(this.submit, undefined, username) ??
      (await this.submit.remember(key, () => this.#directory.find(this.#realm, username)));
    return identity && this.#seen(identity);
  }

  async findById(id: string): Promise<Identity | undefined> {
    const identity =
      createdInUnit(this.submit, id) ??
      (await this.submit.remember(`identity:#${id}`, () => this.#directory.findById(id)));
    return identity?.realm === this.#realm ? this.#seen(identity) : undefined;
  }

  async findBy(attribute: string, value: string): Promise<readonly Identity[]> {
    const { created, attributes: written } = stagedChanges(this.submit);
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
    return withStagedChanges(this.submit, identity);
  }
}
