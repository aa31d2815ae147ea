import type { PlannedMigration, SchemaPlan } from '@assent/store';

/** Whether servers can be replaced by this version one after the other (OPS-65). */
export interface UpgradeAnswer {
  /** Absent where this program cannot serve on the database at all. */
  readonly schema?: { readonly from: number; readonly to: number };
  /** Why they cannot. */
  readonly reasons: readonly string[];
}

/** The migrations after which running servers can no longer serve. On a new database no server runs. */
const inTheWay = ({ version, migrations }: SchemaPlan): readonly PlannedMigration[] =>
  version === 0 ? [] : migrations.filter(({ livesWith }) => livesWith > version);

const reasonOf =
  (from: number) =>
  ({ version, name, livesWith }: PlannedMigration): string =>
    `Migration ${version} (${name}) serves programs from schema ${livesWith} on, and those that run know ${from}.`;

export const answerFor = (plan: SchemaPlan): UpgradeAnswer => {
  const to = Math.max(plan.version, plan.known);
  return { schema: { from: plan.version, to }, reasons: inTheWay(plan).map(reasonOf(plan.version)) };
};

/** The answer as an operator reads it. */
export const answerLines = ({ schema, reasons }: UpgradeAnswer): readonly string[] => {
  if (schema === undefined) return ['This version does not start on the database.', ...indented(reasons)];
  if (reasons.length > 0)
    return ['No rolling upgrade: stop all servers, then start this version.', ...indented(reasons)];
  if (schema.from === 0) return ['The database is new: nothing serves on it yet.'];
  return [
    schema.from === schema.to
      ? `A rolling upgrade is possible: the schema stays ${schema.from}.`
      : `A rolling upgrade is possible: the schema goes from ${schema.from} to ${schema.to}, and running servers can serve on it too.`,
  ];
};

const indented = (reasons: readonly string[]): readonly string[] => reasons.map((reason) => `  ${reason}`);
