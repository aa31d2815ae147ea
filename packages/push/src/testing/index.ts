export { describeHintBusContract } from './hint-bus-contract.ts';
export { hostileUrls, NOT_PUBLIC_ADDRESSES } from './hostile-addresses.ts';
export * from './providers/index.ts';
export { describePushTransportContract, type TransportUnderTest } from './push-transport-contract.ts';
export { type MovableClock, movableClock, repeatableRandom } from './simulated.ts';
export { TestPhone, type TestPhoneOptions } from './test-phone.ts';
export { TestUnitOfWork, type Visitor } from './test-unit-of-work.ts';
