import { expect, test } from 'vitest';
import { isSystemSessionProperty } from './sessions.ts';

test.each(['NodeType', 'nodetype', 'AuthLevel', 'AMCtxId', 'Service', 'UserToken'])(
  '%s belongs to the system',
  (name) => {
    expect(isSystemSessionProperty(name)).toBe(true);
  },
);

test.each(['department', 'NodeTypes', ''])('%j may be set by a node', (name) => {
  expect(isSystemSessionProperty(name)).toBe(false);
});
