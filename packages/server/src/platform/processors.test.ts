import { expect, test } from 'vitest';
import { usableProcessors } from './processors.ts';

/** Recorded: what stands in those files, by path. */
const within = (files: Readonly<Record<string, string>>, processors = 16): number =>
  usableProcessors((path) => files[path], processors);

const V2 = '0::/\n';
const V1 =
  '11:memory:/docker/4f2a\n9:cpuset:/docker/4f2a\n4:cpu,cpuacct:/docker/4f2a\n1:name=systemd:/docker/4f2a\n0::/docker/4f2a\n';

test('OPS-30: without a quota, or where none can be read, each processor is used', () => {
  expect(within({})).toBe(16);
  expect(within({ '/proc/self/cgroup': V2, '/sys/fs/cgroup/cpu.max': 'max 100000\n' })).toBe(16);
  expect(within({ '/proc/self/cgroup': V1, '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n' })).toBe(16);
  expect(within({ '/proc/self/cgroup': 'nonsense\n::\n', '/sys/fs/cgroup/cpu.max': '100000 100000\n' })).toBe(16);
  expect(within({ '/proc/self/cgroup': V2, '/sys/fs/cgroup/cpu.max': '' })).toBe(16);
  expect(usableProcessors()).toBeGreaterThan(0);
});

test.each([
  ['a container', { '/proc/self/cgroup': V2, '/sys/fs/cgroup/cpu.max': '400000 100000\n' }],
  [
    'a unit of systemd, in a slice without a limit',
    {
      '/proc/self/cgroup': '0::/system.slice/assent.service\n',
      '/sys/fs/cgroup/system.slice/assent.service/cpu.max': '400000 100000\n',
      '/sys/fs/cgroup/system.slice/cpu.max': 'max 100000\n',
    },
  ],
  [
    'a pod, which has less than its container may use',
    {
      '/proc/self/cgroup': '0::/kubepods/pod1/c1\n',
      '/sys/fs/cgroup/kubepods/pod1/c1/cpu.max': '800000 100000\n',
      '/sys/fs/cgroup/kubepods/pod1/cpu.max': '200000 50000\n',
    },
  ],
  [
    'a container of the first version, which does not see the path that it has outside',
    {
      '/proc/self/cgroup': V1,
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '400000\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    },
  ],
  [
    'a group of the first version',
    {
      '/proc/self/cgroup': '2:cpu:/assent\n1:cpuset:/\n0::/\n',
      '/sys/fs/cgroup/cpu/assent/cpu.cfs_quota_us': '200000\n',
      '/sys/fs/cgroup/cpu/assent/cpu.cfs_period_us': '50000\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    },
  ],
])('OPS-30: %s is taken at its quota, four processors', (_what, files: Readonly<Record<string, string>>) => {
  expect(within(files)).toBe(4);
  expect(within(files, 2)).toBe(2);
});

test('OPS-30: a part of a processor is left to the event loop, and there is always one', () => {
  const withQuota = (quota: number) =>
    within({ '/proc/self/cgroup': V2, '/sys/fs/cgroup/cpu.max': `${quota} 100000\n` });
  expect([50_000, 199_999, 250_000].map(withQuota)).toEqual([1, 1, 2]);
});
