import { CliError } from '../command/cli-error.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { realmPath, type Stored } from '../command/stored.ts';

export interface RotateOptions extends JsonOption {
  readonly oidc?: boolean;
  readonly realm: string;
  readonly now?: boolean;
}

const time = (millis: number): string => new Date(millis).toISOString();

/** Makes the next keys of a realm, and says from when each signs (spec: oidc §1.4). */
export const rotateKeys = async ({ io, server, store, options }: Stored<RotateOptions>): Promise<ExitCode> => {
  if (options.oidc !== true) {
    throw new CliError('USAGE', 'Say which keys: those that tokens are signed with.', 'assent key rotate --oidc');
  }
  const realm = realmPath(options.realm);
  const { realms } = await store.configuration.load();
  if (!realms.some((it) => it.realm === realm)) {
    throw new CliError('NO_REALM', `There is no realm ${plainText(realm)}.`, 'assent realm list');
  }
  const keys = server.storedSigningKeys(store, io);
  const rotated = await keys.rotate(realm, {
    now: options.now === true,
    cause: { transactionId: io.randomUuid(), by: 'command line' },
  });
  if (options.json === true) {
    for (const { algorithm, kid, signsFrom } of rotated) {
      printJson(io, { key: { realm, algorithm, kid, signsFrom: time(signsFrom) } });
    }
    return EXIT.done;
  }
  io.stdout.write(`The next keys of the realm ${realm}:\n`);
  for (const { algorithm, kid, signsFrom } of rotated) {
    io.stdout.write(`  ${algorithm}  ${kid}  signs from ${time(signsFrom)}\n`);
  }
  io.stdout.write(
    options.now === true
      ? 'Servers that run sign with them within a second. Applications that keep the key set have to fetch it anew.\n'
      : 'Everybody is shown them from now on, and nobody has to do anything.\n',
  );
  io.stdout.write('What the keys before have signed stays good until it expires.\n');
  return EXIT.done;
};
