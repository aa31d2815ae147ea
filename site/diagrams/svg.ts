/** Widths of letters are guessed: the fonts of the reader are not known when a drawing is made. */
const LETTER = 7.6;

export const widthOf = (text: string): number => Math.ceil(text.length * LETTER);

/** A drawing with its words beside it, for who does not see it or cannot print it that wide. */
export const figureOf = ({
  id,
  label,
  width,
  height,
  shapes,
  words,
}: {
  /** Tells the arrow heads of one drawing of a page from those of another. */
  readonly id: string;
  readonly label: string;
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly string[];
  readonly words: string;
}): string => {
  const size = `viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" width="${Math.ceil(width)}" height="${Math.ceil(height)}"`;
  const head = `<marker id="${id}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="d-head" d="M0 1 9 5 0 9z"/></marker>`;
  return `<figure class="s-figure"><div class="s-scroll"><svg class="s-drawing" role="img" aria-label="${label}" ${size}><defs>${head}</defs>${shapes.join('')}</svg></div>
<details><summary>The same in words</summary>${words}</details></figure>
`;
};
