import type { RealmFile, RealmPlan, UsersFileHead } from '@assent/server';
import { CliError } from '../command/cli-error.ts';
import type { JsonOption } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { readTextFile } from '../command/read-file.ts';
import { commandLine, realmPath, type Stored } from '../command/stored.ts';
import { refuseUnusablePath, refuseWhileLeaving } from '../realms/new-realm-path.ts';
import { type PassphraseOption, passphraseOf } from './passphrase.ts';
import { countsOf, printPlan } from './plan-output.ts';

export interface ImportRealmOptions extends JsonOption, PassphraseOption {
  /** That of the file where absent. */
  readonly realm?: string;
  readonly dryRun?: boolean;
  readonly update?: boolean;
  readonly withoutSecrets?: boolean;
}

/** Takes a realm over from a file, in one commit or not at all (OPS-64); not where the users who are to come after it could not. */
export const importRealm = async (
  stored: Stored<ImportRealmOptions>,
  name: string,
  users?: UsersFileHead,
): Promise<ExitCode> => {
  const { io, server, store, settings, options } = stored;
  const file = await readFile(stored, name);
  if (users !== undefined && users.realm !== file.realm) {
    throw new CliError(
      'USAGE',
      `${plainText(name)} has the realm ${plainText(file.realm)}, and the file beside it users of ${plainText(users.realm)}.`,
      'export both again',
    );
  }
  const realm = realmPath(options.realm ?? file.realm);
  const catalogue = server.catalogueWith(await server.loadCustomNodes(settings.nodes, io.cwd));
  const { configuration, writes } = await server.storedClients(store, settings.publicUrl);
  if (configuration.realm(realm) === undefined) {
    await refuseUnusablePath(stored, realm);
    await refuseWhileLeaving(stored, realm);
  }
  const actor = commandLine(stored);
  const valueFor = server.placeholderValues(io.env, settings)(realm);
  const { plan, refusal } = await writes.decided(() => {
    const there = server.contentsOf(configuration, realm);
    const plan = planned(name, () => server.planRealmImport(file, { realm, there, catalogue, valueFor, actor }));
    const refusal =
      refusalOf(plan, options, takenAlias(stored, configuration.realms(), plan, realm)) ??
      (users && refusalOfUsers(users, hasDirectory(stored, plan, file, there)));
    const isNothing = countsOf(plan).created + countsOf(plan).changed === 0;
    if (refusal !== undefined || isNothing || options.dryRun === true) return { plan, refusal };
    const { change, events } = plan;
    return { plan, refusal, change, events };
  });
  printPlan(io, options, realm, plan);
  if (refusal !== undefined) throw refusal;
  return EXIT.done;
};

/** What is wrong with a file is told with its name. */
const planned = <T>(name: string, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'RealmFileRefused') throw error;
    throw new CliError('USAGE', `${plainText(name)} cannot be imported. ${plainText(error.message)}`, undefined, {
      cause: error,
    });
  }
};

const readFile = async (stored: Stored<ImportRealmOptions>, name: string): Promise<RealmFile> => {
  const { io, server, options } = stored;
  const passphrase = await passphraseOf(stored);
  const text = await readTextFile(io, name);
  const file = planned(name, () => server.readRealmFile(text));
  if (options.withoutSecrets === true) return file;
  if (file.sealed === undefined) {
    if (passphrase === undefined) return file;
    throw new CliError(
      'USAGE',
      `${plainText(name)} has nothing that is sealed, though a passphrase is given, so that somebody may have changed it.`,
      'the file that was sealed; if it was exported without a passphrase, leave --passphrase-file out',
    );
  }
  if (passphrase === undefined) {
    throw new CliError(
      'USAGE',
      `${plainText(name)} has secrets that are sealed under a passphrase.`,
      '--passphrase-file FILE, or --without-secrets',
    );
  }
  const opened = await server.openRealmFile(file, passphrase).catch((error: unknown) => ({ error }));
  return 'error' in opened
    ? planned(name, () => {
        throw opened.error;
      })
    : opened;
};

/** A name of the realm that another realm has; those of the server itself are the root realm's. */
const takenAlias = (
  { server, settings: { publicUrl } }: Stored<ImportRealmOptions>,
  realms: Parameters<Stored<unknown>['server']['aliasesOf']>[0],
  { change }: RealmPlan,
  realm: string,
): string | undefined => {
  const others = realms.filter((it) => it.realm !== realm);
  const taken = server.aliasesOf(others);
  const names = new Set(others.map((it) => server.foldAlias(it.realm.slice(1))));
  const { aliases = [] } = change.createRealm ?? change.putRealm ?? {};
  return aliases.find((alias) => {
    const isOfRoot = realm !== '/' && server.isNameOfServer(alias, publicUrl);
    return isOfRoot || taken.has(server.foldAlias(alias)) || names.has(server.foldAlias(alias));
  });
};

/** Whether a directory keeps the passwords of the realm once it is imported. */
const hasDirectory = (
  { server }: Stored<ImportRealmOptions>,
  { leftOut }: RealmPlan,
  { body }: RealmFile,
  there: ReturnType<Stored<unknown>['server']['contentsOf']>,
): boolean => {
  const name = server.LDAP_SERVICE;
  const isThere = there?.services.some(({ type }) => type === name) === true;
  const comes = typeof body.service === 'object' && body.service !== null && Object.hasOwn(body.service, name);
  return isThere || (comes && !leftOut.includes(name));
};

const refusalOf = (
  plan: RealmPlan,
  { update }: ImportRealmOptions,
  alias: string | undefined,
): CliError | undefined => {
  const [unknown] = plan.unknownTypes;
  if (unknown !== undefined) {
    const types = plan.unknownTypes.map(({ type, nodeId }) => `${type} (${nodeId})`).join(', ');
    return new CliError(
      'USAGE',
      `Nothing was imported: there are nodes of types that are none here: ${plainText(types)}.`,
      'name the modules of your own nodes by ASSENT_NODES',
    );
  }
  if (alias !== undefined) {
    return new CliError('EXISTS', `Nothing was imported: another realm has the name ${plainText(alias)}.`);
  }
  if (countsOf(plan).changed > 0 && update !== true) {
    return new CliError(
      'EXISTS',
      'Nothing was imported: what is marked as changed is there already, and is another.',
      'look through it, and say --update',
    );
  }
  return undefined;
};

/** Users whose passwords a directory keeps are none without it, and others have no place beside one. */
export const refusalOfUsers = ({ isOfDirectory }: UsersFileHead, realmHasDirectory: boolean): CliError | undefined => {
  if (isOfDirectory === realmHasDirectory) return undefined;
  return isOfDirectory
    ? new CliError(
        'KEPT_ELSEWHERE',
        'Nothing was imported: a directory keeps the passwords of the users, and the realm here has none.',
        'set its service "ldap" first, by assent realm set-service',
      )
    : new CliError(
        'KEPT_ELSEWHERE',
        'Nothing was imported: users of the realm here are kept in a directory, and those of the file are not.',
        'import into another realm, or take the service away',
      );
};
