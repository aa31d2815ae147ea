/** Where a page ends whose rows are in the order of some text: several rows may have one text, so the id of the last goes with it. */
export interface Place {
  readonly text: string;
  readonly id: string;
}

export const textOfPlace = ({ text, id }: Place): string => JSON.stringify([text, id]);

/** `undefined` for what no page has given. */
export const placeOfText = (given: string): Place | undefined => {
  try {
    const [text, id] = JSON.parse(given) as readonly unknown[];
    return typeof text === 'string' && typeof id === 'string' ? { text, id } : undefined;
  } catch {
    return undefined;
  }
};
