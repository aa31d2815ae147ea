import { readFileSync } from 'node:fs';
import { deviceBindingCallback, deviceSigningVerifierCallback } from '@assent/engine';
import { expect, test } from 'vitest';
import { writeCallbacks } from './written-callbacks.ts';

const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../golden/callbacks/${name}.json`, import.meta.url), 'utf8'));

test.each([
  ['device-binding', deviceBindingCallback],
  ['device-signing-verifier', deviceSigningVerifierCallback],
] as const)('the callback of %s is written letter by letter as its golden file says (A11)', (name, make) => {
  const { given, body } = golden(name);
  expect(writeCallbacks([make(given)])).toBe(JSON.stringify(body));
});
