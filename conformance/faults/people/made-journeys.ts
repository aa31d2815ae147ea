import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { asAdministrator } from '../../support/administrator.ts';
import { sendByFetch } from '../../support/wire.ts';
import { ADMINISTRATOR, type Cluster } from '../servers/cluster.ts';

/** As AM has them in every realm. */
const SUCCESS = '70e691a5-1e33-4ac3-a356-e7b6d60d92e0';
const FAILURE = 'e301438c-0bd0-429c-ab0c-66126501069a';
const REALM = '/json/realms/root';
const TREES = `${REALM}/realm-config/authentication/authenticationtrees`;
const MAX_TRIES = 10;
/** The other instance reads the configuration once a second. */
const READ_MILLIS = 1_500;

/** A script decides about the password that was right. */
export const SCRIPTED_LOGIN = 'ScriptedLogin';
/** The request on the phone lasts for {@link SHORT_REQUEST_MILLIS}; after it comes the next. */
export const SHORT_PUSH = 'ShortPush';
export const SHORT_REQUEST_MILLIS = 12_000;

type Administer = (
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body: unknown,
) => Promise<Readonly<Record<string, unknown>>>;

/** Asks again where a machine with a lot to do says 503. */
const patiently: typeof sendByFetch = async (request) => {
  for (let tries = 1; ; tries += 1) {
    const answer = await sendByFetch(request);
    if (answer.status !== 503 || tries === MAX_TRIES) return answer;
    await pause(1_000);
  }
};

const administering =
  ({ am }: Cluster): Administer =>
  async (method, path, body) => {
    const administered = { am, administrator: ADMINISTRATOR, send: patiently };
    const answer = await asAdministrator(administered, method, path, body);
    if (answer.status < 300) return answer.body;
    throw new Error(`${path} was refused with ${answer.status}: ${JSON.stringify(answer.body)}`);
  };

/** Long enough that a thread can end in its midst, and well within what a script may use. */
const SCRIPT =
  'var sum = 0; for (var at = 0; at < 20000; at += 1) { sum += at % 7; } outcome = sum > 0 ? "true" : "false";';

/** Adds the journey with the script. */
export const addScriptedLogin = async (cluster: Cluster): Promise<void> => {
  const administer = administering(cluster);
  const script = randomUUID();
  await administer('PUT', `${REALM}/scripts/${script}`, {
    name: `Decides ${script}`,
    script: Buffer.from(SCRIPT).toString('base64'),
    language: 'JAVASCRIPT',
    context: 'AUTHENTICATION_TREE_DECISION_NODE',
    evaluatorVersion: '2.0',
  });
  const [name, password, check, decide] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const nodes: Readonly<
    Record<string, readonly [type: string, to: Readonly<Record<string, string>>, config?: object]>
  > = {
    [name]: ['UsernameCollectorNode', { outcome: password }],
    [password]: ['PasswordCollectorNode', { outcome: check }],
    [check]: ['DataStoreDecisionNode', { true: decide, false: FAILURE }],
    [decide]: ['ScriptedDecisionNode', { true: SUCCESS, false: FAILURE }, { script, outcomes: ['true', 'false'] }],
  };
  for (const [id, [type, , config = {}]] of Object.entries(nodes)) {
    await administer('PUT', `${TREES}/nodes/${type}/${id}`, { _id: id, ...config });
  }
  const described = Object.entries(nodes).map(([id, [nodeType, connections]]) => [
    id,
    { nodeType, displayName: nodeType, connections },
  ]);
  await administer('PUT', `${TREES}/trees/${SCRIPTED_LOGIN}`, {
    entryNodeId: name,
    nodes: Object.fromEntries(described),
  });
  await pause(READ_MILLIS);
};

const SENDER = 'PushAuthenticationSenderNode';

/** Adds `PushLoginBasic` once more, with requests that end soon. */
export const addShortPush = async (cluster: Cluster): Promise<void> => {
  const administer = administering(cluster);
  const copy = await administer('POST', `${TREES}/trees/PushLoginBasic?_action=clone`, { newId: SHORT_PUSH });
  const nodes = Object.entries(copy.nodes as Readonly<Record<string, { readonly nodeType: string }>>);
  const sender = nodes.find(([, { nodeType }]) => nodeType === SENDER)?.[0];
  const settings = { _id: sender, contextInfo: true, pushType: 'DEFAULT', messageTimeout: SHORT_REQUEST_MILLIS };
  await administer('PUT', `${TREES}/nodes/${SENDER}/${sender}`, settings);
  await pause(READ_MILLIS);
};
