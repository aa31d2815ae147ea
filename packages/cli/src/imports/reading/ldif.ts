import { MAX_ENTRY_CHARACTERS, type SourceAttribute, type SourceEntry, UnreadableFile } from './source-entry.ts';

/** `name;option: value`, `name:: base 64` and `name:< address` (RFC 2849). */
const ATTRIBUTE = /^([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)((?:;[A-Za-z0-9-]+)*):([:<]?) *(.*)$/s;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text that base 64 stands for; undefined for other bytes, such as those of a picture. */
const decoded = (base64: string): string | undefined => {
  try {
    const text = utf8.decode(Buffer.from(base64, 'base64'));
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
};

interface Line {
  readonly at: number;
  text: string;
}

/** Lines with what was folded put together, and without comments. An empty one ends a record. */
async function* unfolded(lines: AsyncIterable<string>): AsyncGenerator<Line> {
  let current: Line | undefined;
  let at = 0;
  for await (const text of lines) {
    at += 1;
    if (text.startsWith(' ')) {
      if (current === undefined || current.text === '') {
        throw new UnreadableFile(
          `line ${at}`,
          'a line goes on that has not begun',
          'look for a line that is missing before it',
        );
      }
      if (current.text.length + text.length > MAX_ENTRY_CHARACTERS) throw tooLarge(current.at);
      current.text += text.slice(1);
      continue;
    }
    if (current !== undefined && !current.text.startsWith('#')) yield current;
    current = { at, text };
  }
  if (current !== undefined && !current.text.startsWith('#')) yield current;
}

const tooLarge = (at: number): UnreadableFile =>
  new UnreadableFile(
    `line ${at}`,
    'the entry is larger than any user is',
    'leave pictures and certificates out of the export',
  );

class Record {
  readonly #at: number;
  readonly #attributes = new Map<string, { name: string; values: string[]; isUnreadable?: true }>();
  #size = 0;

  constructor(at: number) {
    this.#at = at;
  }

  add(line: Line): void {
    const [, name = '', options = '', kind = '', value = ''] = ATTRIBUTE.exec(line.text) ?? [];
    if (name === '') {
      throw new UnreadableFile(
        `line ${line.at}`,
        'this is no line of LDIF',
        'export it anew, by ldapsearch -LLL or export-ldif',
      );
    }
    const folded = name.toLowerCase();
    if (folded === 'changetype' || folded === 'control') {
      throw new UnreadableFile(
        `line ${line.at}`,
        'a record of changes, not an entry',
        'export the entries, by ldapsearch -LLL or export-ldif',
      );
    }
    if (kind === ':' && !BASE64.test(value)) {
      throw new UnreadableFile(`line ${line.at}`, 'the value is not base 64', 'export it anew');
    }
    this.#size += line.text.length;
    if (this.#size > MAX_ENTRY_CHARACTERS) throw tooLarge(this.#at);
    // An address would be another file of this machine, which whoever wrote this one has chosen.
    const text = kind === '<' ? undefined : kind === ':' ? decoded(value) : value;
    this.#put(`${name}${options}`, text);
  }

  #put(name: string, value: string | undefined): void {
    const key = name.toLowerCase();
    const known = this.#attributes.get(key) ?? { name, values: [] };
    this.#attributes.set(key, known);
    if (value === undefined) known.isUnreadable = true;
    else known.values.push(value);
  }

  get entry(): SourceEntry {
    const attributes: ReadonlyMap<string, SourceAttribute> = this.#attributes;
    return { place: `line ${this.#at}`, attributes };
  }
}

/** The entries of a file in LDIF. Changes are refused, with all that follows. */
export async function* readLdif(lines: AsyncIterable<string>): AsyncGenerator<SourceEntry> {
  let record: Record | undefined;
  let isFirst = true;
  for await (const line of unfolded(lines)) {
    if (line.text === '') {
      if (record !== undefined) yield record.entry;
      record = undefined;
      continue;
    }
    const isVersion = isFirst && /^version: *\d+$/i.test(line.text);
    isFirst = false;
    if (isVersion) continue;
    if (record === undefined) {
      if (!/^dn::?[ ]*/i.test(line.text)) {
        throw new UnreadableFile(
          `line ${line.at}`,
          'an entry begins with its dn',
          'leave what is no entry out, as ldapsearch -LLL does',
        );
      }
      record = new Record(line.at);
    }
    record.add(line);
  }
  if (record !== undefined) yield record.entry;
}
