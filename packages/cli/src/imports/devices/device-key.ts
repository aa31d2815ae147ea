import { createPrivateKey, type KeyObject } from 'node:crypto';
import { CliError } from '../../command/cli-error.ts';
import type { CliIo } from '../../command/cli-io.ts';
import { plainText } from '../../command/plain-text.ts';
import { readTextFile } from '../../command/read-file.ts';

/** The private key that AM has encrypted device profiles with, out of a PEM file. */
export const readDeviceKey = async (io: CliIo, file: string): Promise<KeyObject> => {
  const text = await readTextFile(io, file);
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // The refusal below says what such a file is.
  }
  throw new CliError(
    'USAGE',
    `The file ${plainText(file)} is not a private RSA key in PEM without a passphrase.`,
    'take it out of the key store of AM by keytool -importkeystore -deststoretype PKCS12, then openssl pkcs12 -nocerts -nodes',
  );
};
