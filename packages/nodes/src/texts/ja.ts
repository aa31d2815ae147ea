import type { NodeTexts } from './node-texts.ts';

export const ja: NodeTexts = {};
