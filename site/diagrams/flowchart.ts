import { Graph, layout } from '@dagrejs/dagre';
import { escaped } from '../layout/html.ts';
import { figureOf, widthOf } from './svg.ts';

const NODE_HEIGHT = 36;
const NODE_PADDING = 16;
const MARGIN = 8;

interface Point {
  readonly x: number;
  readonly y: number;
}
/** A box by its middle. */
interface Box extends Point {
  readonly name: string;
  readonly width: number;
}
interface Drawing {
  readonly boxes: readonly Box[];
  /** Each arrow by the points that it goes through. */
  readonly arrows: readonly (readonly Point[])[];
}
type Arrow = readonly [from: string, to: string];

const read = (lines: readonly string[]): { readonly names: readonly string[]; readonly arrows: readonly Arrow[] } => {
  const names = new Set<string>();
  const arrows: Arrow[] = [];
  for (const line of lines) {
    const [, from, to] = /^([\w-]+?)(?: --> ([\w-]+))?$/.exec(line) ?? [];
    if (from === undefined) {
      throw new RangeError(`it says "${line}", which is neither a box nor an arrow "one --> other"`);
    }
    names.add(from);
    if (to === undefined) continue;
    names.add(to);
    arrows.push([from, to]);
  }
  return { names: [...names], arrows };
};

const placed = (names: readonly string[], arrows: readonly Arrow[]): Drawing => {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 20, edgesep: 10, ranksep: 44 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const name of names) graph.setNode(name, { width: widthOf(name) + 2 * NODE_PADDING, height: NODE_HEIGHT });
  for (const [from, to] of arrows) graph.setEdge(from, to);
  layout(graph);
  return {
    boxes: names.map((name) => ({ ...(graph.node(name) as unknown as Point & { readonly width: number }), name })),
    arrows: arrows.map(([from, to]) => (graph.edge(from, to) as { readonly points: readonly Point[] }).points),
  };
};

const rounded = (value: number): number => Math.round(value * 10) / 10;

/** Boxes and arrows, from the lines `one` and `one --> other`. */
export const drawFlowchart = (lines: readonly string[], id: string): string => {
  const { names, arrows } = read(lines);
  const drawing = placed(names, arrows);
  const corners = [
    ...drawing.arrows.flat(),
    ...drawing.boxes.flatMap(({ x, y, width }) => [
      { x: x - width / 2, y: y - NODE_HEIGHT / 2 },
      { x: x + width / 2, y: y + NODE_HEIGHT / 2 },
    ]),
  ];
  const left = Math.min(...corners.map(({ x }) => x)) - MARGIN;
  const top = Math.min(...corners.map(({ y }) => y)) - MARGIN;

  const lineOf = (points: readonly Point[]): string => {
    const [first, ...rest] = points.map(({ x, y }) => `${rounded(x - left)} ${rounded(y - top)}`);
    return `<path class="d-line" d="M${first}L${rest.join(' ')}" marker-end="url(#${id})"/>`;
  };
  const boxOf = ({ name, x, y, width }: Box): string => {
    const [middle, centre] = [rounded(x - left), rounded(y - top)];
    const size = `width="${width}" height="${NODE_HEIGHT}" rx="8"`;
    const box = `<rect class="d-box" x="${rounded(middle - width / 2)}" y="${rounded(centre - NODE_HEIGHT / 2)}" ${size}/>`;
    return `${box}<text class="d-name" x="${middle}" y="${centre}">${escaped(name)}</text>`;
  };
  const words = names.map((name) => {
    const others = arrows.filter(([from]) => from === name).map(([, to]) => to);
    return `<li>${escaped(name)}${others.length === 0 ? '' : ` → ${escaped(others.join(', '))}`}</li>`;
  });
  return figureOf({
    id,
    label: 'Boxes and arrows; the same in words follows',
    width: Math.max(...corners.map(({ x }) => x)) - left + MARGIN,
    height: Math.max(...corners.map(({ y }) => y)) - top + MARGIN,
    shapes: [...drawing.arrows.map(lineOf), ...drawing.boxes.map(boxOf)],
    words: `<ul>${words.join('')}</ul>`,
  });
};
