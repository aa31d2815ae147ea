import { isJsonObject, type JsonObject } from '@assent/wire';
import { MAX_ENTRY_CHARACTERS, type SourceAttribute, type SourceEntry, UnreadableFile } from './source-entry.ts';

/** What a page of results says before its users. */
const MAX_PAGE_HEAD = /"result"\s*:\s*\[\s*(?=[{\]])/y;
/** How a page says behind its users that another one follows. */
const NEXT_PAGE = /"pagedResultsCookie"\s*:\s*"./;
const MAX_PAGE_TAIL = 4_096;

/**
 * The objects of users in a text that comes in pieces: pages of `_queryFilter=true`, one after the other as `curl` appends them, a
 * list of users, or one user a line. The text is walked by its braces, so that a page of any size needs the memory of one user.
 */
class UserObjects {
  #text = '';
  #at = 0;
  /** Where the object began that is being read; undefined between two. */
  #from: number | undefined;
  #depth = 0;
  #isInText = false;
  #isInPage = false;
  /** What a page says behind its users, as far as it has been read. */
  #tail = '';
  /** The last page said that another one follows. */
  #hasNext = false;

  /** All objects that end in what is there by now. */
  *push(text: string): Generator<string> {
    this.#text += text;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at];
      if (this.#isInPage && this.#depth === 0 && this.#tail.length < MAX_PAGE_TAIL) this.#tail += character;
      if (this.#isInText) {
        if (character === '\\') this.#at += 1;
        else if (character === '"') this.#isInText = false;
      } else if (character === '"') {
        // A quote at the very end may be followed by what says that this is a page.
        if (this.#depth === 1 && !this.#isInPage && this.#text.length - this.#at < 64 && text !== '') break;
        if (!this.#beginsUsers()) this.#isInText = true;
      } else if (character === '{') {
        if (this.#depth === 0) {
          this.#from = this.#at;
          this.#tail = '';
        }
        this.#depth += 1;
      } else if (character === '}') {
        const whole = this.#end();
        if (whole !== undefined) yield whole;
      }
      if (this.#from !== undefined && this.#at - this.#from > MAX_ENTRY_CHARACTERS) {
        throw new UnreadableFile(
          'after some users',
          'an object is larger than any user is',
          'is this the file that you meant?',
        );
      }
    }
    this.#forget();
  }

  get isBetween(): boolean {
    return this.#depth === 0 && !this.#isInText && !this.#isInPage;
  }

  get hasNext(): boolean {
    return this.#hasNext;
  }

  #beginsUsers(): boolean {
    if (this.#depth !== 1 || this.#isInPage) return false;
    MAX_PAGE_HEAD.lastIndex = this.#at;
    const [head] = MAX_PAGE_HEAD.exec(this.#text) ?? [];
    if (head === undefined) return false;
    this.#isInPage = true;
    this.#depth = 0;
    this.#from = undefined;
    this.#at += head.length - 1;
    return true;
  }

  #end(): string | undefined {
    if (this.#depth === 0) {
      // The page ends, whose own braces are not counted.
      this.#isInPage = false;
      this.#hasNext = NEXT_PAGE.test(this.#tail);
      return undefined;
    }
    this.#depth -= 1;
    if (this.#depth > 0 || this.#from === undefined) return undefined;
    const whole = this.#text.slice(this.#from, this.#at + 1);
    this.#from = undefined;
    return whole;
  }

  #forget(): void {
    const keep = Math.min(this.#from ?? this.#at, this.#text.length);
    this.#text = this.#text.slice(keep);
    this.#at -= keep;
    if (this.#from !== undefined) this.#from -= keep;
  }
}

const textsOf = (value: unknown): readonly string[] | undefined => {
  const values = Array.isArray(value) ? value : [value];
  const texts = values.map((it) => (typeof it === 'boolean' || typeof it === 'number' ? String(it) : it));
  return texts.every((it): it is string => typeof it === 'string') ? texts : undefined;
};

const entryOf = (user: JsonObject, place: string): SourceEntry => {
  const attributes = new Map<string, SourceAttribute>();
  for (const [name, value] of Object.entries(user)) {
    if (value === null || (name.startsWith('_') && name !== '_id')) continue;
    const values = textsOf(value);
    attributes.set(
      name.toLowerCase(),
      values === undefined ? { name, values: [], isUnreadable: true } : { name, values },
    );
  }
  return { place, attributes };
};

/** The users of answers of AM's users REST. */
export async function* readRestAnswers(texts: AsyncIterable<string>): AsyncGenerator<SourceEntry> {
  const objects = new UserObjects();
  let count = 0;
  const read = function* (text: string): Generator<SourceEntry> {
    for (const object of objects.push(text)) {
      count += 1;
      let user: unknown;
      try {
        user = JSON.parse(object);
      } catch {
        // The message of the parser quotes what it cannot read.
        user = undefined;
      }
      if (!isJsonObject(user)) {
        throw new UnreadableFile(`user ${count}`, 'this is no JSON', 'save the answer as it came, without editing it');
      }
      yield entryOf(user, `user ${count}`);
    }
  };
  for await (const text of texts) yield* read(text);
  yield* read('');
  if (!objects.isBetween) {
    throw new UnreadableFile(
      `after user ${count}`,
      'the file ends in the midst of it',
      'save the answer once more, whole',
    );
  }
  if (objects.hasNext) {
    throw new UnreadableFile(
      `after user ${count}`,
      'the server said that more users follow, and they are not here',
      'ask for the next pages by their pagedResultsCookie, and append them; the last one has none',
    );
  }
}
