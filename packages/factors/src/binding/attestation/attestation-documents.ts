import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { parseForeignJson } from '@assent/engine';
import { isObject } from '@assent/push/protocol';
import { isAcceptedKey } from '../../certificates/certificates.ts';
import { pemBlocks } from '../../certificates/pem.ts';

const CERTIFICATE = 'CERTIFICATE';

/**
 * The public keys of roots, from certificates or keys in PEM: as text, or as a list of texts in JSON, which is how Google gives them out.
 * Throws where one of them cannot be read, and where there is none.
 */
export const readRoots = (text: string): readonly KeyObject[] => {
  const joined = text.trimStart().startsWith('[') ? (parseForeignJson(text) as unknown[]).map(String).join('\n') : text;
  const keys = pemBlocks(joined, CERTIFICATE, 'PUBLIC KEY').map((block) =>
    block.startsWith(`-----BEGIN ${CERTIFICATE}`) ? new X509Certificate(block).publicKey : createPublicKey(block),
  );
  if (keys.length === 0) throw new RangeError('There is no certificate and no public key in PEM.');
  if (!keys.every(isAcceptedKey))
    throw new RangeError(
      'A root has a key that is not accepted. Use RSA of 2,048 to 4,096 bits, P-256, P-384, P-521 or Ed25519.',
    );
  return keys;
};

/** The list of Google has some 10,000. A value takes the main thread half a microsecond. */
const MAX_VALUES = 100_000;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/**
 * Serial numbers of certificates that are not good any more, from the list that Google gives out: whatever its status says, a certificate that
 * is listed is not to be trusted. Throws for a text that is no such list, and before it is parsed for one with more than 100,000 values.
 */
export const readRevokedSerials = (document: Buffer): ReadonlySet<string> => {
  let values = 0;
  // Each value but the first follows one of them. An iterator takes twenty times as long.
  for (let at = 0; at < document.length; at += 1) {
    const byte = document[at];
    if (byte === COMMA || byte === COLON || byte === BRACKET || byte === BRACE) values += 1;
  }
  if (values > MAX_VALUES) throw new RangeError(`The list has more than ${MAX_VALUES} values.`);
  const list: unknown = parseForeignJson(document.toString());
  if (!isObject(list) || !isObject(list.entries)) throw new RangeError('The list has no entries.');
  return new Set(Object.keys(list.entries).map((serial) => serial.toLowerCase().replace(/^0+(?=.)/, '')));
};
