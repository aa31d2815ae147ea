/** Strict stand-ins for push providers, without anything of a test runner: `assent doctor --simulate` has them, too. */

export { type ApnsAccount, type ApnsFake, startApnsFake, type TakenApns } from './apns-fake.ts';
export { type DeliveryMode, FakeBehaviour, type ScriptedAnswer } from './fake-behaviour.ts';
export { type FcmFake, startFcmFake, type TakenFcm } from './fcm-fake.ts';
export { newApnsKey, newServiceAccount, type TestServiceAccount } from './provider-keys.ts';
export { selfSignedCertificate } from './self-signed-certificate.ts';
export {
  type CapturedPublish,
  type FakeEndpoint,
  type ScriptedFailure,
  type SnsFake,
  startSnsFake,
} from './sns-fake.ts';
export { startWebPushFake, type TakenPush, type WebPushFake } from './web-push-fake.ts';
