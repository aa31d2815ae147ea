import { escaped } from '../layout/html.ts';
import { figureOf, widthOf } from './svg.ts';

const MARGIN = 8;
const HEAD_HEIGHT = 34;
const ROW = 44;
/** How far a call of somebody to themselves goes out and comes back. */
const LOOP = 26;
const GAP = 24;

interface Call {
  readonly from: string;
  readonly to: string;
  readonly says: string;
}

const read = (lines: readonly string[]): { readonly names: readonly string[]; readonly calls: readonly Call[] } => {
  const names: string[] = [];
  const calls: Call[] = [];
  for (const line of lines) {
    const [, name] = /^participant (\S+)$/.exec(line) ?? [];
    const [, from, to, says] = /^(\S+?)->>(\S+?): (.+)$/.exec(line) ?? [];
    if (name !== undefined) names.push(name);
    else if (from !== undefined && to !== undefined && says !== undefined) calls.push({ from, to, says });
    else if (line !== 'autonumber')
      throw new RangeError(`it says "${line}", which is neither a participant nor a call "one->>other: words"`);
  }
  for (const { from, to } of calls) {
    for (const name of [from, to])
      if (!names.includes(name)) throw new RangeError(`it calls ${name}, who is no participant`);
  }
  return { names, calls };
};

/** Who calls whom, one below the other, from the lines `participant one` and `one->>other: words`. */
export const drawSequence = (lines: readonly string[], id: string): string => {
  const { names, calls } = read(lines);
  const column = Math.max(...names.map(widthOf)) + 20 + GAP;
  const middleOf = (name: string): number => MARGIN + column * names.indexOf(name) + (column - GAP) / 2;
  const bottom = MARGIN + HEAD_HEIGHT + ROW * calls.length + GAP;

  let width = MARGIN * 2 + column * names.length;
  const columns = names.map((name) => {
    const x = middleOf(name);
    const box = `<rect class="d-box" x="${x - (column - GAP) / 2}" y="${MARGIN}" width="${column - GAP}" height="${HEAD_HEIGHT}" rx="8"/>`;
    return `<path class="d-life" d="M${x} ${MARGIN + HEAD_HEIGHT}V${bottom}"/>${box}<text class="d-name" x="${x}" y="${MARGIN + HEAD_HEIGHT / 2}">${escaped(name)}</text>`;
  });
  const rows = calls.map(({ from, to, says }, at) => {
    const [start, end] = [middleOf(from), middleOf(to)];
    const y = MARGIN + HEAD_HEIGHT + ROW * (at + 1);
    const label = `${at + 1}. ${says}`;
    const left = start === end ? start + LOOP + 6 : Math.min(start, end) + 6;
    width = Math.max(width, left + widthOf(label) + MARGIN);
    const line = start === end ? `M${start} ${y - 14}h${LOOP}v14h-${LOOP}` : `M${start} ${y}H${end}`;
    return `<path class="d-line" d="${line}" marker-end="url(#${id})"/><text class="d-says" x="${left}" y="${y - 9}">${escaped(label)}</text>`;
  });
  const words = calls.map(
    ({ from, to, says }) => `<li>${escaped(from === to ? from : `${from} → ${to}`)}: ${escaped(says)}</li>`,
  );
  return figureOf({
    id,
    label: 'Calls, one below the other; the same in words follows',
    width,
    height: bottom + MARGIN,
    shapes: [...columns, ...rows],
    words: `<ol>${words.join('')}</ol>`,
  });
};
