import type { Instance } from '@assent/store';

/** One that was not seen for so long has missed two of its beats. */
const GONE_AFTER_MILLIS = 30_000;

/** Where an instance tells the public URL itself; `ASSENT_PUBLIC_URL` is a digest like those of the other settings. */
export const PUBLIC_URL_FACT = 'public URL';

/** What is not the same in all instances, and which of them have it alike. */
export interface Difference {
  /** A setting by its variable, `texts`, `nodes`, `key files`, or `version`. */
  readonly what: string;
  /** Names of instances, grouped by what they have. */
  readonly groups: readonly (readonly string[])[];
}

export const isGone = ({ seenAt }: Pick<Instance, 'seenAt'>, now: number): boolean => now - seenAt > GONE_AFTER_MILLIS;

/** Where instances that are there differ, and should not (OPS-31). */
export const differencesAmong = (instances: readonly Instance[], now: number): readonly Difference[] => {
  const present = instances.filter((instance) => !isGone(instance, now)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const factsOf = ({ version, facts }: Instance): Readonly<Record<string, string>> => ({ version, ...facts });
  const names = new Set(present.flatMap((instance) => Object.keys(factsOf(instance))));
  names.delete(PUBLIC_URL_FACT);
  return [...names].sort().flatMap((what) => {
    const groups = new Map<string, string[]>();
    for (const instance of present) {
      // A version that does not know a fact says nothing about it.
      const value = factsOf(instance)[what];
      if (value !== undefined) groups.set(value, [...(groups.get(value) ?? []), instance.name]);
    }
    return groups.size > 1 ? [{ what, groups: [...groups.values()] }] : [];
  });
};

/** The public URL of the servers that run; undefined where none runs, or where they do not agree. */
export const publicUrlOfServers = (instances: readonly Instance[], now: number): string | undefined => {
  const urls = instances.filter((instance) => !isGone(instance, now)).map(({ facts }) => facts[PUBLIC_URL_FACT]);
  return new Set(urls).size === 1 ? urls[0] : undefined;
};

/** Who of those that are there has something else than one that would start with these facts, by what it is. */
export const differencesOfStart = (
  facts: Readonly<Record<string, string>>,
  instances: readonly Instance[],
  now: number,
): readonly { readonly what: string; readonly others: readonly string[] }[] => {
  const present = instances.filter((instance) => !isGone(instance, now));
  return Object.entries(facts).flatMap(([what, value]) => {
    // A version that does not know a fact says nothing about it.
    const others = present.filter((it) => (it.facts[what] ?? value) !== value).map(({ name }) => name);
    return others.length === 0 ? [] : [{ what, others: others.sort() }];
  });
};

/** `a and b, but not c` in a line of a log or a terminal. */
export const textOfDifference = ({ what, groups }: Difference): string =>
  `${what}: ${groups.map((names) => names.join(', ')).join(' | ')}`;
