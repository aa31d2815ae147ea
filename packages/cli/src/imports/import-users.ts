import { resolve } from 'node:path';
import { CliError } from '../command/cli-error.ts';
import type { JsonOption } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { realmPath, type Stored } from '../command/stored.ts';
import { ImportReport } from './import-report.ts';
import { BY_IMPORT, type Change, changesToCreate, changesToUpdate, type User } from './people/changes-of-person.ts';
import { type Person, type PersonRules, type ReadEntry, readEntry } from './people/person.ts';
import { UnreadableFile } from './reading/source-entry.ts';
import { entriesOf, type Format, formatOf } from './reading/user-file.ts';

export interface ImportOptions extends JsonOption {
  readonly realm: string;
  readonly format?: Format;
  readonly nameAttribute?: string;
  readonly dryRun?: boolean;
  readonly update?: boolean;
  readonly resume?: boolean;
  readonly report?: string;
}

interface Source {
  readonly given: string;
  readonly file: string;
  readonly format: Format;
}

/** Users of one commit: enough that the disk is not what takes the time, and few enough to be held. */
const BATCH = 250;
const PROGRESS_EVERY = 5_000;

/** What is to be done for one person. */
interface Planned {
  readonly person: Person;
  readonly changes: readonly Change[];
  readonly count: 'created' | 'updated';
}

/** Refuses a file that cannot be read, or not to its end. */
const reading = async <T>(file: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof UnreadableFile) {
      throw new CliError('USAGE', `${plainText(file)}, ${cause.message}.`, cause.hint, { cause });
    }
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw new CliError('USAGE', `The file ${plainText(file)} cannot be read.`, 'name a file that exists', { cause });
  }
};

const sourcesOf = async (stored: Stored<ImportOptions>, files: readonly string[]): Promise<readonly Source[]> => {
  const sources: Source[] = [];
  for (const given of files) {
    const file = resolve(stored.io.cwd, given);
    const format = await reading(given, () => formatOf(file));
    sources.push({ given, file, format: stored.options.format ?? format });
  }
  return sources;
};

/** Reads all of it once before anything is changed: a file that is broken at its end is refused at the beginning. */
const countEntries = async (sources: readonly Source[]): Promise<number> => {
  let count = 0;
  for (const { given, file, format } of sources) {
    await reading(given, async () => {
      for await (const _ of entriesOf(file, format)) count += 1;
    });
  }
  return count;
};

const rulesOf = async (stored: Stored<ImportOptions>, realm: string): Promise<PersonRules> => {
  const { server, store, options, io } = stored;
  const { realms, services } = await store.configuration.load();
  const settings = realms.find((it) => it.realm === realm);
  if (settings === undefined) {
    throw new CliError('NO_REALM', `There is no realm ${plainText(realm)}.`, 'assent realm list');
  }
  if (services.some((it) => it.realm === realm && it.type === server.LDAP_SERVICE)) {
    throw new CliError(
      'KEPT_ELSEWHERE',
      `Users of the realm ${realm} are kept in the directory that its service "${server.LDAP_SERVICE}" names.`,
      'import into another realm, or take the service away',
    );
  }
  return {
    server,
    nameAttribute: options.nameAttribute?.toLowerCase(),
    spellings: new Map(settings.indexedAttributes?.map((name) => [name.toLowerCase(), name])),
    apart: new Set(['pushdeviceprofiles', 'oathdeviceprofiles']),
    now: io.now(),
  };
};

/** Brings the users of one run, a batch at a time. */
class UserImport {
  readonly #stored: Stored<ImportOptions>;
  readonly #realm: string;
  readonly #report: ImportReport;
  readonly #seen = new Set<string>();

  constructor(stored: Stored<ImportOptions>, realm: string, report: ImportReport) {
    this.#stored = stored;
    this.#realm = realm;
    this.#report = report;
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
    const together = planned.length > 0 && (await committer.commit(planned.flatMap(({ changes }) => changes)));
    if (together === false) return;
    if (together.committed) {
      for (const it of planned) this.#done(it);
      return;
    }
    // Somebody has written one of them meanwhile: the others come all the same.
    for (const it of planned) {
      if ((await committer.commit(it.changes)).committed) this.#done(it);
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

  async #plan(person: Person): Promise<Planned | undefined> {
    const { io, store, options } = this.#stored;
    const user = await store.identities.find(this.#realm, person.username);
    if (user === undefined) {
      return { person, count: 'created', changes: changesToCreate(this.#stored, this.#realm, io.randomUuid(), person) };
    }
    if (options.update === true) {
      const changes = changesToUpdate(this.#stored, user, await store.identities.passwordHash(user.id), person);
      if (changes.length > 0) return { person, count: 'updated', changes };
      this.#report.counts.unchanged += 1;
      return undefined;
    }
    if (options.resume === true && (await this.#cameBefore(user))) this.#report.counts.before += 1;
    else this.#report.refuse({ user: person.username, reason: 'EXISTS' });
    return undefined;
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

/** Takes over the users of files, and says what of them does not come along. */
export const importUsers = async (stored: Stored<ImportOptions>, files: readonly string[]): Promise<ExitCode> => {
  const { io, options } = stored;
  const realm = realmPath(options.realm);
  const rules = await rulesOf(stored, realm);
  const sources = await sourcesOf(stored, files);
  const total = await countEntries(sources);
  const report = new ImportReport(io, { ...options, goesOn: options.resume === true });
  const from = io.uptimeMillis();
  try {
    const run = new UserImport(stored, realm, report);
    let read = 0;
    const batch: ReadEntry[] = [];
    for (const { file, format } of sources) {
      for await (const entry of entriesOf(file, format)) {
        batch.push(readEntry(entry, rules));
        read += 1;
        if (batch.length === BATCH) await run.bring(batch.splice(0));
        if (read % PROGRESS_EVERY === 0 && options.json !== true) io.stderr.write(`${read} of ${total}\n`);
      }
    }
    await run.bring(batch);
    report.finish({
      realm,
      isDry: options.dryRun === true,
      seconds: Math.round((io.uptimeMillis() - from) / 1_000),
    });
    return report.counts.refused > 0 ? EXIT.no : EXIT.done;
  } finally {
    report.close();
  }
};
