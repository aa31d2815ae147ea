import {
  type Identities,
  type Identity,
  type IdentityDirectory,
  ROLES,
  STATUS_ATTRIBUTE,
} from '../model/identities.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import { createdInUnit, StagedUsers, stagedChanges } from '../unit-of-work/staged-users.ts';
import type { Adapter } from '../unit-of-work/unit-of-work.ts';

type Attributes = Readonly<Record<string, readonly string[]>>;

/**
 * Users as one unit of work sees them. An update is based on what this unit of work read or wrote last, and names the revision that
 * is stored, so that two units of work never overwrite each other's attribute.
 */
class StagedIdentities extends StagedUsers implements Identities {
  async update(
    username: string,
    attribute: string,
    change: (values: readonly string[]) => readonly string[],
  ): Promise<void> {
    const identity = await this.#known(username);
    await this.setAttributes(username, { [attribute]: change(identity.attributes[attribute] ?? []) });
  }

  async setAttributes(username: string, attributes: Attributes): Promise<void> {
    const { [STATUS_ATTRIBUTE]: status, ...others } = attributes;
    if (Object.keys(others).length > 0) this.#write(await this.#known(username), others);
    if (status !== undefined) await this.#setStatus(username, status[0]?.toLowerCase() !== 'inactive');
  }

  async setActive(username: string, active: boolean): Promise<void> {
    const { id, active: isActive, credentialRev } = await this.#known(username);
    if (active === isActive) return;
    const { status, credentials } = stagedChanges(this.unit);
    let { kept, first } = status.get(id) ?? { kept: undefined, first: false };
    const change = { type: 'identity.active' as const, id, active };
    // A user whom this unit of work makes exists only if all of it is committed, and so does the lock.
    const isNew = createdInUnit(this.unit, id) !== undefined;
    if (kept !== undefined) kept.active = active;
    else if (active || isNew) {
      this.unit.stage(change satisfies EngineChange);
      first = true;
      // A change of the password that is staged later follows the lock, which makes other credentials.
      if (!active) credentials.set(id, (credentials.get(id) ?? credentialRev) + 1);
    } else {
      this.unit.stageAlways(change satisfies EngineChange);
      kept = change;
    }
    status.set(id, { active, kept, first });
  }

  /** Attributes are written by authors of journeys. Only an owner switches an administrator off or on, and Account Lockout by its own rules. */
  async #setStatus(username: string, active: boolean): Promise<void> {
    const identity = await this.#known(username);
    if (identity.active === active) return;
    if ((identity.attributes[ROLES] ?? []).length > 0) {
      throw new RangeError('A journey may not change the status of a user with roles. An owner can, over REST.');
    }
    await this.setActive(username, active);
  }

  async #known(username: string): Promise<Identity> {
    const identity = await this.find(username);
    if (identity === undefined) throw new RangeError('There is no such user to update.');
    return identity;
  }

  #write({ id, rev }: Identity, attributes: Attributes): void {
    const { attributes: written, status } = stagedChanges(this.unit);
    const own = written.get(id);
    if (own !== undefined) {
      // One change per user and commit: the second update joins the first.
      Object.assign(own.attributes, attributes);
      return;
    }
    const staged = {
      type: 'identity.attributes',
      id,
      // A change of status that is committed before it has moved the revision on.
      seenRev: rev + (status.get(id)?.first === true ? 1 : 0),
      attributes: { ...attributes } as Record<string, readonly string[]>,
    } satisfies EngineChange;
    written.set(id, staged);
    this.unit.stage(staged);
  }
}

export const identitiesAdapter =
  (directory: Pick<IdentityDirectory, 'find' | 'findById' | 'findByAttribute'>): Adapter<Identities> =>
  (unit) =>
    new StagedIdentities(unit, directory);
