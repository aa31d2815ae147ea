import { BlockList, isIP } from 'node:net';

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
  return hosts.some((host) => isNamedBy(host.toLowerCase(), url.host)) ? url : undefined;
};

const isNamedBy = (pattern: string, host: string): boolean =>
  pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern;

const isLoopbackName = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);

/** Ranges that lead to this machine, this network, or nowhere (RFC 6890, RFC 6598, RFC 5737). */
const notPublic = new BlockList();
for (const [address, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  notPublic.addSubnet(address, prefix, 'ipv4');
}
for (const [address, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  notPublic.addSubnet(address, prefix, 'ipv6');
}
/** Only these are handed out to the public; all other addresses, with IPv4 inside some of them, are for other ends. */
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');

/** Whether a name that resolved to this address leads out into the public network. */
export const isPublicAddress = (address: string): boolean => {
  const family = isIP(address);
  if (family === 4) return !notPublic.check(address, 'ipv4');
  return family === 6 && globalUnicast.check(address, 'ipv6') && !notPublic.check(address, 'ipv6');
};
