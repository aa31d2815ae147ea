/** Keys of rows, by texts that are all different, in their order. */
export class OrderedKeys {
  /** In order, each with as many entries as a change may move. */
  readonly #blocks: { readonly text: string; readonly key: string }[][] = [];
  static readonly #MAX_BLOCK = 512;

  add(text: string, key: string): void {
    const at = this.#blockOf(text);
    const block = this.#blocks[at];
    if (block === undefined) {
      this.#blocks.push([{ text, key }]);
      return;
    }
    block.splice(this.#placeIn(block, text), 0, { text, key });
    if (block.length > OrderedKeys.#MAX_BLOCK) this.#blocks.splice(at + 1, 0, block.splice(block.length / 2));
  }

  delete(text: string): void {
    const at = this.#blockOf(text);
    const block = this.#blocks[at];
    if (block === undefined) return;
    const place = this.#placeIn(block, text);
    if (block[place]?.text !== text) return;
    block.splice(place, 1);
    if (block.length === 0) this.#blocks.splice(at, 1);
  }

  /** From the first that is not before the text. */
  *from(text: string): IterableIterator<{ readonly text: string; readonly key: string }> {
    let at = this.#blockOf(text);
    let place = this.#placeIn(this.#blocks[at] ?? [], text);
    for (; at < this.#blocks.length; at += 1) {
      const block = this.#blocks[at] ?? [];
      for (; place < block.length; place += 1) yield block[place] as { readonly text: string; readonly key: string };
      place = 0;
    }
  }

  /** The last block that does not begin after the text. */
  #blockOf(text: string): number {
    let [low, high] = [0, this.#blocks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#blocks[middle]?.[0]?.text ?? '') <= text) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  #placeIn(block: readonly { readonly text: string }[], text: string): number {
    let [low, high] = [0, block.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((block[middle]?.text ?? '') < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
