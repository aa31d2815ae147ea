import type { Identities, Identity, StateCompartments } from '@assent/engine';
import { collectedAttributes } from './collected-attributes.ts';

/** What AM and its identity management call the user name. */
const USERNAME_ATTRIBUTES: ReadonlySet<string> = new Set(['userName', 'username', 'uid']);

export const isUsernameAttribute = (attribute: string): boolean => USERNAME_ATTRIBUTES.has(attribute);

/** The collected value, or else the user name, which may well be typed as a mail address. */
const soughtValue = (
  attribute: string,
  collected: Readonly<Record<string, unknown>>,
  username: string | undefined,
): string | undefined => {
  const value = collected[attribute];
  return typeof value === 'string' && value !== '' ? value : username || undefined;
};

type Users = Pick<Identities, 'find' | 'findById' | 'findBy'>;

/** The one user who has that value. A value that two have names neither, so that nobody is taken for the other. */
export const findUser = async (
  users: Users,
  attribute: string,
  value: string | undefined,
): Promise<Identity | undefined> => {
  if (value === undefined) return undefined;
  if (attribute === '_id') return users.findById(value);
  if (isUsernameAttribute(attribute)) return users.find(value);
  const [only, other] = await users.findBy(attribute, value);
  return other === undefined ? only : undefined;
};

/** The user whom a journey is about: by which value it was sought, if by any, and who that is, if anybody. */
export const seekUser = async (
  users: Users,
  attribute: string,
  state: StateCompartments,
  username: string | undefined,
): Promise<{ readonly value: string | undefined; readonly identity: Identity | undefined }> => {
  // An id is known where a node has found the user before; it is not among what people put in.
  const known = attribute === '_id' ? { _id: state.shared._id } : {};
  const value = soughtValue(attribute, { ...collectedAttributes(state), ...known }, username);
  return { value, identity: await findUser(users, attribute, value) };
};
