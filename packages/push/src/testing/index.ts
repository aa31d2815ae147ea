export { describeHintBusContract } from './hint-bus-contract.ts';
export { hostileUrls, NOT_PUBLIC_ADDRESSES } from './hostile-addresses.ts';
export { type MemoryPushPorts, memoryPushPorts } from './memory-push-ports.ts';
export { MemoryUnitOfWork } from './memory-unit-of-work.ts';
export { type ApnsAccount, type ApnsFake, startApnsFake, type TakenApns } from './providers/apns-fake.ts';
export { type DeliveryMode, FakeBehaviour, type ScriptedAnswer } from './providers/fake-behaviour.ts';
export { type FcmFake, startFcmFake, type TakenFcm } from './providers/fcm-fake.ts';
export { newApnsKey, newServiceAccount, type TestServiceAccount } from './providers/provider-keys.ts';
export {
  type CapturedPublish,
  type FakeEndpoint,
  type ScriptedFailure,
  type SnsFake,
  startSnsFake,
} from './providers/sns-fake.ts';
export { startWebPushFake, type TakenPush, type WebPushFake } from './providers/web-push-fake.ts';
export { describePushTransportContract, type TransportUnderTest } from './push-transport-contract.ts';
export { PUBLIC_URL, pushWorld, willingProvider } from './push-world.ts';
export { type MovableClock, movableClock, repeatableRandom } from './simulated.ts';
export { TestPhone, type TestPhoneOptions } from './test-phone.ts';
