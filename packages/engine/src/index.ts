/** What authors of nodes import. What runs nodes, trees and journeys is in `@assent/engine/host`. */

// Nodes

export { type FailureReason, JourneyError, NodeFailure, Unavailable } from './model/errors.ts';
export type { Action, AuditDetail, Presentation } from './node/action.ts';
export type { JourneyContext } from './node/journey-context.ts';
export type { JourneyRequest, PageCapability } from './node/journey-request.ts';
export type { ChildNode, LogLevel, NodeContext } from './node/node-context.ts';
export { defineNode, type NodeDefinition, type NodeSpec } from './node/node-definition.ts';
export type { NodeInside, OutcomeMap, Outcomes } from './node/outcomes.ts';
export { secretMeta } from './node/secret-settings.ts';
export type { NodePlace, ServiceSettings, SettingsRemark } from './node/settings-remark.ts';

// State

export type { NodeState, StateCompartments } from './node/node-state.ts';
export {
  type Input,
  needed,
  type OptionalInput,
  optional,
  type RequiredInput,
  required,
  type StateKey,
  stateKey,
  type ValueOf,
} from './state/state-key.ts';

// Callbacks

export type { CallbackAnswer, CallbackDefinition, SentCallback } from './callbacks/callback.ts';
export {
  booleanAttributeInputCallback,
  choiceCallback,
  confirmationCallback,
  consentMappingCallback,
  deviceBindingCallback,
  deviceProfileCallback,
  deviceSigningVerifierCallback,
  hiddenValueCallback,
  kbaCreateCallback,
  MAX_ENTERED_NAME,
  MAX_ENTERED_PASSWORD,
  metadataCallback,
  NOT_PRESSED,
  nameCallback,
  numberAttributeInputCallback,
  passwordCallback,
  pollingWaitCallback,
  redirectCallback,
  stringAttributeInputCallback,
  suspendedTextOutputCallback,
  termsAndConditionsCallback,
  textInputCallback,
  textOutputCallback,
  validatedPasswordCallback,
  validatedUsernameCallback,
} from './callbacks/catalogue.ts';

// Texts

export {
  canonicalLocale,
  fillIn,
  INVALID_LOCALE,
  type Localized,
  localized,
  selectText,
  TextTooLong,
  textFiller,
} from './model/localized.ts';

// Ports, and what they speak of

export { type LaneHasher, type PasswordHasher, passwordHasher } from './adapters/password-hasher.ts';
export { type PasswordPolicy, type PasswordUser, passwordPolicy } from './adapters/password-policy.ts';
export { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH, type PasswordRule } from './adapters/password-rules.ts';
export { parseForeignJson } from './foreign/foreign-json.ts';
export { type ForeignKeyFault, foreignKeyFault } from './foreign/foreign-key.ts';
export { type Accounts, accounts, CREATED_ATTRIBUTE, type NewAccount, parseGeneralizedTime } from './model/accounts.ts';
export {
  type AnsweredBackChannel,
  type BackChannelOptions,
  type BackChannelProgress,
  type BackChannels,
  backChannels,
} from './model/back-channels.ts';
export { type Clock, clock } from './model/clock.ts';
export type { Configuration, RealmSettings, ScriptDocument } from './model/configuration.ts';
export {
  foldUsername,
  hasLongCombiningRun,
  type Identities,
  type Identity,
  identities,
  isClaimedAddress,
  isNameLikeId,
  type Passwords,
  type PasswordVerdict,
  passwords,
  type Role,
  rolesOf,
  SECRET_ATTRIBUTES,
  SERVER_ATTRIBUTES,
  STATUS_ATTRIBUTE,
  shownAttributes,
  UNADDRESSABLE,
  USUAL_INDEXED_ATTRIBUTES,
} from './model/identities.ts';
export type { JourneyCookie } from './model/journey-cookies.ts';
export { type Port, type PortType, port } from './model/port.ts';
export {
  FACTOR_KINDS,
  type FactorDevice,
  type FactorKind,
  hasAddress,
  PROOF_METHODS,
  type ProofMethod,
  type SentCodeMethod,
} from './model/proven-factors.ts';
export {
  type FieldReader,
  parseQueryFilter,
  passesFilter,
  type QueryFilter,
} from './model/query-filter.ts';
export { type Random, random } from './model/random.ts';
export { isSystemSessionProperty, type Session, type SessionOptions } from './model/sessions.ts';
export {
  type BrowserKnownBy,
  type BrowserOwner,
  type Guess,
  type SendLimits,
  sendLimits,
  sendLimitsNow,
  type Throttle,
  type ThrottlePolicy,
  throttle,
} from './model/throttle.ts';
export { type Handover, handover } from './state/handover.ts';
export { madeOnce } from './unit-of-work/made-once.ts';

// What no node is shown, and what none may say

export { isSignInHeader, isWithheldCookie, isWithheldHeader, keptThoughWrong } from './model/withheld-names.ts';
export { SUCCESS_MEMBERS } from './step/journey-requests.ts';
