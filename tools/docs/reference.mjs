import { INVALID_LOCALE } from '@assent/engine';
import { callbackCatalogue, FINDINGS } from '@assent/engine/host';
import { nodeCatalogue } from '@assent/nodes';
import {
  AUDIT_EVENTS,
  AUDIT_FIELDS,
  DISCLOSURES,
  inWords,
  LABEL_LIMITS,
  LIMITS,
  LIVE_SETTINGS,
  LOG_FIELDS,
  METRICS,
  NO_EVENTS,
  numbersOf,
  OTHER,
  ROLE_PRIVILEGES,
  SERVICE_TYPES,
  SETTINGS,
  userExport,
} from '@assent/server';
import { KEPT_DATA } from '@assent/store';
import { journeyErrorAnswers } from '@assent/wire';
import { CHECKS } from 'assent/doctor-checks';
import { wholeProgram } from 'assent/program';
import { z } from 'zod';
import { censusPage } from '../census/census-report.mjs';
import { importsPage } from '../census/imports-report.mjs';
import { commandsPage } from './commands.mjs';
import { code, NOTE, table } from './markdown.mjs';

const program = await wholeProgram();

/** @typedef {import('@assent/engine').NodeDefinition} NodeDefinition */

const fileOf = (type) =>
  type
    .replace(/Node$/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();

/** What a setting's schema allows, in words. */
const allowed = (schema) => {
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (schema.const !== undefined) return code(schema.const);
  if (schema.anyOf) return schema.anyOf.map(allowed).join(' or ');
  if (schema.type === 'array') return `list of ${allowed(schema.items ?? {})}`;
  if (schema.type === 'object' && schema.additionalProperties) return `map of ${allowed(schema.additionalProperties)}`;
  if (schema.type === 'object') return 'object';
  const bounds = [
    schema.minimum !== undefined && schema.minimum > Number.MIN_SAFE_INTEGER && `at least ${schema.minimum}`,
    schema.exclusiveMinimum !== undefined && `more than ${schema.exclusiveMinimum}`,
    schema.maximum !== undefined && schema.maximum < Number.MAX_SAFE_INTEGER && `at most ${schema.maximum}`,
    schema.minLength && (schema.minLength === 1 ? 'not empty' : `at least ${schema.minLength} characters`),
    schema.maxLength && `at most ${schema.maxLength} characters`,
    schema.format && `format ${schema.format}`,
  ].filter(Boolean);
  return [schema.type ?? 'any', ...bounds].join(', ');
};

const settingsTable = (definition) => {
  const schema = z.toJSONSchema(definition.config, { io: 'input', unrepresentable: 'any' });
  const required = new Set(schema.required ?? []);
  return table(
    ['Setting', 'Label', 'Allowed', 'Default', 'Ours', 'What it does'],
    Object.entries(schema.properties ?? {}).map(([name, property]) => [
      code(name),
      property.title ?? '',
      allowed(property),
      property.default === undefined ? (required.has(name) ? 'required' : 'none') : code(property.default),
      definition.template[name] === undefined ? '' : code(definition.template[name]),
      `${property.description ?? ''}${property.since === undefined ? '' : ` From version ${property.since} on.`}`,
    ]),
  );
};

/** How outcomes are called of a node that holds others: only from one version on do the names tell the nodes apart. */
const namesOfOutcomesInside = ({ version, earlier, holdsStandalone }) => {
  const before = earlier.filter((it) => !it.holdsStandalone).map((it) => code(it.version));
  if (!holdsStandalone) return '';
  return `

- Version ${before.join(', ')}: they are those of the last node, such as ${code('outcome')} or ${code('true')}.
- Version ${code(version)}: they are those of the last node of the form and of the nodes that stand by themselves. Each is called ${code('<id of the node>-<outcome>')}, as PingAM writes it.

In version ${code(version)} a connection that is stored with the outcome alone, such as ${code('outcome')}, is read as well. It stands for each outcome of the page that ends in that name.`;
};

const outcomesTable = (definition) => {
  if (definition.declaredOutcomes === undefined)
    return `The settings, or the nodes inside, decide which outcomes there are.${namesOfOutcomesInside(definition)}`;
  const plain = definition.config.safeParse({});
  const always = plain.success ? definition.outcomesOf(plain.data, []) : definition.declaredOutcomes;
  return table(
    ['Outcome', 'Title', 'There'],
    Object.entries(definition.declaredOutcomes).map(([id, title]) => [
      code(id),
      title,
      id in always ? 'with the default settings' : 'with certain settings',
    ]),
  );
};

const inputRows = (definition) =>
  definition.inputs.map((input) => {
    if ('optionalKey' in input) {
      const { optionalKey: key, isNeeded } = input;
      return [code(nameOf(key)), key.compartment, isNeeded ? 'needed, else the node fails' : 'optional'];
    }
    if ('requiredKey' in input)
      return [code(nameOf(input.requiredKey)), input.requiredKey.compartment, `required, else: ${input.reason}`];
    return [code(nameOf(input)), input.compartment, 'required'];
  });
const nameOf = (key) => (key.ownedByNode ? `<node id>.${key.keyName}` : key.keyName);

const example = (definition) => {
  const config = { ...defaultsOf(definition), ...definition.template };
  const { type: _id, version, earlier } = definition;
  const kind = { _id, ...(earlier.length > 0 && { version }) };
  return `\`\`\`json\n${JSON.stringify({ _type: kind, ...config }, null, 2)}\n\`\`\``;
};
const defaultsOf = (definition) => {
  const schema = z.toJSONSchema(definition.config, { io: 'input', unrepresentable: 'any' });
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).flatMap(([name, { default: value }]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
};

const versionsOf = ({ version, earlier }) =>
  earlier.length === 0
    ? ''
    : ` · versions ${[version, ...earlier.map((it) => it.version)].reverse().map(code).join(', ')}`;

const section = (title, text) => (text === '' ? '' : `## ${title}\n\n${text}\n\n`);

const nodePage = (definition) =>
  `${`${NOTE}# ${definition.title}\n\n${code(definition.type)} · ${definition.tags.join(', ')}${versionsOf(definition)}\n\n${definition.help}\n\n${[
    section('Settings', settingsTable(definition)),
    section('Outcomes', outcomesTable(definition)),
    section(
      'What the user or app gets',
      definition.sends === 'anything'
        ? 'What the nodes inside, or the settings, make of it.'
        : table(
            ['Callback'],
            definition.sends.map(({ type }) => [`[${type}](../callbacks.md)`]),
          ),
    ),
    section(
      'Proves of the user',
      definition.proves.length === 0
        ? ''
        : `${definition.proves.map(code).join(', ')}: the session has it in \`AuthFactors\`, and applications as \`amr\`.`,
    ),
    section('Reads from state', table(['Key', 'Where', 'Needed'], inputRows(definition))),
    section(
      'Writes to state',
      table(
        ['Key', 'Where'],
        definition.outputs.map((key) => [code(nameOf(key)), key.compartment]),
      ),
    ),
    section(
      'Texts',
      table(
        ['Key', 'English'],
        Object.entries(definition.texts).map(([id, text]) => [code(`${definition.type}.${id}`), text]),
      ),
    ),
    section(
      'Errors and log texts',
      table(
        ['Text'],
        [...requiredReasons(definition), ...Object.values(definition.errors)].map((text) => [text]),
      ),
    ),
    section('Example', `With our own settings where they differ from the defaults:\n\n${example(definition)}`),
  ].join('')}`.trimEnd()}\n`;

