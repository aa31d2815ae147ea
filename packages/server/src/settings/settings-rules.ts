import { isIP } from 'node:net';
import { readDatabaseUrl, StoreRefused } from '@assent/store';
import { readAuditSink } from './audit-sink-address.ts';
import { isLoopback } from './loopback.ts';
import type { Settings } from './settings.ts';

/** True where nobody but this machine can connect; `::1` is how a listening address spells `[::1]`. */
export const isLocalHost = (host: string): boolean =>
  isLoopback(isIP(host) === 6 ? new URL(`http://[${host}]`).hostname : host);

const problemsOfDatabase = (
  { databaseUrl, databasePasswordFile, masterKey, insecure }: Settings,
  sources: Readonly<Record<string, string>>,
): readonly string[] => {
  if (databaseUrl === undefined || databaseUrl === 'memory:') return [];
  const problems: string[] = [];
  try {
    const { password } = readDatabaseUrl(databaseUrl, { insecure });
    if (password !== undefined && databasePasswordFile !== undefined) {
      problems.push('ASSENT_DATABASE_URL holds a password, and ASSENT_DATABASE_PASSWORD_FILE names another: give one.');
    }
    if (password !== undefined && sources.databaseUrl === 'flag') {
      problems.push(
        'The password in --database-url can be read by everybody on this machine: put the URL into ASSENT_DATABASE_URL, or the ' +
          'password into a file for --database-password-file.',
      );
    }
  } catch (error) {
    if (!(error instanceof StoreRefused)) throw error;
    problems.push(error.message);
  }
  if (masterKey === undefined) {
    problems.push(
      'With PostgreSQL the master key is given to every instance, and never generated: set ASSENT_MASTER_KEY to what ' +
        '`openssl rand -base64 32` prints, and keep it where the backups of the database are not.',
    );
  }
  return problems;
};

const problemsOfAuditSink = (
  { auditSink, auditSinkSecret, auditSinkCa, insecure }: Settings,
  sources: Readonly<Record<string, string>>,
): readonly string[] => {
  const address = auditSink === undefined ? undefined : readAuditSink(auditSink);
  const problems: string[] = [];
  if (address?.kind === 'webhook' && auditSinkSecret === undefined) {
    problems.push(
      `ASSENT_AUDIT_SINK (${sources.auditSink}) is a webhook, which is signed: give a key in ASSENT_AUDIT_SINK_SECRET_FILE, made by ` +
        '`echo whsec_$(openssl rand -base64 32)`.',
    );
  }
  if (address?.kind === 'webhook' && address.url.protocol === 'http:' && !insecure) {
    problems.push(
      `ASSENT_AUDIT_SINK (${sources.auditSink}) is plain http: give an https URL, or allow it with --insecure.`,
    );
  }
  if (auditSinkSecret !== undefined && address?.kind !== 'webhook') {
    problems.push(
      `ASSENT_AUDIT_SINK_SECRET (${sources.auditSinkSecret}) is given, and no webhook: name an https URL in ASSENT_AUDIT_SINK.`,
    );
  }
  if (auditSinkCa !== undefined && address?.kind !== 'syslog') {
    problems.push(
      `ASSENT_AUDIT_SINK_CA (${sources.auditSinkCa}) is given, and no syslog: name syslog+tls://host:port in ASSENT_AUDIT_SINK.`,
    );
  }
  return problems;
};

/** What one setting allows only with another (design.md §2 "Public URL", §3.3 "demo seed", "provider endpoints"). */
export const brokenRules = (settings: Settings, sources: Readonly<Record<string, string>>): readonly string[] => {
  const problems = [...problemsOfDatabase(settings, sources), ...problemsOfAuditSink(settings, sources)];
  if (settings.redisPasswordFile !== undefined && settings.redisUrl === undefined) {
    problems.push(
      `ASSENT_REDIS_PASSWORD_FILE (${sources.redisPasswordFile}) is given, and no Redis: name it in ASSENT_REDIS_URL.`,
    );
  }
  const { managementPort, managementHost, port, host } = settings;
  if (managementPort !== undefined && managementPort !== 0 && managementPort === port && managementHost === host) {
    problems.push(
      `ASSENT_MANAGEMENT_PORT (${sources.managementPort}) is ${port}, which is the port of the server itself: give another one.`,
    );
  }
  if (settings.sessionCookieSameSite === 'None' && !settings.publicUrl.startsWith('https:')) {
    problems.push(
      `ASSENT_SESSION_COOKIE_SAME_SITE (${sources.sessionCookieSameSite}) is None, which browsers accept over https alone: give an https ` +
        'public URL, or set it to Lax.',
    );
  }
  if (settings.sessionCookiePrefix === '__Host-' && !settings.publicUrl.startsWith('https:')) {
    problems.push(
      `ASSENT_SESSION_COOKIE_PREFIX (${sources.sessionCookiePrefix}) is __Host-, which browsers accept over https alone: give an https ` +
        'public URL, or set it to none.',
    );
  }
  if (settings.insecure) return problems;
  const { protocol, hostname } = new URL(settings.publicUrl);
  const isPublicLocal = isLoopback(hostname);
  if (protocol === 'http:' && !isPublicLocal) {
    problems.push(
      `The public URL ${settings.publicUrl} (${sources.publicUrl}) is http on another host than localhost, so passwords would ` +
        'travel in the clear: give an https URL, or allow it with --insecure.',
    );
  } else if (protocol === 'http:' && !isLocalHost(settings.host)) {
    problems.push(
      `Listening on ${settings.host} (${sources.host}) reaches beyond this machine, which needs an https URL in ` +
        'ASSENT_PUBLIC_URL; or allow http with --insecure.',
    );
  }
  if (settings.seed === 'demo' && !(isPublicLocal && isLocalHost(settings.host))) {
    problems.push(
      `The demo user has a known password, so the seed demo (${sources.seed}) is for this machine alone: set the seed to ` +
        'none, or allow it with --insecure.',
    );
  }
  if (settings.snsEndpoint !== undefined) {
    const endpoint = new URL(settings.snsEndpoint);
    if (endpoint.protocol === 'http:' || isLoopback(endpoint.hostname)) {
      problems.push(
        `AWS_ENDPOINT_URL_SNS (${sources.snsEndpoint}) is plain http or on this machine: give an https URL, or allow it ` +
          'with --insecure.',
      );
    }
  }
  if (settings.redisUrl !== undefined) {
    const { protocol, hostname } = new URL(settings.redisUrl);
    if (protocol === 'redis:' && !isLoopback(hostname)) {
      problems.push(
        `ASSENT_REDIS_URL (${sources.redisUrl}) is without TLS and beyond this machine: give a rediss URL, or allow it with ` +
          '--insecure.',
      );
    }
  }
  return problems;
};
