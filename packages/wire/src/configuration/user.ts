import { hasLongCombiningRun } from '@assent/engine';
import { MAX_COMBINING_RUN } from '@assent/engine/host';
import { isJsonObject, type JsonObject } from '../json.ts';

export type Attributes = Readonly<Record<string, readonly string[]>>;

/** A user as REST shows one: names are texts, every attribute is an array (design.md §3.3 "users REST"). */
export interface UserRecord {
  readonly username: string;
  readonly realm: string;
  readonly universalId: string;
  readonly active: boolean;
  readonly rev: number;
  readonly attributes: Attributes;
}

export const formatUser = ({ username, realm, universalId, active, rev, attributes }: UserRecord): JsonObject => ({
  ...attributes,
  _id: username,
  _rev: String(rev),
  username,
  realm,
  uid: [username],
  universalid: [universalId],
  inetUserStatus: [active ? 'Active' : 'Inactive'],
});

/** What a body asks of a user; `attributes` holds an empty list for one that is to go. */
export interface UserChange {
  readonly username?: string;
  readonly password?: string;
  readonly active?: boolean;
  readonly attributes: Attributes;
}

export type ParsedUser = { readonly change: UserChange } | { readonly field: string; readonly reason: string };

const MAX_ATTRIBUTES = 100;
const MAX_VALUES = 100;
const MAX_VALUE_LENGTH = 4_096;
/** A member of an object stands under its pointer: `preferences/updates`. */
const NAME = /^[A-Za-z][\w.-]{0,63}(\/[\w.-]{1,64}){0,3}$/;

const valuesOf = (value: unknown): readonly string[] | undefined => {
  if (value === null || value === '') return [];
  const values = Array.isArray(value) ? value : [value];
  return values.length <= MAX_VALUES && values.every((it) => typeof it === 'string' && it.length <= MAX_VALUE_LENGTH)
    ? (values as readonly string[])
    : undefined;
};

const one = (value: unknown): unknown => (Array.isArray(value) && value.length === 1 ? value[0] : value);

/** Members that begin with `_` are ignored, as everywhere in AM's REST. */
export const parseUser = (body: unknown): ParsedUser => {
  if (!isJsonObject(body)) return { field: '', reason: 'The body must be a JSON object.' };
  const attributes: Record<string, readonly string[]> = {};
  let change: Omit<UserChange, 'attributes'> = {};
  for (const [name, value] of Object.entries(body)) {
    if (name.startsWith('_')) continue;
    const text = one(value);
    if (name === 'username') {
      if (typeof text !== 'string') return { field: name, reason: 'username must be a text.' };
      change = { ...change, username: text };
    } else if (name.toLowerCase() === 'userpassword') {
      if (typeof text !== 'string') return { field: name, reason: `${name} must be a text.` };
      change = { ...change, password: text };
    } else if (name === 'inetUserStatus') {
      if (text !== 'Active' && text !== 'Inactive')
        return { field: name, reason: 'inetUserStatus is Active or Inactive.' };
      change = { ...change, active: text === 'Active' };
    } else {
      const values = valuesOf(value);
      if (!NAME.test(name))
        return {
          field: name.slice(0, 64),
          reason: 'An attribute has a name of letters, digits, _ . - and / between the members of objects.',
        };
      if (values === undefined) {
        const reason = `${name} must be a text or an array of at most ${MAX_VALUES} texts of ${MAX_VALUE_LENGTH} characters.`;
        return { field: name, reason };
      }
      if (values.some(hasLongCombiningRun)) {
        const reason = `${name} has a value with more than ${MAX_COMBINING_RUN} combining characters in a row. Remove some of them.`;
        return { field: name, reason };
      }
      attributes[name] = values;
    }
  }
  if (Object.keys(attributes).length > MAX_ATTRIBUTES) {
    return { field: '', reason: `A user has at most ${MAX_ATTRIBUTES} attributes.` };
  }
  return { change: { ...change, attributes } };
};

const MASK = '********';

/** A stored phone as the text of its profile: every documented member, no secret, token or code (push-protocol §6). */
export const formatPushProfile = (device: {
  readonly uuid: string;
  readonly deviceName: string;
  readonly issuer: string;
  readonly mechanismUid: string;
  readonly deviceType: string;
  readonly communicationType: string;
  readonly createdAt: number;
  readonly lastAccessAt: number;
}): string =>
  JSON.stringify({
    uuid: device.uuid,
    deviceName: device.deviceName,
    sharedSecret: MASK,
    issuer: device.issuer,
    deviceMechanismUID: device.mechanismUid,
    deviceId: MASK,
    deviceType: device.deviceType,
    communicationType: device.communicationType,
    communicationId: MASK,
    recoveryCodes: [],
    createdDate: device.createdAt,
    lastAccessDate: device.lastAccessAt,
  });

/** The profile of a generator of one-time passwords. */
export const formatOathProfile = (device: {
  readonly uuid: string;
  readonly deviceName: string;
  readonly lastLoginSeconds: number;
  readonly counter: number;
  readonly checksumDigit: boolean;
  readonly truncationOffset: number;
  readonly clockDriftSeconds: number;
  readonly createdAt: number;
  readonly lastAccessAt: number;
}): string =>
  JSON.stringify({
    uuid: device.uuid,
    deviceName: device.deviceName,
    sharedSecret: MASK,
    lastLogin: device.lastLoginSeconds,
    counter: device.counter,
    checksumDigit: device.checksumDigit,
    truncationOffset: device.truncationOffset,
    clockDriftSeconds: device.clockDriftSeconds,
    recoveryCodes: [],
    createdDate: device.createdAt,
    lastAccessDate: device.lastAccessAt,
  });
