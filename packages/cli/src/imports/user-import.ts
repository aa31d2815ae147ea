import type { BroughtUser } from '@assent/store';
import type { JsonOption } from '../command/command-run.ts';
import type { Stored } from '../command/stored.ts';
import type { ImportReport } from './import-report.ts';
import { BY_IMPORT, type Change, type Newcomer, type ReadEntry, type User } from './people/newcomer.ts';
import type { Notice } from './people/notice.ts';

/** What all imports of users are told. */
export interface BringOptions extends JsonOption {
  readonly dryRun?: boolean;
  readonly update?: boolean;
  readonly resume?: boolean;
  readonly withErased?: boolean;
  readonly report?: string;
}

/** What is to be done for one person. */
interface Planned {
  readonly person: Newcomer;
  /** Where nobody of the name is here. */
  readonly user?: BroughtUser;
  readonly changes: readonly Change[];
  readonly notices: readonly Notice[];
  readonly count: 'created' | 'updated';
}

const changesOf = (planned: readonly Planned[]): readonly Change[] => {
  const users = planned.flatMap(({ user }) => user ?? []);
  const created = users.length === 0 ? [] : [{ type: 'users.insert', users }];
  return [...created, ...planned.flatMap(({ changes }) => changes)];
};

/** Brings the users of one run, a batch at a time. */
export class UserImport {
  readonly #stored: Stored<BringOptions>;
  readonly #realm: string;
  readonly #report: ImportReport;
  readonly #seen = new Set<string>();

  constructor(stored: Stored<BringOptions>, realm: string, report: ImportReport) {
    this.#stored = stored;
    this.#realm = realm;
    this.#report = report;
  }

  async bring(batch: readonly ReadEntry<Newcomer>[]): Promise<void> {
    const people = await this.#whoMayCome(batch.flatMap((it) => this.#counted(it) ?? []));
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
      const result = await committer.commit(changesOf([it]));
      if (result.committed) this.#done(it);
      else
        this.#report.refuse({
          user: it.person.username,
          reason: result.refused === this.#stored.server.USER_TOO_LARGE ? 'TOO_LARGE' : 'NOT_STORED',
        });
    }
  }

  #counted(entry: ReadEntry<Newcomer>): Newcomer | undefined {
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

  /** Whoever was erased here stays so until somebody says otherwise (security-reliability §7 "Erase"): a file may be older than that. */
  async #whoMayCome(people: readonly Newcomer[]): Promise<readonly Newcomer[]> {
    const { store, options } = this.#stored;
    const ids = people.flatMap(({ idThere }) => idThere ?? []);
    if (options.withErased === true || ids.length === 0) return people;
    const erased = new Set(await store.erasures.among(ids));
    return people.filter(({ idThere = '', username: user }) => {
      const isErased = erased.has(idThere);
      if (isErased) this.#report.refuse({ user, reason: 'ERASED' });
      return !isErased;
    });
  }

  async #plan(person: Newcomer): Promise<Planned | undefined> {
    const { store, options, server } = this.#stored;
    const { notices } = person;
    const user = await store.identities.find(this.#realm, person.username);
    if (user === undefined) {
      const made = await person.created();
      if (server.isUserTooLarge(made.user.attributes)) return this.#refusedBySize(person);
      const all = [...notices, ...(made.notices ?? [])];
      return { person, user: made.user, changes: [made.trail], notices: all, count: 'created' };
    }
    if (options.update === true && server.rolesOf(user).length > 0 && !person.isCertainly(user)) {
      // Of a mail address or a phone of theirs could be made a sign-in with all that they may do here; the file says who has the name there.
      this.#report.refuse({ user: person.username, reason: 'HAS_ROLES' });
      return undefined;
    }
    if (options.update === true) {
      const { changes, notices: ofUpdate } = await person.updated(user);
      if (this.#makesTooLarge(user, changes)) return this.#refusedBySize(person);
      if (changes.length > 0) return { person, changes, notices: [...notices, ...ofUpdate], count: 'updated' };
      this.#report.counts.unchanged += 1;
      return undefined;
    }
    if (options.resume === true && (await this.#cameBefore(user))) this.#report.counts.before += 1;
    else this.#report.refuse({ user: person.username, reason: 'EXISTS' });
    return undefined;
  }

  #makesTooLarge({ attributes: before }: User, changes: readonly Change[]): boolean {
    const { mergedAttributes, isUserTooLarge } = this.#stored.server;
    return changes.some(
      (change) =>
        change.type === 'identity.attributes' &&
        isUserTooLarge(mergedAttributes(before, change.attributes as User['attributes']), before),
    );
  }

  #refusedBySize({ username: user }: Newcomer): undefined {
    this.#report.refuse({ user, reason: 'TOO_LARGE' });
  }

  /** The trail knows, since what it says was written by the commit that made the user. */
  async #cameBefore({ id }: User): Promise<boolean> {
    let before: string | undefined;
    do {
      const query = { events: ['USER_CREATE'], since: 0, limit: 1, ...(before !== undefined && { before }) };
      const { events, next } = await this.#stored.store.audit.page(id, query);
      if (events[0] !== undefined) return events[0].detail?.by === BY_IMPORT;
      before = next;
    } while (before !== undefined);
    return false;
  }

  #done({ person, notices, count }: Planned): void {
    this.#report.counts[count] += 1;
    this.#report.passOver(person.groups);
    for (const notice of notices) this.#report.tell(notice);
  }
}
