import { baseline } from '../migrations/0001-baseline.ts';
import type { Migration } from '../migrations/migration.ts';

/** In the order of their versions: 1, 2, 3 … */
export const migrations: readonly Migration[] = [baseline];
