import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { AUDIT_EVENTS, NO_EVENTS } from './audit-events.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const NAME = /^[A-Z]+(?:_[A-Z]+)*$/;
/** Of functions that write a row, the name of the event is an argument. */
const WRITES = /audit|eventBy|configurationEvent|stage|^row$|^note$|commit$/i;

const sources = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'packages/*/src/*'], {
  cwd: ROOT,
  encoding: 'utf8',
  maxBuffer: 16 * 1_024 * 1_024,
})
  .split('\n')
  .filter((file) => /\.ts$/.test(file) && !/\.test(-d)?\.ts$|\/testing\/|test-servers\//.test(file))
  .filter((file) => !file.endsWith('audit-events.ts'));

const namesIn = (node: ts.Node): readonly string[] =>
  ts.isStringLiteral(node)
    ? NAME.test(node.text)
      ? [node.text]
      : []
    : [...node.getChildren().flatMap((child) => namesIn(child))];

/** What a source writes as the name of an event. */
const eventsOf = (text: string): readonly string[] => {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && WRITES.test(node.expression.getText().split('.').at(-1) ?? '')) {
      const given = node.arguments.filter((it) => ts.isStringLiteral(it) || ts.isConditionalExpression(it));
      found.push(...given.flatMap((it) => namesIn(it)));
    }
    const isEvent =
      (ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node) || ts.isPropertySignature(node)) &&
      node.name.getText() === 'event';
    if (isEvent) {
      const value = ts.isPropertySignature(node) ? node.type : node.initializer;
      if (value !== undefined) found.push(...namesIn(value));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true));
  return found;
};

/** Names in those places that are none of events. */
const OTHERS = new Set(['UNREADABLE']);

test('every event that the code writes is declared with its meaning, and every one that is declared is written (SEC-80)', () => {
  const texts = sources.map((file) => readFileSync(join(ROOT, file), 'utf8'));
  const written = new Set(texts.filter((text) => /audit|event/i.test(text)).flatMap(eventsOf));
  const declared = Object.keys(AUDIT_EVENTS);
  expect([...written].filter((name) => !OTHERS.has(name) && !declared.includes(name))).toEqual([]);
  const everything = texts.join('\n');
  expect(declared.filter((name) => !written.has(name) && !everything.includes(`'${name}'`))).toEqual([]);
  expect(declared).toEqual(declared.toSorted());
});

/** §7 of the specification, by its names. */
const WANTED =
  `JOURNEY_START JOURNEY_STEP JOURNEY_END AUTH_FAIL THROTTLED LOCKED PUSH_SENT PUSH_DEFERRED PUSH_FAILED PUSH_ANSWERED PUSH_DENIED
  PUSH_NUMBER_MISMATCH PUSH_DUPLICATE PUSH_EXPIRED PUSH_SUPERSEDED PUSH_LOCK REG_START REG_CLAIM REG_REPLAY REG_PROVEN REG_TIMEOUT DEVICE_ADD
  DEVICE_RENAME DEVICE_REMOVE DEVICE_REFRESH DEVICE_CHANNEL_DEAD RECOVERY_CREATED RECOVERY_SHOWN RECOVERY_USED RECOVERY_FAIL OTP_OK OTP_FAIL
  OTP_REPLAY OPTOUT_SET OPTOUT_REFUSED SESSION_CREATE SESSION_REFRESH SESSION_END STEPUP ADMIN_READ ADMIN_CHANGE MFA_RESET KEY_ROTATE
  CONFIG_CHANGE EXPORT ERASE AUDIT_GAP`.split(/\s+/);

test('every event that is wanted is written, or stands with its reason for none, and never both (SEC-80)', () => {
  expect(WANTED.filter((name) => AUDIT_EVENTS[name] === undefined && NO_EVENTS[name] === undefined)).toEqual([]);
  expect(Object.keys(NO_EVENTS).filter((name) => AUDIT_EVENTS[name] !== undefined)).toEqual([]);
});
