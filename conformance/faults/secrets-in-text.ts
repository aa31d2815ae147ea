/** As long as the beginnings by which secrets are found; none of ours is shorter. */
const BEGINNING = 8;

const BITS = 16;

/** Of eight bytes a number that says where to look; most places of a text say that there is nothing. */
const placeOf = (bytes: Uint8Array, at: number): number => {
  const first =
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24);
  const second =
    (bytes[at + 4] as number) |
    ((bytes[at + 5] as number) << 8) |
    ((bytes[at + 6] as number) << 16) |
    ((bytes[at + 7] as number) << 24);
  return Math.imul(Math.imul(first, 0x9e3779b1) ^ second, 0x85ebca6b) >>> (32 - BITS);
};

/**
 * Which of the secrets are in the text, or in the bytes of a file. Each place of it is looked at once, however many secrets there are: in a run
 * of twenty minutes there are ten thousand, and the proxies of this process stand still meanwhile.
 */
export const secretsIn = (text: string | Buffer, secrets: Iterable<string>): readonly string[] => {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const byPlace = new Map<number, { readonly secret: string; readonly bytes: Buffer }[]>();
  const mayBeThere = new Uint8Array(2 ** BITS);
  for (const secret of secrets) {
    const of = Buffer.from(secret);
    if (of.length < BEGINNING) throw new RangeError('A secret is too short to be looked for.');
    const place = placeOf(of, 0);
    mayBeThere[place] = 1;
    byPlace.set(place, [...(byPlace.get(place) ?? []), { secret, bytes: of }]);
  }
  const found = new Set<string>();
  for (let at = 0; at + BEGINNING <= bytes.length; at += 1) {
    const place = placeOf(bytes, at);
    if (mayBeThere[place] === 0) continue;
    for (const { secret, bytes: of } of byPlace.get(place) ?? []) {
      if (!found.has(secret) && bytes.compare(of, 0, of.length, at, Math.min(bytes.length, at + of.length)) === 0)
        found.add(secret);
    }
  }
  return [...found];
};
