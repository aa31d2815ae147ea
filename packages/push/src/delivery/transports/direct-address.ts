import type { DeliveryFailed } from '../push-transport.ts';

/** How a phone is reached without anybody between: by the very token that its provider has given it (push-protocol §3.5). */
export const addressOf = (communicationType: 'gcm' | 'apns', token: string): string => `${communicationType}:${token}`;

export const isDirectAddress = (communicationType: 'gcm' | 'apns', address: string): boolean =>
  address.startsWith(addressOf(communicationType, ''));

/** The token in such an address; undefined in one of another provider. */
export const tokenOfAddress = (communicationType: 'gcm' | 'apns', address: string): string | undefined =>
  isDirectAddress(communicationType, address) ? address.slice(addressOf(communicationType, '').length) : undefined;

/** A phone that says something else than its provider gives out, or one that another provider reaches. */
export const NO_TOKEN: DeliveryFailed = {
  status: 'failed',
  permanent: false,
  cause: 'NoTokenOfThisProvider',
  blame: 'address',
};
