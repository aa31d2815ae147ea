import { type CodeType, type OathDevice, type RecoveryCodeSets, readCarriedCode } from '@assent/factors';
import type { PushDevice } from '@assent/push';
import type { CarriedUser } from '@assent/server';
import type { Stored } from '../../command/stored.ts';
import { changesOfCounts, changesOfUse } from '../devices/changes-of-devices.ts';
import { freeKeys } from './free-keys.ts';
import {
  type Change,
  changesOfAccount,
  freeUuid,
  type Newcomer,
  type NewUser,
  trailOf,
  type User,
} from './newcomer.ts';
import type { Notice, Reason } from './notice.ts';

export interface CarriedRules {
  readonly stored: Pick<Stored<unknown>, 'io' | 'server' | 'store'>;
  readonly realm: string;
  /** The generations of consents to the clients of the realm, by id; undefined where the realm is not there yet. */
  readonly clients: ReadonlyMap<string, string | undefined> | undefined;
  readonly codes: RecoveryCodeSets;
}

type Owner = Pick<User, 'id' | 'realm' | 'username'>;
type Secret = NonNullable<CarriedUser['secret']>;
const TYPES: readonly CodeType[] = ['push', 'oath', 'webauthn'];
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'));

/** Attributes that the file gives somebody: those that prove or allow something, from what was sealed alone. */
const attributesOf = ({ server }: CarriedRules['stored'], { plain, secret }: CarriedUser) => {
  const names = Object.keys(plain.attributes);
  const taken = Object.entries(plain.attributes).filter(([name]) => !server.provesOrAllows(name));
  return {
    attributes: { ...Object.fromEntries(taken), ...secret?.attributes },
    notTaken: names.filter(server.provesOrAllows),
  };
};

const consentsOf = ({ clients, realm }: CarriedRules, { plain }: CarriedUser, userId: string) =>
  plain.consents
    .filter(({ clientId }) => clients?.has(clientId) !== false)
    .map(({ clientId, scopes, agreedAt }) => {
      const clientGeneration = clients?.get(clientId);
      const time = agreedAt === undefined ? {} : { agreedAt };
      return { realm, userId, clientId, scopes, ...time, ...(clientGeneration !== undefined && { clientGeneration }) };
    });

/** What of a user stays behind, and can be told before anybody looks who is here. */
const noticesOf = (rules: CarriedRules, user: CarriedUser): readonly Notice[] => {
  const { username, has, consents } = user.plain;
  const notice = (reason: Reason, detail?: string): Notice => ({
    user: username,
    reason,
    ...(detail !== undefined && { detail }),
  });
  const isLeft = user.secret === undefined;
  const { phones, generators, passkeys = 0, boundDevices = 0, codes } = has;
  const devices = phones + generators + passkeys + boundDevices + codes;
  const unknown = consents.filter(({ clientId }) => rules.clients?.has(clientId) === false);
  return [
    ...(isLeft && has.password ? [notice('PASSWORD_LEFT_OUT')] : []),
    ...(isLeft && devices > 0 ? [notice('DEVICES_LEFT_OUT')] : []),
    ...attributesOf(rules.stored, user).notTaken.map((name) => notice('ATTRIBUTE_NOT_TAKEN', name)),
    ...unknown.map(({ clientId }) => notice('CONSENT_CLIENT', clientId)),
  ];
};

const phonesOf = (secret: Secret | undefined, { rules, owner }: { rules: CarriedRules; owner: Owner }) =>
  Promise.all(
    (secret?.phones ?? []).map(async (it): Promise<PushDevice> => {
      const { devices } = rules.stored.store;
      const uuid = (await freeUuid(devices, it.uuid, owner.id)) ?? rules.stored.io.randomUuid();
      return { ...it, secret: bytesOf(it.secret), uuid, ...ownedBy(owner) };
    }),
  );

const generatorsOf = (secret: Secret | undefined, { rules, owner }: { rules: CarriedRules; owner: Owner }) =>
  Promise.all(
    (secret?.generators ?? []).map(async (it): Promise<OathDevice> => {
      const { oathDevices } = rules.stored.store;
      const uuid = (await freeUuid(oathDevices, it.uuid, owner.id)) ?? rules.stored.io.randomUuid();
      return { ...it, secret: bytesOf(it.secret), uuid, ...ownedBy(owner) };
    }),
  );

