import { type Identity, SECRET_ATTRIBUTES } from '@assent/engine';
import { isUsernameAttribute } from './find-user.ts';

/** What a user must have to be made, as the user object of AM's identity management has it. */
export const REQUIRED_ATTRIBUTES = ['userName', 'givenName', 'sn', 'mail'] as const;

/** The names under which a password is collected; it is no attribute. */
export const isPasswordAttribute = (attribute: string): boolean => /^(user)?password$/i.test(attribute);

/** `/preferences/updates` and `preferences/updates` are one. */
export const attributeName = (pointer: string): string => pointer.replace(/^\//, '');

/** The values of an attribute as the nodes of identity management see them; of a secret one there are none. */
export const valuesOf = (identity: Identity, pointer: string): readonly string[] => {
  const name = attributeName(pointer);
  if (name === '_id') return [identity.id];
  if (isUsernameAttribute(name)) return [identity.username];
  if (name === 'accountStatus') return [identity.active ? 'active' : 'inactive'];
  if (SECRET_ATTRIBUTES.has(name) || !Object.hasOwn(identity.attributes, name)) return [];
  return identity.attributes[name] ?? [];
};

export type AttributeType = 'string' | 'number' | 'boolean';

/** The type of an attribute. Platforms have numbers among the attributes that they leave to their customers. */
export const typeOfAttribute = (name: string): AttributeType => {
  if (name === 'preferences/updates' || name === 'preferences/marketing') return 'boolean';
  return /^fr(Un)?[iI]ndexedInteger\d+$/.test(name) ? 'number' : 'string';
};
