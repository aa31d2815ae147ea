import type { StoredClients } from '@assent/server';
import { CliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import type { Server } from '../command/stored.ts';
import { table } from './client-output.ts';
import { type ClientOptions, knownClient, type OpenedClients } from './open-clients.ts';

export interface SecretOptions extends ClientOptions {
  readonly secretStdin?: boolean;
}

/** Below this somebody could guess it; ours have 43. */
const MIN_SECRET_LENGTH = 32;

/** A new secret, or the one that comes by stdin. */
export const secretOf = async (io: CliIo, server: Server, { secretStdin }: SecretOptions): Promise<string> => {
  if (secretStdin !== true) return server.newClientSecret();
  // `echo` ends its line; a secret does not.
  const secret = (await io.readAll()).replace(/\r?\n$/, '');
  if (/^[\x20-\x7e]*$/.test(secret) && secret.length >= MIN_SECRET_LENGTH && secret.length <= 1_024) return secret;
  throw new CliError(
    'USAGE',
    `The secret on stdin must have ${MIN_SECRET_LENGTH} to 1,024 printable letters of ASCII.`,
    'leave out --secret-stdin, and one is made',
  );
};

/** The form in which the digest of a secret is kept. */
export const storedDigest = async (
  { digestOfSecret }: Pick<StoredClients, 'digestOfSecret'>,
  secret: string,
): Promise<string> => Buffer.from(await digestOfSecret(secret)).toString('base64url');

export const rotateSecret = async (opened: OpenedClients<SecretOptions>, id: string): Promise<ExitCode> => {
  const { io, server, options, clients, writes, realm, issuer, actor } = opened;
  knownClient(opened, id);
  if (clients.find(realm, id)?.isPublic === true) {
    throw new CliError(
      'USAGE',
      `The client ${plainText(id)} is public: it can keep no secret, and needs none.`,
      `assent client show ${plainText(id)}`,
    );
  }
  const secret = await secretOf(io, server, options);
  const secretDigest = await storedDigest(opened, secret);
  await writes.decided(() => {
    const before = knownClient(opened, id);
    return server.savedClient(before, { ...before, secretDigest }, actor);
  });
  if (options.json === true) printJson(io, { client: { id, realm, issuer, secret } });
  else {
    io.stdout.write(
      `The client ${plainText(id)} has another secret. It is shown once; the one before is not good any more.\n`,
    );
    io.stdout.write(table([['secret', secret]]));
  }
  return EXIT.done;
};
