import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { drawDiagram } from './draw-diagram.ts';

const ROOT = join(import.meta.dirname, '../..');

const PAGE = 'docs/architecture.md';
const draw = (text: string): string => drawDiagram(text, PAGE);

test('a flowchart has its boxes, its arrows and the same in words', () => {
  const drawing = draw('flowchart TD\n  wire\n  wire --> engine\n');
  expect(drawing.match(/<rect /g)).toHaveLength(2);
  expect(drawing.match(/class="d-line"/g)).toHaveLength(1);
  expect(drawing).toContain('<li>wire → engine</li>');
});

test('a sequence has its calls one below the other, also those to oneself', () => {
  const drawing = draw('sequenceDiagram\n autonumber\n participant a\n participant b\n a->>b: asks\n b->>b: thinks\n');
  expect([...drawing.matchAll(/class="d-says" x="[\d.]+" y="(\d+)">([^<]+)/g)].map(([, , text]) => text)).toEqual([
    '1. asks',
    '2. thinks',
  ]);
  expect(drawing).toContain('<ol><li>a → b: asks</li><li>b: thinks</li></ol>');
});

test.each([
  ['another kind of drawing', 'pie\n "a": 1', 'begins with "pie"'],
  ['a line that is no arrow', 'flowchart TD\n a -.-> b', 'says "a -.-> b"'],
  ['a line that is no call', 'sequenceDiagram\n Note over a: x', 'says "Note over a: x"'],
  ['a call of nobody', 'sequenceDiagram\n participant a\n a->>b: x', 'calls b'],
])('%s is refused, with the page that has it', (_, text, reason) => {
  expect(() => draw(text)).toThrow(`${PAGE} has a drawing that site/diagrams cannot make`);
  expect(() => draw(text)).toThrow(reason);
});

test('the drawings of the architecture can be made, and nothing of them lies outside', () => {
  const texts = [...readFileSync(join(ROOT, PAGE), 'utf8').matchAll(/^```mermaid\n([\s\S]*?)^```$/gm)].map(
    ([, text = '']) => text,
  );
  expect(texts).toHaveLength(2);
  for (const text of texts) {
    const drawing = draw(text);
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(drawing) ?? [];
    for (const [, x, y] of drawing.matchAll(/<text class="\S+" x="([\d.-]+)" y="([\d.-]+)"/g)) {
      expect(Number(x)).toBeGreaterThan(0);
      expect(Number(x)).toBeLessThan(Number(width));
      expect(Number(y)).toBeGreaterThan(0);
      expect(Number(y)).toBeLessThan(Number(height));
    }
  }
});
