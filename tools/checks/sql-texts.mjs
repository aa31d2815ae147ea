import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const STORE = 'packages/store/src';
/** They make tables, and keep account of that in some. */
const MAY_NAME_TABLES = new Set(['migrate.ts', 'late-indexes.ts', 'migration-lease.ts']);

/** Their names, in it and in the rooms within it. */
const sourcesIn = (folder) =>
  readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));

/** The tables that the migrations make. */
const tablesOf = (root) => {
  const folder = join(root, STORE, 'migrations');
  const texts = sourcesIn(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  return [
    ...new Set(
      texts.flatMap((text) => [...text.matchAll(/CREATE TABLE (?:IF NOT EXISTS )?(\w+)/g)].map(([, name]) => name)),
    ),
  ];
};

/**
 * Statements that stand beside a driver, where only one database finds them (OPS-02): a text there that reads or writes a
 * table of ours belongs into `sql/`.
 */
export const misplacedStatements = (root, tables = tablesOf(root)) =>
  ['sqlite', 'postgres'].flatMap((database) => {
    const folder = join(root, STORE, database);
    let names;
    try {
      names = sourcesIn(folder);
    } catch {
      return [];
    }
    return names
      .filter((name) => !MAY_NAME_TABLES.has(name))
      .flatMap((name) => {
        const text = readFileSync(join(folder, name), 'utf8');
        return tables
          .filter((table) => new RegExp(`\\b(?:FROM|INTO|JOIN|UPDATE|TABLE)\\s+${table}\\b`).test(text))
          .map(
            (table) => `${STORE}/${database}/${name} names the table ${table}; statements belong into sql/ (OPS-02).`,
          );
      });
  });

/** What engines that speak the protocol of PostgreSQL lack, or do otherwise (OPS-25), and what takes its place here. */
const RULES = [
  [
    /\b(?:CREATE|ALTER|DROP) SEQUENCE\b|\b(?:nextval|currval|setval)\b|\b(?:BIG|SMALL)?SERIAL\b/i,
    'a sequence',
    'ids are made by us',
  ],
  [/\bGENERATED (?:ALWAYS|BY DEFAULT) AS IDENTITY\b/i, 'an identity column', 'ids are made by us'],
  [/\bpg_(?:try_)?advisory_\w+/i, 'an advisory lock', 'lock a row, or hold a lease'],
  [/\b(?:UN)?LISTEN\b/i, 'LISTEN', 'use the hint bus'],
  [/\b(?:pg_)?NOTIFY\b/i, 'NOTIFY', 'use the hint bus'],
  [/\bSAVEPOINT\b|\bROLLBACK TO\b/i, 'SAVEPOINT', 'a commit is repeated as a whole'],
  [/\bTRIGGER\b/i, 'a trigger', 'the verb of the change does it'],
  [/\bCREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE)\b|\bDO \$\w*\$/i, 'a function', 'the verb of the change does it'],
  [/\bTEMP(?:ORARY)?\b/i, 'a temporary table', 'a pooler would lose it'],
  [/\bPARTITION (?:OF|BY (?:RANGE|LIST|HASH))\b/i, 'a partition', 'sweep by an index'],
  [/\bSKIP LOCKED\b/i, 'SKIP LOCKED', 'claim by a conditional update'],
  // The word `{by_bytes}` of a migration makes PostgreSQL sort a column by bytes, as SQLite does.
  [/\bCOLLATE\b/i, 'COLLATE', 'nothing depends on how texts are sorted'],
  [
    /\bALTER COLUMN \w+ (?:SET DATA )?TYPE\b/i,
    'another type of a column',
    'older programs have prepared statements for the one of before, which fail from then on: add a column',
  ],
  [/\//, 'a division', 'of whole numbers engines disagree about the result: multiply, or divide in the program'],
];

/** Words that PostgreSQL takes for its own where a name could stand. */
const RESERVED = new Set(
  `all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
   concurrently constraint create cross current_catalog current_date current_role current_schema current_time
   current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from
   full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime
   localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning
   right select session_user similar some symmetric system_user table tablesample then to trailing true union unique user
   using variadic verbose when where window with`.split(/\s+/),
);

const IS_SQL =
  /\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|FROM|WHERE|AND|OR|IN|NULL|CASE|VALUES|BEGIN|SET|DO)\b|^[A-Z]{4,}\b/;

/** The texts of a source that are SQL, without what they quote; what is put into a template stands as a place. */
const textsOf = (source, name) => {
  const texts = [];
  const visit = (node) => {
    let text;
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) text = node.text;
    else if (ts.isTemplateExpression(node))
      text = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(' ? ');
    if (text !== undefined && IS_SQL.test(text))
      texts.push(text.replaceAll(/'[^']*'/g, "''").replaceAll(/--.*$/gm, ''));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(name, source, ts.ScriptTarget.Latest));
  return texts;
};

/** What stands between the brackets that open first, taken apart at its commas. */
const membersOf = (text) => {
  const members = [''];
  let depth = 0;
  for (const letter of text.slice(text.indexOf('('))) {
    if (letter === '(') depth += 1;
    if (letter === ')') depth -= 1;
    if (depth === 0) break;
    if (letter === ',' && depth === 1) members.push('');
    else if (letter !== '(' || depth > 1) members[members.length - 1] += letter;
  }
  return members.map((member) => member.trim());
};

const OF_A_TABLE = new Set(['primary', 'unique', 'check', 'foreign', 'constraint']);

/** The names that a text gives: of tables, indexes, columns, and of what it reads. */
const namesIn = (text) => {
  const given = [
    ...text.matchAll(
      /\b(?:CREATE TABLE(?: IF NOT EXISTS)?|INDEX(?: CONCURRENTLY)?(?: IF NOT EXISTS)?|ADD COLUMN|RENAME(?: COLUMN \w+)? TO|\)? AS) "?(\w+)/g,
    ),
  ].map(([, name]) => name);
  const columns = [...text.matchAll(/\bCREATE TABLE [^(]+\([^;]*/g)].flatMap(([table]) =>
    membersOf(table).flatMap((member) => {
      const [first = ''] = /^\w+/.exec(member) ?? [];
      return OF_A_TABLE.has(first.toLowerCase()) ? [] : [first];
    }),
  );
  return [...given, ...columns];
};

/** What no migration does (OPS-19): rows are worked on in the background, in batches. */
const WORKS_ON_ROWS = /(?:^|;)\s*(?:UPDATE|DELETE|INSERT\b[^;]*\bSELECT)\b/;

/** Problems of the texts that PostgreSQL gets: its statements and the migrations. */
export const unportableTexts = (root) =>
  ['sql', 'postgres', 'migrations'].flatMap((room) =>
    sourcesIn(join(root, STORE, room)).flatMap((name) => {
      const file = `${STORE}/${room}/${name}`;
      return textsOf(readFileSync(join(root, file), 'utf8'), name).flatMap((text) => [
        ...RULES.filter(([pattern]) => pattern.test(text)).map(
          ([, what, instead]) => `${file} has ${what}, which not every PostgreSQL has: ${instead} (OPS-25).`,
        ),
        ...namesIn(text)
          .filter((given) => RESERVED.has(given.toLowerCase()))
          .map((given) => `${file} gives the name ${given}, which is a word of SQL: find another one (OPS-25).`),
        ...(room === 'migrations' && WORKS_ON_ROWS.test(text)
          ? [`${file} works on rows: that is done in the background, in batches (OPS-19).`]
          : []),
      ]);
    }),
  );
