import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLog, type Logger, type LogOptions } from './log.ts';
import { LOG_FIELDS } from './log-fields.ts';

const written = (write: (log: Logger) => void, options: Partial<LogOptions> = {}): readonly string[] => {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  write(createLog({ level: 'trace', destination, ...options }));
  return lines;
};

const entries = (...args: Parameters<typeof written>) =>
  written(...args).map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);

test('OPS-57: a line is one JSON object, with time, level as a word, message and instance', () => {
  const [entry] = entries((log) => log.warn({ realm: '/alpha', status: 503 }, 'Something is.'), {
    instance: 'one',
    traceId: () => '4bf92f3577b34da6a3ce929d0e0e4736',
  });
  expect(entry).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    level: 'warn',
    msg: 'Something is.',
    instance: 'one',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    realm: '/alpha',
    status: 503,
  });
});

test('OPS-57: no trace, no trace id', () => {
  expect(entries((log) => log.info('So it is.'), { traceId: () => undefined })[0]).not.toHaveProperty('traceId');
});

test('OPS-57: an error is its words and those that it comes from, with one stack', () => {
  const root = Object.assign(new AggregateError([new Error('connect ECONNREFUSED ::1:389')]), { code: 'ECONNREFUSED' });
  const thrown = new Error('The directory does not answer.', { cause: root });
  const [entry] = entries((log) => log.error({ cause: thrown }, 'Refused.'));
  expect(entry?.cause).toBe(
    'Error: The directory does not answer. ← AggregateError: ECONNREFUSED ← Error: connect ECONNREFUSED ::1:389',
  );
  expect(String(entry?.stack).split('\n')[0]).toMatch(/^at .*log\.test\.ts:\d+/);
  expect(String(entry?.stack).match(/log\.test\.ts:\d+/g)).toHaveLength(1);
});

test('OPS-57: causes that go round in a circle, and things that are no errors, end somewhere', () => {
  const circle: Error & { cause?: unknown } = new Error('a');
  circle.cause = circle;
  const given = [circle, 'too late', { secret: 'never' }, undefined];
  const causes = entries((log) => {
    for (const cause of given) log.error({ cause }, 'Why.');
  }).map(({ cause }) => cause);
  expect(causes).toEqual([
    'Error: a ← Error: a ← Error: a ← Error: a ← Error: a',
    'too late',
    '[object Object]',
    undefined,
  ]);
});

test('SEC-79: a field that is not declared is not written, and its name is', () => {
  const given: Record<string, unknown> = { realm: '/', password: 'Canary-1' };
  const [line = ''] = written((log) => log.info(given, 'So.'));
  expect(line).not.toContain('Canary-1');
  expect(JSON.parse(line)).toMatchObject({ realm: '/', omitted: ['password'] });
});

test.each(['json', 'text'] as const)('SEC-79: nothing forges a line or obeys a terminal, as %s', (format) => {
  const evil = 'eve\r\n{"level":"fatal"}\u001b[31m\u009b\u202e\u2066\u2028\u0085';
  const lines = written((log) => log.info({ realm: evil, fields: { evil }, cause: new Error(evil) }, evil), { format });
  expect(lines).toHaveLength(1);
  const [line = ''] = lines;
  // The stack of a text is on lines of its own, each of a frame.
  for (const part of line.trimEnd().split('\n').slice(1)) expect(part).toMatch(/^ {4}at /);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
  expect(line.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
});

test('OPS-57: text for people has time, level and message first, and the rest by name', () => {
  const [line = ''] = written((log) => log.warn({ realm: '/', setting: 'a "b"', unknown: ['x'] }, 'It is "so".'), {
    format: 'text',
    instance: 'one',
  });
  expect(line).toMatch(/^\S+Z WARN {2}It is "so"\. realm=\/ setting="a \\"b\\"" unknown=\["x"\]\n$/);
});

test('the level changes for whoever has the log already', () => {
  const lines = entries(
    (log) => {
      log.debug('Not yet.');
      log.level = 'debug';
      log.debug('Now.');
    },
    { level: 'info' },
  );
  expect(lines.map(({ msg }) => msg)).toEqual(['Now.']);
});

test('every field has a meaning, in a sentence', () => {
  for (const meaning of Object.values(LOG_FIELDS)) expect(meaning).toMatch(/^[A-Z].*\.$/);
});
