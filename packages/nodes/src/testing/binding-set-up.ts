import { memoryIdentities, memoryLog, simulatedClock, TEST_CHALLENGE } from '@assent/engine/testing';
import type { KeyAttestation } from '@assent/factors';
import { BoundPhone } from '@assent/factors/testing';
import { MemoryBoundDevices, MemoryDevices, secondFactorsAmong } from './push-doubles.ts';

/** The challenge of the visit, as the apps get it. */
export const CHALLENGE_TEXT = Buffer.from(TEST_CHALLENGE, 'base64url').toString('base64');
export const universalId = (name: string): string => `id=${name},ou=user,ou=services,ou=am-config`;

/** All ports of the nodes about bound devices, with a user who has nothing, one who is not in use, and a phone. */
export const bindingSetUp = () => {
  const clock = simulatedClock();
  const boundDevices = new MemoryBoundDevices();
  const pushDevices = new MemoryDevices();
  const attested: unknown[] = [];
  const it = {
    phone: new BoundPhone({ platform: 'ios', kid: 'key-1' }),
    log: memoryLog(),
    pushDevices,
    attested,
    attestation: { status: 'noRoots' } as KeyAttestation,
    ports: {
      clock,
      identities: memoryIdentities({ demo: {}, other: {}, gone: { inetUserStatus: ['Inactive'] } }),
      boundDevices,
      keyAttestations: {
        check: async (given: unknown) => {
          attested.push(given);
          return it.attestation;
        },
      },
      secondFactors: secondFactorsAmong(boundDevices, pushDevices),
    },
    state: { username: 'demo' } as Readonly<Record<string, unknown>>,
    asked: (name = 'demo', challenge = CHALLENGE_TEXT) => ({
      userId: universalId(name),
      challenge,
      now: clock.now(),
    }),
  };
  return it;
};
export type BindingSetUp = ReturnType<typeof bindingSetUp>;
