import { memoryIdentities, memoryLog, simulatedClock } from '@assent/engine/testing';
import { MemoryCodes, MemoryDevices, MemoryMessages, MemoryOathDevices, secondFactorsAmong } from './push-doubles.ts';

/** All ports that the nodes of one-time passwords use, with one user who has nothing. */
export const oathSetUp = () => {
  const oathDevices = new MemoryOathDevices();
  const pushDevices = new MemoryDevices();
  return {
    log: memoryLog(),
    ports: {
      clock: simulatedClock(),
      identities: memoryIdentities({ demo: { mail: ['d@example.net'] } }),
      oathDevices,
      pushDevices,
      pushMessages: new MemoryMessages(),
      recoveryCodes: new MemoryCodes(),
      secondFactors: secondFactorsAmong(oathDevices, pushDevices),
    },
    state: { username: 'demo' } as Readonly<Record<string, unknown>>,
  };
};
export type OathSetUp = ReturnType<typeof oathSetUp>;

/** Makes users unreadable. */
export const withoutUsers = (it: OathSetUp): OathSetUp => ({
  ...it,
  ports: {
    ...it.ports,
    identities: { ...it.ports.identities, find: () => Promise.reject(new Error('disk')) },
  },
});

export const disk = (method: string) => ({ method, error: new Error('disk') });

/** What a device profile in shared state says, or what a broken one might. */
export const profileText = (contents: string): string => Buffer.from(contents).toString('base64');
