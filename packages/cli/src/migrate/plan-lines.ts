import type { PlannedMigration, SchemaPlan } from '@assent/store';

/** Who waits for whom, in words for an operator. */
const LOCKS = {
  nobody: 'nobody waits',
  table: 'who uses the table waits for a moment',
  rows: 'who writes the same rows waits',
  writer: 'who writes waits until all is done, who reads does not',
} as const;

const BESIDE = {
  expand: 'older programs go on',
  contract: 'takes away what only older programs need',
  alone: 'nothing older can serve beside it',
} as const;

/** A statement may have many lines; the first says what it is about. */
const headline = (statement: string): string => statement.split('\n')[0] ?? '';

const linesOf = ({ version, name, kind, livesWith, steps }: PlannedMigration): readonly string[] => [
  `${version}  ${name}  (${kind}: ${BESIDE[kind]}; serves programs from schema ${livesWith} on)`,
  ...steps.map(({ statement, lock }) => `      ${headline(statement)}  [${LOCKS[lock]}]`),
];

/** A plan as an operator reads it. */
export const planLines = ({ version, known, migrations, indexes }: SchemaPlan): readonly string[] => {
  if (migrations.length + indexes.length === 0)
    return [`Nothing is to be done: the schema is ${version}, this program knows ${known}.`];
  return [
    `The schema is ${version}, this program knows ${known}.`,
    ...migrations.flatMap(linesOf),
    ...indexes.map(({ statement, lock }) => `to be ended: ${headline(statement)}  [${LOCKS[lock]}]`),
  ];
};
