import type { BroughtUser } from '@assent/store';
import type { Stored } from '../command/stored.ts';
import { type DeviceRules, NO_DEVICES } from './devices/changes-of-devices.ts';
import type { Devices } from './devices/devices-of-person.ts';
import type { ImportReport } from './import-report.ts';
import type { ImportOptions } from './import-rules.ts';
import { BY_IMPORT, type Change, changesToUpdate, newUser, type User } from './people/changes-of-person.ts';
import type { Person, ReadEntry } from './people/person.ts';

/** What is to be done for one person. */
interface Planned {
  readonly person: Person;
  /** Where nobody of the name is here. */
  readonly user?: BroughtUser;
  readonly changes: readonly Change[];
  readonly count: 'created' | 'updated';
}

const changesOf = (planned: readonly Planned[]): readonly Change[] => {
  const users = planned.flatMap(({ user }) => user ?? []);
  const created = users.length === 0 ? [] : [{ type: 'users.insert', users }];
  return [...created, ...planned.flatMap(({ changes }) => changes)];
};

/** Brings the users of one run, a batch at a time. */
export class UserImport {
  readonly #stored: Stored<ImportOptions>;
  readonly #realm: string;
  readonly #report: ImportReport;
  readonly #seen = new Set<string>();

  readonly #tools: Parameters<typeof newUser>[0];

  constructor(
    stored: Stored<ImportOptions>,
    realm: string,
    { report, devices }: { readonly report: ImportReport; readonly devices: DeviceRules },
  ) {
    this.#stored = stored;
    this.#realm = realm;
    this.#report = report;
    this.#tools = { io: stored.io, server: stored.server, rules: devices };
  }

  async bring(batch: readonly ReadEntry[]): Promise<void> {
    const people = batch.flatMap((it) => this.#counted(it) ?? []);
    const plans = await Promise.all(people.map((person) => this.#plan(person)));
    const planned = plans.filter((it) => it !== undefined);
    if (this.#stored.options.dryRun === true) {
      for (const it of planned) this.#done(it);
      return;
    }
    const { committer } = this.#stored.store;
    const together = planned.length > 0 && (await committer.commit(changesOf(planned)));
    if (together === false) return;
    if (together.committed) {
      for (const it of planned) this.#done(it);
      return;
    }
    // Somebody has written one of them meanwhile: the others come all the same.
    for (const it of planned) {
      if ((await committer.commit(changesOf([it]))).committed) this.#done(it);
      else this.#report.refuse({ user: it.person.username, reason: 'NOT_STORED' });
    }
  }

  #counted(entry: ReadEntry): Person | undefined {
    const { counts } = this.#report;
    switch (entry.kind) {
      case 'noUser':
        counts.noUsers += 1;
        return undefined;
      case 'group':
        counts.groups += 1;
        this.#report.passOver([entry.name]);
        return undefined;
      case 'refused':
        this.#report.refuse(entry.notice);
        return undefined;
      case 'person': {
        const { username } = entry.person;
        const folded = this.#stored.server.foldUsername(username);
        if (this.#seen.has(folded)) {
          this.#report.refuse({ user: username, reason: 'NAME_TWICE' });
          return undefined;
        }
        this.#seen.add(folded);
        return entry.person;
      }
    }
  }

  async #plan(given: Person): Promise<Planned | undefined> {
    const { io, store, options, server } = this.#stored;
    const user = await store.identities.find(this.#realm, given.username);
    const person = { ...given, devices: await this.#withFreeIds(given.devices, user?.id) };
    if (user === undefined) {
      const { user: created, trail } = newUser(this.#tools, this.#realm, io.randomUuid(), person);
      return { person, user: created, count: 'created', changes: [trail] };
    }
    if (options.update === true && server.rolesOf(user).length > 0) {
      // Of a mail address or a phone of theirs could be made a sign-in with all that they may do here; the file says who has the name there.
      this.#report.refuse({ user: person.username, reason: 'HAS_ROLES' });
      return undefined;
    }
    if (options.update === true) {
      const changes = changesToUpdate(this.#tools, user, await this.#storedOf(user, person), person);
      if (changes.length > 0) return { person, count: 'updated', changes };
      this.#report.counts.unchanged += 1;
      return undefined;
    }
    if (options.resume === true && (await this.#cameBefore(user))) this.#report.counts.before += 1;
    else this.#report.refuse({ user: person.username, reason: 'EXISTS' });
    return undefined;
  }

  /** An id of a device that somebody has already, as after a trial in another realm, gives way to one of ours: phones do not need it. */
  async #withFreeIds({ push, oath }: Devices, userId: string | undefined): Promise<Devices> {
    const { devices, oathDevices } = this.#stored.store;
    const isTaken = async (reader: Pick<typeof devices | typeof oathDevices, 'get'>, uuid: string | undefined) => {
      const owner = uuid === undefined ? undefined : (await reader.get(uuid))?.userId;
      return owner !== undefined && owner !== userId;
    };
    return {
      push: await Promise.all(
        push.map(async (it) => ((await isTaken(devices, it.uuid)) ? { ...it, uuid: undefined } : it)),
      ),
      oath: await Promise.all(
        oath.map(async (it) => ((await isTaken(oathDevices, it.uuid)) ? { ...it, uuid: undefined } : it)),
      ),
    };
  }

  /** What the user has here of what the file may bring. */
  async #storedOf({ id }: User, { devices: given }: Person) {
    const { identities, devices, oathDevices } = this.#stored.store;
    const hash = await identities.passwordHash(id);
    if (given.push.length === 0 && given.oath.length === 0) return { hash, devices: NO_DEVICES };
    const [push, oath, pushCodes, oathCodes] = await Promise.all([
      devices.ofUser(id),
      oathDevices.ofUser(id),
      devices.countCodes(id, 'push'),
      devices.countCodes(id, 'oath'),
    ]);
    return { hash, devices: { push, oath, hasCodes: { push: pushCodes > 0, oath: oathCodes > 0 } } };
  }

  /** The trail knows, since what it says was written by the commit that made the user. */
  async #cameBefore({ id }: User): Promise<boolean> {
    const [event] = await this.#stored.store.audit.page(id, { events: ['USER_CREATE'], since: 0, limit: 1 });
    return event?.detail?.by === BY_IMPORT;
  }

  #done({ person, count }: Planned): void {
    this.#report.counts[count] += 1;
    this.#report.passOver(person.groups);
    for (const notice of person.notices) this.#report.tell(notice);
  }
}
