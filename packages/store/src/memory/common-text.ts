/** A shorter copy would take as much room as what it stands for. */
const MIN_COPY = 4;
/** Places take 15 bits; the sixteenth says that the place is in the text itself and not in what is common. */
const MAX_PLACES = 0x8000;
const IN_TEXT = 0x8000;
const PLACE_BYTES = 2;
/** Counts take half a byte each; one of 15 goes on in further bytes, the last of which is below 255. */
const IN_NIBBLE = 15;
const IN_BYTE = 255;
/** Which generation (2 bytes) and how many bytes of text (4) stand before all. */
const HEADER_BYTES = 6;
const MAX_GENERATIONS = 0xffff;
/** Stands where the generation would, before a text that is there as it is. */
const AS_IT_IS = MAX_GENERATIONS;

/** What keeps more than this share of its bytes resembles too little of what is common. */
const SHARE_TO_LEARN = 0.4;
const MAX_LEARNT_LENGTH = MAX_PLACES / 4;
/** So many texts are packed between two that are learnt, that what is common stays small beside them. */
const BETWEEN_LEARNT = 64;

const HASH_BITS = 13;
/** Of the four bytes from a place on. */
const hashAt = (bytes: Uint8Array, at: number): number => {
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  const high = (bytes[at + 2] ?? 0) | ((bytes[at + 3] ?? 0) << 8);
  return Math.imul(low | (high << 16), 0x9e37_79b1) >>> (32 - HASH_BITS);
};

/** How many of the bytes from a place on stand at another place too, which may be none (below 0). */
const sameFrom = (
  bytes: Uint8Array,
  from: number,
  to: number,
  other: Uint8Array,
  place: number,
  end: number,
): number => {
  if (place < 0) return 0;
  const most = Math.min(to - from, end - place);
  let count = 0;
  while (count < most && bytes[from + count] === other[place + count]) count += 1;
  return count;
};

/** What texts have had in common so far. It only grows, so that places in it stay good. */
class Generation {
  readonly bytes = Buffer.allocUnsafe(MAX_PLACES);
  length = 0;
  /** How many packed texts have been packed with it and not been forgotten. */
  texts = 0;
  /** By hash, one more than the last place of such four bytes. */
  readonly places = new Uint16Array(2 ** HASH_BITS);
  readonly id: number;

  constructor(id: number) {
    this.id = id;
  }

  hasRoomFor(length: number): boolean {
    return this.length + length <= MAX_PLACES;
  }

  learn(text: Uint8Array): void {
    this.bytes.set(text, this.length);
    for (let at = 0; at + MIN_COPY <= text.length; at += 1) {
      this.places[hashAt(text, at)] = this.length + at + 1;
    }
    this.length += text.length;
  }
}

/**
 * Keeps what texts have in common once, and each text as what sets it apart: alternately bytes of its own and copies out of
 * what is common, or out of itself. A text that resembles nothing so far becomes part of what is common. The rows of one
 * kind differ in little more than their ids and times, so that they shrink to a third, at a few microseconds a row.
 */
export class CommonText {
  readonly #generations = new Map<number, Generation>();
  #newest = new Generation(0);
  #untilLearning = 0;
  #text = Buffer.allocUnsafe(8 * 1024);
  #packed = Buffer.allocUnsafe(8 * 1024);
  #written = 0;
  /** As of a generation, for the text that is being packed. */
  readonly #placesInText = new Uint16Array(2 ** HASH_BITS);

  constructor() {
    this.#generations.set(this.#newest.id, this.#newest);
  }

