import { AUTHORIZE } from './authorize-corpus.ts';
import type { Corpus } from './corpus.ts';
import { DPOP } from './dpop-corpus.ts';
import { RESOURCES } from './resource-corpus.ts';
import { TOKEN } from './token-corpus.ts';

export const CORPUS: Corpus = [...AUTHORIZE, ...TOKEN, ...RESOURCES, ...DPOP];
