import { elapsed, systemClock } from '../platform/system-ports.ts';
import { outboxGauges } from '../telemetry/outbox-observer.ts';
import type { Foundation } from './compose-foundation.ts';
import type { ComposedHints } from './compose-hints.ts';
import type { Telemetry } from './compose-telemetry.ts';

export interface ReadParts {
  readonly foundation: Foundation;
  readonly hints: ComposedHints;
  readonly streams: Readonly<Record<'wait' | 'relay', { readonly size: number }>>;
  readonly instances: { readonly count: number };
  readonly leases: () => Readonly<Record<string, boolean>>;
}

/** Has those measures that say how much there is read from what there is. */
export const readMeasures = ({ measures, exposition, health }: Telemetry, parts: ReadParts): void => {
  const { foundation, hints, streams, instances, leases } = parts;
  const { store, configuration, clock } = foundation;
  measures.configurationVersion.readFrom(() => [[configuration.version]]);
  measures.instances.readFrom(() => [[instances.count]]);
  measures.clockOffset.readFrom(() => [
    [store.clock === undefined ? 0 : (store.clock.now() - systemClock.now()) / 1_000],
  ]);
  measures.streamsOpen.readFrom(() => [
    [streams.wait.size, 'wait'],
    [streams.relay.size, 'relay'],
  ]);
  measures.hintBusUp.readFrom(() => [[hints.isUp() ? 1 : 0]]);
  measures.leaseHeld.readFrom(() =>
    Object.entries(leases()).map(([lease, isHeld]) => [isHeld ? 1 : 0, lease] as const),
  );
  measures.poolConnections.readFrom(() =>
    store
      .pools()
      .flatMap(({ pool, busy, idle, waiting }) => [
        [busy, pool, 'busy'] as const,
        [idle, pool, 'idle'] as const,
        [waiting, pool, 'waiting'] as const,
      ]),
  );
  let isReady = false;
  measures.ready.readFrom(() => [[isReady ? 1 : 0]]);
  exposition.lookBefore(
    async () => {
      isReady = (await health.unready()) === undefined;
    },
    outboxGauges(store, measures, { now: () => clock.now(), elapsed }),
  );
  health.watch('hintBus', () => (hints.isUp() ? [] : ['Redis passes on no hints.']));
};
