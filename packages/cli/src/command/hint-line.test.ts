import { expect, test } from 'vitest';
import { hintLine } from './hint-line.ts';

test.each([
  [
    'assent serve --port 8081, or stop what uses the port',
    '  Try: npx assent serve --port 8081, or stop what uses the port\n',
  ],
  ["assent phone register '<setup code>'", "  Try: npx assent phone register '<setup code>'\n"],
  ['use the official apps or assent phone', '  Try: use the official apps or npx assent phone\n'],
  ['assent --help', '  Try: npx assent --help\n'],
  ['another --data-dir', '  Try: another --data-dir\n'],
])('started by npx, "%s" can be copied and run (OPS-68)', (hint, line) => {
  expect(hintLine(hint, 'npx assent')).toBe(line);
});

test('where the command is on the path, it is named by its name (OPS-68)', () => {
  expect(hintLine('assent doctor', 'assent')).toBe('  Try: assent doctor\n');
});

test('where there is nothing to try, nothing is said', () => {
  expect(hintLine(undefined, 'assent')).toBe('');
});
