import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { asAdministrator } from '../support/administrator.ts';
import type { BrowserFetch } from '../support/browser-fetch.ts';
import type { Phone } from '../support/phone.ts';
import { APP, type ClientWorld, openPage, PASSWORD, startClientWorld } from './client-world.ts';

// What docs/guides/clients.md tells is what our tests run: the page with the widget in login-widget.test.ts, the rest here.

const GUIDE = new URL('../../docs/guides/clients.md', import.meta.url);
const EXAMPLES = new URL('../../docs/guides/examples/', import.meta.url);

/** Without the indentation, which differs where a piece is shown by itself. */
const lines = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');

const guide = readFileSync(GUIDE, 'utf8');
const examples = readdirSync(EXAMPLES).map((name) => lines(readFileSync(new URL(name, EXAMPLES), 'utf8')));
const pieces = [...guide.matchAll(/^ *```js\n([\s\S]*?)^ *```$/gm)].map(([, code = '']) => lines(code));

/** What an example asks of the app around it. */
interface View {
  ask(prompt: string): Promise<string>;
  askSecret(prompt: string): Promise<string>;
  choose(options: readonly string[]): Promise<string>;
  wait(message: string, millis: number, options?: readonly string[]): Promise<string | undefined>;
  showSetupCode(uri: string): void;
  showCodes(codes: readonly string[]): Promise<void>;
}

interface Example {
  readonly setUp: (am: string) => unknown;
  readonly signIn: (...given: readonly unknown[]) => Promise<string>;
  readonly signOut: (...given: readonly unknown[]) => Promise<unknown>;
}

let world: ClientWorld;
beforeAll(async () => {
  world = await startClientWorld();
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await world?.close();
});

describe('the guide to clients', () => {
  test.each(pieces)('shows a piece of an example: %s', (piece) => {
    expect(examples.filter((example) => example.includes(piece)).length).toBeGreaterThan(0);
  });

  test('shows pieces of every client', () => expect(pieces).toHaveLength(6));

  test('shows how to add an origin and leave all else as it was', async () => {
    const [, path = ''] = /^SERVICE=https:\S+\/am(\/json\/\S+)$/m.exec(guide) ?? [];
    const [, name = '', json = ''] = /jq '\.(\w+) \+= (.*)'/.exec(guide) ?? [];
    const before = (await asAdministrator(world.server, 'GET', path)).body;
    const changed = { ...before, [name]: [...(before[name] as string[]), ...(JSON.parse(json) as string[])] };
    const { status, body } = await asAdministrator(world.server, 'PUT', path, changed);
    expect({ status, body }).toEqual({
      status: 200,
      body: { ...changed, _rev: expect.not.stringMatching(String(before._rev)) },
    });
    expect(body.corsOrigins).toEqual([APP, 'https://app.example.com']);
  });
});

describe.each(['javascript-sdk', 'journey-client'])('the example for %s', (name) => {
  let example: Example;
  let page: BrowserFetch;
  let given: readonly unknown[];

  beforeEach(async () => {
    // Collectors of device profiles say what they cannot find outside a browser.
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    example = (await import(new URL(`${name}.mjs`, EXAMPLES).href)) as Example;
    page = openPage();
    const client = await example.setUp(world.am);
    given = name === 'journey-client' ? [client] : [];
  });

  /** Somebody with that password and a phone, who saves the codes. */
  const person = (username: string, password: string) => {
    const phone: Phone = world.newPhone();
    const codes: string[] = [];
    let setupCode: string | undefined;
    const view: View = {
      ask: async (prompt) => (prompt === 'Recovery Code' ? (codes.pop() ?? '') : username),
      askSecret: async () => password,
      choose: async ([first = '']) => first,
      async wait(message, millis, options) {
        expect(millis).toBeGreaterThan(0);
        if (setupCode !== undefined) {
          await phone.register(setupCode);
          setupCode = undefined;
          return undefined;
        }
        if (codes.length < 10) return options?.[0];
        await phone.approve(await phone.request(), /\d{6}/.exec(message)?.[0]);
        return undefined;
      },
      showSetupCode: (uri) => {
        setupCode = uri;
      },
      showCodes: async (shown) => void codes.push(...shown),
    };
    return { view, codes };
  };

  test('throws what the server says of a wrong password', async () => {
    const { view } = person('demo', 'wrong');
    await expect(example.signIn(...given, view)).rejects.toThrow('Login failure');
  });

  test('registers a phone and signs in with it, and without it by a code', async () => {
    const { view, codes } = person(await world.newUser(), PASSWORD);
    expect(await example.signIn(...given, view)).toBe(page.cookie('iPlanetDirectoryPro'));
    expect(codes).toHaveLength(10);
    await example.signOut(...given);
    expect(page.cookie('iPlanetDirectoryPro')).toBeUndefined();

    codes.pop();
    expect(await example.signIn(...given, view)).toBe(page.cookie('iPlanetDirectoryPro'));
    expect(codes).toHaveLength(8);
    await example.signOut(...given);
    expect(page.refused).toEqual([]);
  });
});
