import { carriedCodeHash, codeKeyId, IMPORTED_SELECTOR, readCarriedCode } from '@assent/factors';
import type { CarriedUser, PassphraseKey } from '@assent/server';
import type { Store } from '@assent/store';
import { ownVersion } from '../command/program-version.ts';
import type { Stored } from '../command/stored.ts';

type User = Awaited<ReturnType<Store['identities']['page']>>['users'][number];
type Secret = NonNullable<CarriedUser['secret']>;

/** Users who are held at once. */
const PAGE = 250;
/** As many applications as a user has agreed to. */
const MAX_CONSENTS = 1_000;

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/** What an export of users needs, and where its lines come from. */
export interface UsersExport {
  readonly realm: string;
  readonly isOfDirectory: boolean;
  /** Undefined where secrets are left out. */
  readonly passphrase: PassphraseKey | undefined;
}

/** Turns users into lines; knows the keys that codes are under, and the generations of consents to the clients of the realm. */
class Carrier {
  readonly #store: Store;
  readonly #server: Stored<unknown>['server'];
  readonly #ownKey: Uint8Array;
  readonly #clients: ReadonlyMap<string, string | undefined>;
  readonly #carriedKey: (keyId: string) => Promise<Uint8Array | undefined>;

  constructor(
    { store, server }: Pick<Stored<unknown>, 'store' | 'server'>,
    ownKey: Uint8Array,
    clients: ReadonlyMap<string, string | undefined>,
  ) {
    this.#clients = clients;
    this.#store = store;
    this.#server = server;
    this.#ownKey = ownKey;
    this.#carriedKey = server.carriedCodeKeys(store.secrets);
  }

  async carry(user: User): Promise<{ readonly plain: CarriedUser['plain']; readonly secret: Secret }> {
    const { id } = user;
    const { identities, devices, oathDevices, passkeys, boundDevices, consents } = this.#store;
    const [hash, phones, generators, keys, bound, codes, agreed] = await Promise.all([
      identities.passwordHash(id),
      devices.ofUser(id),
      oathDevices.ofUser(id),
      passkeys.ofUser(id),
      boundDevices.ofUser(id),
      devices.codesOfUser(id),
      consents.ofUser(id, { limit: MAX_CONSENTS }),
    ]);
    const attributesWhere = (isMeant: (name: string) => boolean): Record<string, string[]> =>
      Object.fromEntries(
        Object.entries(user.attributes).flatMap(([name, values]) => (isMeant(name) ? [[name, [...values]]] : [])),
      );
    const { provesOrAllows } = this.#server;
    return {
      plain: {
        id,
        username: user.username,
        active: user.active,
        attributes: attributesWhere((name) => !provesOrAllows(name)),
        // A consent to an earlier client of the id would be one to the client that the file creates.
        consents: agreed
          .filter((it) => this.#clients.has(it.clientId) && this.#clients.get(it.clientId) === it.clientGeneration)
          .map(({ clientId, scopes, agreedAt }) => ({
            clientId,
            scopes: [...scopes],
            ...(agreedAt !== undefined && { agreedAt }),
          })),
        ...(user.entryId !== undefined && { entryId: user.entryId }),
        has: {
          password: hash !== undefined,
          phones: phones.length,
          generators: generators.length,
          ...(keys.length > 0 && { passkeys: keys.length }),
          ...(bound.length > 0 && { boundDevices: bound.length }),
          codes: codes.length,
        },
      },
      secret: {
        ...(hash !== undefined && { hash }),
        credentialRev: user.credentialRev,
        ...(user.entryMark !== undefined && { entryMark: user.entryMark }),
        attributes: attributesWhere(provesOrAllows),
        phones: phones.map(
          ({ realm: _realm, userId: _user, username: _name, pending: _pending, rev: _rev, secret, ...phone }) => ({
            ...phone,
            refreshHashes: [...phone.refreshHashes],
            secret: base64url(secret),
          }),
        ),
        generators: generators.map(
          ({ realm: _realm, userId: _user, username: _name, rev: _rev, secret, ...generator }) => ({
            ...generator,
            secret: base64url(secret),
          }),
        ),
        ...(keys.length > 0 && {
          passkeys: keys.map(({ realm: _realm, userId: _user, username: _name, rev: _rev, ...passkey }) => ({
            ...passkey,
            transports: [...passkey.transports],
          })),
        }),
        ...(bound.length > 0 && {
          boundDevices: bound.map(({ realm: _realm, userId: _user, username: _name, rev: _rev, ...device }) => device),
        }),
        ...(await this.#codes(codes)),
      },
    };
  }

  /** Hashes that say under which key they are, with these keys: another server has another one. */
  async #codes(
    rows: Awaited<ReturnType<Store['devices']['codesOfUser']>>,
  ): Promise<Pick<Secret, 'codes' | 'codeKeys'>> {
    const ownKeyId = codeKeyId(this.#ownKey);
    const carried = rows.map(({ deviceType, userId, selector, hash }) => ({
      deviceType,
      hash: selector === IMPORTED_SELECTOR ? hash : carriedCodeHash(ownKeyId, userId, hash),
    }));
    const ids = new Set(carried.flatMap(({ hash }) => readCarriedCode(hash)?.keyId ?? []));
    const keys = await Promise.all([...ids].map((it) => (it === ownKeyId ? this.#ownKey : this.#carriedKey(it))));
    const hashesOf = (type: string) => carried.flatMap(({ deviceType, hash }) => (deviceType === type ? [hash] : []));
    const webauthn = hashesOf('webauthn');
    return {
      codes: { push: hashesOf('push'), oath: hashesOf('oath'), ...(webauthn.length > 0 && { webauthn }) },
      codeKeys: keys.flatMap((key) => (key === undefined ? [] : [base64url(key)])),
    };
  }
}

/** The text of a file with all users of a realm, of whom a page at a time is read; returns how many there are. */
export async function* usersFileOf(
  stored: Pick<Stored<unknown>, 'store' | 'server'>,
  { realm, isOfDirectory, passphrase }: UsersExport,
): AsyncGenerator<string, number> {
  const { store, server } = stored;
  const writer = await server.UsersFileWriter.begin({ realm, version: ownVersion(), isOfDirectory }, passphrase);
  const { clients } = await store.configuration.load();
  const ofRealm = server.consentGenerations(clients.filter((it) => it.realm === realm));
  const carrier = new Carrier(stored, await server.recoveryCodePepper(store), ofRealm);
  yield writer.head();
  for (let after: string | undefined; ; ) {
    const { users, next } = await store.identities.page(realm, { limit: PAGE, ...(after !== undefined && { after }) });
    const carried = await Promise.all(users.map((user) => carrier.carry(user)));
    yield carried.map((it) => writer.line(it)).join('');
    if (next === undefined) break;
    after = next;
  }
  yield writer.end();
  return writer.count;
}
