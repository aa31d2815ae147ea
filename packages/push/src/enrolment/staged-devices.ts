import type { UnitOfWork } from '@assent/engine/host';
import type { DeviceReader, PushDevice } from '../model/devices.ts';

type Device = Pick<PushDevice, 'uuid' | 'userId' | 'createdAt' | 'lastAccessAt'>;

/** What a unit of work changes about devices of one kind, still to be committed: whatever runs after it in the unit of work sees it. */
export class StagedDevices<D extends Device> {
  readonly #written = new Map<string, { row: D }>();
  readonly #removed = new Set<string>();
  readonly #accessed = new Map<string, number>();

  /**
   * A device that is new, or as it is from now on. Where a change that writes it is staged already, that change writes this
   * instead, and the answer is true: one change per device and commit.
   */
  rewrite(row: D): boolean {
    const written = this.#written.get(row.uuid);
    if (written !== undefined) written.row = row;
    return written !== undefined;
  }

  /** A change that writes a device, or what the device is from now on where another kind of change says so. */
  write(change: { row: D }): void {
    this.#written.set(change.row.uuid, change);
  }

  remove(uuid: string): void {
    this.#written.delete(uuid);
    this.#removed.add(uuid);
  }

  /** The device was used then, whatever else is written about it. */
  access(uuid: string, at: number): void {
    this.#accessed.set(uuid, at);
  }

  get(uuid: string): D | undefined {
    const row = this.#written.get(uuid)?.row;
    return row && this.#used(row);
  }

  /** One that is written, by what it is. */
  find(is: (row: D) => boolean): D | undefined {
    const found = [...this.#written.values()].find(({ row }) => is(row))?.row;
    return found && this.#used(found);
  }

  /** A user's devices as they are stored, newest first, with what the unit of work has changed. */
  over(stored: readonly D[], userId: string): readonly D[] {
    if (this.#written.size === 0 && this.#removed.size === 0 && this.#accessed.size === 0) return stored;
    const known = new Set(stored.map(({ uuid }) => uuid));
    const added = [...this.#written.values()]
      .map(({ row }) => row)
      .filter((row) => row.userId === userId && !known.has(row.uuid));
    const left = stored.filter(({ uuid }) => !this.#removed.has(uuid));
    return [...left.map((device) => this.#written.get(device.uuid)?.row ?? device), ...added]
      .map((row) => this.#used(row))
      .sort((one, other) => other.createdAt - one.createdAt);
  }

  #used(row: D): D {
    const at = this.#accessed.get(row.uuid) ?? row.lastAccessAt;
    return at > row.lastAccessAt ? { ...row, lastAccessAt: at } : row;
  }
}

/** Phones that this unit of work writes, those that have yet to prove themselves among them. */
export const stagedPushDevicesOf = (unit: UnitOfWork): StagedDevices<PushDevice> =>
  unit.keep('devices:push:own', () => new StagedDevices<PushDevice>());

/** A user's phones that count, newest first. What is stored is read once per unit of work. */
export const pushDevicesOfUser = async (
  devices: Pick<DeviceReader, 'ofUser'>,
  unit: UnitOfWork,
  userId: string,
): Promise<readonly PushDevice[]> => {
  const stored = await unit.remember(`devices:push:${userId}`, () => devices.ofUser(userId));
  const own = stagedPushDevicesOf(unit).over(stored, userId);
  return own === stored ? stored : own.filter(({ pending }) => pending === undefined);
};
