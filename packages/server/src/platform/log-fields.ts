/**
 * Every field that a line of the log may have, declared once, with its meaning: the reference is generated from here, and what is not here is
 * not written (SEC-79). None of them ever holds a password, a token, a code, a key, or a device's address.
 */
export const LOG_FIELDS = Object.freeze({
  time: 'When, in UTC, as RFC 3339 has it, in milliseconds.',
  level: 'How much it matters, as a word: `trace`, `debug`, `info`, `warn`, `error` or `fatal`.',
  msg: 'What happened, as a sentence that is the same each time; of a script, what it has said.',
  instance: 'Which instance says so: `ASSENT_INSTANCE`, or a name of this start alone.',
  transactionId:
    'The request that it happened in. Callers hear it as `x-transaction-id`, and may name it by `X-ForgeRock-TransactionId`.',
  traceId: 'The trace of OpenTelemetry that the request belongs to, where there is one.',
  realm: 'The realm, `/` or `/alpha`.',
  journey: 'The journey, by the name of its tree.',
  nodeType: 'The type of the node.',
  nodeId: 'The node.',
  innerTree: 'The tree that the node is in, where that is not the one that was started.',
  cause: 'Why: a word, or an error and those that it comes from.',
  stack: 'Where in the program an error was thrown.',
  method: 'The method of a request.',
  route: 'What was asked for, with the names of its variable parts in their place.',
  status: 'The status of the answer.',
  millis: 'How long it took, in milliseconds.',
  code: 'The code of an error, as the reference of errors has it.',
  detail: 'What belongs to that code.',
  description: 'What the provider told the application.',
  path: 'Which endpoint of the provider.',
  client: 'The application.',
  action: 'What the caller wanted to be done.',
  setting: 'Which setting of the server or of a service.',
  settings: 'Which settings of the server.',
  problems: 'What is wrong, a sentence each.',
  problem: 'What is wrong, in a sentence.',
  fix: 'What mends it.',
  see: 'The command that tells more.',
  fields: 'What a node or a script says beside its sentence.',
  script: 'The script.',
  severity: 'Whether a finding is an error or a warning.',
  outcome: 'The outcome of a node that a finding is about.',
  reason: 'Why a setting is wrong.',
  message: 'The message to a phone, by a digest of its id.',
  request: 'The push request that the message belongs to, by a digest of its id.',
  device: 'The phone, by the id of its row.',
  by: 'Which instance has sent it.',
  service: 'The service of a realm.',
  template: 'The template of a mail.',
  type: 'The type of what was stored.',
  provider: 'The provider of a realm.',
  unknown: 'Settings or members without use here.',
  lacking: 'Settings that are missing and have no default.',
  missing: 'Values that settings name and that this server does not have.',
  findings: 'What was found, each in a sentence.',
  warnings: 'How many warnings.',
  communicationType: 'By which kind of push.',
  kind: 'The kind of an entry of the outbox.',
  id: 'The entry of the outbox.',
  recipient: 'What an entry of the outbox is sent to: a part of the configuration, and no person.',
  tries: 'How often it was tried.',
  table: 'The table of a record that does not open.',
  record: 'That record.',
  database: 'Which database, without its password.',
  host: 'Which machine, or which address of this one.',
  port: 'Which port.',
  differences: 'In what instances differ.',
  seconds: 'For how long, in seconds.',
  omitted: 'Names of fields that were to be written and are none of these: a mistake in the program.',
});

export type LogField = keyof typeof LOG_FIELDS;

/** What is said beside the sentence of a line. */
export type LogFields = Readonly<Partial<Record<LogField, unknown>>>;

const isDeclared = (name: string): name is LogField => Object.hasOwn(LOG_FIELDS, name);

const MAX_CAUSE = 2_000;
const MAX_CAUSES = 5;

/** What a text was not read for quotes that text, whosever secret it is. */
const ownWords = (error: Error): string => {
  if (error instanceof SyntaxError) return error.name;
  const code = (error as NodeJS.ErrnoException).code;
  const said = error.message === '' && code !== undefined ? code : error.message;
  return said === '' ? error.name : `${error.name}: ${said}`;
};

/** An error and those that it comes from, in a line; several at once, as of a name with several addresses, say the first. */
const wordsOf = (thrown: unknown): string => {
  const words: string[] = [];
  let next: unknown = thrown;
  while (next !== undefined && next !== null && words.length < MAX_CAUSES) {
    words.push(next instanceof Error ? ownWords(next) : String(next));
    next = next instanceof AggregateError ? next.errors[0] : next instanceof Error ? next.cause : undefined;
  }
  return words.join(' ← ').slice(0, MAX_CAUSE);
};

/** The frames alone: the message is said by the cause, and may be lines of somebody else. */
const framesOf = ({ stack = '' }: Error): string | undefined => {
  const frames = stack.split('\n').filter((line) => /^ {4}at /.test(line));
  return frames.length === 0 ? undefined : frames.map((line) => line.trim()).join('\n');
};

/** As a line has them: those that are declared, and an error as its words and one stack, whatever it comes from. */
export const writtenFields = (given: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const fields: Record<string, unknown> = {};
  const omitted: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (!isDeclared(name)) omitted.push(name);
    else if (name !== 'cause' || value === undefined) fields[name] = value;
    else {
      fields.cause = wordsOf(value);
      const stack = value instanceof Error ? framesOf(value) : undefined;
      if (stack !== undefined) fields.stack = stack;
    }
  }
  return omitted.length === 0 ? fields : { ...fields, omitted };
};
