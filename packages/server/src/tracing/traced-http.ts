import type { IncomingMessage } from 'node:http';
import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import type { Settings } from '../settings/settings.ts';
import type { HttpObserver, RoutedRequest } from '../telemetry/http-observer.ts';
import { noteError, type Spans } from './spans.ts';

export interface TracedHttpOptions {
  readonly settings: Pick<Settings, 'publicUrl' | 'contextPath'>;
  /** Whether a proxy that is trusted has sent it: nobody else says which trace a request belongs to. */
  readonly isFromProxy: (request: IncomingMessage) => boolean;
}

/** Those that OpenTelemetry names; of any other a caller may have made it up. */
const METHODS = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE']);
const SERVER_ERROR = 500;

/**
 * A span for each request, up to the end of its answer. It names the pattern of the address alone: links and codes stand in addresses. Who
 * only asks how the server does is not traced.
 */
export const tracedHttp = (
  spans: Spans,
  plain: HttpObserver,
  { settings: { publicUrl, contextPath }, isFromProxy }: TracedHttpOptions,
): HttpObserver => {
  const { protocol, hostname, port } = new URL(publicUrl);
  const ofServer = {
    'url.scheme': protocol.slice(0, -1),
    'server.address': hostname,
    ...(port !== '' && { 'server.port': Number(port) }),
  };
  const watched = ['/health/', '/json/health/', '/metrics', '/json/metrics/'].map((path) => `${contextPath}${path}`);
  /** What a proxy says beside the trace is dropped: callers may have said it. */
  const parentOf = (request: IncomingMessage) =>
    isFromProxy(request) ? propagation.deleteBaggage(propagation.extract(ROOT_CONTEXT, request.headers)) : ROOT_CONTEXT;
  return {
    exchange(request, response, serve) {
      const { method = '', url = '' } = request;
      if (watched.some((it) => url.startsWith(it))) {
        plain.exchange(request, response, serve);
        return;
      }
      const parent = parentOf(request);
      const attributes = { ...ofServer, 'http.request.method': METHODS.has(method) ? method : '_OTHER' };
      const span = spans.begin('HTTP', { kind: SpanKind.SERVER, attributes }, parent);
      const own = trace.setSpan(parent, span);
      // A body arrives in events of the socket, which belongs to no request.
      context.bind(own, request);
      context.bind(own, response);
      try {
        context.with(own, () => plain.exchange(request, response, serve));
      } catch (error) {
        spans.fail(span, error);
        span.end();
        throw error;
      }
      // Behind the line of the log, which is to name the trace.
      response.once('close', () => {
        const { route, realm, transactionId }: RoutedRequest = request;
        if (route !== undefined) span.updateName(`HTTP ${route}`).setAttribute('http.route', route);
        if (realm !== undefined) span.setAttribute('assent.realm', realm);
        if (transactionId !== undefined) span.setAttribute('assent.transaction_id', transactionId);
        if (!response.headersSent) noteError(span, 'aborted');
        else {
          const status = response.statusCode;
          span.setAttribute('http.response.status_code', status);
          if (status >= SERVER_ERROR) noteError(span, String(status));
        }
        span.end();
      });
    },
  };
};
