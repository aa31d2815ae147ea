import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { section } from '../account-page/account-visit.ts';
import { asAdministrator, signInAdministrator } from '../support/administrator.ts';
import { mainAppearances, overflowOf } from '../support/appearances.ts';
import { accessibilityFindings, type BrowserSuite, keepPicture, openVisit, type Visit } from '../support/browser.ts';
import { addUser, PASSWORD } from '../support/people.ts';
import { realmPath } from '../support/realm-path.ts';
import type { ServerProcess } from '../support/server-process.ts';
import {
  type AuthenticatorOptions,
  addAuthenticator,
  type VirtualAuthenticator,
} from '../support/virtual-authenticator.ts';

// What people with passkeys do on our pages, and what administrators do for them, at a started server.

export type PasskeySuite = BrowserSuite<ServerProcess>;

/** Somebody who has made a passkey, on the account page. */
export interface Owner extends Visit {
  readonly name: string;
  readonly authenticator: VirtualAuthenticator;
  readonly codes: readonly string[];
}

export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click();
export const shown = (page: Page, name: string): Promise<void> =>
  page.getByRole('heading', { name, level: 1 }).waitFor();
export const devices = (page: Page) => section(page, 'Phones and devices');
export const onAccount = (page: Page): Promise<void> => section(page, 'Recent activity').waitFor();

export const givePassword = async (page: Page, name: string, password = PASSWORD): Promise<void> => {
  await page.getByLabel('User Name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await press(page, 'Sign in');
};
export const signOut = async (page: Page): Promise<void> => {
  await press(page, 'Sign out');
  await shown(page, 'You are signed out');
};
export const keepCodes = async (page: Page): Promise<readonly string[]> => {
  await shown(page, 'Save your recovery codes');
  const codes = await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allTextContents();
  await page.getByLabel('I have saved these codes').check();
  await press(page, 'Continue');
  return codes;
};

export const openJourney = async ({ server }: PasskeySuite, page: Page, journey: string): Promise<void> => {
  await page.goto(`${server.am}/login?service=${journey}&ForceAuth=true`);
};
/** Opens a journey that offers passkeys where the name is filled in, and takes what is offered: the authenticator of the browser does so by itself. */
export const fillInPasskey = (suite: PasskeySuite, page: Page, journey = 'PasskeyLogin'): Promise<void> =>
  openJourney(suite, page, journey);
/** Opens it with nobody at the authenticator, so that what is offered there is left alone. */
export const ignorePasskey = async (
  suite: PasskeySuite,
  { page, authenticator }: Pick<Owner, 'page' | 'authenticator'>,
  journey = 'PasskeyLogin',
): Promise<void> => {
  await authenticator.present(false);
  await openJourney(suite, page, journey);
  await page.locator('input[autocomplete="username webauthn"]').waitFor();
};

/** From now on the browser fills in no passkeys: what is left is the button. */
export const fillInNothing = async (page: Page): Promise<void> => {
  await page.addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
  });
};
/** Opens a journey in such a browser, and presses that button. */
export const pressForPasskey = async (suite: PasskeySuite, page: Page, journey = 'PasskeyLogin'): Promise<void> => {
  await openJourney(suite, page, journey);
  await press(page, 'Use your passkey');
};

/** A user who has made a passkey by the journey that the account page leads to, and is on that page. */
export const withPasskey = async (
  suite: PasskeySuite,
  name: string,
  options?: AuthenticatorOptions,
): Promise<Owner> => {
  await addUser(suite.server, name);
  const visit = await openVisit(suite.browser);
  const { page } = visit;
  const authenticator = await addAuthenticator(page, options);
  await openJourney(suite, page, 'AddPasskey');
  // The authenticator is asked right after the password: that was a press.
  await givePassword(page, name);
  const codes = await keepCodes(page);
  await devices(page).getByText('Passkey · on one device only').waitFor();
  return { ...visit, name, authenticator, codes };
};

/** Looks at a screen of a walk as it is by day and by night, on a phone and on a desk. */
export const checkLooks = async (page: Page, screen: string): Promise<void> => {
  const before = page.viewportSize();
  for (const { appearance, colorScheme, viewport } of mainAppearances({ width: 390, height: 844 })) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    expect(await accessibilityFindings(page), `${screen}, ${appearance}`).toEqual([]);
    expect(await overflowOf(page), `${screen}, ${appearance}, does not scroll sideways`).toBeLessThanOrEqual(0);
    await keepPicture(page, `walk-${screen}-${appearance}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  if (before !== null) await page.setViewportSize(before);
};

/** The passkeys of somebody, as administrators see them. */
export const passkeysOf = async ({ server }: PasskeySuite, name: string) => {
  const path = `${realmPath('/')}/users/${encodeURIComponent(name)}/devices/2fa/webauthn`;
  const { body } = await asAdministrator(server, 'GET', `${path}?_queryFilter=true`);
  const { result } = body as { readonly result: readonly { readonly uuid: string; readonly deviceName: string }[] };
  return { path, result };
};

/** What is otherwise about the nodes of passkeys in a copy of a journey. */
export interface ChangedJourney {
  readonly from: string;
  readonly settings: object;
  /** Where outcomes lead that the node has by these settings: where an outcome of it leads. */
  readonly outcomesAs?: Readonly<Record<string, string>>;
}

/** Adds copies of journeys, by their names, whose nodes of passkeys have other settings. */
export const addJourneys = async (
  { server }: PasskeySuite,
  journeys: Readonly<Record<string, ChangedJourney>>,
): Promise<void> => {
  const ask = await signInAdministrator(server);
  const administer = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: object) => {
    const trees = `${realmPath('/')}/realm-config/authentication/authenticationtrees`;
    const answer = await ask(method, `${trees}/${path}`, body);
    if (answer.status >= 300) throw new Error(`${path} was refused: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  for (const [name, { from, settings, outcomesAs = {} }] of Object.entries(journeys)) {
    const tree = await administer('POST', `trees/${from}?_action=clone`, { newId: name });
    const nodes = { ...(tree.nodes as Readonly<Record<string, TreeNode>>) };
    for (const [id, node] of Object.entries(nodes)) {
      const path = `nodes/${node.nodeType}/${id}`;
      const { nodes: inside = [] } = node.nodeType === 'PageNode' ? await administer('GET', path) : {};
      const all = [{ _id: id, nodeType: node.nodeType }, ...(inside as readonly InsideNode[])];
      const ofPasskeys = all.filter(({ nodeType }) => nodeType.startsWith('WebAuthn'));
      if (ofPasskeys.length === 0) continue;
      for (const { _id, nodeType } of ofPasskeys) {
        const its = `nodes/${nodeType}/${_id}`;
        await administer('PUT', its, { ...(await administer('GET', its)), ...settings });
      }
      const added = Object.entries(outcomesAs).map(([outcome, as]) => {
        // A Page node 2.0 puts the id of the node inside before each outcome.
        const like = Object.keys(node.connections).find((it) => it === as || it.endsWith(`-${as}`)) ?? as;
        return [`${like.slice(0, like.length - as.length)}${outcome}`, node.connections[like]];
      });
      nodes[id] = { ...node, connections: { ...node.connections, ...Object.fromEntries(added) } };
    }
    if (Object.keys(outcomesAs).length > 0) await administer('PUT', `trees/${name}`, { ...tree, nodes });
  }
};
interface InsideNode {
  readonly _id: string;
  readonly nodeType: string;
}
interface TreeNode {
  readonly nodeType: string;
  readonly connections: Readonly<Record<string, string>>;
}
