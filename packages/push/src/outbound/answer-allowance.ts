/** The other side sends more than its answer may have. */
export class AnswerTooLong extends Error {
  override readonly name = 'AnswerTooLong';
}

/** For what every answer brings along: a TLS handshake with its certificates, and the head of the answer. */
const BASE_BYTES = 64 * 1_024;
const BASE_PIECES = 256;
/** A network packet has some 1,400 bytes; each piece costs a turn of the event loop, however short it is. */
const BYTES_OF_PIECE = 1_024;

/** For one answer on a connection of HTTP/2: the answer of a push provider has less than 1 KiB. */
const REQUEST_BYTES = 16 * 1_024;
const REQUEST_PIECES = 64;

/**
 * What the other side may still send over one connection, counted as it arrives and below every parser (SEC-93). A parser takes microseconds for
 * each frame and each chunk, even for an empty one, so the size of a body bounds nothing.
 */
export class AnswerAllowance {
  readonly #host: string;
  #bytes = BASE_BYTES;
  #pieces = BASE_PIECES;
  #requests = 0;

  constructor(host: string) {
    this.#host = host;
  }

  /** HTTP/1: the next request has the connection to itself. Chunks of a body may take as much room again as what is in them. */
  renew(maxBytes: number): void {
    this.#bytes = BASE_BYTES + 2 * maxBytes;
    this.#pieces = BASE_PIECES + Math.ceil((2 * maxBytes) / BYTES_OF_PIECE);
  }

  /** HTTP/2: each request adds its own part, so that a connection serves for days. */
  requestBegins(): void {
    this.#requests += 1;
    this.#bytes += REQUEST_BYTES;
    this.#pieces += REQUEST_PIECES;
  }

  /** The other side cannot save up what many requests have left over. */
  requestEnds(): void {
    this.#requests -= 1;
    this.#bytes = Math.min(this.#bytes, BASE_BYTES + this.#requests * REQUEST_BYTES);
    this.#pieces = Math.min(this.#pieces, BASE_PIECES + this.#requests * REQUEST_PIECES);
  }

  /** Counts a piece that has arrived. Throws `AnswerTooLong` for one too many. */
  take(piece: { readonly length: number }): void {
    this.#bytes -= piece.length;
    this.#pieces -= 1;
    if (this.#bytes < 0) throw new AnswerTooLong(`${this.#host} sends more bytes than its answer may have.`);
    if (this.#pieces < 0) throw new AnswerTooLong(`${this.#host} sends its answer in too many pieces.`);
  }
}
