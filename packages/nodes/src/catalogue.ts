import type { NodeDefinition } from '@assent/engine';
import { backChannelInit } from './backchannel/back-channel-init.node.ts';
import { backChannelStatus } from './backchannel/back-channel-status.node.ts';
import { backchannelNotification } from './backchannel/backchannel-notification.node.ts';
import { administratorDecision } from './basic/administrator-decision.node.ts';
import { agentDataStoreDecision } from './basic/agent-data-store-decision.node.ts';
import { createPassword } from './basic/create-password.node.ts';
import { dataStoreDecision } from './basic/data-store-decision.node.ts';
import { identityStoreDecision } from './basic/identity-store-decision.node.ts';
import { passwordCollector } from './basic/password-collector.node.ts';
import { platformPassword } from './basic/platform-password.node.ts';
import { platformUsername } from './basic/platform-username.node.ts';
import { usernameCollector } from './basic/username-collector.node.ts';
import { zeroPageLogin } from './basic/zero-page-login.node.ts';
import { cookiePresenceDecision } from './contextual/cookie-presence-decision.node.ts';
import { deviceGeoFencing } from './contextual/device-geo-fencing.node.ts';
import { deviceLocationMatch } from './contextual/device-location-match.node.ts';
import { deviceMatch } from './contextual/device-match.node.ts';
import { deviceProfileCollector } from './contextual/device-profile-collector.node.ts';
import { deviceSave } from './contextual/device-save.node.ts';
import { deviceTamperingVerification } from './contextual/device-tampering-verification.node.ts';
import { persistentCookieDecision } from './contextual/persistent-cookie-decision.node.ts';
import { setCustomCookie } from './contextual/set-custom-cookie.node.ts';
import { setPersistentCookie } from './contextual/set-persistent-cookie.node.ts';
import { acceptTermsAndConditions } from './identity/accept-terms-and-conditions.node.ts';
import { anonymousUser } from './identity/anonymous-user.node.ts';
import { attributeCollector } from './identity/attribute-collector.node.ts';
import { attributePresentDecision } from './identity/attribute-present-decision.node.ts';
import { attributeValueDecision } from './identity/attribute-value-decision.node.ts';
import { consent } from './identity/consent.node.ts';
import { createObject } from './identity/create-object.node.ts';
import { displayUserName } from './identity/display-user-name.node.ts';
import { identifyExistingUser } from './identity/identify-existing-user.node.ts';
import { incrementLoginCount } from './identity/increment-login-count.node.ts';
import { kbaCreate } from './identity/kba-create.node.ts';
import { kbaDecision } from './identity/kba-decision.node.ts';
import { kbaVerify } from './identity/kba-verify.node.ts';
import { loginCountDecision } from './identity/login-count-decision.node.ts';
import { patchObject } from './identity/patch-object.node.ts';
import { queryFilterDecision } from './identity/query-filter-decision.node.ts';
import { requiredAttributesDecision } from './identity/required-attributes-decision.node.ts';
import { sessionData } from './identity/session-data.node.ts';
import { termsAndConditionsDecision } from './identity/terms-and-conditions-decision.node.ts';
import { timeSinceDecision } from './identity/time-since-decision.node.ts';
import { emailSuspend } from './mail/email-suspend.node.ts';
import { emailTemplateNode } from './mail/email-template.node.ts';
import { meter } from './metrics/meter.node.ts';
import { timerStart } from './metrics/timer-start.node.ts';
import { timerStop } from './metrics/timer-stop.node.ts';
import { combinedMultiFactorRegistration } from './mfa/combined-multi-factor-registration.node.ts';
import { deviceBinding } from './mfa/device-binding.node.ts';
import { deviceBindingStorage } from './mfa/device-binding-storage.node.ts';
import { deviceSigningVerifier } from './mfa/device-signing-verifier.node.ts';
import { getAuthenticatorApp } from './mfa/get-authenticator-app.node.ts';
import { mfaRegistrationOptions } from './mfa/mfa-registration-options.node.ts';
import { oathDeviceStorage } from './mfa/oath-device-storage.node.ts';
import { oathRegistration } from './mfa/oath-registration.node.ts';
import { oathTokenVerifier } from './mfa/oath-token-verifier.node.ts';
import { oneTimePasswordCollectorDecision } from './mfa/one-time-password-collector-decision.node.ts';
import { oneTimePasswordGenerator } from './mfa/one-time-password-generator.node.ts';
import { oneTimePasswordSmsSender } from './mfa/one-time-password-sms-sender.node.ts';
import { oneTimePasswordSmtpSender } from './mfa/one-time-password-smtp-sender.node.ts';
import { optOutMultiFactorAuthentication } from './mfa/opt-out-multi-factor-authentication.node.ts';
import { passkeyOffer } from './mfa/passkey-offer.node.ts';
import { pushRegistration } from './mfa/push-registration.node.ts';
import { pushResultVerifier } from './mfa/push-result-verifier.node.ts';
import { pushSender } from './mfa/push-sender.node.ts';
import { pushWait } from './mfa/push-wait.node.ts';
import { recoveryCodeCollectorDecision } from './mfa/recovery-code-collector-decision.node.ts';
import { recoveryCodeDisplay } from './mfa/recovery-code-display.node.ts';
import { webAuthnAuthentication } from './mfa/web-authn-authentication.node.ts';
import { webAuthnDeviceStorage } from './mfa/web-authn-device-storage.node.ts';
import { webAuthnRegistration } from './mfa/web-authn-registration.node.ts';
import { accountActiveDecision } from './risk/account-active-decision.node.ts';
import { accountLockout } from './risk/account-lockout.node.ts';
import { authLevelDecision } from './risk/auth-level-decision.node.ts';
import { modifyAuthLevel } from './risk/modify-auth-level.node.ts';
import { amsterJwtDecision } from './utilities/amster-jwt-decision.node.ts';
import { choiceCollector } from './utilities/choice-collector.node.ts';
import { configProvider } from './utilities/config-provider.node.ts';
import { debug } from './utilities/debug.node.ts';
import { flowControl } from './utilities/flow-control.node.ts';
import { innerTreeEvaluator } from './utilities/inner-tree-evaluator.node.ts';
import { message } from './utilities/message.node.ts';
import { metadata } from './utilities/metadata.node.ts';
import { page } from './utilities/page.node.ts';
import { pollingWait } from './utilities/polling-wait.node.ts';
import { registerLogoutWebhook } from './utilities/register-logout-webhook.node.ts';
import { removeSessionProperties } from './utilities/remove-session-properties.node.ts';
import { retryLimitDecision } from './utilities/retry-limit-decision.node.ts';
import { scriptedDecision } from './utilities/scripted-decision.node.ts';
import { setFailureDetails } from './utilities/set-failure-details.node.ts';
import { setFailureUrl } from './utilities/set-failure-url.node.ts';
import { setSessionProperties } from './utilities/set-session-properties.node.ts';
import { setState } from './utilities/set-state.node.ts';
import { setSuccessDetails } from './utilities/set-success-details.node.ts';
import { setSuccessUrl } from './utilities/set-success-url.node.ts';

