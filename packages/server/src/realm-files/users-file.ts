import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { isJsonObject } from '@assent/wire';
import type { z } from 'zod';
import { type CarriedUser, type PlainPart, plainPart, type SecretPart, secretPart } from './carried-user.ts';
import type { PassphraseKey } from './passphrase-key.ts';
import { RealmFileRefused } from './realm-file-refused.ts';

/** Raised where an older program would misread what a newer one writes. */
const FORMAT = 1;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/** What the first line of a file says. */
export interface UsersFileHead {
  readonly realm: string;
  /** The version of Assent that wrote it. */
  readonly version: string;
  /** The passwords of the users are kept in a directory, which the realm names. */
  readonly isOfDirectory: boolean;
  /** Secrets are in it, under a key of a passphrase and this salt, in base64url. */
  readonly salt?: string;
}

const headLine = ({ realm, version, ...facts }: UsersFileHead): string =>
  JSON.stringify({ assent: { format: FORMAT, users: realm, version, ...facts } });

/** Each line is bound to the first one, so that it opens in no other file, and to all that it says besides. */
const boundTo = (head: string, plain: unknown): string => `${head}\n${JSON.stringify(plain)}`;

const seal = (key: Buffer, bound: string, secret: SecretPart): string => {
  const nonce = randomBytes(NONCE_LENGTH);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_LENGTH });
  cipher.setAAD(Buffer.from(bound));
  return Buffer.concat([nonce, cipher.update(JSON.stringify(secret)), cipher.final(), cipher.getAuthTag()]).toString(
    'base64url',
  );
};

const open = (key: Buffer, bound: string, sealed: string): unknown => {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < NONCE_LENGTH + TAG_LENGTH) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_LENGTH), {
    authTagLength: TAG_LENGTH,
  });
  decipher.setAAD(Buffer.from(bound));
  decipher.setAuthTag(bytes.subarray(-TAG_LENGTH));
  try {
    return JSON.parse(
      Buffer.concat([decipher.update(bytes.subarray(NONCE_LENGTH, -TAG_LENGTH)), decipher.final()]).toString(),
    );
  } catch {
    return undefined;
  }
};

/** Proves that all lines are there, each in its place, to whoever has the passphrase. */
const macOf = (key: Buffer, sha256: string): Buffer =>
  createHmac('sha256', key).update(`end of users\0${sha256}`).digest();

/** Writes users as lines of JSON; with a passphrase their secrets are sealed under it, without one they are left out. */
export class UsersFileWriter {
  readonly #head: string;
  readonly #key: Buffer | undefined;
  readonly #sum = createHash('sha256');
  #count = 0;

  private constructor(head: string, key: Buffer | undefined) {
    this.#head = head;
    this.#key = key;
  }

  static async begin(
    head: Omit<UsersFileHead, 'salt'>,
    passphrase: PassphraseKey | undefined,
  ): Promise<UsersFileWriter> {
    if (passphrase === undefined) return new UsersFileWriter(headLine(head), undefined);
    const salt = randomBytes(16);
    const key = await passphrase(salt);
    return new UsersFileWriter(headLine({ ...head, salt: salt.toString('base64url') }), key);
  }

  get count(): number {
    return this.#count;
  }

  head(): string {
    return this.#summed(this.#head);
  }

  line({ plain, secret }: { readonly plain: PlainPart; readonly secret: SecretPart }): string {
    this.#count += 1;
    const key = this.#key;
    return this.#summed(
      JSON.stringify(key === undefined ? plain : { ...plain, sealed: seal(key, boundTo(this.#head, plain), secret) }),
    );
  }

  end(): string {
    const sha256 = this.#sum.digest('hex');
    const mac = this.#key && macOf(this.#key, sha256).toString('hex');
    return `${JSON.stringify({ end: { users: this.#count, sha256, ...(mac !== undefined && { mac }) } })}\n`;
  }

  #summed(line: string): string {
    const text = `${line}\n`;
    this.#sum.update(text);
    return text;
  }
}

const refused = (line: number, problem: string): RealmFileRefused =>
  new RealmFileRefused(`Line ${line}: ${problem} Export the realm again.`);

const objectOf = (line: string, at: number): Record<string, unknown> => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // The message of the parser quotes what it cannot read.
    value = undefined;
  }
  if (isJsonObject(value)) return value;
  throw refused(at, 'it is no JSON, or was cut off.');
};

