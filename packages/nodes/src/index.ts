export { decodeHeaderText } from './basic/header-text.ts';
export { type PolicyRequirement, passwordSentence, requirementsOf } from './basic/password-policies.ts';
export { nodeCatalogue } from './catalogue.ts';
export { type CookieKey, cookieKey, PERSISTENT_COOKIE_PROPERTY } from './contextual/cookies/persistent-cookie.ts';
export * from './contextual/device/saved-profiles.ts';
export { anonymousUser } from './identity/anonymous-user.node.ts';
export { REGISTRATION_POLICY } from './identity/self-service/registration-limit.ts';
export { ANSWERS_POLICY } from './identity/self-service/security-answers.ts';
export * from './identity/self-service/self-service.ts';
export { isMappedVisitor } from './identity/users/anonymous-node-type.ts';
export { isUsernameAttribute } from './identity/users/find-user.ts';
export { universalIdOf, usernameIn } from './identity/users/universal-id.ts';
export * from './mail/email-template.ts';
export {
  MAIL_FROM_SOURCE_POLICY,
  MAILS_FOR_CLAIMANT,
  MAILS_FOR_CLAIMANTS,
  MAILS_FOR_KNOWN_PLACES,
  MAILS_FOR_SOURCE,
  MAILS_FOR_STRANGERS,
} from './mail/mail-limit.ts';
export * from './mail/mail-service.ts';
export * from './mail/mailer.ts';
export * from './mail/template-mailer.ts';
export * from './metrics/journey-metrics.ts';
export { ONE_TIME_PASSWORD_POLICY } from './mfa/one-time-password/one-time-password-limits.ts';
export * from './scripting/script-result.ts';
export * from './scripting/scripts.ts';
export * from './state-keys.ts';
export { type NodeTexts, nodeTexts } from './texts/node-texts.ts';
export * from './utilities/key-files.ts';
export { scriptedDecision } from './utilities/scripted-decision.node.ts';
