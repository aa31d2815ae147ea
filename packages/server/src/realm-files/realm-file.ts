import { createHash } from 'node:crypto';
import type { NodeDefinition } from '@assent/engine';
import { isJsonObject, type JsonObject } from '@assent/wire';
import { sorted } from '../realms/configuration-writes.ts';
import type { PassphraseKey } from './passphrase-key.ts';
import { bodyOf } from './realm-body.ts';
import type { RealmContents } from './realm-contents.ts';
import { RealmFileRefused } from './realm-file-refused.ts';
import { openValues, type SealedValues, sealValues } from './sealed-values.ts';
import { pathOf, pointerOf, secretValuesOf, withValueAt } from './secret-values.ts';

/** Raised where an older program would misread what a newer one writes. */
const FORMAT = 1;

/** The members that are about the file, and not of the realm. */
const HEAD: ReadonlySet<string> = new Set(['assent', 'leftOut', 'secrets', 'sha256']);

/** The secret of a client: only what it is digested to is kept, under a key that no server tells. */
const CLIENT_SECRET: readonly string[] = ['coreOAuth2ClientConfig', 'userpassword'];

export interface RealmFile {
  /** The path of the realm where it was exported. */
  readonly realm: string;
  /** The version of Assent that wrote it. */
  readonly version: string;
  /** The realm without its secrets, or with those that were opened. */
  readonly body: JsonObject;
  /** Secrets that are not in the body though the realm had values of them, as JSON pointers. */
  readonly leftOut: readonly string[];
  /** What the secrets that are in it have been bound to. */
  readonly digest: string;
  readonly sealed: SealedValues | undefined;
}

const digestOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');

interface WriteOptions {
  readonly version: string;
  readonly catalogue: ReadonlyMap<string, NodeDefinition>;
  /** With it, secrets come along, sealed under it; without it they are left out, and listed. */
  readonly passphrase: PassphraseKey | undefined;
}

/** Writes a realm as text: the same for the same realm, but for secrets, which are sealed anew each time. */
export const writeRealmFile = async (
  contents: RealmContents,
  { version, catalogue, passphrase }: WriteOptions,
): Promise<{ readonly text: string; readonly leftOut: readonly string[]; readonly sealed: number }> => {
  const whole = bodyOf(contents);
  const secrets = secretValuesOf(whole, catalogue);
  const body = secrets.reduce((rest, { pointer }) => withValueAt(rest, pathOf(pointer), undefined), whole);
  const ofClients = contents.clients
    .filter(({ secretDigest }) => secretDigest !== undefined)
    .map(({ id }) => pointerOf(['application', id, ...CLIENT_SECRET]));
  // Also where there is none to seal, so that whoever has the passphrase knows a file from which they were taken.
  const isSealed = passphrase !== undefined;
  const leftOut = [...(isSealed ? [] : secrets.map(({ pointer }) => pointer)), ...ofClients].sort();
  const plain = { assent: { format: FORMAT, version, realm: contents.settings.realm }, leftOut, ...body };
  const values = Object.fromEntries(secrets.map(({ pointer, value }) => [pointer, value]));
  const file = {
    ...plain,
    ...(isSealed && {
      secrets: { at: Object.keys(values), ...(await sealValues(values, passphrase, digestOf(plain))) },
    }),
  };
  const sha256 = digestOf(file);
  const text = `${JSON.stringify(sorted({ ...file, sha256 }), undefined, 2)}\n`;
  return { text, leftOut, sealed: isSealed ? secrets.length : 0 };
};

const sealedOf = (value: unknown): SealedValues | undefined => {
  if (value === undefined) return undefined;
  const { salt, nonce, sealed } = isJsonObject(value) ? value : {};
  if (typeof salt === 'string' && typeof nonce === 'string' && typeof sealed === 'string')
    return { salt, nonce, sealed };
  throw new RealmFileRefused('secrets has to have salt, nonce and sealed.');
};

const textsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : []).filter((it) => typeof it === 'string');

/** Reads the text of a file, whole and unchanged. Throws {@link RealmFileRefused}. */
export const readRealmFile = (text: string): RealmFile => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RealmFileRefused('It is no whole JSON: it may have been cut off. Export the realm again.');
  }
  const file: JsonObject = isJsonObject(value) ? value : {};
  const { format, version, realm } = isJsonObject(file.assent) ? file.assent : {};
  if (typeof format !== 'number' || typeof version !== 'string' || typeof realm !== 'string') {
    throw new RealmFileRefused('It has no member "assent", as an export of a realm has.');
  }
  if (format !== FORMAT) {
    throw new RealmFileRefused(
      `Its format is ${format}, and this program reads ${FORMAT}. It was written by Assent ${version}: use that here, too.`,
    );
  }
  const { sha256, ...summed } = file;
  if (sha256 !== digestOf(summed)) {
    throw new RealmFileRefused('It is not as it was written: its sha256 is another one. Export the realm again.');
  }
  const { secrets, ...plain } = summed;
  return {
    realm,
    version,
    body: Object.fromEntries(Object.entries(plain).filter(([name]) => !HEAD.has(name))),
    leftOut: [...textsOf(file.leftOut), ...textsOf(isJsonObject(secrets) ? secrets.at : [])].sort(),
    digest: digestOf(plain),
    sealed: sealedOf(secrets),
  };
};

/** The file with the secrets that are sealed in it. Throws {@link RealmFileRefused} where the passphrase is another one. */
export const openRealmFile = async (file: RealmFile, passphrase: PassphraseKey): Promise<RealmFile> => {
  if (file.sealed === undefined) return file;
  const values = await openValues(file.sealed, passphrase, file.digest);
  if (!isJsonObject(values)) {
    throw new RealmFileRefused('Its secrets do not open: the passphrase is another one, or the file was changed.');
  }
  const body = Object.entries(values).reduce((rest, [at, value]) => withValueAt(rest, pathOf(at), value), file.body);
  const leftOut = file.leftOut.filter((at) => !Object.hasOwn(values, at));
  return { ...file, body, leftOut, sealed: undefined };
};
