import type { NodeDefinition } from '@assent/engine';
import { dataStoreDecision } from './basic/data-store-decision.node.ts';
import { passwordCollector } from './basic/password-collector.node.ts';
import { platformPassword } from './basic/platform-password.node.ts';
import { platformUsername } from './basic/platform-username.node.ts';
import { usernameCollector } from './basic/username-collector.node.ts';
import { deviceProfileCollector } from './contextual/device-profile-collector.node.ts';
import { getAuthenticatorApp } from './mfa/get-authenticator-app.node.ts';
import { mfaRegistrationOptions } from './mfa/mfa-registration-options.node.ts';
import { optOutMultiFactorAuthentication } from './mfa/opt-out-multi-factor-authentication.node.ts';
import { pushRegistration } from './mfa/push-registration.node.ts';
import { pushResultVerifier } from './mfa/push-result-verifier.node.ts';
import { pushSender } from './mfa/push-sender.node.ts';
import { pushWait } from './mfa/push-wait.node.ts';
import { recoveryCodeCollectorDecision } from './mfa/recovery-code-collector-decision.node.ts';
import { recoveryCodeDisplay } from './mfa/recovery-code-display.node.ts';
import { page } from './utilities/page.node.ts';
import { retryLimitDecision } from './utilities/retry-limit-decision.node.ts';

/** Every node of this package by type id, sorted; a test fails when a `*.node.ts` is missing here. */
export const nodeCatalogue: ReadonlyMap<string, NodeDefinition> = new Map(
  [
    dataStoreDecision,
    deviceProfileCollector,
    getAuthenticatorApp,
    mfaRegistrationOptions,
    optOutMultiFactorAuthentication,
    page,
    passwordCollector,
    platformPassword,
    platformUsername,
    pushRegistration,
    pushResultVerifier,
    pushSender,
    pushWait,
    recoveryCodeCollectorDecision,
    recoveryCodeDisplay,
    retryLimitDecision,
    usernameCollector,
  ]
    .sort((a, b) => (a.type < b.type ? -1 : 1))
    .map((definition): [string, NodeDefinition] => [definition.type, definition]),
);
