/** Where the audit trail is sent on to. */
export type AuditSinkAddress =
  | { readonly kind: 'stdout' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'syslog'; readonly host: string; readonly port: number }
  | { readonly kind: 'webhook'; readonly url: URL };

/** The port that RFC 5425 §4.1 gives to syslog over TLS. */
const SYSLOG_PORT = 6_514;

/** Undefined where the text names no sink. */
export const readAuditSink = (text: string): AuditSinkAddress | undefined => {
  if (text === 'stdout') return { kind: 'stdout' };
  if (text.startsWith('file:')) {
    const path = text.slice('file:'.length);
    return path === '' || path.includes('\0') ? undefined : { kind: 'file', path };
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === '' || url.username !== '' || url.password !== '') return undefined;
  if (url.protocol === 'https:' || url.protocol === 'http:') return { kind: 'webhook', url };
  if (url.protocol !== 'syslog+tls:' || !/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '')
    return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { kind: 'syslog', host, port: url.port === '' ? SYSLOG_PORT : Number(url.port) };
};
