/** Records lie at multiples of this many bytes, so that a 31-bit address reaches 32 GiB. */
const UNIT_BYTES = 16;
const CHUNK_BYTES = 1024 * 1024;
const CHUNK_UNITS = CHUNK_BYTES / UNIT_BYTES;
/** The length of a record stands before its bytes. */
const HEADER_BYTES = 4;

/** Rounds up by an eighth at most, so that the room of a deleted record fits others of about its length. */
const unitsFor = (bytes: number): number => {
  const units = Math.ceil((HEADER_BYTES + bytes) / UNIT_BYTES);
  const step = 2 ** Math.max(0, 28 - Math.clz32(units));
  return Math.ceil(units / step) * step;
};

/**
 * Records of bytes at numbered addresses in large buffers. A record costs its length, its header and at most an eighth;
 * an object for each, such as a Buffer, would cost a hundred bytes more and work for the garbage collector.
 */
export class ByteSlab {
  #chunks: Buffer[] = [];
  /** Units of the last chunk that nothing was put into. */
  #unusedUnits = 0;
  #records = 0;
  /** Addresses of deleted records, by their room in units. */
  readonly #free = new Map<number, number[]>();

  /** Copies the bytes in; returns their address. */
  put(bytes: Uint8Array): number {
    const address = this.#allocate(unitsFor(bytes.length));
    const chunk = this.#chunkOf(address);
    const at = this.#offsetOf(address);
    chunk.writeUInt32LE(bytes.length, at);
    chunk.set(bytes, at + HEADER_BYTES);
    this.#records += 1;
    return address;
  }

  /** The bytes of a record, as they lie: good until it is deleted. */
  get(address: number): Uint8Array {
    const chunk = this.#chunkOf(address);
    const at = this.#offsetOf(address) + HEADER_BYTES;
    return chunk.subarray(at, at + chunk.readUInt32LE(at - HEADER_BYTES));
  }

  delete(address: number): void {
    const units = unitsFor(this.get(address).length);
    const free = this.#free.get(units);
    if (free === undefined) this.#free.set(units, [address]);
    else free.push(address);
    this.#records -= 1;
    if (this.#records === 0) this.#giveBack();
  }

  #allocate(units: number): number {
    const freed = this.#free.get(units)?.pop();
    if (freed !== undefined) return freed;
    if (units > this.#unusedUnits) {
      this.#unusedUnits = Math.max(CHUNK_UNITS, units);
      this.#chunks.push(Buffer.allocUnsafeSlow(this.#unusedUnits * UNIT_BYTES));
    }
    const chunk = this.#chunks.length - 1;
    const used = this.#chunkOf(chunk * CHUNK_UNITS).length / UNIT_BYTES - this.#unusedUnits;
    this.#unusedUnits -= units;
    // What is longer than a chunk has one to itself, in which nothing else begins.
    if (units > CHUNK_UNITS) this.#unusedUnits = 0;
    return chunk * CHUNK_UNITS + used;
  }

  #chunkOf(address: number): Buffer {
    const chunk = this.#chunks[Math.floor(address / CHUNK_UNITS)];
    if (chunk === undefined) throw new RangeError(`no record is at ${address}`);
    return chunk;
  }

  #offsetOf(address: number): number {
    return (address % CHUNK_UNITS) * UNIT_BYTES;
  }

  #giveBack(): void {
    this.#chunks = [];
    this.#unusedUnits = 0;
    this.#free.clear();
  }
}
