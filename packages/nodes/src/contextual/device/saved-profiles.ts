import { parseForeignJson } from '@assent/engine';
/** The user attribute that keeps device profiles, one JSON text per value (spec: nodes-mfa §2.5). */
export const PROFILES_ATTRIBUTE = 'deviceProfiles';

type Members = Readonly<Record<string, unknown>>;

/** A device that a user has been seen with. It is a memory, not a factor. */
export interface SavedProfile {
  readonly identifier: string;
  readonly alias: string;
  readonly metadata?: Members;
  readonly location?: Members;
  /** Milliseconds; 0 where it is not known. */
  readonly lastSelectedDate: number;
  readonly recoveryCodes: readonly string[];
}

export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The profile in a value of the attribute; undefined for a text that is none, which an import may have left. */
export const parseSavedProfile = (text: string): SavedProfile | undefined => {
  let value: unknown;
  try {
    value = parseForeignJson(text);
  } catch {
    return undefined;
  }
  if (!isMembers(value) || typeof value.identifier !== 'string' || value.identifier === '') return undefined;
  const { identifier, alias, metadata, location, lastSelectedDate } = value;
  return {
    identifier,
    alias: typeof alias === 'string' ? alias : identifier,
    ...(isMembers(metadata) && { metadata }),
    ...(isMembers(location) && { location }),
    lastSelectedDate: typeof lastSelectedDate === 'number' ? lastSelectedDate : 0,
    recoveryCodes: [],
  };
};

/** What it costs to read these values and to write them again, in characters. */
export const workOnProfiles = (values: readonly string[] = []): number =>
  2 * values.reduce((sum, { length }) => sum + length, 0);

export const savedProfiles = (values: readonly string[] = []): readonly SavedProfile[] =>
  values.flatMap((text) => parseSavedProfile(text) ?? []);

/** The values with that profile in place of the one that has its identifier, and the least recently used above `most` gone. */
export const withSavedProfile = (values: readonly string[], profile: SavedProfile, most: number): readonly string[] =>
  [profile, ...savedProfiles(values).filter(({ identifier }) => identifier !== profile.identifier)]
    .map((saved, at) => ({ saved, at }))
    .sort((a, b) => b.saved.lastSelectedDate - a.saved.lastSelectedDate || a.at - b.at)
    .slice(0, most)
    .map(({ saved }) => JSON.stringify(saved));

/** In how many places two descriptions of a device differ: each value that is other, missing or new counts once. */
export const differencesBetween = (a: unknown, b: unknown): number => {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Object.is(a, b) ? 0 : 1;
  const [left, right] = [a as Members, b as Members];
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].reduce((sum, name) => sum + differencesBetween(left[name], right[name]), 0);
};
