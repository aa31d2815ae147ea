/** An attribute as a file has it. */
export interface SourceAttribute {
  /** As it is spelled there. */
  readonly name: string;
  readonly values: readonly string[];
  /** It has a value that is no text, or one that stands in another file. */
  readonly isUnreadable?: boolean;
}

/** One user, group or other entry of a file, by attributes whose names are in lower case. */
export interface SourceEntry {
  /** Where it stands, for whoever mends the file: `line 12`, or `user 3`. */
  readonly place: string;
  readonly attributes: ReadonlyMap<string, SourceAttribute>;
}

/** By the name in lower case. */
export const valuesOf = (entry: SourceEntry, name: string): readonly string[] =>
  entry.attributes.get(name)?.values ?? [];

export const isTrue = (entry: SourceEntry, name: string): boolean => valuesOf(entry, name)[0]?.toLowerCase() === 'true';

/** The file cannot be read on: nothing of what follows is known. The message names the place, and no value. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
  readonly hint: string;
  constructor(place: string, problem: string, hint: string) {
    super(`${place}: ${problem}`);
    this.hint = hint;
  }
}

/** No entry of a user is larger; what is would fill the memory. */
export const MAX_ENTRY_CHARACTERS = 1_048_576;
