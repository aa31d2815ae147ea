import type { Socket } from 'node:net';
import { type DataReader, filteredSocket } from '@assent/engine/host';
import { checkedElements } from './message-shape.ts';

/** What all answers to one call may come to. */
interface AnswerLimits {
  readonly bytes: number;
  readonly messages: number;
  readonly elements: number;
}

/** A message of more bytes is refused by its head. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/**
 * By what is asked for. `few`: a bind, a change, or a search for one user, which may find 20 entries and some references; an entry with 100 attributes and
 * 5,000 groups has about 5,500 elements. `list`: the users of a list, 5,000 and a page, each of about 160 elements, and as many entries again that
 * are no users. An element costs up to 4 µs, and all that a search found is read in one turn of the event loop.
 */
const LIMITS = {
  few: { bytes: MAX_ANSWER_BYTES, messages: 128, elements: 20_000 },
  list: { bytes: MAX_ANSWER_BYTES, messages: 20_000, elements: 1_000_000 },
} as const satisfies Record<string, AnswerLimits>;

export type AnswerSize = keyof typeof LIMITS;

const SEQUENCE = 0x30;
/** Lengths of more bytes are those of messages that nobody takes. */
const MAX_LENGTH_BYTES = 4;

/** What may still come of the answers to one call. */
export class Allowance {
  #limits: AnswerLimits = LIMITS.few;
  #bytes = 0;
  #messages = 0;
  #elements = 0;

  /** Begins another call. */
  renew(size: AnswerSize): void {
    this.#limits = LIMITS[size];
    this.#bytes = 0;
    this.#messages = 0;
    this.#elements = 0;
  }

  takeBytes(count: number): void {
    this.#bytes += count;
    if (this.#bytes > this.#limits.bytes) throw new Error(`The answer is larger than ${this.#limits.bytes} bytes.`);
  }

  takeMessage(message: Buffer): void {
    this.#messages += 1;
    if (this.#messages > this.#limits.messages) throw new Error(`It has more than ${this.#limits.messages} messages.`);
    this.#elements += checkedElements(message);
    if (this.#elements > this.#limits.elements) throw new Error(`It has more than ${this.#limits.elements} elements.`);
  }
}

/** How many bytes a message has that begins so (X.690 §8.1.3); undefined where its beginning is not all there. */
const lengthOf = (head: Buffer): number | undefined => {
  const [tag, first] = head;
  if (tag !== undefined && tag !== SEQUENCE) throw new Error('It is no message of LDAP.');
  if (first === undefined) return undefined;
  if (first < 0x80) return 2 + first;
  const bytes = first - 0x80;
  if (bytes === 0 || bytes > MAX_LENGTH_BYTES) throw new Error('Its length is none.');
  return head.length < 2 + bytes ? undefined : 2 + bytes + head.readUIntBE(2, bytes);
};

/**
 * Puts messages together. The library joins all that it has with each piece that comes, which costs seconds for one long message, and takes
 * apart all messages of a piece by calling itself; so it is given each message by itself, and whole.
 */
const oneByOne = (handOn: DataReader<Buffer>): DataReader<Buffer> => {
  let parts: Buffer[] = [];
  let held = 0;
  /** Of the message that has begun, once that is known. */
  let wanted: number | undefined;
  return (piece) => {
    let rest = piece;
    while (rest.length > 0) {
      if (wanted === undefined) {
        // What is held without its length is a few bytes.
        rest = Buffer.concat([...parts, rest]);
        parts = [];
        held = 0;
        wanted = lengthOf(rest);
      }
      if (wanted !== undefined && wanted > MAX_ANSWER_BYTES)
        throw new Error(`It announces a message of ${wanted} bytes.`);
      const taken = rest.subarray(0, wanted === undefined ? rest.length : wanted - held);
      parts.push(taken);
      held += taken.length;
      rest = rest.subarray(taken.length);
      if (held !== wanted) continue;
      const message = parts.length === 1 ? taken : Buffer.concat(parts);
      parts = [];
      held = 0;
      wanted = undefined;
      handOn(message);
    }
  };
};

/** Makes a socket end, rather than hand on more than was allowed or what its reader fails at. */
export const boundedSocket = <S extends Socket>(socket: S, allowance: Allowance): S =>
  filteredSocket(socket, (handOn: DataReader<Buffer>) => {
    const read = oneByOne((message) => {
      allowance.takeMessage(message);
      handOn(message);
    });
    return (piece: Buffer) => {
      allowance.takeBytes(piece.length);
      try {
        read(piece);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`The answer cannot be read: ${why}`, { cause });
      }
    };
  });
