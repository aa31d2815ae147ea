import { isIP } from 'node:net';
import { isLoopback } from './loopback.ts';
import type { Settings } from './settings.ts';

/** True where nobody but this machine can connect; `::1` is how a listening address spells `[::1]`. */
export const isLocalHost = (host: string): boolean =>
  isLoopback(isIP(host) === 6 ? new URL(`http://[${host}]`).hostname : host);

/** What one setting allows only with another (design.md §2 "Public URL", §3.3 "demo seed", "provider endpoints"). */
export const brokenRules = (settings: Settings, sources: Readonly<Record<string, string>>): readonly string[] => {
  const problems: string[] = [];
  if (settings.redisPasswordFile !== undefined && settings.redisUrl === undefined) {
    problems.push(
      `ASSENT_REDIS_PASSWORD_FILE (${sources.redisPasswordFile}) is given, and no Redis: name it in ASSENT_REDIS_URL.`,
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
