export * from './accounts.ts';
export * from './accounts-adapter.ts';
export * from './audit.ts';
export * from './audit-rows.ts';
export * from './back-channels.ts';
export * from './back-channels-adapter.ts';
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
export type { JourneyLog } from './execution-context.ts';
export * from './guess-limits.ts';
export * from './identities.ts';
export * from './identities-adapter.ts';
export * from './inner-tree-problem.ts';
export * from './journey-cookies.ts';
export * from './journey-requests.ts';
export * from './journey-sessions.ts';
export { JourneyUnitOfWork as SubmitUnderWay } from './journey-unit-of-work.ts';
export { Journeys } from './journeys.ts';
export { failureUrlOf } from './leading-urls.ts';
export * from './localized.ts';
export * from './node-definition.ts';
export * from './node-settings.ts';
export * from './passwords-adapter.ts';
export * from './placeholders.ts';
export * from './port.ts';
export * from './query-filter.ts';
export * from './random.ts';
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
export { withStagedChanges as withOwnChanges } from './staged-users.ts';
export * from './state.ts';
export * from './state-key.ts';
export * from './text-catalogue.ts';
export * from './throttle.ts';
export * from './throttle-adapter.ts';
export * from './time-ordered-uuid.ts';
export * from './tree.ts';
export * from './tree-check/index.ts';
export * from './tree-nodes.ts';
export * from './turns.ts';
export * from './unit-of-work.ts';
export * from './withheld-names.ts';
export { outcomesOfNode } from './wrapped-definition.ts';
