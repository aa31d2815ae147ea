import { CallbackType, Config, deviceClient, FRAuth, FRStep, FRWebAuthn } from '@forgerock/javascript-sdk';
import { callbackType, journey } from '@forgerock/journey-client';
import { WebAuthn } from '@forgerock/journey-client/webauthn';

// What the page of an app has of the unmodified npm packages; it is bundled for the browser, as apps are.

const libraries = {
  CallbackType,
  Config,
  FRAuth,
  FRStep,
  FRWebAuthn,
  WebAuthn,
  callbackType,
  deviceClient,
  journey,
};
export type Libraries = typeof libraries;

Object.assign(globalThis, { libraries });
