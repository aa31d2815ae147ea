export { foldUsername, parseGeneralizedTime, UNADDRESSABLE } from '@assent/engine';
export { everyUser, isUserTooLarge, mergedAttributes, USER_TOO_LARGE, USER_TOO_LARGE_TEXT } from '@assent/engine/host';
export { LDAP_SERVICE, ldapService } from '@assent/ldap';
export { consentGenerations } from '@assent/oidc';
export { SEALED_WITHIN_MILLIS } from './audit-chain/audit-sealer.ts';
export { readCheckpointKey } from './audit-file/read-audit-line.ts';
export { exportedTrail, FILE_FORMATS } from './audit-file/trail-export.ts';
export { NoTrailFile, verifyTrailFile } from './audit-file/verify-trail-file.ts';
export { AUDIT_EVENTS, NO_EVENTS } from './audit-sink/audit-events.ts';
export { AUDIT_FIELDS } from './audit-sink/audit-line.ts';
export {
  creationAttributes,
  newUsernameProblem,
  passwordProblem,
  shownAttributes,
  usernameProblem,
} from './authentication/user-rules.ts';
export { ROLE_NAMES, ROLE_PRIVILEGES, ROLES, rolesOf } from './authorization/access.ts';
export { factorReset } from './authorization/factor-reset.ts';
export { reasonProblem } from './authorization/reason.ts';
export { treeOfAcrIn } from './clients/acr-classes.ts';
export { acrProblems, isPasswordAlone, newAcrProblems } from './clients/acr-problems.ts';
export { deletedClient, savedClient } from './clients/client-changes.ts';
export { isCallable } from './clients/client-of-document.ts';
export { keptSecretsOf, newClientSecret, withSecret } from './clients/client-secret.ts';
export { type Finding as ClientFinding, wrongValues } from './clients/document-reader.ts';
export { type ClientKind, comesBackInBrowser, isPublicKind, newClientDocument } from './clients/new-client.ts';
export { redirectUriFault } from './clients/redirect-uris.ts';
export { type StoredClients, storedClients } from './clients/stored-clients.ts';
export { storedSigningKeys } from './clients/stored-signing-keys.ts';
export { checkDirectory } from './composition/check-directory.ts';
export { type Assent, compose } from './composition/compose.ts';
export { lookAtAuditSink } from './composition/compose-audit-sink.ts';
export { factsAtStart } from './composition/compose-instances.ts';
export type { ComposeOptions } from './composition/compose-options.ts';
export { type FirstScreen, lacksAdminSecondFactor } from './composition/first-screen.ts';
export { LIMITS } from './composition/limit-table.ts';
export { inWords, numbersOf } from './composition/limit-texts.ts';
export { DEMO_USER } from './composition/seed.ts';
export { checkRedis } from './hints/check-redis.ts';
export {
  differencesAmong,
  differencesOfStart,
  isGone,
  PUBLIC_URL_FACT,
  publicUrlOfServers,
  textOfDifference,
} from './instances/differences.ts';
export { catalogueWith, loadCustomNodes } from './journeys/custom-nodes.ts';
export { levelProblems, newLevelProblems } from './journeys/level-journeys.ts';
export { equipmentOf } from './journeys/realm-equipment.ts';
export { refusedPlaceholders } from './journeys/refused-placeholders.ts';
export { reviewStartable } from './journeys/startable-journeys.ts';
export * from './journeys/tree-findings.ts';
export { keyLives } from './keys/key-lives.ts';
export { withAccountNotices } from './mail/account-notices.ts';
export { checkMailServer } from './mail/check-mail-server.ts';
export { backupOf, type MadeBackup } from './platform/backup.ts';
export { callOffCopy, copyToPostgres, shownUrl } from './platform/copy.ts';
export { createLog, type Logger } from './platform/log.ts';
export { LOG_FIELDS } from './platform/log-fields.ts';
export {
  formerMasterKeyFile,
  MasterKeyRefused,
  masterKeyIn,
  prepareMasterKey,
  takeOverMasterKey,
} from './platform/master-key.ts';
export { openStore, placeOfData } from './platform/open-store.ts';
export { placeholderValues, variableOfPlaceholder } from './platform/placeholder-values.ts';
export { PRODUCT } from './platform/product.ts';
export { carriedCodeKeys, keepCarriedCodeKey, recoveryCodePepper } from './platform/recovery-code-pepper.ts';
export { restoreFrom, restoreInPlace } from './platform/restore.ts';
export { databaseFacts, schemaOf } from './platform/schema.ts';
export { systemRandom } from './platform/system-ports.ts';
export { policyProblems } from './policies/policy-problems.ts';
export { DISCLOSURES } from './privacy/disclosures.ts';
export { countErasure, erasureLine, erasureOf, readErasure } from './privacy/erasure.ts';
export { userExport } from './privacy/export-document.ts';
export { exportUser } from './privacy/user-export.ts';
export { documentOf as proposalDocumentOf } from './proposals/proposal-document.ts';
export { type CarriedUser, provesOrAllows } from './realm-files/carried-user.ts';
export { type PassphraseCost, type PassphraseKey, passphraseKey } from './realm-files/passphrase-key.ts';
export { contentsOf, type RealmContents } from './realm-files/realm-contents.ts';
export { openRealmFile, type RealmFile, readRealmFile, writeRealmFile } from './realm-files/realm-file.ts';
export { planRealmImport, type RealmPlan } from './realm-files/realm-plan.ts';
export { type UsersFileHead, UsersFileReader, UsersFileWriter } from './realm-files/users-file.ts';
export type { ConfigurationActor } from './realms/configuration-actor.ts';
export { ChangeRefused } from './realms/configuration-writes.ts';
export { createdRealm, deletedRealm } from './realms/realm-changes.ts';
export * from './realms/realm-defaults.ts';
export { aliasesOf, foldAlias, isNameOfServer } from './realms/realm-names.ts';
export { savedService } from './routes/configuration/service-changes.ts';
export { lacksSecret, serviceInForce } from './routes/configuration/service-in-force.ts';
export { SERVICE_TYPES } from './routes/configuration/service-types.ts';
export { readSecurityTxt } from './routes/server/security-txt.ts';
export { lockoutsOfUser } from './routes/users/lockouts-of-user.ts';
export { type DescribedSetting, describeSettings } from './settings/describe-settings.ts';
export { LIVE_SETTINGS } from './settings/live-settings.ts';
export {
  type ConfigFile,
  type LoadedSettings,
  loadSettings,
  SettingsRefused,
  type SettingsSources,
} from './settings/load-settings.ts';
export { retentionOf } from './settings/retention-settings.ts';
export { SETTINGS, type SettingName, type Settings } from './settings/settings.ts';
export { LABEL_LIMITS, METRICS, OTHER } from './telemetry/metric-table.ts';
