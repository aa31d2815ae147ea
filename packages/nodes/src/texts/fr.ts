import type { NodeTexts } from './node-texts.ts';

export const fr: NodeTexts = {};
