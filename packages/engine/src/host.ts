/** What runs nodes, trees and journeys: for servers and stores, and for no file of a node. */

// Journeys, and the requests that move them

export type { SubmittedCallback } from './callbacks/callback-matching.ts';
export { callbackCatalogue } from './callbacks/catalogue.ts';
export type { JourneyLog } from './execution/execution-context.ts';
export { cameTo, type JourneyObserver, type Visit, type VisitedNode } from './execution/journey-observer.ts';
export { Journeys } from './journey/journeys.ts';
export type {
  BackChannelStart,
  Beginnings,
  ContinueRequest,
  JourneyAnswer,
  JourneyDependencies,
  JourneyParameters,
  JourneyReference,
  JourneyStatus,
  KnownPlaces,
  RememberedBrowser,
  ResumeRequest,
  StartRequest,
} from './step/journey-requests.ts';
export { failureUrlOf } from './step/leading-urls.ts';
export { knowsUser } from './step/stored-state.ts';

// What a request carries, and what of it nodes are shown

export {
  BINDING_COOKIES,
  HOST_SESSION_COOKIE,
  isProxyHeader,
  isWithheldParameter,
  KNOWN_COOKIES,
  SESSION_COOKIE,
  SESSION_HEADERS,
  SIGN_IN_HEADERS,
  shownCookies,
  shownHeaders,
  shownParameters,
} from './model/withheld-names.ts';

// Trees, their check, and the settings of their nodes

export { SCRIPT_LANGUAGE, scriptCaveat, scriptObstacle } from './model/script-obstacle.ts';
export { FAILURE, SUCCESS, type TreeDocument, treeDocument, wiredNode } from './model/tree.ts';
export { nodesOfTree } from './model/tree-nodes.ts';
export { definitionInVersion, definitionOf } from './node/definition-in-version.ts';
export { innerTreeProblem } from './node/inner-tree-problem.ts';
export {
  defaultSettings,
  parseSettings,
  type ReadSettings,
  readSettings,
  settingsSchema,
} from './node/node-settings.ts';
export {
  FIRST_VERSION,
  isNodeVersion,
  settingsOfVersion,
  versionOfNode,
} from './node/node-version.ts';
export {
  type PlaceholderSource,
  type PlaceholderValues,
  placeholdersIn,
  placeholdersWithoutDefault,
  plainVariableOfPlaceholder,
  resolvePlaceholders,
  variableOfPlaceholder,
} from './node/placeholders.ts';
export {
  type SecretAskedAgain,
  secretAskedAgain,
  secretPlaces,
  secretSettings,
  settingsWithSecret,
} from './node/secret-settings.ts';
export { TextCatalogue } from './node/text-catalogue.ts';
export { outcomesOfNode, standsAlone } from './node/wrapped-definition.ts';
export {
  backChannelTreesIn,
  type CheckedTree,
  checkTrees,
  classFindings,
  FINDINGS,
  type FindingCode,
  type FindingOfNamed,
  innerTreesIn,
  journeyFindings,
  type LevelJourney,
  levelFindings,
  type MappedClass,
  type NamedScripts,
  STEPS_OF_COMMAND,
  STEPS_OF_REQUEST,
  STEPS_OF_TREE,
  scriptsIn,
  type TreeFinding,
  type TreeProofs,
  type TreeReading,
  type TreeStrength,
  treeProofs,
  treeStrengths,
  treesAround,
} from './tree-check/index.ts';

// Units of work, and what they commit

export { type DataReader, filteredSocket } from './foreign/filtered-socket.ts';
export { commitKept } from './journey/commit.ts';
export { type AuditFacts, auditChange, auditIn } from './unit-of-work/audit-rows.ts';
export type { Change, CommitResult, Committer, EngineChange, MomentOfChange } from './unit-of-work/changes.ts';
export type { ConfigurationChange } from './unit-of-work/configuration-changes.ts';
export { type FairQueue, type FairQueueOptions, fairQueue, type Lane, type Timer } from './unit-of-work/fair-queue.ts';
export { JourneyUnitOfWork } from './unit-of-work/journey-unit-of-work.ts';
export {
  readWebhookEntry,
  timeoutOf,
  WEBHOOK,
  type WebhookEntry,
  type WebhookEvent,
  webhookEntries,
  webhooksOf,
  webhooksText,
} from './unit-of-work/logout-webhooks.ts';
export { MAX_LOOK_THROUGHS } from './unit-of-work/staged-users.ts';
export { Turns } from './unit-of-work/turns.ts';
export {
  type ActingAdapter,
  type ActingUnitOfWork,
  type Adapter,
  Bindings,
  type ReadOnlyAdapter,
  type ReadOnlyUnitOfWork,
  type UnitOfWork,
} from './unit-of-work/unit-of-work.ts';

// Adapters of the engine's own ports

export { type AccountDependencies, accountsAdapter } from './adapters/accounts-adapter.ts';
export { type BackChannelDependencies, backChannelsAdapter } from './adapters/back-channels-adapter.ts';
export {
  accountKey,
  type Digest,
  GUESSES_OF_DAY,
  GUESSES_OF_SOURCE,
  type IsKnownSource,
  knownSources,
  PASSWORD_POLICY,
  SOURCE_POLICY,
  STRANGERS_POLICY,
  sourceSubject,
} from './adapters/guess-limits.ts';
export { identitiesAdapter } from './adapters/identities-adapter.ts';
export {
  type NewPassword,
  type PasswordGuess,
  type PasswordKeeper,
  type PasswordProof,
  storedPasswords,
} from './adapters/password-keeper.ts';
export {
  type PasswordList,
  type PasswordPolicySettings,
  passwordPolicyAdapter,
  passwordPolicyOf,
} from './adapters/password-policy.ts';
export { type PasswordDependencies, passwordsAdapter } from './adapters/passwords-adapter.ts';
export { sendLimitsAdapter, sendLimitsNowAdapter } from './adapters/send-limits-adapter.ts';
export { sourceOf } from './adapters/source-of.ts';
export { SPRAY, type SprayWatch, sprayWatch } from './adapters/spray-watch.ts';
export { type HasSecondFactor, throttleAdapter } from './adapters/throttle-adapter.ts';

