import { approvalWalks } from './approval-walks.ts';
import { recoveryWalks } from './recovery-walks.ts';
import { registrationWalks } from './registration-walks.ts';
import { serviceWalks } from './service-walks.ts';
import { settingWalks } from './setting-walks.ts';
import { waitingWalks } from './waiting-walks.ts';
import type { Walk } from './walk.ts';

export { type Send, sendByFetch, type WireAnswer, type WireRequest } from '../support/wire.ts';
export { mobileSdks, mobileWalks } from './mobile-walks.ts';
export type { Walk } from './walk.ts';
export type { Attributes, LogLine, Steering, World } from './world.ts';

/** Every walk of the example journey. */
export const walks: readonly Walk[] = [
  ...approvalWalks,
  ...waitingWalks,
  ...recoveryWalks,
  ...registrationWalks,
  ...settingWalks,
  ...serviceWalks,
];
