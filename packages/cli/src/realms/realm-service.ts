import { isDocumentRefusal, PROVIDER_SECTIONS, PROVIDER_TYPE, parseProvider, withoutUnknown } from '@assent/wire';
import { CliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { readJsonFile, readTextFile } from '../command/read-file.ts';
import { secretsWithoutValue } from '../command/secrets-without-value.ts';
import { commandLine, realmPath, type Server, type Stored } from '../command/stored.ts';

export interface SetServiceOptions extends JsonOption {
  readonly file: string;
  /** Settings whose values are the texts of files: `name=file`. */
  readonly text: readonly string[];
  readonly realm: string;
}

/** A service that can be set. */
interface Service {
  /** The settings as they are kept, or what is wrong with them, by name. */
  check(given: Settings): { readonly config: Settings } | { readonly faults: readonly string[] };
  /** What the realm as it is refuses of a change. */
  conflicts?(configuration: Configuration, realm: string, change: Change): readonly string[];
  /** What of the settings in force does not work here. */
  notes?(realm: string): Promise<readonly string[]>;
}

type Settings = Readonly<Record<string, unknown>>;
type Configuration = Awaited<ReturnType<Server['storedClients']>>['configuration'];

interface Change {
  readonly before: Settings | undefined;
  readonly after: Settings;
}

/** The services that can be set: those that REST has, under their names there. */
export const serviceNames = ({ SERVICE_TYPES }: Pick<Server, 'SERVICE_TYPES'>): string =>
  [...SERVICE_TYPES.map(({ id }) => id), PROVIDER_TYPE._id].join(', ');

/** Stores the settings of a realm service, as AM's REST shapes them; what is left out gets its default. */
export const setService = async (stored: Stored<SetServiceOptions>, type: string): Promise<ExitCode> => {
  const { io, server, store, settings, options } = stored;
  const known = server.SERVICE_TYPES.find(({ id }) => id === type);
  if (known === undefined && type !== PROVIDER_TYPE._id) {
    throw new CliError('USAGE', `There is no service ${plainText(type)}. Known are: ${serviceNames(server)}.`);
  }
  const service: Service = known === undefined ? await provider(stored) : await bySchema(stored, known);
  const path = realmPath(options.realm);
  const { configuration, writes } = await server.storedClients(store, settings.publicUrl);
  const settingsOfRealm = () => {
    const realm = configuration.realm(path);
    if (realm !== undefined) return realm;
    throw new CliError('NO_REALM', `There is no realm ${plainText(path)}.`, 'assent realm list');
  };
  settingsOfRealm();
  const checked = service.check({ ...(await readSettings(io, options.file)), ...(await readTexts(io, options.text)) });
  const refuse = (faults: readonly string[]) =>
    new CliError(
      'USAGE',
      `The settings in ${plainText(options.file)} cannot be used.\n${faults.map(plainText).join('\n')}`,
    );
  if ('faults' in checked) throw refuse(checked.faults);
  const { config } = checked;
  await writes.decided(() => {
    const realm = settingsOfRealm();
    const before = known?.inRealm?.read(realm) ?? configuration.storedService(path, type)?.config;
    const conflicts = service.conflicts?.(configuration, path, { before, after: config }) ?? [];
    if (conflicts.length > 0) throw refuse(conflicts);
    const kept = { settings: realm, fresh: server.newRealmSettings(path, settings.publicUrl) };
    return server.savedService({ realm: path, type, before, after: config, kept }, commandLine(stored));
  });
  const notes = [...secretNotes(stored, path, type, config), ...((await service.notes?.(path)) ?? [])];
  if (options.json === true) printJson(io, { service: { realm: path, type, findings: notes } });
  else {
    io.stdout.write(`The service ${type} of realm ${path} was set.\n`);
    for (const note of notes) io.stdout.write(`  ${plainText(note)}\n`);
  }
  return EXIT.done;
};

/** What of the secrets the server of these settings cannot use; it is said now, and not by the first mail that is not sent. */
const secretNotes = (
  { io, server, settings }: Stored<SetServiceOptions>,
  realm: string,
  type: string,
  config: Settings,
): readonly string[] =>
  secretsWithoutValue({ io, server, settings }, { realm, type, config }).map(
    ({ message, fix }) => `${message} Try: ${fix}`,
  );

/** A misspelt name would be a default in silence. */
const unknownSetting = (name: string): string => `${name}: is no setting of this service`;

/** By what the journeys of a realm are read that settings name. */
const readings = async ({ io, server, settings }: Stored<SetServiceOptions>) => {
  const catalogue = server.catalogueWith(await server.loadCustomNodes(settings.nodes, io.cwd));
  const valuesFor = server.placeholderValues(io.env, settings);
  return (realm: string) => ({ catalogue, placeholderValue: valuesFor(realm) });
};

/** The provider: its values are those of AM's document, so not all that may be kept of it works here. */
const provider = async (stored: Stored<SetServiceOptions>): Promise<Service> => {
  const { server, store, settings } = stored;
  const readingOf = await readings(stored);
  return {
    check(given) {
      const { body, unknown } = withoutUnknown(PROVIDER_SECTIONS, given);
      const document = parseProvider(body);
      if (isDocumentRefusal(document)) return { faults: [document.reason] };
      const wrong = server.wrongValues(PROVIDER_SECTIONS, document);
      const faults = [...unknown.map(unknownSetting), ...wrong.map(({ field, problem }) => `${field}: ${problem}`)];
      return faults.length > 0 ? { faults } : { config: document };
    },
    conflicts(configuration, realm, { before, after }) {
      const mapped = (document: Settings = {}) => server.treeOfAcrIn(document as never);
      return server
        .newAcrProblems(configuration.trees(realm), mapped(after), mapped(before), readingOf(realm))
        .map(({ message, fix }) => `${message} ${fix}`);
    },
    async notes(realm) {
      const { configuration, clients } = await server.storedClients(store, settings.publicUrl);
      const found = configuration.realm(realm);
      if (found === undefined) return [];
      const { findings, settings: read } = clients.provider(found);
      return [
        ...findings.map(({ field, problem }) => `${field} ${problem}.`),
        ...server
          .acrProblems(configuration.trees(realm), read.treeOfAcr, readingOf(realm))
          .map(({ message, fix }) => `${message} ${fix}`),
      ];
    },
  };
};

const levelsIn = ({ authLevelJourneys = {} }: Settings = {}) => authLevelJourneys as Readonly<Record<string, string>>;

/** Journeys that would be named for a level and do not reach it. */
const conflictsOfLevels = async (stored: Stored<SetServiceOptions>): Promise<NonNullable<Service['conflicts']>> => {
  const readingOf = await readings(stored);
  return (configuration, realm, { before, after }) =>
    stored.server
      .newLevelProblems(configuration.trees(realm), levelsIn(after), levelsIn(before), readingOf(realm))
      .map(({ message, fix }) => `${message} ${fix}`);
};

/** Policies that deny every access, because no caller can start the journey that they name. */
const policyNotes = async (
  { server, store, settings }: Stored<SetServiceOptions>,
  realm: string,
): Promise<readonly string[]> => {
  const { configuration } = await server.storedClients(store, settings.publicUrl);
  const found = configuration.realm(realm);
  if (found === undefined) return [];
  return server.policyProblems(found, configuration.trees(realm)).map(({ message, fix }) => `${message} ${fix}`);
};

interface Issue {
  readonly code?: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** As much of a schema as is needed here. */
interface ReadonlySchema {
  readonly shape: Readonly<Record<string, unknown>>;
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: Readonly<Record<string, unknown>> }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
}

const readSettings = async (io: CliIo, file: string): Promise<Settings> => {
  const value = await readJsonFile(io, file);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CliError('USAGE', `The file ${plainText(file)} has to hold one JSON object of settings.`);
  }
  return value as Settings;
};