/** Reads what stands in the first line. Throws {@link RealmFileRefused}. */
const headOf = (line: string): UsersFileHead => {
  const { assent } = objectOf(line, 1);
  const { format, users, version, isOfDirectory, salt } = isJsonObject(assent) ? assent : {};
  if (typeof users !== 'string' || typeof version !== 'string') {
    throw new RealmFileRefused('Line 1: it does not say what assent export realm --users writes there.');
  }
  if (format !== FORMAT) {
    throw new RealmFileRefused(
      `Line 1: its format is ${String(format)}, and this program reads ${FORMAT}. It was written by Assent ${version}: use that here, too.`,
    );
  }
  return { realm: users, version, isOfDirectory: isOfDirectory === true, ...(typeof salt === 'string' && { salt }) };
};

interface ReadOptions {
  readonly passphrase: PassphraseKey | undefined;
  /** What is secret stays in the file, so that no passphrase is needed. */
  readonly withoutSecrets: boolean;
}

/** Reads a file of users line by line; the memory has one of them at a time. Throws {@link RealmFileRefused}, with the number of the line. */
export class UsersFileReader {
  readonly head: UsersFileHead;
  readonly #first: string;
  readonly #key: Buffer | undefined;

  private constructor(first: string, head: UsersFileHead, key: Buffer | undefined) {
    this.#first = first;
    this.head = head;
    this.#key = key;
  }

  static async begin(firstLine: string, { passphrase, withoutSecrets }: ReadOptions): Promise<UsersFileReader> {
    const head = headOf(firstLine);
    // Whoever cannot open a file can leave out what is sealed in it, and say what they like in the rest.
    if (head.salt === undefined && passphrase !== undefined && !withoutSecrets) {
      throw new RealmFileRefused(
        'Line 1: it is not sealed, though a passphrase is given, so that somebody may have changed it. If it was written without one, leave that out.',
      );
    }
    if (head.salt === undefined || withoutSecrets) return new UsersFileReader(firstLine, head, undefined);
    if (passphrase === undefined) throw new RealmFileRefused('Its secrets are sealed under a passphrase.');
    const key = await passphrase(Buffer.from(head.salt, 'base64url'));
    return new UsersFileReader(firstLine, head, key);
  }

  /** The users of all lines of the file, of which the first is the one that this was begun with; throws where it is not whole, at the latest at its end. */
  async *users(lines: AsyncIterable<string>): AsyncGenerator<CarriedUser> {
    const sum = createHash('sha256');
    let [at, count, isEnded] = [0, 0, false];
    for await (const line of lines) {
      at += 1;
      if (isEnded) throw refused(at, 'it stands behind the end.');
      const isFirst = at === 1;
      if (isFirst && line !== this.#first) throw refused(at, 'it was another one before.');
      const said = isFirst ? {} : objectOf(line, at);
      if ('end' in said) {
        this.#check(said.end, { at, count, sha256: sum.digest('hex') });
        isEnded = true;
        continue;
      }
      sum.update(`${line}\n`);
      if (isFirst) continue;
      count += 1;
      yield this.#userOf(said, at);
    }
    if (!isEnded) throw new RealmFileRefused(`It ends with line ${at}, before its end. Export the realm again.`);
  }

  #check(
    end: unknown,
    { at, count, sha256 }: { readonly at: number; readonly count: number; readonly sha256: string },
  ): void {
    const said = isJsonObject(end) ? end : {};
    if (said.users !== count || said.sha256 !== sha256) {
      throw refused(
        at,
        'the lines before it are not as they were written: their count or their sha256 is another one.',
      );
    }
    if (this.#key === undefined) return;
    const [given, made] = [Buffer.from(String(said.mac), 'hex'), macOf(this.#key, sha256)];
    if (given.length === made.length && timingSafeEqual(given, made)) return;
    throw refused(at, 'somebody has changed the file, who does not have the passphrase.');
  }

  #userOf({ sealed, ...rest }: Record<string, unknown>, at: number): CarriedUser {
    const plain = this.#parsed(plainPart, rest, at);
    if (this.#key === undefined) return { plain, secret: undefined };
    const opened = typeof sealed === 'string' ? open(this.#key, boundTo(this.#first, rest), sealed) : undefined;
    if (opened === undefined) {
      throw new RealmFileRefused(
        `Line ${at}: its secrets do not open: the passphrase is another one, or the file was changed.`,
      );
    }
    return { plain, secret: this.#parsed(secretPart, opened, at) };
  }

  #parsed<T>(schema: z.ZodType<T>, value: unknown, at: number): T {
    const { success, data, error } = schema.safeParse(value);
    if (success) return data;
    const [issue] = error.issues;
    const unknown = issue?.code === 'unrecognized_keys' ? issue.keys : [];
    throw refused(at, `${[...(issue?.path ?? []), ...unknown].map(String).join('.')} is not what it has to be.`);
  }
}
