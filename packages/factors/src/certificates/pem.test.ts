import { expect, test } from 'vitest';
import { pemBlocks } from './pem.ts';

const BEGIN = '-----BEGIN X-----';
const END = '-----END X-----';

test('blocks are found in their order, and what stands between them is not', () => {
  const [one, two] = [`${BEGIN}\nAAAA\n${END}`, `${BEGIN}BBBB${END}`];
  expect(pemBlocks(`subject=CN = Root\n${one}\n# the other\r\n${two}\n`, 'X')).toEqual([one, two]);
  for (const text of ['', END, '-----BEGIN Y-----AAAA-----END Y-----']) expect(pemBlocks(text, 'X')).toEqual([]);
});

test('blocks of several labels are found, each to its own end', () => {
  const [x, y] = [`${BEGIN}AAAA${END}`, '-----BEGIN Y-----BBBB-----END Y-----'];
  expect(pemBlocks(`${y}${x}-----BEGIN Y-----BB${END}`, 'X', 'Y')).toEqual([y, x, '-----BEGIN Y-----']);
});

test('a block that was cut takes no other one with it', () => {
  const whole = `${BEGIN}AAAA${END}`;
  expect(pemBlocks(`${BEGIN}AA\n${whole}${BEGIN}AA`, 'X')).toEqual([BEGIN, whole, BEGIN]);
});

test('a text of nothing but beginnings is read once, and not once for each (REL-14)', () => {
  // Each read to its end would be 10^11 steps.
  expect(pemBlocks(BEGIN.repeat(100_000), 'X')).toHaveLength(100_000);
});
