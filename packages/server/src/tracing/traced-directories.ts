import type { DirectoryObserver } from '@assent/ldap';
import { SpanKind } from '@opentelemetry/api';
import type { Spans } from './spans.ts';

/** Spans for what requests ask a directory, without the names that they ask for. */
export const tracedDirectories = (spans: Spans, plain: DirectoryObserver): DirectoryObserver => ({
  ask: (realm, operation, run) =>
    spans.runWithin(`ldap ${operation}`, { kind: SpanKind.CLIENT, attributes: { 'assent.realm': realm } }, () =>
      plain.ask(realm, operation, run),
    ),
});
