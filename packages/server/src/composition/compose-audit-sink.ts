import { guardedRequests, OF_OPERATOR } from '@assent/push';
import { AuditForwarder } from '../audit-sink/audit-forwarder.ts';
import type { AuditSink } from '../audit-sink/audit-sink.ts';
import { fileSink } from '../audit-sink/file-sink.ts';
import { stdoutSink } from '../audit-sink/stdout-sink.ts';
import { syslogSink } from '../audit-sink/syslog-sink.ts';
import { webhookSink } from '../audit-sink/webhook-sink.ts';
import { elapsed, systemClock } from '../platform/system-ports.ts';
import { readAuditSink } from '../settings/audit-sink-address.ts';
import { signingKeyFrom } from '../settings/setting-values.ts';
import type { Settings } from '../settings/settings.ts';
import type { Foundation } from './compose-foundation.ts';
import type { Telemetry } from './compose-telemetry.ts';

type SinkParts = Pick<Foundation, 'requests' | 'clock'> & { readonly settings: Settings };

const sinkOf = ({ settings, requests, clock }: SinkParts): AuditSink | undefined => {
  const { auditSink, auditSinkSecret = '', auditSinkCa: ca } = settings;
  const address = auditSink === undefined ? undefined : readAuditSink(auditSink);
  switch (address?.kind) {
    case undefined:
      return undefined;
    case 'stdout':
      return stdoutSink(process.stdout);
    case 'file':
      return fileSink(address.path);
    case 'syslog':
      return syslogSink({ host: address.host, port: address.port, ...(ca !== undefined && { ca }) });
    case 'webhook': {
      const key = signingKeyFrom(auditSinkSecret);
      if (key === undefined) throw new TypeError('a webhook of the audit trail has no key');
      return webhookSink({ url: address.url, key, requests: requests.of(OF_OPERATOR), clock });
    }
  }
};

/** For clocks of instances that differ, and commits that are under way where sending begins. */
const BEFORE_NOW_MILLIS = 5 * 60_000;

/** Who sends the audit trail on; undefined where it is in the database alone. What happens from here on is sent (ADR 101). */
export const composeAuditSink = async (
  foundation: Foundation,
  { measures, health }: Pick<Telemetry, 'measures' | 'health'>,
): Promise<AuditForwarder | undefined> => {
  const sink = sinkOf(foundation);
  if (sink === undefined) return undefined;
  const { store, processId: holder, clock, log, settings } = foundation;
  await store.auditFeed.begin(settings.auditSinkFrom === 'now' ? clock.now() - BEFORE_NOW_MILLIS : 0);
  const forwarder = new AuditForwarder({ feed: store.auditFeed, sink, holder, clock, elapsed, log });
  health.watch('auditSink', () => forwarder.problems);
  measures.auditSinkLag.readFrom(() => [[forwarder.lagSeconds]]);
  return forwarder;
};

const LOOK_MILLIS = 5_000;

/** Whether a server with these settings could send the trail on, without sending anything; undefined where it has no sink (OPS-51). */
export const lookAtAuditSink = async (
  settings: Settings,
): Promise<{ readonly sink: string; readonly cause?: string } | undefined> => {
  const requests = guardedRequests({ allowsLoopback: settings.insecure, privateHosts: settings.privateHosts });
  try {
    const sink = sinkOf({ settings, requests, clock: systemClock });
    if (sink === undefined) return undefined;
    try {
      await sink.look(AbortSignal.timeout(LOOK_MILLIS));
      return { sink: sink.name };
    } catch (error) {
      return { sink: sink.name, cause: error instanceof Error ? error.message : String(error) };
    }
  } finally {
    requests.close();
  }
};
