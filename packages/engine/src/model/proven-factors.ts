import { foldUsername } from './identities.ts';

/** A factor that a node has proven, and for whom. */
export interface ProvenFactor {
  readonly name: string;
  /** The folded name that the journey had for its user then; absent where it had none. */
  readonly user?: string;
}

/** What the state says who the user is; undefined for anything but a name. */
export const factorUser = (username: unknown): string | undefined =>
  typeof username === 'string' && username !== '' ? foldUsername(username) : undefined;

/** The names of those that count for a user: what one has proven says nothing of another whom the journey goes on with. */
export const factorsOf = (factors: readonly ProvenFactor[], username: unknown): readonly string[] => {
  const current = factorUser(username);
  return factors.filter(({ user }) => user === undefined || user === current).map(({ name }) => name);
};

/** As the session property has them. */
export const factorList = (names: readonly string[]): string => names.map((name) => `${name}|`).join('');
