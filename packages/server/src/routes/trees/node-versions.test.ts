import { beforeAll, describe, expect, test } from 'vitest';
import { administeredServer } from '../../testing/administered-server.ts';
import type { JourneyConfigurationClient } from '../../testing/journey-configuration-client.ts';

// Types that have more than one version, by paths of AM 8.1 and by those before it (spec: nodes-mfa §1, webauthn §10.7; docs/adr/0124).

const world = administeredServer();
let client: JourneyConfigurationClient;
beforeAll(() => {
  client = world.journeys;
});

const PASSKEY = 'nodes/WebAuthnAuthenticationNode';
let last = 0;
const newId = () => {
  last += 1;
  return `7d7c8acb-0002-4000-8000-${String(last).padStart(12, '0')}`;
};
const statusOf = async (...call: Parameters<JourneyConfigurationClient['call']>) => (await client.call(...call)).status;

describe('a type in a version', () => {
  test('tells its own settings, defaults and name', async () => {
    const settings = async (path: string) => {
      const { body } = await client.call('POST', `${path}?_action=schema`, {});
      return Object.keys(body.properties as object);
    };
    expect(await settings(`${PASSKEY}/2.0`)).toEqual([
      ...(await settings(PASSKEY)),
      'mediation',
      'conditionalManualButton',
    ]);
    expect(await settings(`${PASSKEY}/1.0`)).toEqual(await settings(PASSKEY));
    const { body: template } = await client.call('POST', `${PASSKEY}/2.0?_action=template`, {});
    expect(template).toMatchObject({ conditionalManualButton: false, asScript: false });
    expect((await client.call('POST', `${PASSKEY}/2.0?_action=getType`, {})).body).toMatchObject({ version: '2.0' });
  });

  test.each(['9.0', 'x', '2', '2.0.0'])('that is none (%s) is not there', async (version) => {
    expect(await statusOf('POST', `${PASSKEY}/${version}?_action=schema`, {})).toBe(404);
    expect(await statusOf('POST', `nodes/NoNode/${version}?_action=schema`, {})).toBe(404);
  });

  test('has an action of another name refused', async () => {
    expect(await statusOf('POST', `${PASSKEY}/2.0?_action=other`, {})).toBe(501);
  });
});

describe('a node of a later version', () => {
  test('is saved, read, listed and deleted by the path that names it, and by none of another version', async () => {
    const id = newId();
    const made = await client.call('PUT', `${PASSKEY}/2.0/${id}`, { mediation: 'conditional' });
    expect(made).toMatchObject({
      status: 201,
      body: { mediation: 'conditional', conditionalManualButton: false, _type: { version: '2.0' } },
    });
    for (const path of [`${PASSKEY}/2.0/${id}`, `${PASSKEY}/${id}`]) {
      expect((await client.call('GET', path)).body).toEqual(made.body);
    }
    const listed = async (version: string) =>
      (await client.call('GET', `${PASSKEY}/${version}?_queryFilter=true`)).body;
    expect((await listed('2.0')).result).toContainEqual(made.body);
    expect((await listed('1.0')).result).not.toContainEqual(made.body);
    for (const method of ['GET', 'DELETE'] as const) {
      expect(await statusOf(method, `${PASSKEY}/1.0/${id}`)).toBe(404);
      expect(await statusOf(method, `${PASSKEY}/x/${id}`)).toBe(404);
    }
    expect(await statusOf('PUT', `${PASSKEY}/x/${id}`, {})).toBe(404);
    expect((await client.call('DELETE', `${PASSKEY}/2.0/${id}`)).body).toEqual(made.body);
  });

  test('is made by an action, and its settings are checked', async () => {
    const { status, body } = await client.call('POST', `${PASSKEY}/2.0?_action=create`, { mediation: 'conditional' });
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({ _type: expect.objectContaining({ version: '2.0' }) }),
    ]);
    const wrong = await client.call('PUT', `${PASSKEY}/2.0/${newId()}`, { conditionalManualButton: 'x' });
    expect([wrong.status, wrong.body.detail]).toEqual([
      400,
      expect.objectContaining({ attribute: 'conditionalManualButton' }),
    ]);
  });

  test('is one by its own word where the path says nothing, and stays one until it says another', async () => {
    const path = `${PASSKEY}/${newId()}`;
    const save = async (body: object) => (await client.put(path, body)).body;
    expect(await save({ mediation: 'conditional', _type: { version: '2.0' } })).toMatchObject({
      _type: { _id: 'WebAuthnAuthenticationNode', version: '2.0' },
    });
    expect(await save({ timeout: 5 })).toMatchObject({ timeout: 5, _type: { version: '2.0' } });
    const back = await save({ mediation: 'conditional', _type: { version: '1.0' } });
    // It is a setting of no meaning there, and kept.
    expect(back).toMatchObject({ mediation: 'conditional', _type: { version: '1.0' } });
    expect(back).not.toHaveProperty('conditionalManualButton');
  });

  test('keeps a version that this server does not have, and goes out as it came in', async () => {
    const path = `${PASSKEY}/${newId()}`;
    const { body } = await client.put(path, { _type: { version: '9.1' }, more: [1] });
    expect(body).toMatchObject({ more: [1], conditionalManualButton: false, _type: { version: '9.1' } });
    expect((await client.call('GET', path)).body).toEqual(body);
    const unknown = `nodes/OfAnotherVendor/3.0/${newId()}`;
    const kept = await client.put(unknown, { some: 'setting' });
    expect(kept.body).toMatchObject({ some: 'setting', _type: { _id: 'OfAnotherVendor', version: '3.0' } });
    expect((await client.call('GET', unknown)).body).toEqual(kept.body);
  });

  test.each([2, 'two', '2', {}])('is refused where the version is none: %j', async (version) => {
    const refused = await client.call('PUT', `${PASSKEY}/${newId()}`, { _type: { version } });
    expect([refused.status, refused.body.detail]).toEqual([400, expect.objectContaining({ attribute: '_type' })]);
  });
});

