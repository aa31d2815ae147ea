import { expect, test } from 'vitest';
import { hintLine } from './hint-line.ts';

test.each([
  [
    'assent serve --port 8081, or stop what uses the port',
    '  Try: npx --no-install assent serve --port 8081, or stop what uses the port\n',
  ],
  ["assent phone register '<setup code>'", "  Try: npx --no-install assent phone register '<setup code>'\n"],
  ['use the official apps or assent phone', '  Try: use the official apps or npx --no-install assent phone\n'],
  ['assent --help', '  Try: npx --no-install assent --help\n'],
  ['another --data-dir', '  Try: another --data-dir\n'],
])('started by npm, "%s" can be copied and run', (hint, line) => {
  expect(hintLine(hint, { npm_command: 'exec' })).toBe(line);
});

test('where the command is on the path, it is named by its name', () => {
  expect(hintLine('assent doctor', {})).toBe('  Try: assent doctor\n');
});

test('where there is nothing to try, nothing is said', () => {
  expect(hintLine(undefined, {})).toBe('');
});