/** Passkeys and bound devices, but those that somebody else has here; `id` is undefined where the owner is not here yet. */
const keysOf = async (
  secret: Secret | undefined,
  { rules, owner }: { rules: CarriedRules; owner: Owner },
  id: string | undefined,
) => {
  const { passkeys = [], boundDevices = [] } = secret ?? {};
  const free = await freeKeys(rules.stored, { ...owner, id }, { passkeys, boundDevices });
  return {
    passkeys: free.passkeys.map((it) => ({ ...it, ...ownedBy(owner) })),
    boundDevices: free.boundDevices.map((it) => ({ ...it, ...ownedBy(owner) })),
    notices: free.notices,
  };
};

const ownedBy = ({ id: userId, realm, username }: Owner) => ({ userId, realm, username, rev: 0 });

const codesOf = ({ codes, realm }: CarriedRules, secret: Secret | undefined, userId: string, deviceType: CodeType) =>
  (secret?.codes[deviceType] ?? []).flatMap((it) => codes.importedRowOf({ realm, userId, deviceType }, it) ?? []);

const created = async (rules: CarriedRules, given: CarriedUser): Promise<NewUser> => {
  const { plain, secret } = given;
  const { io, store } = rules.stored;
  const { username, active, entryId } = plain;
  // Applications may know the user by it, and so do cookies.
  const isErased = (await store.erasures.among([plain.id])).length > 0;
  const isFree = !isErased && (await store.identities.findById(plain.id)) === undefined;
  const id = isFree ? plain.id : io.randomUuid();
  const of = { rules, owner: { id, realm: rules.realm, username } };
  const [devices, oathDevices, keys] = await Promise.all([
    phonesOf(secret, of),
    generatorsOf(secret, of),
    keysOf(secret, of, undefined),
  ]);
  return {
    user: {
      id,
      realm: rules.realm,
      username,
      active,
      attributes: attributesOf(rules.stored, given).attributes,
      credentialRev: secret?.credentialRev ?? 1,
      ...(secret?.hash !== undefined && { hash: secret.hash }),
      ...(entryId !== undefined && { entryId, entryMark: secret?.entryMark ?? '' }),
      devices,
      oathDevices,
      passkeys: keys.passkeys,
      boundDevices: keys.boundDevices,
      codes: TYPES.flatMap((type) => codesOf(rules, secret, id, type)),
      consents: consentsOf(rules, given, id),
    },
    trail: trailOf(io, 'USER_CREATE', rules.realm, id),
    notices: [
      ...(isFree ? [] : [{ user: username, reason: isErased ? 'ID_ERASED' : 'ID_TAKEN' } as const]),
      ...keys.notices,
    ],
  };
};

/** What the user has here by now. */
const knownOf = async ({ stored: { store } }: CarriedRules, { id }: User, { plain }: CarriedUser) => {
  const { identities, devices, oathDevices, passkeys, boundDevices, consents } = store;
  const [hash, phones, generators, keys, bound, codes, ...agreed] = await Promise.all([
    identities.passwordHash(id),
    devices.ofUser(id),
    oathDevices.ofUser(id),
    passkeys.ofUser(id),
    boundDevices.ofUser(id),
    devices.codesOfUser(id),
    ...plain.consents.map(({ clientId }) => consents.get(id, clientId)),
  ]);
  return { hash, phones, generators, passkeys: keys, boundDevices: bound, codes, agreed };
};

type Known = Awaited<ReturnType<typeof knownOf>>;