describe('a page of version 2.0', () => {
  const child = async (type: string, body: object = {}) => {
    const _id = newId();
    await client.put(`nodes/${type}/${_id}`, body);
    return { _id, nodeType: type, displayName: type };
  };
  const passkey = (version: string) => child('WebAuthnAuthenticationNode', { _type: { version } });
  const page = async (version: string, nodes: readonly object[]) =>
    client.call('PUT', `nodes/PageNode/${version}/${newId()}`, { nodes });
  const idsOf = ({ body }: Awaited<ReturnType<typeof page>>) =>
    (body._outcomes as readonly { readonly id: string }[]).map(({ id }) => id);

  test('names the outcomes of its form and of the nodes that stand by themselves by the id of the node inside, in any order', async () => {
    const form = [await child('UsernameCollectorNode'), await child('PasswordCollectorNode')];
    const ofPasskey = ['unsupported', 'noDevice', 'success', 'failure', 'error'];
    for (const nodes of [
      [...form, await passkey('2.0')],
      [await passkey('2.0'), ...form],
    ]) {
      const saved = await page('2.0', nodes);
      const key = nodes.find(({ nodeType }) => nodeType === 'WebAuthnAuthenticationNode')?._id;
      const last = `${form[1]?._id}-outcome`;
      expect([saved.status, idsOf(saved)]).toEqual([201, [last, ...ofPasskey.map((outcome) => `${key}-${outcome}`)]]);
    }
    const choice = await child('ChoiceCollectorNode', { choices: ['A', 'B'] });
    const key = await passkey('2.0');
    expect(idsOf(await page('2.0', [...form, choice, key]))).toEqual([
      `${choice._id}-A`,
      `${choice._id}-B`,
      ...ofPasskey.map((outcome) => `${key._id}-${outcome}`),
    ]);
    expect(idsOf(await page('1.0', [...form, choice]))).toEqual(['A', 'B']);
  });

  test('has one way through the nodes before the last of its form, as any page', async () => {
    const name = await child('UsernameCollectorNode');
    for (const [version, nodes] of [
      ['2.0', [await passkey('1.0'), name]],
      ['1.0', [await passkey('2.0'), name]],
      ['2.0', [await child('ChoiceCollectorNode', { choices: ['A', 'B'] }), name, await passkey('2.0')]],
    ] as const) {
      const refused = await page(version, nodes);
      expect([refused.status, refused.body.message]).toEqual([400, expect.stringContaining('Put it last')]);
    }
  });
});
