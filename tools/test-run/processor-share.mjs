import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** Microseconds within which a group gets its part. */
const PERIOD = 100_000;

/** Microseconds of processor time in each period: a share of all processors. */
export const quotaOf = (share, processors = availableParallelism()) => Math.round(share * processors * PERIOD);

const textOf = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/**
 * How this machine limits the processor time of a group of processes: where its group is made, and what is written to which file. Undefined where it
 * has neither version of control groups with a limit for processors (cgroups(7)).
 */
export const groupIn = (root, quota) => {
  if (/\bcpu\b/.test(textOf(join(root, 'cgroup.controllers')))) {
    return { parent: root, files: { 'cpu.max': `${quota} ${PERIOD}` }, enables: join(root, 'cgroup.subtree_control') };
  }
  const parent = join(root, 'cpu');
  if (!existsSync(join(parent, 'cgroup.procs'))) return undefined;
  return { parent, files: { 'cpu.cfs_period_us': String(PERIOD), 'cpu.cfs_quota_us': String(quota) } };
};

/** Puts this process, and so all that it starts, into a new group with so much processor time. Returns what removes the group after they have ended. */
export const limitProcessors = ({ parent, files, enables }) => {
  if (enables !== undefined) writeFileSync(enables, '+cpu');
  const group = join(parent, `assent-${process.pid}`);
  mkdirSync(group);
  try {
    for (const [name, value] of Object.entries(files)) writeFileSync(join(group, name), value);
    writeFileSync(join(group, 'cgroup.procs'), String(process.pid));
  } catch (error) {
    rmdirSync(group);
    throw error;
  }
  return () => {
    writeFileSync(join(parent, 'cgroup.procs'), String(process.pid));
    rmdirSync(group);
  };
};
