import type { Committer } from '@assent/engine/host';
import { SpanKind } from '@opentelemetry/api';
import type { Settings } from '../settings/settings.ts';
import type { ObserveRead } from '../telemetry/observed-store.ts';
import type { Spans } from './spans.ts';

/** Spans for what requests read of the store and commit to it. */
export const tracedStore = (spans: Spans, { databaseUrl }: Pick<Settings, 'databaseUrl'>) => {
  const system = databaseUrl === undefined ? 'sqlite' : databaseUrl === 'memory:' ? 'memory' : 'postgresql';
  const of = (operation: string) => ({
    kind: SpanKind.CLIENT,
    attributes: { 'db.system.name': system, 'db.operation.name': operation },
  });
  return {
    read:
      (plain: ObserveRead): ObserveRead =>
      (reader, run) =>
        spans.runWithin('store.read', of(reader), () => plain(reader, run)),
    over: (plain: Committer): Committer => ({
      commit: (changes) =>
        spans.runWithin(
          'store.commit',
          {
            ...of('commit'),
            came: (span, { committed }) => span.setAttribute('assent.outcome', committed ? 'applied' : 'refused'),
          },
          () => plain.commit(changes),
        ),
    }),
  };
};