  /** The text as it is, for one that is not worth the time. The bytes are good until the next call. */
  keep(text: string): Uint8Array {
    if (this.#packed.length < HEADER_BYTES + 3 * text.length) this.#packed = Buffer.allocUnsafe(6 * text.length);
    const length = this.#packed.write(text, HEADER_BYTES);
    this.#packed.writeUInt16LE(AS_IT_IS, 0);
    this.#packed.writeUInt32LE(length, PLACE_BYTES);
    return this.#packed.subarray(0, HEADER_BYTES + length);
  }

  /** The bytes are good until the next call. */
  pack(text: string): Uint8Array {
    if (this.#text.length < 3 * text.length) this.#text = Buffer.allocUnsafe(6 * text.length);
    const length = this.#text.write(text);
    if (this.#packed.length < HEADER_BYTES + 2 * length) this.#packed = Buffer.allocUnsafe(HEADER_BYTES + 4 * length);
    const generation = this.#newest;
    generation.texts += 1;
    this.#packed.writeUInt16LE(generation.id, 0);
    this.#packed.writeUInt32LE(length, PLACE_BYTES);
    this.#written = HEADER_BYTES;
    this.#packWith(generation, length);
    this.#untilLearning -= 1;
    if (this.#written > SHARE_TO_LEARN * length && this.#untilLearning <= 0)
      this.#learn(this.#text.subarray(0, length));
    return this.#packed.subarray(0, this.#written);
  }

  unpack(packed: Uint8Array): string {
    const { id, length } = this.#headerOf(packed);
    if (id === AS_IT_IS) return Buffer.from(packed.buffer, packed.byteOffset + HEADER_BYTES, length).toString();
    const common = this.#generationOf(id).bytes;
    if (this.#text.length < length) this.#text = Buffer.allocUnsafe(2 * length);
    const text = this.#text;
    let from = HEADER_BYTES;
    const count = (nibble: number): number => {
      let sum = nibble;
      if (nibble < IN_NIBBLE) return sum;
      for (let more = IN_BYTE; more === IN_BYTE; sum += more) more = packed[from++] ?? 0;
      return sum;
    };
    for (let to = 0; to < length; ) {
      const counts = packed[from++] ?? 0;
      for (let own = count(counts >> 4); own > 0; own -= 1) text[to++] = packed[from++] ?? 0;
      if (to >= length) break;
      const place = (packed[from] ?? 0) | ((packed[from + 1] ?? 0) << 8);
      from += PLACE_BYTES;
      const source = place < IN_TEXT ? common : text;
      let at = place & (IN_TEXT - 1);
      for (let copied = MIN_COPY + count(counts & IN_NIBBLE); copied > 0; copied -= 1) text[to++] = source[at++] ?? 0;
    }
    return text.toString('utf8', 0, length);
  }

  /** The packed text is not kept any more. */
  forget(packed: Uint8Array): void {
    const { id } = this.#headerOf(packed);
    if (id === AS_IT_IS) return;
    const generation = this.#generationOf(id);
    generation.texts -= 1;
    if (generation.texts === 0 && generation !== this.#newest) this.#generations.delete(generation.id);
  }

  #headerOf(packed: Uint8Array): { readonly id: number; readonly length: number } {
    const header = new DataView(packed.buffer, packed.byteOffset, HEADER_BYTES);
    return { id: header.getUint16(0, true), length: header.getUint32(PLACE_BYTES, true) };
  }

  #generationOf(id: number): Generation {
    const generation = this.#generations.get(id);
    if (generation === undefined) throw new RangeError(`no text was packed in generation ${id}`);
    return generation;
  }

  /** Packs what {@link #text} begins with. */
  #packWith(generation: Generation, length: number): void {
    const text = this.#text;
    const { bytes: common, length: end, places } = generation;
    const own = this.#placesInText.fill(0);
    let packedTo = 0;
    /** From the text to what is common at the last copy; after a few bytes of its own a text often goes on as that does. */
    let shift = 0;
    for (let at = 0; at + MIN_COPY <= length; ) {
      const hash = hashAt(text, at);
      let place = at + shift;
      let copied = sameFrom(text, at, length, common, place, end);
      if (copied < MIN_COPY) {
        place = (places[hash] ?? 0) - 1;
        copied = sameFrom(text, at, length, common, place, end);
      }
      if (copied >= MIN_COPY) {
        shift = place - at;
      } else {
        place = (own[hash] ?? 0) - 1;
        copied = sameFrom(text, at, length, text, place, at);
        place |= IN_TEXT;
      }
      if (copied >= MIN_COPY) {
        this.#write(packedTo, at, copied, place);
        at += copied;
        packedTo = at;
      } else {
        if (at < MAX_PLACES) own[hash] = at + 1;
        // The longer there was nothing, the less often it is looked: noise is passed over fast.
        at += 1 + ((at - packedTo) >> 4);
      }
    }
    if (packedTo < length) this.#write(packedTo, length);
  }

  /** Bytes of the text's own, then a copy; none at its end. */
  #write(from: number, to: number, copied = MIN_COPY, place?: number): void {
    const counts = this.#written++;
    const own = this.#writeCount(to - from);
    const copy = copied - MIN_COPY;
    for (let at = from; at < to; at += 1) this.#packed[this.#written++] = this.#text[at] ?? 0;
    if (place !== undefined) this.#written = this.#packed.writeUInt16LE(place, this.#written);
    this.#packed[counts] = (own << 4) | this.#writeCount(copy);
  }

  /** Writes what half a byte cannot hold of a count; returns the half. */
  #writeCount(count: number): number {
    if (count < IN_NIBBLE) return count;
    let rest = count - IN_NIBBLE;
    for (; rest >= IN_BYTE; rest -= IN_BYTE) this.#packed[this.#written++] = IN_BYTE;
    this.#packed[this.#written++] = rest;
    return IN_NIBBLE;
  }

  #learn(text: Uint8Array): void {
    if (text.length > MAX_LEARNT_LENGTH) return;
    if (!this.#newest.hasRoomFor(text.length)) {
      const before = this.#newest;
      this.#newest = new Generation(this.#nextId());
      this.#generations.set(this.#newest.id, this.#newest);
      if (before.texts === 0) this.#generations.delete(before.id);
    }
    this.#newest.learn(text);
    this.#untilLearning = BETWEEN_LEARNT;
  }

  #nextId(): number {
    let id = this.#newest.id;
    do id = (id + 1) % MAX_GENERATIONS;
    while (this.#generations.has(id));
    return id;
  }
}
