import { isIP } from 'node:net';
import { isHostOf, isLoopbackName } from '../../../outbound/public-address.ts';

/** Which addresses of push services are called: a phone names its own, so that whoever registers one could name any. */
export interface EndpointPolicy {
  /** `push.example.com`, `push.example.com:8443`, or `*.example.com` for all names below. */
  readonly hosts: readonly string[];
  /** Tests and trials have their push service on this machine, also by plain http. */
  readonly allowsLoopback: boolean;
}

/** Where the browsers have their push services (SEC-69). */
export const PUSH_SERVICE_HOSTS: readonly string[] = [
  'fcm.googleapis.com',
  '*.push.services.mozilla.com',
  '*.notify.windows.com',
  '*.push.apple.com',
];

/** The address, or undefined for one that is never called. */
export const allowedEndpoint = (text: string, { hosts, allowsLoopback }: EndpointPolicy): URL | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '' || url.hash !== '') return undefined;
  if (isLoopbackName(url.hostname)) return allowsLoopback && /^https?:$/.test(url.protocol) ? url : undefined;
  // A number is no name of a push service, and could be spelled in many ways.
  if (url.protocol !== 'https:' || isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0) return undefined;
  return hosts.some((host) => isHostOf(host, url.host)) ? url : undefined;
};
