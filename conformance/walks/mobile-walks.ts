import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { asAdministrator } from '../support/administrator.ts';
import { Phone } from '../support/phone.ts';
import { realmPath } from '../support/realm-path.ts';
import { type Callback, Login } from './login.ts';
import { BY_PHONE, expectCodeToScan, expectRecoveryCodes, expectSession, expectSuccess, expectWait } from './steps.ts';
import { newWalker, type Walker, type World } from './world.ts';

/** How a mobile SDK posts a text that holds a script for browsers. */
interface MobileSdk {
  readonly name: string;
  readonly scripts: 'left out' | 'empty object';
}

/**
 * The released SDKs that post callbacks from their own models. Their sources:
 * forgerock-android-sdk: forgerock-auth/…/callback/TextOutputCallback.java and Node.java;
 * forgerock-ios-sdk: FRAuth/FRAuth/Callbacks/TextOutputCallback.swift and Authentication/Node.swift;
 * ping-android-sdk: journey/…/callback/TextOutputCallback.kt and module/Transform.kt;
 * ping-ios-sdk: Journey/Journey/Callbacks/TextOutputCallback.swift and JourneyContinueNode.swift.
 */
export const mobileSdks: readonly MobileSdk[] = [
  { name: 'ForgeRock SDK 4.8 for Android', scripts: 'left out' },
  { name: 'ForgeRock SDK 4.9 for iOS', scripts: 'left out' },
  { name: 'Ping SDK for Android', scripts: 'empty object' },
  { name: 'Ping SDK for iOS', scripts: 'left out' },
];

/** One exchange of a recorded walk: the step that the app received, and which of its callbacks the SDK posted. */
interface Recorded {
  readonly received: readonly string[];
  /** `{}` is an empty object. */
  readonly posted: Readonly<Record<MobileSdk['scripts'], readonly string[]>>;
  /** The value of the first input, by type. */
  readonly answers?: Readonly<Record<string, unknown>>;
}

const TEXT = 'TextOutputCallback 0';
const SCRIPT = 'TextOutputCallback 4';

const same = (posted: readonly string[]): Recorded['posted'] => ({ 'left out': posted, 'empty object': posted });
const plain = (received: readonly string[], answers?: Recorded['answers']): Recorded => ({
  received,
  posted: same(received),
  ...(answers && { answers }),
});

const OPTIONS = plain([TEXT, 'ConfirmationCallback'], { ConfirmationCallback: 0 });
const CODE_TO_SCAN: Recorded = {
  received: [TEXT, SCRIPT, 'HiddenValueCallback', 'PollingWaitCallback'],
  posted: {
    'left out': [TEXT, 'HiddenValueCallback', 'PollingWaitCallback'],
    'empty object': [TEXT, '{}', 'HiddenValueCallback', 'PollingWaitCallback'],
  },
};
const RECOVERY_CODES: Recorded = {
  received: [SCRIPT],
  posted: { 'left out': [], 'empty object': ['{}'] },
};
const WAIT = plain(['PollingWaitCallback', 'HiddenValueCallback', 'ConfirmationCallback']);
const PASSKEY_BY_SCRIPT: Recorded = {
  received: [SCRIPT, SCRIPT, 'HiddenValueCallback'],
  posted: { 'left out': ['HiddenValueCallback'], 'empty object': ['{}', '{}', 'HiddenValueCallback'] },
  answers: { HiddenValueCallback: 'unsupported' },
};

const labelOf = ({ type, output }: Callback): string =>
  type === 'TextOutputCallback' ? `${type} ${output?.find(({ name }) => name === 'messageType')?.value}` : type;

/** Posts the step as the recording says. */
const replay = async (login: Login, { received, posted, answers = {} }: Recorded, sdk: MobileSdk): Promise<void> => {
  expect(login.callbacks.map(labelOf)).toEqual(received);
  const left = [...login.callbacks];
  await login.submit(
    posted[sdk.scripts].map((label) => {
      if (label === '{}') return {};
      while (left[0] !== undefined && labelOf(left[0]) !== label) left.shift();
      const callback = left.shift();
      const [first, ...others] = callback?.input ?? [];
      return callback !== undefined && first !== undefined && Object.hasOwn(answers, callback.type)
        ? { ...callback, input: [{ ...first, value: answers[callback.type] }, ...others] }
        : callback;
    }),
  );
};

