type Attributes = Readonly<Record<string, readonly string[]>>;

/** How many characters the attributes of one user have at most, as JSON text: a page of users is read and written as a whole. */
export const MAX_USER_CHARACTERS = 256 * 1_024;

/** What a commit is refused as that would make a user larger than that, in the place of the type of its change. */
export const USER_TOO_LARGE = 'identity.size';

export const USER_TOO_LARGE_TEXT = `The attributes of a user have at most ${MAX_USER_CHARACTERS} characters together, as JSON. Shorten or remove some of them.`;

/** Attributes after a change: those it names are set, an empty list removes one, the others stay. */
export const mergedAttributes = (stored: Attributes, change: Attributes): Attributes =>
  Object.fromEntries(Object.entries({ ...stored, ...change }).filter(([, values]) => values.length > 0));

export const charactersOf = (attributes: Attributes): number => JSON.stringify(attributes).length;

/** Whether a user may not have these attributes. A user who is larger already, with the ones `before`, may become smaller step by step. */
export const isUserTooLarge = (attributes: Attributes, before: Attributes = {}): boolean => {
  const size = charactersOf(attributes);
  return size > MAX_USER_CHARACTERS && size > charactersOf(before);
};
