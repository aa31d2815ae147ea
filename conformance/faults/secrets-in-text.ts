/** As long as the beginnings by which secrets are found; none of ours is shorter. */
const BEGINNING = 10;

/**
 * Which of the secrets are in the text. Each place of the text is looked at once, however many secrets there are: in a run of twenty minutes there
 * are ten thousand, and the proxies of this process stand still meanwhile.
 */
export const secretsIn = (text: string, secrets: Iterable<string>): readonly string[] => {
  const byBeginning = new Map<string, string[]>();
  for (const secret of secrets) {
    if (secret.length < BEGINNING) throw new RangeError('A secret is too short to be looked for.');
    const beginning = secret.slice(0, BEGINNING);
    byBeginning.set(beginning, [...(byBeginning.get(beginning) ?? []), secret]);
  }
  const found = new Set<string>();
  for (let at = 0; at + BEGINNING <= text.length; at += 1) {
    for (const secret of byBeginning.get(text.slice(at, at + BEGINNING)) ?? []) {
      if (text.startsWith(secret, at)) found.add(secret);
    }
  }
  return [...found];
};
