import { type Administered, type AsAdministrator, signInAdministrator } from '../support/administrator.ts';
import { realmPath } from '../support/realm-path.ts';

const CONFIGURATION = `${realmPath('/')}/realm-config`;

/** Of each type of node, the setting that ends its wait, as the longest time in its unit. */
const LONGEST: Readonly<Record<string, object>> = {
  PushRegistrationNode: { timeout: 600 },
  PushSenderNode: { messageTimeout: 600_000 },
};

/** Of authorization codes: the server takes no more. */
const MAX_CODE_SECONDS = 600;

interface Tree {
  readonly nodes: Readonly<Record<string, { readonly nodeType: string }>>;
}

/** Changes some settings of a resource and keeps the others. */
const change = async (send: AsAdministrator, path: string, settings: object): Promise<void> => {
  const { body } = await send('GET', path);
  const { _id, _rev, _type, ...stored } = body;
  const { status, body: answer } = await send('PUT', path, { ...stored, ...settings });
  if (status !== 200 && status !== 201) throw new Error(`${path} was refused: ${status} ${JSON.stringify(answer)}`);
};

/**
 * Gives push requests, setup codes and authorization codes of a server ten minutes, the longest time that it takes: what was begun before its store is copied
 * is still open afterwards, on a slow machine too.
 */
export const giveTime = async (server: Administered, journey: string): Promise<void> => {
  const send = await signInAdministrator(server);
  const trees = `${CONFIGURATION}/authentication/authenticationtrees`;
  const { body } = await send('GET', `${trees}/trees/${journey}`);
  for (const [id, { nodeType }] of Object.entries((body as unknown as Tree).nodes)) {
    const settings = LONGEST[nodeType];
    if (settings !== undefined) await change(send, `${trees}/nodes/${nodeType}/${id}`, settings);
  }
  await change(send, `${CONFIGURATION}/services/oauth-oidc`, { coreOAuth2Config: { codeLifetime: MAX_CODE_SECONDS } });
};
