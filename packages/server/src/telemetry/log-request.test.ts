import { expect, test } from 'vitest';
import type { Logger } from '../platform/log.ts';
import { type AnsweredRequest, logRequest } from './log-request.ts';

const said = (given: Partial<AnsweredRequest>) => {
  const lines: unknown[][] = [];
  const note =
    (level: string) =>
    (...words: unknown[]) =>
      lines.push([level, ...words]);
  const log = { debug: note('debug'), warn: note('warn') } as unknown as Logger;
  const request = { transactionId: 't', method: 'GET', route: 'json/users/:user', realm: '/', status: 200 };
  logRequest(log, { ...request, millis: 4.4, isHeld: false, ...given });
  return lines;
};

test('OPS-57: a request is said at debug', () => {
  expect(said({})).toEqual([
    [
      'debug',
      { transactionId: 't', method: 'GET', route: 'json/users/:user', realm: '/', status: 200, millis: 4 },
      'A request was answered.',
    ],
  ]);
});

test('OPS-57: one over a second is said at warn, unless it is meant to take long', () => {
  expect(said({ millis: 1_000 })[0]?.[0]).toBe('debug');
  expect(said({ millis: 1_000.6 })[0]?.[0]).toBe('warn');
  expect(said({ millis: 60_000, isHeld: true })[0]?.[0]).toBe('debug');
});
