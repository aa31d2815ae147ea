import { CliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { readJsonFile } from '../command/read-json-file.ts';
import { realmPath, type Stored } from '../command/stored.ts';

export interface SetServiceOptions extends JsonOption {
  readonly file: string;
  readonly realm: string;
}

/** Stores the settings of a realm service, as AM's REST shapes them; what is left out gets its default. */
export const setService = async (stored: Stored<SetServiceOptions>, type: string): Promise<ExitCode> => {
  const { io, store, options } = stored;
  const push = await import('@assent/push');
  const schemas = new Map<string, ReadonlySchema>([
    [push.PUSH_SERVICE, push.pushNotificationService],
    [push.AUTHENTICATOR_PUSH_SERVICE, push.authenticatorPushService],
    [push.AUTHENTICATOR_OATH_SERVICE, push.authenticatorOathService],
  ]);
  const schema = schemas.get(type);
  if (schema === undefined) {
    throw new CliError(
      'USAGE',
      `There is no service ${plainText(type)}. Known are: ${[...schemas.keys()].join(', ')}.`,
    );
  }
  const realm = realmPath(options.realm);
  const { realms } = await store.configuration.load();
  if (!realms.some((it) => it.realm === realm)) {
    throw new CliError('NO_REALM', `There is no realm ${plainText(realm)}.`, 'assent realm list');
  }
  const config = checked(schema, await readSettings(io, options.file), options.file);
  await store.configuration.saveService({ realm, type, config });
  if (options.json === true) printJson(io, { service: { realm, type } });
  else io.stdout.write(`The service ${type} of realm ${realm} was set.\n`);
  return EXIT.done;
};

interface Issue {
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

const readSettings = async (io: CliIo, file: string): Promise<Readonly<Record<string, unknown>>> => {
  const value = await readJsonFile(io, file);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CliError('USAGE', `The file ${plainText(file)} has to hold one JSON object of settings.`);
  }
  return value as Readonly<Record<string, unknown>>;
};

/** The settings with their defaults. Unknown ones are refused: a misspelt name would be a default in silence. */
const checked = (
  schema: ReadonlySchema,
  given: Readonly<Record<string, unknown>>,
  file: string,
): Readonly<Record<string, unknown>> => {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(schema.shape, name) && !name.startsWith('_'));
  const problems = unknown.map((name) => `${plainText(name)}: is no setting of this service`);
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(given).filter(([name]) => !name.startsWith('_'))));
  if (parsed.success && problems.length === 0) return parsed.data;
  if (!parsed.success) {
    problems.push(...parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`));
  }
  throw new CliError('USAGE', `The settings in ${plainText(file)} cannot be used.\n${problems.join('\n')}`);
};
