import type { Instance, Instances } from '../ports/instances.ts';
import { LEASE_MILLIS, type LeaseName, latestEnd } from '../rules/leases.ts';

/** No other process has them; a server tells of itself all the same, and one that steers its clock takes leases from itself. */
export const memoryInstances = () => {
  const rows = new Map<string, Instance>();
  const leases = new Map<LeaseName, { readonly holder: string; readonly until: number }>();
  return {
    port: {
      async put(instance) {
        rows.set(instance.name, instance);
      },
      list: async () => [...rows.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
      async leave(processId) {
        for (const [name, row] of rows) if (row.processId === processId) rows.delete(name);
        for (const [name, { holder }] of leases) if (holder === processId) leases.delete(name);
      },
    } satisfies Instances,
    unheard: (seenAfter: number, version: number): readonly string[] =>
      [...rows.values()]
        .filter(({ seenAt, keysVersion = -1 }) => seenAt > seenAfter && keysVersion < version)
        .map(({ name }) => name),
    holds(lease: LeaseName, holder: string, now: number): boolean {
      const held = leases.get(lease);
      const isHeld = held !== undefined && held.until > now && held.until <= latestEnd(now);
      if (isHeld && held.holder !== holder) return false;
      leases.set(lease, { holder, until: now + LEASE_MILLIS });
      return true;
    },
    sweep(unseenSince: number, limit: number): number {
      const due = [...rows.values()].filter(({ seenAt }) => seenAt <= unseenSince).slice(0, limit);
      for (const { name } of due) rows.delete(name);
      return due.length;
    },
  };
};
