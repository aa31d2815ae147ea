import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { groupIn, limitProcessors, quotaOf } from './processor-share.mjs';

// A folder stands in for the file system of control groups: a machine may have no right to make one.

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'control-groups-'));
});
afterEach(() => rmSync(root, { recursive: true }));

test('a quarter of two processors is half a processor', () => {
  expect(quotaOf(0.25, 2)).toBe(50_000);
});

test('a machine without control groups, or without a limit for processors, has no group', () => {
  expect(groupIn(root, 50_000)).toBeUndefined();
  writeFileSync(join(root, 'cgroup.controllers'), 'cpuset io memory');
  expect(groupIn(root, 50_000)).toBeUndefined();
});

test('a group of version 2 gets its limit and this process', () => {
  writeFileSync(join(root, 'cgroup.controllers'), 'cpuset cpu io');
  const group = groupIn(root, 50_000);
  if (group === undefined) throw new Error('There is no group.');
  limitProcessors(group);
  const [name = ''] = readdirSync(root).filter((it) => it.startsWith('assent-'));
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  expect([read('cgroup.subtree_control'), read(join(name, 'cpu.max')), read(join(name, 'cgroup.procs'))]).toEqual([
    '+cpu',
    '50000 100000',
    String(process.pid),
  ]);
});

test('a group of version 1 is made in the folder for processors', () => {
  mkdirSync(join(root, 'cpu'));
  writeFileSync(join(root, 'cpu/cgroup.procs'), '');
  expect(groupIn(root, 50_000)).toEqual({
    parent: join(root, 'cpu'),
    files: { 'cpu.cfs_period_us': '100000', 'cpu.cfs_quota_us': '50000' },
  });
});
