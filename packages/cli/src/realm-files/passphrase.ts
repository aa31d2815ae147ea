import type { PassphraseKey } from '@assent/server';
import { CliError } from '../command/cli-error.ts';
import { plainText } from '../command/plain-text.ts';
import { readTextFile } from '../command/read-file.ts';
import type { Stored } from '../command/stored.ts';

/** Whoever has the file may try passphrases for as long as they like. */
const MIN_LENGTH = 16;

export interface PassphraseOption {
  readonly passphraseFile?: string;
}

/** The keys of the passphrase in the file that the options name: its text without the end of its line. */
export const passphraseOf = async ({
  io,
  server,
  options: { passphraseFile },
}: Pick<Stored<PassphraseOption>, 'io' | 'server' | 'options'>): Promise<PassphraseKey | undefined> => {
  if (passphraseFile === undefined) return undefined;
  const passphrase = (await readTextFile(io, passphraseFile)).replace(/\r?\n$/, '');
  if (passphrase.length >= MIN_LENGTH) return server.passphraseKey(passphrase, io.passphraseCost);
  throw new CliError(
    'USAGE',
    `The passphrase in ${plainText(passphraseFile)} is too short: it has to have ${MIN_LENGTH} characters.`,
    'openssl rand -base64 24',
  );
};
