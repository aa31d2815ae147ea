import { backupFaults } from './backups.ts';
import { credentialFaults } from './credentials.ts';
import { databaseFaults } from './database.ts';
import type { Fault } from './fault.ts';
import { instanceFaults } from './instances.ts';
import { keyFaults } from './keys.ts';
import { killFaults, sweepFault } from './kills.ts';
import { phoneFaults } from './phones.ts';
import { surroundingFaults } from './surroundings.ts';

/** Faults that are not injected here, and what shows how they go instead. */
const elsewhere: readonly Fault[] = [
  {
    id: 'F13',
    title: 'kill between the answer to a setup code and the channel at the provider',
    expected: 'a worker goes on',
    skipped:
      'there is no such moment: FCM, APNs and our phones need no channel, and that of SNS is made as a message is sent',
  },
  {
    id: 'F35',
    title: 'two versions beside each other',
    expected: 'no login is lost',
    skipped: 'needs the build of another version: npm run tools -- rolling-upgrade --from COMMIT',
  },
  {
    id: 'F39',
    title: 'tabs closed, back, twice, reloaded, without script',
    expected: 'it can be begun again',
    skipped: 'in a browser: conformance/login-page (instant-approval, login-page, without-script)',
  },
];

/** Every fault that does not need a second region, in the order of its number. */
export const CATALOGUE: readonly Fault[] = [
  ...killFaults,
  sweepFault,
  ...keyFaults,
  ...databaseFaults,
  ...credentialFaults,
  ...surroundingFaults,
  ...instanceFaults,
  ...phoneFaults,
  ...backupFaults,
  ...elsewhere,
].sort((one, other) => one.id.localeCompare(other.id));