const requiredReasons = (definition) =>
  definition.inputs.flatMap((input) => ('requiredKey' in input ? [input.reason] : []));

const nodesIndex = () =>
  `${NOTE}# Nodes\n\n${table(
    ['Node', 'Type', 'What it does'],
    [...nodeCatalogue.values()]
      .sort((a, b) => (a.title < b.title ? -1 : 1))
      .map(({ title, type, help }) => [`[${title}](${fileOf(type)}.md)`, code(type), help]),
  )}\n`;

/** How many characters an input takes, where it is a text that somebody types. */
const longestOf = (schema) => {
  const { maxLength, anyOf = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return maxLength ?? anyOf.find((it) => it.maxLength !== undefined)?.maxLength;
};
const inputCell = ([suffix, schema]) => {
  const longest = longestOf(schema);
  return `${code(`IDToken<n>${suffix}`)}${longest === undefined ? '' : ` (${longest})`}`;
};

const callbacksPage = () =>
  `${NOTE}# Callbacks\n\nEach entry of \`output\` and \`input\` stands as \`{ "name", "value" }\`; inputs are named \`IDToken<position>\` and the suffix. In brackets stands how many characters a text may have; a longer one is refused with 400, which names the callback and the limit.\n\n${table(
    ['Type', 'Output', 'Input'],
    [...callbackCatalogue.values()]
      .sort((a, b) => (a.type < b.type ? -1 : 1))
      .map(({ type, outputs, inputs }) => [
        code(type),
        outputs.map(({ name, wire }) => `${code(name)}${wire === 'string' ? ' (as a string)' : ''}`).join(', ') ||
          'none',
        [...inputs].map(inputCell).join(', ') || 'none, it is only shown',
      ]),
  )}\n`;

const settingsPage = () =>
  `${NOTE}# Settings\n\nA flag stands before the environment, the environment before the configuration file. Unknown and wrong settings are refused by name at start. A secret is given as a variable, or in a file that the variable with \`_FILE\` names, which nobody but its owner may write. SIGHUP reads ${LIVE_SETTINGS.map(code).join(', ')} and the files of secrets anew.\n\n${table(
    ['Name', 'Flag', 'Environment', 'Allowed', 'Default', 'What it does'],
    Object.entries(SETTINGS).map(([name, setting]) => {
      const given = setting.schema.safeParse(undefined);
      return [
        code(name),
        setting.flag === undefined ? 'none' : code(setting.flag),
        setting.isSecret ? `${code(setting.env)} or ${code(`${setting.env}_FILE`)}` : code(setting.env),
        setting.allowed,
        setting.defaultText ?? (given.success && given.data !== undefined ? code(given.data) : 'none'),
        setting.description,
      ];
    }),
  )}\n`;

const logPage = () =>
  `${NOTE}# Lines of the log\n\nStandard output is the log and nothing else: a JSON object a line, or text for people with \`--log-format text\`. A line has those of these fields that it has something to say of, and no others.\n\n${table(
    ['Field', 'What it says'],
    Object.entries(LOG_FIELDS).map(([name, meaning]) => [code(name), meaning]),
  )}\n`;

const CHAIN_OF_HASHES = `## How the hashes are made

Whoever has lines of a sink can make them again, in any language. SHA-256 is of a text in UTF-8, and is written in base64url (RFC 4648 §5) without padding: 43 characters. JSON is the one text that RFC 8785 has for a value. A member that a line does not have is in none of them.

| Member | Is |
|---|---|
| \`detailHash\` | SHA-256 of \`salt\`, a full stop, and the JSON of \`detail\` |
| the digest of a row | SHA-256 of the JSON of an object of its \`id\`, \`position\`, \`time\`, \`event\`, \`realm\`, \`transactionId\`, \`userId\`, \`journey\`, \`nodeType\`, \`nodeId\`, \`outcome\` and \`detailHash\` |
| \`hash\` | SHA-256 of \`previous\`, a full stop, and the digest |

\`previous\` of the first row ever is 43 times \`A\`. A row with a \`detailHash\` and without \`detail\` and \`salt\` was erased at the wish of its user; a row \`ERASE\` of that user stands behind it.

\`AUDIT_CHECKPOINT\` and \`AUDIT_TRIMMED\` are signed by the key that \`assent audit key\` prints: \`signature\` of their \`detail\`, base64url, is Ed25519 (RFC 8032) of the JSON of an object of \`format\`, which is \`assent-audit-signature/1\`, the \`event\` and \`time\` of the row, and \`epoch\`, \`position\`, \`hash\`, \`count\` and \`keyId\` of its \`detail\`. \`keyId\` is the thumbprint of the key (RFC 7638). A checkpoint has the \`position\` and \`hash\` of the row before it.

## A file that proves itself

\`assent audit export\` writes these lines, each a JSON object by its \`format\`, and \`assent audit verify FILE\` looks them through without a database:

| \`format\` | What it is |
|---|---|
| \`assent-audit-export/1\` | The first line: \`time\` of the export, the \`filter\` that was asked for, in \`begins\` the \`position\` and \`hash\` of the row before the first, and the public \`keys\` (RFC 8037) of its checkpoints. |
| \`assent-audit/1\` | A row, as above, without \`epoch\`. |
| \`assent-audit-link/1\` | A row that nobody has asked for: its \`position\`, and as \`digest\` the digest of it, from which the next \`hash\` is made. |
| \`assent-audit-end/1\` | The last line: \`position\` and \`hash\` of the last row, and how many \`rows\` were asked for and \`links\` stand between them. |

Lines are in the order of \`position\`. Rows \`AUDIT_CHECKPOINT\` and \`AUDIT_TRIMMED\` between the first and the last are always rows, and so is \`ERASE\` of the same realm and user. To prove a file: begin with the \`hash\` of \`begins\`; make the digest of each row, and take that of each link; make \`hash\` from the one before and the digest, and compare it with that of the row; verify each checkpoint by a key that you trust, and that it fits the row before it. Whatever is behind the last checkpoint, nobody has signed.
`;

const eventsOfTrail = () =>
  `## Events\n\nNodes of your own may write others.\n\n${table(
    ['Event', 'What has happened'],
    Object.entries(AUDIT_EVENTS).map(([name, meaning]) => [code(name), meaning]),
  )}\n\nThere is no row of these, and why:\n\n${table(
    ['Event', 'Why there is none'],
    Object.entries(NO_EVENTS).map(([name, reason]) => [code(name), reason]),
  )}`;

const auditPage = () =>
  `${NOTE}# Lines of the audit trail\n\nWhat [a sink](../guides/logs-and-audit.md#the-audit-trail) gets of a row of the audit trail: a JSON object of ASCII, a line each. A line has those of these members that it has something to say of; readers leave out what they do not know.\n\n${table(
    ['Member', 'What it says'],
    Object.entries(AUDIT_FIELDS).map(([name, meaning]) => [code(name), meaning]),
  )}\n\n${eventsOfTrail()}\n\n${CHAIN_OF_HASHES}`;

const limitsPage = () =>
  `${NOTE}# Limits

What is guessed, or costs somebody something, is counted ([what wrong passwords lock](../guides/administrators.md#what-wrong-passwords-lock)). A _source_ is an IPv4 address, or the first 64 bits of an IPv6 one. What can be typed is in a counter as a SHA-256 alone. Counters of the database are written in the commit of what they count, hold for all instances, and are swept after 25 idle hours, those of failures in a row after a year, or after 30 days where one source of strangers is counted. Where a guess cannot be counted, it is not answered. What one instance counts in its memory, for 10,000 sources or users at the most, begins anew with it.

A _known place_ is a browser that the server knows by its cookie, or a network address, from which the user has signed in before. What makes it known, a second factor, a mailed link or the password, depends on the limit: its row says so, and [push fatigue](../fatigue.md#what-is-counted) has the rules for requests to phones. A _stranger_ is every other caller: a new browser at a new address, and an app that keeps no cookies. A limit of strangers does not lock out known places.

\`assent user unlock\` ends the limits of the factors of one user: passwords, codes, security answers and requests to phones, at all places. It leaves those of mails and SMS, of sources, of phones, of new browsers and of calls as they are: they end by the clock.

${table(
  ['What', 'Counted by', 'So many', 'Over it', 'Counted in', 'Where it cannot be counted'],
  LIMITS.map((limit) => [
    limit.what,
    limit.per,
    numbersOf(limit),
    limit.over,
    limit.fails === 'open' ? 'the instance' : 'the database',
    limit.fails === 'open' ? 'goes on' : 'no answer',
  ]),
)}

Not counted, since nobody guesses them: ids of suspended journeys and back channels, session and refresh tokens, codes of OAuth, and ids of messages have 128 random bits or more. A first page that is stored nowhere costs no write, and is not counted either.
`;

/** Which setting of the server says how long what is over is kept. */
const KEPT_BY_SETTING = {
  sessions: ['keepSessionsHours', 'hours'],
  requests: ['keepRequestsMinutes', 'minutes'],
  notices: ['keepNoticesDays', 'days'],
  audit: ['auditDays', 'days'],
};

const longerOf = ({ longer }) => {
  if (longer === undefined) return '';
  if (typeof longer === 'number') return inWords(longer);
  const [name, unit] = KEPT_BY_SETTING[longer];
  return `${SETTINGS[name].schema.parse(undefined)} ${unit}: [${code(name)}](settings.md)`;
};

const retentionPage = () =>
  `${NOTE}# What is kept, and how long

Each table of the database stands in one row. What is over is deleted by the sweep of one instance, every few seconds; \`assent_sweep_rows_total\` counts what it deletes, and \`assent_sweep_lag_seconds\` tells whether it keeps up. [How to hand out and erase what is kept of somebody](../guides/privacy.md)

${table(
  ['What', 'Kept until', 'And so much longer', 'After an erasure', 'Tables', 'Deleted by the sweep as'],
  KEPT_DATA.map((kept) => [
    kept.what,
    kept.until,
    longerOf(kept),
    kept.erasure ?? 'it is about nobody',
    kept.tables.map(code).join(', '),
    (kept.swept ?? []).map(code).join(', '),
  ]),
)}

What is kept elsewhere: a known browser and a sign-in that lasts are cookies of that browser; [the log](log.md) and [the audit trail that is sent on](audit.md) are kept by whoever collects them; backups have everybody who was there when they were made, until they are thrown away.
`;

const disclosuresPage = () =>
  `${NOTE}# Who else learns something

Everybody to whom the server sends something that is about a user. It reports to nobody else, and not home either. [How to answer requests about personal data](../guides/privacy.md)

${table(
  ['Who', 'When', 'Learns', 'What keeps it small'],
  DISCLOSURES.map(({ who, when, learns, but }) => [who, when, learns, but]),
)}
`;

/** Members of a document, those of what is inside it behind a full stop, and of lists behind `[]`. */
const membersOf = ({ properties = {}, required = [] }, before = '') =>
  Object.entries(properties).flatMap(([name, property]) => {
    const path = `${before}${name}`;
    const isList = property.type === 'array';
    const inside = isList ? property.items : property;
    const below = inside.properties === undefined ? [] : membersOf(inside, `${path}${isList ? '[]' : ''}.`);
    if (property.description === undefined) throw new Error(`Nothing says what ${path} is.`);
    const form = inside.properties === undefined ? allowed(property) : isList ? 'list of objects' : 'object';
    return [[path, form, required.includes(name) ? 'always' : 'where there is one', property.description], ...below];
  });

const exportPage = () =>
  `${NOTE}# What a user is handed

What \`assent user export\`, \`POST users/{user}?_action=export\` and _Download my data_ on the account page hand out ([how to](../guides/privacy.md)): a JSON object, and nothing in it is secret or of anybody else. Later versions of the format may have more members, and then another number in \`format\` where one is gone or means something else.

${table(
  ['Member', 'Form', 'There', 'What it is'],
  membersOf(z.toJSONSchema(userExport)).map(([path, form, there, description]) => [
    code(path),
    form,
    there,
    description,
  ]),
)}

## The signature

\`signature\` is a JWS without its payload (RFC 7515 Appendix F): take it out of the document, write what is left in the form of RFC 8785, and put that, in base64url, between the two full stops. \`alg\` is ES256, \`typ\` is \`assent-user-export+jws\`, and the key with that \`kid\` is in the key set of the \`issuer\`.
`;

const metricsPage = () =>
  `${NOTE}# Metrics\n\nWhat the management port tells at \`/metrics\`, in the words of Prometheus ([how to watch a server](../guides/monitoring.md)). Beside these it tells \`process_*\` and \`nodejs_*\`. Each instance counts for itself, from its start. Of a label the first values are told apart, 100 unless said otherwise, and what comes after them is \`${OTHER}\`.\n\n${table(
    ['Metric', 'Kind', 'Labels', 'What it says'],
    Object.values(METRICS).map(({ name, kind, labels, help }) => [
      code(name),
      kind,
      labels
        .map((label) => (LABEL_LIMITS[label] ? `${code(label)} (${LABEL_LIMITS[label]})` : code(label)))
        .join(', ') || 'none',
      help,
    ]),
  )}\n`;

const serviceTable = ({ schema }) => {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return table(
    ['Setting', 'Label', 'Allowed', 'Default', 'What it does'],
    Object.entries(properties).map(([name, property]) => {
      const { format, ...rest } = property;
      const isSecret = format === 'password';
      return [
        code(name),
        property.title ?? '',
        isSecret ? 'text that is never read back' : allowed(rest),
        property.default === undefined ? (required.includes(name) ? 'required' : 'none') : code(property.default),
        property.description ?? '',
      ];
    }),
  );
};

const servicesPage = () =>
  `${NOTE}# Services of a realm\n\n\`PUT realm-config/services/{service}\` sets one, and so does \`assent realm set-service\` from a file ([real phones](../guides/real-phones.md)); what is left out gets its default.\n\n${SERVICE_TYPES.map(
    (type) => `## \`${type.id}\`\n\n${type.name}.\n\n${serviceTable(type)}`,
  ).join('\n\n')}\n`;

const errorsPage = () =>
  `${NOTE}# Errors of a journey\n\nWhat a client gets. The log has the cause, in the node's documented words, with the transaction id. A node refuses a message map with an unknown language with \`${INVALID_LOCALE}\`.\n\n${table(
    ['Code', 'When', 'Status', 'Message'],
    journeyErrorAnswers().map(({ code: name, when, status, message }) => [code(name), when, status, message]),
  )}\n`;

const findingsPage = () =>
  `${NOTE}# Findings of a check\n\nWhat \`assent journey check\`, the start of a server and a saved tree tell about a journey. An error keeps it from working for whoever gets there; a warning does not. A realm takes all of them as errors where its service \`assent\` has \`treeFindings\` set to \`error\`. [How to check journeys](../guides/checking-journeys.md)\n\n${table(
    ['Code', 'What it says'],
    Object.entries(FINDINGS).map(([name, title]) => [code(name), title]),
  )}\n`;

const rolesPage = () => {
  const roles = Object.entries(ROLE_PRIVILEGES);
  return `${NOTE}# Roles\n\nValues of the user attribute \`assentRoles\`, and what they allow in the realm of the user; roles in the root realm count in every realm, and realms themselves are administered from there alone. [How to give them](../guides/administrators.md)\n\n${table(
    ['May', ...roles.map(([role]) => code(role))],
    Object.entries(ROLE_PRIVILEGES.owner).flatMap(([subject, accesses]) =>
      accesses.map((access) => [
        `${access} ${subject}`,
        ...roles.map(([, granted]) => (granted[subject]?.includes(access) ? 'yes' : '')),
      ]),
    ),
  )}\n`;
};

const doctorPage = () =>
  `${NOTE}# What the doctor looks at\n\n\`assent doctor\` takes the flags of \`assent serve\`, changes nothing, sends nothing, and ends with 1 where it finds a problem; \`--json\` prints one object a line, \`{"check":{"name","status","message","hint"}}\`. Each finding that is not in order says what to try. Where the database cannot be used, nothing in it is looked at.\n\n${table(
    ['Check', 'What it looks at', 'What to change'],
    CHECKS.map(({ name, looksAt, mend }) => [name === 'realm' ? 'realm _path_' : name, looksAt, mend]),
  )}\n`;

/** Every page of the reference by its path under `docs/reference`. */
export const referencePages = () =>
  new Map([
    ['nodes/README.md', nodesIndex()],
    ...[...nodeCatalogue.values()].map((definition) => [`nodes/${fileOf(definition.type)}.md`, nodePage(definition)]),
    ['callbacks.md', callbacksPage()],
    ['commands.md', commandsPage(program, SETTINGS)],
    ['settings.md', settingsPage()],
    ['limits.md', limitsPage()],
    ['disclosures.md', disclosuresPage()],
    ['user-export.md', exportPage()],
    ['retention.md', retentionPage()],
    ['metrics.md', metricsPage()],
    ['services.md', servicesPage()],
    ['errors.md', errorsPage()],
    ['census.md', `${NOTE}${censusPage()}\n`],
    ['imports.md', `${NOTE}${importsPage()}\n`],
    ['findings.md', findingsPage()],
    ['log.md', logPage()],
    ['audit.md', auditPage()],
    ['roles.md', rolesPage()],
    ['doctor.md', doctorPage()],
  ]);
