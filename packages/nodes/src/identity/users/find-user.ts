import {
  foldUsername,
  type Identities,
  type Identity,
  isClaimedAddress,
  type JourneyContext,
  type StateCompartments,
} from '@assent/engine';
import { username } from '../../state-keys.ts';
import { collectedAttribute } from './collected-attributes.ts';

/** What AM and its identity management call the user name. */
const USERNAME_ATTRIBUTES: ReadonlySet<string> = new Set(['userName', 'username', 'uid']);

export const isUsernameAttribute = (attribute: string): boolean => USERNAME_ATTRIBUTES.has(attribute);

const collectedText = (attribute: string, state: StateCompartments): string | undefined => {
  // An id is known where a node has found the user before; it is not among what people put in.
  const value = attribute === '_id' ? state.shared._id : collectedAttribute(state, attribute);
  return typeof value === 'string' && value !== '' ? value : undefined;
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

/** What says which user a journey is bound to. */
export type BoundJourney = Pick<JourneyContext, 'boundUser' | 'identifiedUser'>;

/**
 * The user whom a journey is about: by which value it was looked up, if by any, and who that is, if anybody. The value is the collected one, or else
 * the user name, which may well be typed as a mail address. A journey that is bound to a user finds no other: the value may have become the
 * address of another user since (docs/adr/0138).
 */
export const lookUpUser = async (
  { boundUser, identifiedUser }: BoundJourney,
  users: Users,
  attribute: string,
  state: StateCompartments,
  username: string | undefined,
): Promise<{ readonly value: string | undefined; readonly identity: Identity | undefined }> => {
  const collected = collectedText(attribute, state);
  const value = collected ?? (username || undefined);
  if (boundUser === undefined) {
    // A name that has been identified is no address, also where another user has it for one.
    const own =
      collected === undefined && identifiedUser !== undefined ? await users.findById(identifiedUser) : undefined;
    const isNamed = own !== undefined && foldUsername(own.username) === foldUsername(username ?? '');
    return { value, identity: isNamed ? own : await findUser(users, attribute, value) };
  }
  // By now the user name is that of the bound user, also where it was typed as an address.
  const found = collected === undefined ? await users.findById(boundUser) : await findUser(users, attribute, value);
  return { value, identity: found?.id === boundUser ? found : undefined };
};

/**
 * Makes a bound user the user of the journey, also where what was typed as user name, such as a mail address, is the name of another user.
 * A journey without a user name stays without one.
 */
export const goOnAsBoundUser = async ({
  state,
  journey: { boundUser },
  ports,
}: {
  readonly state: { get(key: typeof username): string | undefined; set(key: typeof username, value: string): void };
  readonly journey: BoundJourney;
  readonly ports: { readonly identities: Pick<Identities, 'findById'> };
}): Promise<void> => {
  const named = state.get(username);
  const user = boundUser === undefined || named === undefined ? undefined : await ports.identities.findById(boundUser);
  if (user !== undefined && named !== undefined && foldUsername(named) !== foldUsername(user.username))
    state.set(username, user.username);
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
  readonly journey: BoundJourney;
  fail(id: keyof typeof userErrors, values?: Readonly<Record<string, string>>): never;
}

/** The user whom a journey is about, without whom the node fails. */
export const requireUser = async ({ config, state, ports, journey, fail }: UserLookup): Promise<Identity> => {
  const { identityAttribute: attribute } = config;
  const { value, identity } = await lookUpUser(
    journey,
    ports.identities,
    attribute,
    state.compartments(),
    state.get(username),
  );
  if (value === undefined) fail('notInState', { attribute });
  return identity ?? fail('notFound');
};
