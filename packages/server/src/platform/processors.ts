import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** What a file says; undefined where it cannot be read. */
export type ReadText = (path: string) => string | undefined;

const readText: ReadText = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

const GROUPS = '/proc/self/cgroup';
const MOUNT = '/sys/fs/cgroup';

/** A group and those that it is in, up to the root: a container sees itself as the root, or its path from outside with nothing there. */
const upwardsFrom = (path: string): readonly string[] => {
  const names = path.split('/').filter((name) => name !== '');
  return names.map((_, at) => `/${names.slice(0, names.length - at).join('/')}`).concat('');
};

const quotaOf = (quota: string | undefined, period: string | undefined): number =>
  Number(quota) > 0 && Number(period) > 0 ? Number(quota) / Number(period) : Number.POSITIVE_INFINITY;

/** How many processors' worth of time a container may use; infinite where nothing limits it. */
const cpuQuota = (read: ReadText): number => {
  const quotas = (read(GROUPS) ?? '').split('\n').flatMap((line) => {
    const [, id, controllers = '', path = ''] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (id === '0' && controllers === '') {
      return upwardsFrom(path).map((group) => {
        const [quota, period] = (read(`${MOUNT}${group}/cpu.max`) ?? '').trim().split(' ');
        return quotaOf(quota, period);
      });
    }
    if (!controllers.split(',').includes('cpu')) return [];
    return upwardsFrom(path).map((group) =>
      quotaOf(read(`${MOUNT}/cpu${group}/cpu.cfs_quota_us`), read(`${MOUNT}/cpu${group}/cpu.cfs_period_us`)),
    );
  });
  return Math.min(...quotas, Number.POSITIVE_INFINITY);
};

/**
 * How many threads may work at once: as many as there are processors, or fewer where a container has a quota of them. A part of a
 * processor is left to the event loop: who has used up a quota stands still with all its threads.
 */
export const usableProcessors = (read: ReadText = readText, processors: number = availableParallelism()): number =>
  Math.max(1, Math.min(processors, Math.floor(cpuQuota(read))));
