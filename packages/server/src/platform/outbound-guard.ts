import { type AddressGuard, addressGuard } from '@assent/push';
import type { Settings } from '../settings/settings.ts';
import { after } from './system-ports.ts';

/** Where this server connects to by the word of somebody who administers a realm (SEC-69, ADR 0083). */
export const outboundGuard = ({ insecure, privateHosts }: Pick<Settings, 'insecure' | 'privateHosts'>): AddressGuard =>
  addressGuard({ allowsLoopback: insecure, privateHosts, timer: after });