const reachOptionsOf = async (walker: Walker): Promise<Login> => {
  const login = await Login.start(walker, 'PushLogin');
  await login.signIn();
  await login.tellDevice();
  return login;
};

const registerByScan = async (walker: Walker, sdk: MobileSdk) => {
  const login = await reachOptionsOf(walker);
  await replay(login, OPTIONS, sdk);
  const uri = expectCodeToScan(login);
  const { authId } = login;
  await walker.world.pass(2_000);
  await replay(login, CODE_TO_SCAN, sdk);
  expect([login.authId, expectCodeToScan(login)]).toEqual([authId, uri]);
  const phone = new Phone(walker.world);
  expect((await phone.register(uri)).status).toBe(200);
  await walker.world.pass(2_000);
  await replay(login, CODE_TO_SCAN, sdk);
  return { login, phone };
};

/** A journey that asks for the password and then makes a passkey by a script, as older exports do. */
const makeScriptJourney = async ({ world, realm }: Walker): Promise<string> => {
  const tree = `ByScript-${randomUUID().slice(0, 8)}`;
  const trees = `${realmPath(realm)}/realm-config/authentication/authenticationtrees`;
  const put = async (path: string, body: object): Promise<void> => {
    const { status, body: answer } = await asAdministrator(world, 'PUT', `${trees}/${path}`, body);
    expect([status, JSON.stringify(answer)]).toEqual([201, expect.any(String)]);
  };
  const node = async (nodeType: string, settings: object): Promise<string> => {
    const id = randomUUID();
    await put(`nodes/${nodeType}/${id}`, settings);
    return id;
  };
  const child = async (nodeType: string) => ({ _id: await node(nodeType, {}), nodeType, displayName: nodeType });
  const page = await node('PageNode', {
    nodes: [await child('UsernameCollectorNode'), await child('PasswordCollectorNode')],
  });
  const password = await node('DataStoreDecisionNode', {});
  const passkey = await node('WebAuthnRegistrationNode', { relyingPartyName: 'Walks', asScript: true });
  const [success, failure] = ['70e691a5-1e33-4ac3-a356-e7b6d60d92e0', 'e301438c-0bd0-429c-ab0c-66126501069a'];
  await put(`trees/${tree}`, {
    entryNodeId: page,
    nodes: {
      [page]: { nodeType: 'PageNode', displayName: 'Page', connections: { outcome: password } },
      [password]: {
        nodeType: 'DataStoreDecisionNode',
        displayName: 'Password',
        connections: { true: passkey, false: failure },
      },
      [passkey]: {
        nodeType: 'WebAuthnRegistrationNode',
        displayName: 'Passkey',
        connections: { success, unsupported: success, failure, error: failure },
      },
    },
  });
  return tree;
};

interface MobileWalk {
  readonly title: string;
  readonly go: (world: World, sdk: MobileSdk) => Promise<void>;
}

/** Walks of apps on phones, which cannot run the scripts that a step holds for browsers. */
export const mobileWalks: readonly MobileWalk[] = [
  {
    title: 'registers a phone by a code to scan',
    async go(world, sdk) {
      const { login, phone } = await registerByScan(await newWalker(world), sdk);
      expectRecoveryCodes(login);
      await login.repost();
      const number = expectWait(login);
      await phone.approve(await phone.request(), number);
      await replay(login, WAIT, sdk);
      await expectSession(login, BY_PHONE);
    },
  },
  {
    title: 'goes on after the recovery codes',
    async go(world, sdk) {
      const { login } = await registerByScan(await newWalker(world), sdk);
      expectRecoveryCodes(login);
      await replay(login, RECOVERY_CODES, sdk);
      expectWait(login);
    },
  },
  {
    title: 'answers a step in script mode by its hidden value',
    async go(world, sdk) {
      const walker = await newWalker(world);
      const login = await Login.start(walker, await makeScriptJourney(walker));
      await login.signIn();
      await replay(login, PASSKEY_BY_SCRIPT, sdk);
      expectSuccess(login);
    },
  },
];
