import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DISCLOSURES } from './disclosures.ts';

const PACKAGES = fileURLToPath(new URL('../../../', import.meta.url));

test.each(DISCLOSURES)(
  'a test holds what $who learns (security-reliability §7 "Minimisation")',
  ({ heldBy: [file, title] }) => {
    expect(readFileSync(`${PACKAGES}${file}`, 'utf8')).toContain(title);
  },
);
