export * from './accounts.ts';
export * from './audit.ts';
export * from './audit-rows.ts';
export * from './back-channels.ts';
export * from './bind-accounts.ts';
export * from './bind-back-channels.ts';
export * from './bind-identities.ts';
export * from './bind-passwords.ts';
export * from './bind-throttle.ts';
export * from './bounded-cache.ts';
export * from './callback-matching.ts';
export * from './callbacks/callback.ts';
export * from './callbacks/catalogue.ts';
export * from './changes.ts';
export * from './clock.ts';
export * from './compiled-tree.ts';
export * from './configuration.ts';
export * from './configuration-changes.ts';
export * from './errors.ts';
export * from './evaluator.ts';
export * from './guess-limits.ts';
export * from './identities.ts';
export * from './inner-tree-problem.ts';
export * from './journey-cookies.ts';
export * from './journey-requests.ts';
export * from './journey-sessions.ts';
export { Journeys } from './journeys.ts';
export { failureUrlOf } from './leading-urls.ts';
export * from './localized.ts';
export * from './node-definition.ts';
export * from './node-settings.ts';
export * from './placeholders.ts';
export * from './port.ts';
export * from './query-filter.ts';
export * from './random.ts';
export type { JourneyLog } from './run.ts';
export * from './script-obstacle.ts';
export {
  type SecretAskedAgain,
  secretAskedAgain,
  secretMeta,
  secretSettings,
  settingsWithSecret,
} from './secret-settings.ts';
export * from './sessions.ts';
export * from './source-of.ts';
export * from './state.ts';
export * from './state-key.ts';
export * from './submit.ts';
export { SubmitUnderWay } from './submit-under-way.ts';
export * from './text-catalogue.ts';
export * from './throttle.ts';
export * from './time-ordered-uuid.ts';
export * from './tree.ts';
export * from './tree-check/index.ts';
export * from './tree-nodes.ts';
export * from './turns.ts';
export { withOwnChanges } from './users-of-submit.ts';
export * from './withheld-names.ts';
export { outcomesOfNode } from './wrapped-definition.ts';
