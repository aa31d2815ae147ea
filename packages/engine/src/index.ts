export * from './adapters/accounts-adapter.ts';
export * from './adapters/back-channels-adapter.ts';
export * from './adapters/guess-limits.ts';
export * from './adapters/identities-adapter.ts';
export * from './adapters/passwords-adapter.ts';
export * from './adapters/source-of.ts';
export * from './adapters/throttle-adapter.ts';
export * from './callbacks/callback.ts';
export * from './callbacks/callback-matching.ts';
export * from './callbacks/catalogue.ts';
export * from './execution/evaluator.ts';
export type { JourneyLog } from './execution/execution-context.ts';
export * from './journey/journey-requests.ts';
export { Journeys } from './journey/journeys.ts';
export { failureUrlOf } from './journey/leading-urls.ts';
export * from './model/accounts.ts';
export * from './model/audit.ts';
export * from './model/back-channels.ts';
export * from './model/bounded-cache.ts';
export * from './model/clock.ts';
export * from './model/configuration.ts';
export * from './model/errors.ts';
export * from './model/identities.ts';
export * from './model/journey-cookies.ts';
export * from './model/journey-sessions.ts';
export * from './model/localized.ts';
export * from './model/port.ts';
export * from './model/query-filter.ts';
export * from './model/random.ts';
export * from './model/script-obstacle.ts';
export * from './model/sessions.ts';
export * from './model/throttle.ts';
export * from './model/time-ordered-uuid.ts';
export * from './model/tree.ts';
export * from './model/tree-nodes.ts';
export * from './model/withheld-names.ts';
export * from './node/inner-tree-problem.ts';
export * from './node/node-definition.ts';
export * from './node/node-settings.ts';
export * from './node/placeholders.ts';
export {
  type SecretAskedAgain,
  secretAskedAgain,
  secretMeta,
  secretSettings,
  settingsWithSecret,
} from './node/secret-settings.ts';
export * from './node/text-catalogue.ts';
export { outcomesOfNode } from './node/wrapped-definition.ts';
export * from './state/state.ts';
export * from './state/state-key.ts';
export * from './tree/compiled-tree.ts';
export * from './tree-check/index.ts';
export * from './unit-of-work/audit-rows.ts';
export * from './unit-of-work/changes.ts';
export * from './unit-of-work/configuration-changes.ts';
export { JourneyUnitOfWork as SubmitUnderWay } from './unit-of-work/journey-unit-of-work.ts';
export { withStagedChanges as withOwnChanges } from './unit-of-work/staged-users.ts';
export * from './unit-of-work/turns.ts';
export * from './unit-of-work/unit-of-work.ts';
