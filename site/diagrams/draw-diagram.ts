import { createHash } from 'node:crypto';
import { drawFlowchart } from './flowchart.ts';
import { drawSequence } from './sequence.ts';

/**
 * Draws what the pages have in the language of Mermaid, as far as they use it: flowcharts from top to bottom with plain boxes, and sequences of
 * calls. Throws `RangeError` for anything else, with the page, since a drawing that lacks a line says something wrong.
 */
export const drawDiagram = (text: string, source: string): string => {
  const [kind = '', ...lines] = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const id = `arrow-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
  try {
    if (kind === 'flowchart TD') return drawFlowchart(lines, id);
    if (kind === 'sequenceDiagram') return drawSequence(lines, id);
    throw new RangeError(`it begins with "${kind}", and the site draws "flowchart TD" and "sequenceDiagram"`);
  } catch (error) {
    throw new RangeError(`${source} has a drawing that site/diagrams cannot make: ${(error as Error).message}.`, {
      cause: error,
    });
  }
};