// What a store keeps, and the rules that it applies

export { LINES_OF_KIND, LINES_OF_LEVEL } from './execution/bounded-log.ts';
export {
  CHARACTERS_WITHOUT_TURN,
  MAX_CHARACTERS_OF_REQUEST,
  MAX_CHARACTERS_OF_VISIT,
  MAX_NODES_INSIDE_PAGES,
  MAX_NODES_PER_REQUEST,
  NODES_WITHOUT_TURN,
} from './execution/walk-limits.ts';
export { creationAttributes } from './model/accounts.ts';
export {
  type AuditEvent,
  type AuditPage,
  type AuditQuery,
  type AuditReader,
  MAX_AUDIT_ROWS_OF_PAGE,
  type PlacedAuditEvent,
  type SignInQuery,
} from './model/audit.ts';
export {
  type BackChannel,
  type BackChannelReader,
  isApprovalOf,
  isOpenBackChannel,
  openedByPolicy,
} from './model/back-channels.ts';
export {
  type ClientDocument,
  type ConfigurationReader,
  type ConfigurationSnapshot,
  MAX_PROPOSALS_OF_PROPOSER,
  MAX_PROPOSALS_OF_REALM,
  MAX_PROPOSED_BYTES_OF_REALM,
  type NodeDocument,
  type NodesSnapshot,
  type Policy,
  type PolicyCondition,
  type Proposal,
  type ProposalReader,
  type PublishedTree,
  type ServiceDocument,
  type StoredNode,
} from './model/configuration.ts';
export type { JourneyErrorCode, JourneyErrorDetail } from './model/errors.ts';
export {
  ADDRESS_ATTRIBUTES,
  changedAddresses,
  charactersOf,
  claimOf,
  type Erasure,
  type ErasureReader,
  everyUser,
  formerMail,
  hasUnprovenAddress,
  type IdentityDirectory,
  isProvenAddress,
  isRole,
  isUsableUsername,
  isUserTooLarge,
  MAX_COMBINING_RUN,
  MAX_SEARCH_VALUE_LENGTH,
  MAX_SEARCH_VALUES,
  MAX_USER_CHARACTERS,
  mailBeforeChange,
  mergedAttributes,
  type NoticeAddress,
  notedAddressChanges,
  notedClaims,
  provenFirst,
  type QuerySource,
  ROLE_NAMES,
  ROLES,
  searchedValues,
  USER_TOO_LARGE,
  USER_TOO_LARGE_TEXT,
  type UserPage,
  type UserQuery,
} from './model/identities.ts';
export type { JourneySession, JourneySessionReader, JourneyUser } from './model/journey-sessions.ts';
export { newNonce, sameText } from './model/nonce.ts';
export {
  afterClaim,
  afterFailure,
  MAX_OUTBOX_PAYLOAD,
  MAX_WAITING_OF_RECIPIENT,
  newOutboxRow,
  type OutboxBacklog,
  type OutboxEntry,
  type OutboxFilter,
  type OutboxReader,
  type OutboxRow,
  type OutboxShares,
  type OutboxSummary,
} from './model/outbox.ts';
export {
  AUTH_FACTORS,
  JOURNEYS,
  provenIn,
  type SessionJourney,
  type SessionProof,
  STRENGTH,
  type Strength,
  strengthOf,
  walkedIn,
} from './model/session-proofs.ts';
export {
  authLevelOf,
  FACTOR_INSTANT,
  isLiveSession,
  isPast,
  LOGOUT_WEBHOOKS,
  SESSIONS_OF_USER,
  type SessionBounds,
  type SessionReader,
  USER_AGENT,
} from './model/sessions.ts';
export {
  afterHit,
  clearedThrottle,
  DAY_BOUNDS,
  DAY_MILLIS,
  forgivenThrottle,
  fullUntil,
  hitsWithin,
  isDisabled,
  isLocked,
  isOfStranger,
  MAX_FAILURES_IN_A_ROW,
  MAX_FAILURES_OF_SOURCE,
  MAX_SUBJECT_LENGTH,
  type ThrottleHit,
  type ThrottleReader,
  type ThrottleRow,
  withoutHit,
} from './model/throttle.ts';
export { timeOrderedUuid } from './model/time-ordered-uuid.ts';
export { SESSION_PROPERTY_LIMITS, sessionPropertiesProblem } from './state/session-properties.ts';
export { MAX_STATE_SIZE } from './state/state-size.ts';
export { type KnownBy, knownBy, NEW_PLACES_KINDS, NEW_PLACES_POLICY, placeProof } from './step/known-places.ts';
export { MAX_PAGE_CHARACTERS, MAX_STEP_CHARACTERS } from './tree/page-size.ts';
export { isStartable, mayRun } from './tree/startable-trees.ts';
export { ROWS_OF_KIND, ROWS_OF_REQUEST } from './unit-of-work/audit-repeats.ts';
