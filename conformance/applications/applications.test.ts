import { afterAll, beforeAll, vi } from 'vitest';
import { describeInBrowser } from '../support/browser.ts';
import { describeJavascriptSdk, describeOidcClient } from './forgerock-sdks.ts';
import { describeLoginWidget } from './login-widget.ts';
import { describeMobilePersonas } from './mobile-personas.ts';
import { describeOidcClientTs } from './oidc-client-ts.ts';
import { describeOracle } from './oracle/describe-oracle.ts';
import { type ProviderWorld, startProviderWorld } from './provider-world.ts';
import { describeOAuth4WebApi, describeOpenIdClient } from './standard-clients.ts';
import { describeWaysOfTheBrowser } from './ways-of-the-browser.ts';

// Programs that we did not write, as they are published, against one started server (spec: oidc §8.1).

let started: ProviderWorld;
beforeAll(async () => {
  started = await startProviderWorld();
});
afterAll(async () => {
  vi.unstubAllGlobals();
  await started?.close();
});
const world = () => started;

describeOpenIdClient(world);
describeOAuth4WebApi(world);
describeJavascriptSdk(world);
describeOidcClient(world);
describeMobilePersonas(world);
describeOracle(world);
// The server is there already, and outlives the browser.
describeInBrowser('in Chromium', { start: async () => ({ close: async () => {} }) }, (suite) => {
  describeOidcClientTs(world, suite);
  describeLoginWidget(world, suite);
  describeWaysOfTheBrowser(world, suite);
});
