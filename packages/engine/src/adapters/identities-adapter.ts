import type { Clock } from '../model/clock.ts';
import {
  changedAddresses,
  claimOf,
  type Identities,
  type Identity,
  type IdentityDirectory,
  isClaimedAddress,
  isUserTooLarge,
  mergedAttributes,
  notedAddressChanges,
  notedClaims,
  ROLES,
  SERVER_ATTRIBUTES,
  STATUS_ATTRIBUTE,
  USER_TOO_LARGE_TEXT,
} from '../model/identities.ts';
import { visitorOf } from '../step/new-session.ts';
import { auditIn } from '../unit-of-work/audit-rows.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import { createdInUnit, StagedUsers, stagedChanges } from '../unit-of-work/staged-users.ts';
import type { Adapter, UnitOfWork } from '../unit-of-work/unit-of-work.ts';

type Attributes = Readonly<Record<string, readonly string[]>>;
type Directory = Pick<IdentityDirectory, 'find' | 'findById' | 'findByAttribute'>;

const hasRoles = ({ attributes }: Identity): boolean => (attributes[ROLES] ?? []).length > 0;

/** Ends at once, for what runs after it in the unit of work, what a user's lock ends: requests that wait on phones. */
type EndWithAccess = (unit: UnitOfWork, userId: string) => void;

/**
 * Users as one unit of work sees them. An update is based on what this unit of work read or wrote last, and names the revision that
 * is stored, so that two units of work never overwrite each other's attribute.
 */
class StagedIdentities extends StagedUsers implements Identities {
  readonly #clock: Clock;
  readonly #endWithAccess: EndWithAccess | undefined;

  constructor(unit: UnitOfWork, directory: Directory, clock: Clock, endWithAccess: EndWithAccess | undefined) {
    super(unit, directory);
    this.#clock = clock;
    this.#endWithAccess = endWithAccess;
  }

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
    if (Object.keys(others).length > 0) this.#writeNoted(await this.#known(username), others);
    if (status !== undefined) await this.#setStatus(username, status[0]?.toLowerCase() !== 'inactive');
  }

  async proveAddress(username: string, attribute: string, address: string): Promise<void> {
    const identity = await this.find(username);
    const claim = claimOf(attribute);
    if (identity === undefined || claim === undefined || !isClaimedAddress(identity.attributes, attribute)) return;
    const [value, ...others] = identity.attributes[attribute] ?? [];
    if (value === address && others.length === 0) this.#write(identity, { [claim]: [] });
  }

  async setActive(username: string, active: boolean): Promise<boolean> {
    const identity = await this.#known(username);
    if (active === identity.active) return true;
    if (hasRoles(identity)) {
      // The caller of a journey may be anonymous: it neither ends what an administrator holds nor enables one whom an owner has disabled.
      const facts = { userId: identity.id, outcome: active ? 'unlock' : 'lock', detail: visitorOf(this.unit.request) };
      this.unit.stageAlways(auditIn(this.unit, this.#clock.now(), 'LOCKOUT_REFUSED', facts));
      return false;
    }
    this.#stageStatus(identity, active);
    return true;
  }

  #stageStatus({ id, credentialRev }: Identity, active: boolean): void {
    const { status, credentials } = stagedChanges(this.unit);
    const { isKept = false, moves = 0 } = status.get(id) ?? {};
    const change = { type: 'identity.active', id, active } satisfies EngineChange;
    // A user whom this unit of work makes exists only if all of it is committed, and so does the lock.
    const keeps = isKept || (!active && createdInUnit(this.unit, id) === undefined);
    // In its place among the rest, so that what runs after it is committed after it; kept where the rest is not.
    this.unit.stage(change);
    if (keeps) this.unit.stageAlways(change);
    // A change of the password that is staged later follows the lock, which makes other credentials.
    if (!active) credentials.set(id, (credentials.get(id) ?? credentialRev) + 1);
    status.set(id, { active, isKept: keeps, moves: moves + 1 });
    if (!active) this.#endWithAccess?.(this.unit, id);
  }

  /** Attributes are written by authors of journeys. Only an owner disables or enables an administrator. */
  async #setStatus(username: string, active: boolean): Promise<void> {
    const identity = await this.#known(username);
    if (identity.active === active) return;
    if (hasRoles(identity)) {
      throw new RangeError('A journey may not change the status of a user with roles. An owner can, over REST.');
    }
    this.#stageStatus(identity, active);
  }

  async #known(username: string): Promise<Identity> {
    const identity = await this.find(username);
    if (identity === undefined) throw new RangeError('There is no such user to update.');
    return identity;
  }

  /**
   * Notes a change of an address with it. A journey may have asked for no more than a password, so codes to the new address prove nothing for
   * some days. A user whom this unit of work makes has had no other address.
   */
  #writeNoted(identity: Identity, attributes: Attributes): void {
    for (const name of SERVER_ATTRIBUTES)
      if (attributes[name] !== undefined) throw new RangeError(`${name} is written by the server alone.`);
    const names = changedAddresses(identity.attributes, attributes);
    const at = this.#clock.now();
    if (names.length === 0 || createdInUnit(this.unit, identity.id) !== undefined) {
      const claims = names.length === 0 ? {} : notedClaims(identity.attributes, attributes, { at, isClaimed: true });
      this.#write(identity, { ...attributes, ...claims });
      return;
    }
    const noted = notedAddressChanges(identity.attributes, attributes, { at, isVouched: false, isClaimed: true });
    this.#write(identity, { ...attributes, ...noted });
    const detail = { ...visitorOf(this.unit.request), attributes: names.join(',') };
    this.unit.stage(auditIn(this.unit, at, 'USER_ADDRESS_SET', { userId: identity.id, detail }));
  }

  #write({ id, rev, entryId, attributes: before }: Identity, attributes: Attributes): void {
    // Of a user of a directory, the store counts what is not kept in the directory.
    if (entryId === undefined && isUserTooLarge(mergedAttributes(before, attributes), before)) {
      throw new RangeError(USER_TOO_LARGE_TEXT);
    }
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
      seenRev: rev + (status.get(id)?.moves ?? 0),
      attributes: { ...attributes } as Record<string, readonly string[]>,
    } satisfies EngineChange;
    written.set(id, staged);
    this.unit.stage(staged);
  }
}

export const identitiesAdapter =
  (directory: Directory, clock: Clock, endWithAccess?: EndWithAccess): Adapter<Identities> =>
  (unit) =>
    new StagedIdentities(unit, directory, clock, endWithAccess);
