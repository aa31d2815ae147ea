export { type ChainFlaws, type DescribedKey, TestAttester } from './attestation-chain.ts';
export * from './authenticator/index.ts';
export { type AskedToSign, BoundPhone, type BoundPhoneOptions, type OtherWords } from './bound-phone.ts';
export {
  ATTACKS,
  type Attack,
  askFromKnownAddresses,
  askFromStolenBrowsers,
  attack,
  type Reaction,
  simulatedAccount,
} from './fatigue-simulation.ts';
export { describeHintBusContract } from './hint-bus-contract.ts';
export { hostileUrls, NOT_PUBLIC_ADDRESSES } from './hostile-addresses.ts';
export { type MemoryPushPorts, memoryPushPorts } from './memory-push-ports.ts';
export { MemoryUnitOfWork } from './memory-unit-of-work.ts';
export * from './providers/index.ts';
export { describePushTransportContract, type TransportUnderTest } from './push-transport-contract.ts';
export { PUBLIC_URL, type PushWorldOptions, pushWorld, willingProvider } from './push-world.ts';
export { type MovableClock, movableClock, repeatableRandom } from './simulated.ts';
export { TestPhone, type TestPhoneOptions } from './test-phone.ts';
