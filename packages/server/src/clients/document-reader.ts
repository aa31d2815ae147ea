import { type Attribute, bareValue, boundedList, isJsonObject, type JsonObject, type Sections } from '@assent/wire';

/** Something in a document that does not count here as it stands, by the name that AM has for it. */
export interface Finding {
  readonly field: string;
  /** What follows the name in a sentence, without a full stop. */
  readonly problem: string;
}

const isText = (value: unknown): value is string => typeof value === 'string';

const TESTS: Readonly<Record<Attribute['kind'], (value: unknown) => boolean>> = {
  text: isText,
  texts: (value) => Array.isArray(value) && value.every(isText),
  textsByName: (value) => isJsonObject(value) && Object.values(value).every(isText),
  number: (value) => Number.isSafeInteger(value),
  flag: (value) => typeof value === 'boolean',
};

const EXPECTED: Readonly<Record<Attribute['kind'], string>> = {
  text: 'is no text',
  texts: 'is no list of texts',
  textsByName: 'is no list of texts by their names',
  number: 'is no whole number',
  flag: 'is neither true nor false',
};

const faultOf = ({ kind }: Attribute, value: unknown): string | undefined =>
  value === undefined || TESTS[kind](value) ? undefined : EXPECTED[kind];

/** The values of a document that are of the wrong kind, for who would rather mend them than have them count as unset. */
export const wrongValues = (sections: Sections, document: Readonly<Record<string, JsonObject>>): readonly Finding[] =>
  Object.entries(document).flatMap(([section, attributes]) =>
    Object.entries(attributes).flatMap(([name, given]) => {
      const attribute = sections[section]?.[name];
      const problem = attribute && faultOf(attribute, bareValue(given));
      return problem === undefined ? [] : [{ field: `${section}.${name}`, problem }];
    }),
  );

/**
 * Reads the values of a document of AM's, in either of their forms. What an import has brought is kept whatever it is (ADR 0040); a
 * value of the wrong kind counts as unset here, and is found.
 */
export class DocumentReader<S extends Sections> {
  readonly findings: Finding[] = [];
  readonly #sections: S;
  readonly #document: JsonObject;

  constructor(sections: S, document: JsonObject) {
    this.#sections = sections;
    this.#document = document;
  }

  text<N extends keyof S & string>(section: N, name: keyof S[N] & string): string | undefined {
    const value = this.#read(section, name) as string | undefined;
    return value === '' ? undefined : value;
  }

  /** The list up to its bound. */
  texts<N extends keyof S & string>(section: N, name: keyof S[N] & string): readonly string[] {
    return this.#bounded(section, name, this.allTexts(section, name));
  }

  /** The whole list, for what makes a client stricter: an entry must count wherever it stands. */
  allTexts<N extends keyof S & string>(section: N, name: keyof S[N] & string): readonly string[] {
    return ((this.#read(section, name) as readonly string[] | undefined) ?? []).filter((text) => text !== '');
  }

  /** The members up to the bound of their number. */
  textsByName<N extends keyof S & string>(section: N, name: keyof S[N] & string): Readonly<Record<string, string>> {
    const given = (this.#read(section, name) as Readonly<Record<string, string>> | undefined) ?? {};
    const names = Object.keys(given);
    const kept = this.#bounded(section, name, names);
    return kept === names ? given : Object.fromEntries(kept.map((it) => [it, given[it] ?? '']));
  }

  number<N extends keyof S & string>(section: N, name: keyof S[N] & string): number {
    return (this.#read(section, name) as number | undefined) ?? 0;
  }

  /** The number, or the nearest within bounds. */
  bounded<N extends keyof S & string>(
    section: N,
    name: keyof S[N] & string,
    { from, to }: { readonly from: number; readonly to: number },
  ): number {
    const number = this.number(section, name);
    const bound = Math.min(Math.max(number, from), to);
    if (bound !== number) this.find(section, name, `is ${number}; ${bound} counts in its place`);
    return bound;
  }

  flag<N extends keyof S & string>(section: N, name: keyof S[N] & string): boolean {
    return this.#read(section, name) === true;
  }

  find<N extends keyof S & string>(section: N, name: keyof S[N] & string, problem: string): void {
    this.findings.push({ field: `${section}.${name}`, problem });
  }

  #bounded<N extends keyof S & string>(
    section: N,
    name: keyof S[N] & string,
    list: readonly string[],
  ): readonly string[] {
    const bound = this.#sections[section]?.[name]?.bound;
    if (bound === undefined) return list;
    const { kept, problem } = boundedList(list, bound);
    if (problem !== undefined) this.find(section, name, `${problem}; those behind the bound do not count`);
    return kept;
  }

  #read(section: string, name: string): unknown {
    const attribute = this.#sections[section]?.[name];
    if (attribute === undefined) throw new RangeError(`no attribute ${section}.${name}`);
    const attributes = this.#document[section];
    const given = isJsonObject(attributes) && Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    // What is not there is as AM has it; what is there without a value is unset.
    if (given === undefined) return attribute.initial ?? undefined;
    const value = bareValue(given);
    const fault = faultOf(attribute, value);
    if (fault === undefined) return value;
    this.find(section, name, `${fault}; it counts as unset`);
    return undefined;
  }
}
