import { type Identities, type Identity, type IdentityDirectory, STATUS_ATTRIBUTE } from '../model/identities.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import { createdInUnit, StagedUsers, stagedChanges } from '../unit-of-work/staged-users.ts';
import type { Adapter } from '../unit-of-work/unit-of-work.ts';

type Attributes = Readonly<Record<string, readonly string[]>>;

/**
 * Users as one submit sees them. An update is based on what this submit read or wrote last, and names the revision that
 * is stored, so that two submits never overwrite each other's attribute.
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
    if (status !== undefined) await this.setActive(username, status[0]?.toLowerCase() !== 'inactive');
  }

  async setActive(username: string, active: boolean): Promise<void> {
    const { id, active: isActive } = await this.#known(username);
    if (active === isActive) return;
    const { status } = stagedChanges(this.submit);
    let { kept, first } = status.get(id) ?? { kept: undefined, first: false };
    const change = { type: 'identity.active' as const, id, active };
    // A user whom this submit makes exists only if all of it is committed, and so does the lock.
    const isNew = createdInUnit(this.submit, id) !== undefined;
    if (kept !== undefined) kept.active = active;
    else if (active || isNew) {
      this.submit.stage(change satisfies EngineChange);
      first = true;
    } else {
      this.submit.stageAlways(change satisfies EngineChange);
      kept = change;
    }
    status.set(id, { active, kept, first });
  }

  async #known(username: string): Promise<Identity> {
    const identity = await this.find(username);
    if (identity === undefined) throw new RangeError('There is no such user to update.');
    return identity;
  }

  #write({ id, rev }: Identity, attributes: Attributes): void {
    const { attributes: written, status } = stagedChanges(this.submit);
    const own = written.get(id);
    if (own !== undefined) {
      // One change per user and commit: the second update joins the first.
      Object.assign(own.attributes, attributes);
      return;
    }
    const enlisted = {
      type: 'identity.attributes',
      id,
      // A change of status that is committed before it has moved the revision on.
      seenRev: rev + (status.get(id)?.first === true ? 1 : 0),
      attributes: { ...attributes } as Record<string, readonly string[]>,
    } satisfies EngineChange;
    written.set(id, enlisted);
    this.submit.stage(enlisted);
  }
}

export const identitiesAdapter =
  (directory: Pick<IdentityDirectory, 'find' | 'findById' | 'findByAttribute'>): Adapter<Identities> =>
  (submit) =>
    new StagedIdentities(submit, directory);
