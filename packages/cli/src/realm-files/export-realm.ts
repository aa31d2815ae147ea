import { link, open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError } from '../command/cli-error.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { ownVersion } from '../command/program-version.ts';
import { realmPath, type Stored } from '../command/stored.ts';
import { type PassphraseOption, passphraseOf } from './passphrase.ts';

export interface ExportRealmOptions extends JsonOption, PassphraseOption {
  readonly realm: string;
  readonly force?: boolean;
}

/** Writes what a realm is to a file, without its users (OPS-64). */
export const exportRealm = async (stored: Stored<ExportRealmOptions>, file: string): Promise<ExitCode> => {
  const { io, server, store, settings, options } = stored;
  const passphrase = await passphraseOf(io, options);
  const path = realmPath(options.realm);
  const { configuration } = await server.storedClients(store, settings.publicUrl);
  await configuration.refreshNodes();
  const contents = server.contentsOf(configuration, path);
  if (contents === undefined) {
    throw new CliError('NO_REALM', `There is no realm ${plainText(path)}.`, 'assent realm list');
  }
  const catalogue = server.catalogueWith(await server.loadCustomNodes(settings.nodes, io.cwd));
  const { text, leftOut, sealed } = await server.writeRealmFile(contents, {
    version: ownVersion(),
    catalogue,
    passphrase,
  });
  await writeOwnFile(resolve(io.cwd, file), text, options.force === true);
  if (options.json === true) {
    printJson(io, { export: { realm: path, file: resolve(io.cwd, file), sealedSecrets: sealed, leftOut } });
    return EXIT.done;
  }
  io.stdout.write(`${plainText(file)} has the realm ${path}, without its users and without realms below it.\n`);
  if (sealed > 0) io.stdout.write(`Secrets in it, sealed under the passphrase: ${sealed}\n`);
  if (leftOut.length > 0) {
    io.stdout.write('Secrets that are not in it, and have to be set where it is imported:\n');
    for (const pointer of leftOut) io.stdout.write(`  ${plainText(pointer)}\n`);
  }
  return EXIT.done;
};

/** Written aside and put into its place whole; only this user may read it. */
const writeOwnFile = async (path: string, text: string, isForced: boolean): Promise<void> => {
  const draft = `${path}.part-${process.pid}`;
  try {
    const handle = await open(draft, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (isForced) await rename(draft, path);
    else await link(draft, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new CliError('EXISTS', `There is a file ${plainText(path)} already.`, 'another name, or --force', {
        cause,
      });
    }
    throw new CliError('USAGE', `The file ${plainText(path)} cannot be written.`, 'a folder that is there', { cause });
  } finally {
    await rm(draft, { force: true });
  }
};
