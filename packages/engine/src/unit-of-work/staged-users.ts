import {
  foldUsername,
  type Identity,
  type IdentityDirectory,
  type QuerySource,
  STATUS_ATTRIBUTE,
} from '../model/identities.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** A user's attributes as this unit of work changes them, still to be committed. */
export interface StagedAttributes {
  readonly attributes: Record<string, readonly string[]>;
}

/** Whether a user is in use, as this unit of work changes it. */
export interface StagedStatus {
  readonly active: boolean;
  /** It has been locked, and that is kept if the journey fails, too. */
  readonly isKept: boolean;
  /** How many changes of it stand in the commit before any change of attributes that is staged later. */
  readonly moves: number;
}

export interface StagedChanges {
  readonly attributes: Map<string, StagedAttributes>;
  readonly status: Map<string, StagedStatus>;
  /** Users that this unit of work makes, by folded name. */
  readonly created: Map<string, Identity>;
  /** By id, the hashes of passwords that this unit of work gives. */
  readonly passwords: Map<string, string>;
  /** By id, the `credentialRev` that users have once this unit of work is committed, where it changes that. */
  readonly credentials: Map<string, number>;
}

/** Kept with the unit of work: every port that changes users in it joins the same changes. */
export const stagedChanges = (unit: UnitOfWork): StagedChanges =>
  unit.keep('identity:written', () => ({
    attributes: new Map(),
    status: new Map(),
    created: new Map(),
    passwords: new Map(),
    credentials: new Map(),
  }));

/** Users whom this unit of work has read or made, by id: as they were then, without what it changes about them. */
export const usersRead = (unit: UnitOfWork): Map<string, Identity> =>
  unit.keep('identity:read', () => new Map<string, Identity>());

const noteRead = (unit: UnitOfWork, identity: Identity): void => {
  usersRead(unit).set(identity.id, identity);
};

/** The user with what this unit of work has changed. */
const withStagedChanges = (unit: UnitOfWork, identity: Identity): Identity => {
  const staged = stagedChanges(unit);
  const active = staged.status.get(identity.id)?.active ?? identity.active;
  const attributes = Object.assign({}, identity.attributes, staged.attributes.get(identity.id)?.attributes, {
    [STATUS_ATTRIBUTE]: [active ? 'Active' : 'Inactive'],
  });
  return { ...identity, active, attributes };
};

/** A user whom this unit of work makes, by id, or where there is none by name: not stored yet, and so to be found nowhere else. */
export const createdInUnit = (unit: UnitOfWork, id: string | undefined, username?: string): Identity | undefined => {
  const { created } = stagedChanges(unit);
  if (created.size === 0) return undefined;
  if (id !== undefined) return [...created.values()].find((identity) => identity.id === id);
  return username === undefined ? undefined : created.get(foldUsername(username));
};

/** How often one unit of work may have users read one after the other. A journey looks a user up by one or two attributes. */
export const MAX_LOOK_THROUGHS = 10;

type Directory = Pick<IdentityDirectory, 'find' | 'findById' | 'findByAttribute'>;

/** Users as one unit of work sees them: what is stored, read once, with what it has changed and those that it has made. */
export class StagedUsers {
  protected readonly unit: UnitOfWork;
  readonly #directory: Directory;

  constructor(unit: UnitOfWork, directory: Directory) {
    this.unit = unit;
    this.#directory = directory;
  }

  async find(username: string): Promise<Identity | undefined> {
    const key = `identity:${foldUsername(username)}`;
    const identity =
      createdInUnit(this.unit, undefined, username) ??
      (await this.unit.remember(key, () => this.#directory.find(this.#realm, username)));
    return identity && this.#seen(identity);
  }

  async findById(id: string): Promise<Identity | undefined> {
    const identity =
      createdInUnit(this.unit, id) ?? (await this.unit.remember(`identity:#${id}`, () => this.#directory.findById(id)));
    return identity?.realm === this.#realm ? this.#seen(identity) : undefined;
  }

  async findBy(attribute: string, value: string): Promise<readonly Identity[]> {
    const { created, attributes: written } = stagedChanges(this.unit);
    const folded = foldUsername(value);
    const stored = await this.unit.remember(`identity:@${attribute}:${folded}`, () =>
      this.#directory.findByAttribute(this.#realm, attribute, value, this.#source(attribute)),
    );
    // Who has the value by what this unit of work has written is not found by it in the store.
    const read = usersRead(this.unit);
    const changed = [...written.keys()].flatMap((id) => read.get(id) ?? []);
    const known = new Map([...stored, ...changed, ...created.values()].map((identity) => [identity.id, identity]));
    return [...known.values()]
      .map((it) => this.#seen(it))
      .filter(({ attributes }) => attributes[attribute]?.some((it) => foldUsername(it) === folded));
  }

  /** Look-ups are counted for all ports of the unit of work, whether they find a user or fail. */
  #source(attribute: string): QuerySource {
    const { request, realm } = this.unit;
    return {
      clientAddress: request.clientAddress,
      looksThrough: () => {
        const counted = this.unit.keep('identity:lookThroughs', () => ({ count: 0 }));
        if (counted.count >= MAX_LOOK_THROUGHS)
          throw new RangeError(
            `One request looked up users of the realm ${realm.realm} more than ${MAX_LOOK_THROUGHS} times by attributes without an index. ` +
              `Add ${attribute} to indexedAttributes of the service "assent" of the realm; it is ready some minutes later.`,
          );
        counted.count += 1;
      },
    };
  }

  get #realm(): string {
    return this.unit.realm.realm;
  }

  #seen(identity: Identity): Identity {
    noteRead(this.unit, identity);
    return withStagedChanges(this.unit, identity);
  }
}