/** Keys come in files of their own, and their text fits badly into JSON. */
const readTexts = async (io: CliIo, given: readonly string[]): Promise<Settings> => {
  const texts: Record<string, string> = {};
  for (const pair of given) {
    const [, name, file] = /^(\w+)=(.+)$/.exec(pair) ?? [];
    if (name === undefined || file === undefined) {
      throw new CliError('USAGE', `--text ${plainText(pair)} has to be a setting and a file, such as key=AuthKey.p8.`);
    }
    texts[name] = await readTextFile(io, file);
  }
  return texts;
};

/** A service whose settings a schema says; they are kept with their defaults. */
const bySchema = async (
  stored: Stored<SetServiceOptions>,
  { schema, inRealm }: { readonly schema: ReadonlySchema; readonly inRealm?: object },
): Promise<Service> => ({
  ...(inRealm && { conflicts: await conflictsOfLevels(stored) }),
  ...(Object.hasOwn(schema.shape, 'policies') && { notes: (realm: string) => policyNotes(stored, realm) }),
  check(given) {
    const settings = Object.fromEntries(Object.entries(given).filter(([name]) => !name.startsWith('_')));
    const unknown = Object.keys(settings).filter((name) => !Object.hasOwn(schema.shape, name));
    const parsed = schema.safeParse(settings);
    if (parsed.success && unknown.length === 0) return { config: parsed.data };
    const issues = parsed.success ? [] : parsed.error.issues;
    return {
      faults: [
        ...unknown.map(unknownSetting),
        ...issues.map(({ code, path, message }) => {
          const [name = ''] = path.map(String);
          const isMissing = code === 'invalid_type' && path.length === 1 && !Object.hasOwn(settings, name);
          return `${path.map(String).join('.')}: ${isMissing ? 'Has to be set, in the file or by --text.' : message}`;
        }),
      ],
    };
  },
});
