import { hasLongCombiningRun, SECRET_ATTRIBUTES, SERVER_ATTRIBUTES, STATUS_ATTRIBUTE } from '@assent/engine';
import { PROFILES_ATTRIBUTE } from '../../contextual/device/saved-profiles.ts';
import { isUsernameAttribute } from './find-user.ts';
import { attributeName, isPasswordAttribute } from './user-attributes.ts';

/** Attributes that decide over rights, or that the server keeps by rules of its own: nothing that was collected goes there. */
const PROTECTED_ATTRIBUTES: ReadonlySet<string> = new Set([
  'assentRoles',
  ...SERVER_ATTRIBUTES,
  'createTimestamp',
  'loginCount',
  'retryLimitNodeCount',
  PROFILES_ATTRIBUTE,
]);

const NAME = /^[A-Za-z][\w.-]{0,63}(\/[\w.-]{1,64}){0,3}$/;
const MAX_VALUES = 100;
export const MAX_VALUE_LENGTH = 4_096;

/** What was collected, as the user table takes it. */
export interface UserFields {
  readonly username?: string;
  readonly password?: string;
  /** An empty list removes one. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  /** Security questions with their answers, still in clear. */
  readonly answers?: unknown;
  /** What cannot be written, or not by a journey. */
  readonly refused: readonly string[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** Absent and empty values are none. */
const valuesFrom = (value: unknown): readonly string[] =>
  [value].flat().flatMap((one: unknown) => (one === null || one === undefined || one === '' ? [] : [textOf(one)]));

/** Members of objects become pointers: `{"preferences": {"updates": true}}` is `preferences/updates`. */
const flattened = (collected: Readonly<Record<string, unknown>>, before = ''): [string, unknown][] =>
  Object.entries(collected).flatMap(([name, value]): [string, unknown][] =>
    isObject(value) ? flattened(value, `${before}${name}/`) : [[before + name, value]],
  );

export const fieldsOf = (collected: Readonly<Record<string, unknown>>, ignored: readonly string[] = []): UserFields => {
  const left = new Set(ignored.map(attributeName));
  const attributes: Record<string, readonly string[]> = {};
  const refused: string[] = [];
  let special: Omit<UserFields, 'attributes' | 'refused'> = {};
  for (const [name, value] of flattened(collected)) {
    if (name.startsWith('_') || left.has(name) || left.has(name.split('/', 1)[0] ?? '')) continue;
    const values = valuesFrom(value);
    if (isUsernameAttribute(name)) special = { ...special, ...(values[0] !== undefined && { username: values[0] }) };
    else if (isPasswordAttribute(name)) {
      special = { ...special, ...(values[0] !== undefined && { password: values[0] }) };
    } else if (SECRET_ATTRIBUTES.has(name)) special = { ...special, answers: value };
    else if (name === 'accountStatus' || name === STATUS_ATTRIBUTE) {
      attributes[STATUS_ATTRIBUTE] = [values[0]?.toLowerCase() === 'inactive' ? 'Inactive' : 'Active'];
    } else if (
      NAME.test(name) &&
      !PROTECTED_ATTRIBUTES.has(name) &&
      values.length <= MAX_VALUES &&
      values.every((it) => it.length <= MAX_VALUE_LENGTH && !hasLongCombiningRun(it))
    ) {
      attributes[name] = values;
    } else refused.push(name.slice(0, 64));
  }
  return { ...special, attributes, refused };
};

/** Where a user keeps which terms were accepted, and when. */
export const TERMS_VERSION_ATTRIBUTE = 'termsAccepted/termsVersion';
const TERMS_DATE_ATTRIBUTE = 'termsAccepted/acceptDate';

export const termsAttributes = (
  accepted: { readonly termsVersion: string; readonly acceptDate: string } | undefined,
): Readonly<Record<string, readonly string[]>> =>
  accepted === undefined
    ? {}
    : { [TERMS_VERSION_ATTRIBUTE]: [accepted.termsVersion], [TERMS_DATE_ATTRIBUTE]: [accepted.acceptDate] };

/** Whether a user may be asked for an attribute: not where it is a proof, or decides over rights. */
export const isCollectable = (name: string): boolean =>
  NAME.test(name) &&
  !isPasswordAttribute(name) &&
  !SECRET_ATTRIBUTES.has(name) &&
  !PROTECTED_ATTRIBUTES.has(name) &&
  name !== STATUS_ATTRIBUTE &&
  name !== 'accountStatus';