/** Every node of this package by type id, sorted; a test fails when a `*.node.ts` is missing here. */
export const nodeCatalogue: ReadonlyMap<string, NodeDefinition> = new Map(
  [
    acceptTermsAndConditions,
    accountActiveDecision,
    accountLockout,
    administratorDecision,
    agentDataStoreDecision,
    amsterJwtDecision,
    anonymousUser,
    attributeCollector,
    attributePresentDecision,
    attributeValueDecision,
    backChannelInit,
    backchannelNotification,
    backChannelStatus,
    authLevelDecision,
    choiceCollector,
    combinedMultiFactorRegistration,
    configProvider,
    consent,
    cookiePresenceDecision,
    createObject,
    createPassword,
    dataStoreDecision,
    debug,
    deviceBinding,
    deviceBindingStorage,
    deviceGeoFencing,
    deviceLocationMatch,
    deviceMatch,
    deviceProfileCollector,
    deviceSave,
    deviceSigningVerifier,
    deviceTamperingVerification,
    displayUserName,
    emailSuspend,
    emailTemplateNode,
    flowControl,
    getAuthenticatorApp,
    identifyExistingUser,
    identityStoreDecision,
    incrementLoginCount,
    innerTreeEvaluator,
    kbaCreate,
    kbaDecision,
    kbaVerify,
    loginCountDecision,
    message,
    metadata,
    meter,
    mfaRegistrationOptions,
    modifyAuthLevel,
    oathDeviceStorage,
    oathRegistration,
    oathTokenVerifier,
    oneTimePasswordCollectorDecision,
    oneTimePasswordGenerator,
    oneTimePasswordSmsSender,
    oneTimePasswordSmtpSender,
    optOutMultiFactorAuthentication,
    page,
    passkeyOffer,
    passwordCollector,
    patchObject,
    persistentCookieDecision,
    platformPassword,
    platformUsername,
    pollingWait,
    pushRegistration,
    pushResultVerifier,
    pushSender,
    pushWait,
    queryFilterDecision,
    recoveryCodeCollectorDecision,
    recoveryCodeDisplay,
    registerLogoutWebhook,
    removeSessionProperties,
    requiredAttributesDecision,
    retryLimitDecision,
    scriptedDecision,
    sessionData,
    setCustomCookie,
    setFailureDetails,
    setFailureUrl,
    setPersistentCookie,
    setSessionProperties,
    setState,
    setSuccessDetails,
    setSuccessUrl,
    termsAndConditionsDecision,
    timeSinceDecision,
    timerStart,
    timerStop,
    usernameCollector,
    webAuthnAuthentication,
    webAuthnDeviceStorage,
    webAuthnRegistration,
    zeroPageLogin,
  ]
    .sort((a, b) => (a.type < b.type ? -1 : 1))
    .map((definition): [string, NodeDefinition] => [definition.type, definition]),
);
