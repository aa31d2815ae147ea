import { type Identities, type Identity, isClaimedAddress, type StateCompartments } from '@assent/engine';
import { username } from '../../state-keys.ts';
import { collectedAttributes } from './collected-attributes.ts';

/** What AM and its identity management call the user name. */
const USERNAME_ATTRIBUTES: ReadonlySet<string> = new Set(['userName', 'username', 'uid']);

export const isUsernameAttribute = (attribute: string): boolean => USERNAME_ATTRIBUTES.has(attribute);

/** The collected value, or else the user name, which may well be typed as a mail address. */
const lookupValueOf = (
  attribute: string,
  collected: Readonly<Record<string, unknown>>,
  username: string | undefined,
): string | undefined => {
  const value = collected[attribute];
  return typeof value === 'string' && value !== '' ? value : username || undefined;
};

type Users = Pick<Identities, 'find' | 'findById' | 'findBy'>;

/**
 * The one user who has that value. A value that two users have names neither, so that no user is taken for the other. A user who only claims an
 * address takes no part where another has it proven: else each user could lock others out of journeys that look users up by it.
 */
const findUser = async (users: Users, attribute: string, value: string | undefined): Promise<Identity | undefined> => {
  if (value === undefined) return undefined;
  if (attribute === '_id') return users.findById(value);
  if (isUsernameAttribute(attribute)) return users.find(value);
  const found = await users.findBy(attribute, value);
  const proven = found.filter(({ attributes }) => !isClaimedAddress(attributes, attribute));
  const [only, other] = proven.length > 0 ? proven : found;
  return other === undefined ? only : undefined;
};

/** The user whom a journey is about: by which value it was looked up, if by any, and who that is, if anybody. */
export const lookUpUser = async (
  users: Users,
  attribute: string,
  state: StateCompartments,
  username: string | undefined,
): Promise<{ readonly value: string | undefined; readonly identity: Identity | undefined }> => {
  // An id is known where a node has found the user before; it is not among what people put in.
  const known = attribute === '_id' ? { _id: state.shared._id } : {};
  const value = lookupValueOf(attribute, { ...collectedAttributes(state), ...known }, username);
  return { value, identity: await findUser(users, attribute, value) };
};

/** Why a node fails that needs its user. */
export const userErrors = {
  notInState: '{{attribute}} not present in state',
  notFound: 'Failed to retrieve existing object',
} as const;

/** A visit of a node that needs its user and has the setting which says how that one is found. */
export interface UserLookup {
  readonly config: { readonly identityAttribute: string };
  readonly state: { compartments(): StateCompartments; get(key: typeof username): string | undefined };
  readonly ports: { readonly identities: Users };
  fail(id: keyof typeof userErrors, values?: Readonly<Record<string, string>>): never;
}

/** The user whom a journey is about, without whom the node fails. */
export const requireUser = async ({ config, state, ports, fail }: UserLookup): Promise<Identity> => {
  const { identityAttribute: attribute } = config;
  const { value, identity } = await lookUpUser(ports.identities, attribute, state.compartments(), state.get(username));
  if (value === undefined) fail('notInState', { attribute });
  return identity ?? fail('notFound');
};
