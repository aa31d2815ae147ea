import type { Socket } from 'node:net';
import { type DataReader, filteredSocket } from '@assent/engine/host';
import { checkedElements } from './message-shape.ts';

/** What all answers to one call may come to: a page of users with pictures, and not the memory of this process. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** As many as that: the users of a list, and as many entries again that are none. Each costs some microseconds, however short it is. */
const MAX_ANSWER_MESSAGES = 20_000;

/** One call reads at most 6,000 users (5,000 and a page); each may have about 160 elements. */
const MAX_ANSWER_ELEMENTS = 1_000_000;

const SEQUENCE = 0x30;
/** Lengths of more bytes are those of messages that nobody takes. */
const MAX_LENGTH_BYTES = 4;

/** What may still come. */
export interface Allowance {
  bytes: number;
  messages: number;
  elements: number;
}

/** For the answers to one call. */
export const newAllowance = (): Allowance => ({
  bytes: MAX_ANSWER_BYTES,
  messages: MAX_ANSWER_MESSAGES,
  elements: MAX_ANSWER_ELEMENTS,
});

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
      allowance.messages -= 1;
      if (allowance.messages < 0) throw new Error(`It has more than ${MAX_ANSWER_MESSAGES} messages.`);
      allowance.elements -= checkedElements(message);
      if (allowance.elements < 0) throw new Error(`It has more than ${MAX_ANSWER_ELEMENTS} elements.`);
      handOn(message);
    });
    return (piece: Buffer) => {
      allowance.bytes -= piece.length;
      if (allowance.bytes < 0) throw new Error(`The answer is larger than ${MAX_ANSWER_BYTES} bytes.`);
      try {
        read(piece);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`The answer cannot be read: ${why}`, { cause });
      }
    };
  });