/** New devices, and codes with the first of their kind; what was used or replaced since where they come from is used here, too. */
const changesOfDevices = async (
  rules: CarriedRules,
  owner: User,
  secret: Secret,
  { phones, generators, passkeys, boundDevices, codes }: Known,
): Promise<Awaited<ReturnType<Newcomer['updated']>>> => {
  const [given, givenGenerators, givenKeys] = await Promise.all([
    phonesOf(secret, { rules, owner }),
    generatorsOf(secret, { rules, owner }),
    keysOf(secret, { rules, owner }, owner.id),
  ]);
  const newPhones = given.filter(
    (it) => !phones.some(({ uuid, mechanismUid }) => uuid === it.uuid || mechanismUid === it.mechanismUid),
  );
  const newGenerators = givenGenerators.filter(
    (it) => !generators.some(({ uuid, secret: key }) => uuid === it.uuid || Buffer.compare(key, it.secret) === 0),
  );
  const newPasskeys = givenKeys.passkeys.filter(
    (it) => !passkeys.some(({ credentialId }) => credentialId === it.credentialId),
  );
  const newBound = givenKeys.boundDevices.filter((it) => !boundDevices.some(({ uuid }) => uuid === it.uuid));
  const had = { push: phones.length, oath: generators.length, webauthn: passkeys.length };
  const kept = new Set(TYPES.flatMap((type) => (secret.codes[type] ?? []).map((hash) => `${type} ${hash}`)));
  const over = codes.filter(
    ({ deviceType, hash }) => readCarriedCode(hash) !== undefined && !kept.has(`${deviceType} ${hash}`),
  );
  const ofKind = (type: CodeType): readonly Change[] => {
    const rows = codesOf(rules, secret, owner.id, type);
    const hasSome = had[type] > 0 || codes.some(({ deviceType }) => deviceType === type);
    return hasSome || rows.length === 0 ? [] : [{ type: 'codes.replace', userId: owner.id, deviceType: type, rows }];
  };
  // How many a user may have was for the other server to say.
  const most = (count: number, more: number) => ({ maxDevices: count + more });
  const changes = [
    ...newPhones.map((row) => ({ type: 'device.insert', row, ...most(phones.length, newPhones.length) })),
    ...newGenerators.map((row) => ({ type: 'oath.insert', row, ...most(generators.length, newGenerators.length) })),
    ...newPasskeys.map((row) => ({ type: 'passkey.insert', row, ...most(passkeys.length, newPasskeys.length) })),
    ...newBound.map((row) => ({ type: 'bound.insert', row, ...most(boundDevices.length, newBound.length) })),
    ...changesOfUse(generators, givenGenerators),
    ...changesOfCounts(passkeys, givenKeys.passkeys),
    ...over.map(({ id }) => ({ type: 'code.use', id })),
    ...TYPES.flatMap(ofKind),
  ];
  return { changes, notices: givenKeys.notices };
};

const updated = async (rules: CarriedRules, user: User, given: CarriedUser): ReturnType<Newcomer['updated']> => {
  const { plain, secret } = given;
  const known = await knownOf(rules, user, given);
  // It counts the passwords that there were: the one of whoever has chosen more of them is the later one.
  const isLater = secret?.hash !== undefined && secret.hash !== known.hash && secret.credentialRev > user.credentialRev;
  const consents = consentsOf(rules, given, user.id).filter(({ clientId, clientGeneration, scopes, agreedAt = 0 }) => {
    const before = known.agreed.find((it) => it?.clientId === clientId && it.clientGeneration === clientGeneration);
    return scopes.some((scope) => before?.scopes.includes(scope) !== true) || agreedAt > (before?.agreedAt ?? 0);
  });
  const ofDevices =
    secret === undefined ? { changes: [], notices: [] } : await changesOfDevices(rules, user, secret, known);
  const changes = [
    ...changesOfAccount(user, {
      attributes: attributesOf(rules.stored, given).attributes,
      active: plain.active,
      hash: isLater ? secret.hash : undefined,
    }),
    ...ofDevices.changes,
    ...consents.map((row) => ({ type: 'consent.save', row })),
  ];
  const { notices } = ofDevices;
  if (changes.length === 0) return { changes, notices };
  return { changes: [...changes, trailOf(rules.stored.io, 'USER_UPDATE', user.realm, user.id)], notices };
};

/** A user of a file of ours, as one who comes to the realm with all that a person would miss. */
export const carriedAsNewcomer = (rules: CarriedRules, user: CarriedUser): Newcomer => ({
  username: user.plain.username,
  idThere: user.plain.id,
  notices: noticesOf(rules, user),
  groups: [],
  // Ids are never given twice, and what was sealed nobody has changed.
  isCertainly: (here) => user.secret !== undefined && user.plain.id === here.id,
  created: () => created(rules, user),
  updated: (here) => updated(rules, here, user),
});
