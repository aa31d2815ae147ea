import { memoryIdentities, runNode, simulatedClock, TEST_START, type TestUsers } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import type { ScriptBindings, Scripts } from '../scripting/scripts.ts';
import { savedProfiles } from './device/saved-profiles.ts';
import { deviceGeoFencing } from './device-geo-fencing.node.ts';
import { deviceLocationMatch } from './device-location-match.node.ts';
import { deviceMatch } from './device-match.node.ts';
import { deviceSave } from './device-save.node.ts';
import { deviceTamperingVerification } from './device-tampering-verification.node.ts';

const DAY = 24 * 3_600_000;
const BERLIN = { latitude: 52.52, longitude: 13.405 };
/** 27 km from Berlin. */
const POTSDAM = { latitude: 52.3906, longitude: 13.0645 };
const metadata = { platform: { platform: 'Linux', deviceName: 'Laptop', jailBreakScore: 0 }, hardware: { cores: 4 } };
const profile = { identifier: 'abc', metadata, location: BERLIN };

const noScripts: Scripts = {
  find: () => undefined,
  run: () => Promise.reject(new Error('no script is to run')),
};
const saved = (given: object = {}) =>
  JSON.stringify({ ...profile, alias: 'Laptop', lastSelectedDate: TEST_START, recoveryCodes: [], ...given });
const with_ = (users: TestUsers, given: object = {}) => ({
  state: { username: 'demo', 'forgeRock.device.profile': profile },
  ports: { identities: memoryIdentities(users), clock: simulatedClock(TEST_START), scripts: noScripts },
  ...given,
});
const outcomeOf = async (run: Promise<{ action: object }>) => (await run).action;

describe('a node that finds no collected profile names what it lacks', () => {
  const without = (...names: string[]) => ({
    username: 'demo',
    'forgeRock.device.profile': Object.fromEntries(Object.entries(profile).filter(([name]) => !names.includes(name))),
  });
  test.each([
    ['Device Profile Save', deviceSave, 'identifier'],
    ['Device Profile Save', deviceSave, 'metadata'],
    ['Device Profile Save', deviceSave, 'location'],
    ['Device Match', deviceMatch, 'identifier'],
    ['Device Match', deviceMatch, 'metadata'],
  ])('%s', async (_title, node, missing) => {
    const text = `Device Profile Collector Node to collect device attribute is required: ${missing}`;
    await expect(runNode(node, with_({ demo: {} }, { state: without(missing) }))).rejects.toThrow(text);
  });
  test('Device Geofencing and Device Tampering Verification', async () => {
    const state = without('location', 'metadata');
    await expect(runNode(deviceGeoFencing, { config: { locations: ['1,1'] }, state })).rejects.toThrow(
      'is required: location',
    );
    await expect(runNode(deviceTamperingVerification, { state })).rejects.toThrow('is required: metadata');
    await expect(runNode(deviceTamperingVerification, {})).rejects.toThrow('is required: metadata');
  });
});

describe('nobody to remember a device for', () => {
  test.each([
    ['Device Profile Save', deviceSave],
    ['Device Match', deviceMatch],
    ['Device Location Match', deviceLocationMatch],
  ])('%s ends the journey', async (_title, node) => {
    const text = /^User does not exist or inactive$/;
    await expect(runNode(node, with_({}))).rejects.toThrow(text);
    await expect(runNode(node, with_({ demo: { inetUserStatus: ['Inactive'] } }))).rejects.toThrow(text);
    const nameless = { state: { 'forgeRock.device.profile': profile } };
    await expect(runNode(node, with_({ demo: {} }, nameless))).rejects.toThrow(text);
  });
});

describe('a store that does not do its work ends the journey, in words that keep its trouble to themselves', () => {
  const users = { demo: { deviceProfiles: [saved()] } };
  const broken = () => Promise.reject(new Error('disk'));
  test.each([
    ['Device Profile Save', deviceSave, 'find', 'Failed to save the device profile'],
    ['Device Profile Save', deviceSave, 'update', 'Failed to save the device profile'],
    ['Device Match', deviceMatch, 'find', 'Failed to read the device profiles'],
    ['Device Match', deviceMatch, 'update', 'Failed to read the device profiles'],
    ['Device Location Match', deviceLocationMatch, 'find', 'Failed to read the device profiles'],
  ] as const)('%s', async (_title, node, method, text) => {
    const given = with_(users);
    const identities = { ...memoryIdentities(users), [method]: broken };
    const run = runNode(node, { ...given, ports: { ...given.ports, identities } });
    await expect(run).rejects.toMatchObject({ reason: text, cause: new Error('disk') });
  });
});

describe('Device Profile Save', () => {
  test.each([[{ maxSavedProfiles: 0 }], [{ maxSavedProfiles: 1.5 }]])('refuses %j', async (config) => {
    await expect(runNode(deviceSave, with_({ demo: {} }, { config }))).rejects.toThrow('maxSavedProfiles');
  });

  const save = async (config: object, users: TestUsers = { demo: {} }, state: object = {}) => {
    const given = with_(users, { config });
    const { action, audit } = await runNode(deviceSave, { ...given, state: { ...given.state, ...state } });
    expect(action).toEqual({ kind: 'goTo', outcome: 'outcome' });
    expect(JSON.stringify(audit)).not.toContain('latitude');
    return savedProfiles(users.demo?.deviceProfiles);
  };

  test('keeps the device with its place, its name and the time', async () => {
    expect(await save({})).toEqual([{ ...profile, alias: 'Laptop', lastSelectedDate: TEST_START, recoveryCodes: [] }]);
  });

  test('keeps neither metadata nor place where its settings say so', async () => {
    const [kept] = await save({ saveDeviceMetadata: false, saveDeviceLocation: false });
    expect(kept).toEqual({ identifier: 'abc', alias: 'Laptop', lastSelectedDate: TEST_START, recoveryCodes: [] });
  });

  test('remembers a device whose user would not tell the place', async () => {
    const [kept] = await save({}, { demo: {} }, { 'forgeRock.device.profile': { ...profile, location: {} } });
    expect(kept).not.toHaveProperty('location');
  });

  test.each([
    [{ variableName: 'chosen' }, { chosen: ' My\u202e box\n' }, 'My box'],
    [{ variableName: 'chosen' }, { chosen: 7 }, 'Laptop'],
    [{ variableName: 'chosen' }, {}, 'Laptop'],
    [{}, { chosen: 'My box', 'forgeRock.device.profile': { ...profile, metadata: {} } }, 'abc'],
    [{ variableName: 'chosen' }, { chosen: 'x'.repeat(200) }, 'x'.repeat(64)],
  ])('with settings %j and state %j calls it %s', async (config, state, alias) => {
    expect((await save(config, { demo: {} }, state))[0]?.alias).toBe(alias);
  });

  test('replaces the device that it knows, and lets the one unused for longest make room', async () => {
    const old = ['a', 'b', 'abc'].map((identifier, at) => saved({ identifier, lastSelectedDate: TEST_START - 3 + at }));
    const users: TestUsers = { demo: { deviceProfiles: ['not json', ...old] } };
    const kept = await save({ maxSavedProfiles: 2 }, users);
    expect(kept.map(({ identifier }) => identifier)).toEqual(['abc', 'b']);
    expect(users.demo?.deviceProfiles).toHaveLength(2);
  });
});

describe('Device Match', () => {
  test.each([[{ acceptableVariance: -1 }], [{ expiration: 0 }]])('refuses %j', async (config) => {
    const [name = ''] = Object.keys(config);
    await expect(runNode(deviceMatch, with_({ demo: {} }, { config }))).rejects.toThrow(name);
  });

  const changed = { ...profile, metadata: { ...metadata, hardware: { cores: 8, gpu: 'x' } } };
  const stateOf = (it: object) => ({ username: 'demo', 'forgeRock.device.profile': it });
  test.each([
    ['the same device', {}, saved(), profile, 'true', 0],
    ['a device with another identifier', {}, saved({ identifier: 'x' }), profile, 'unknownDevice', undefined],
    ['a device saved without metadata', {}, saved({ metadata: undefined }), profile, 'unknownDevice', undefined],
    ['two differences', {}, saved(), changed, 'false', 2],
    ['two differences of one', { acceptableVariance: 1 }, saved(), changed, 'false', 2],
    ['two differences of two', { acceptableVariance: 2 }, saved(), changed, 'true', 2],
    ['one unused for 30 days', {}, saved({ lastSelectedDate: TEST_START - 30 * DAY }), profile, 'true', 0],
    ['one unused for longer', {}, saved({ lastSelectedDate: TEST_START - 30 * DAY - 1 }), profile, 'false', undefined],
    [
      'a shorter expiration',
      { expiration: 1 },
      saved({ lastSelectedDate: TEST_START - 2 * DAY }),
      profile,
      'false',
      undefined,
    ],
  ])('%s, %j', async (_what, config, stored, collected, outcome, differences) => {
    const users = { demo: { deviceProfiles: [stored] } };
    const action = await outcomeOf(runNode(deviceMatch, with_(users, { config, state: stateOf(collected) })));
    expect(action).toMatchObject({ outcome });
    if (differences !== undefined) expect(action).toMatchObject({ detail: { differences } });
  });

  test('notes that the device was used, and keeps the other devices', async () => {
    const users: TestUsers = {
      demo: { deviceProfiles: [saved({ identifier: 'other' }), saved({ lastSelectedDate: TEST_START - DAY })] },
    };
    await runNode(deviceMatch, with_(users));
    const dates = savedProfiles(users.demo?.deviceProfiles).map((it) => [it.identifier, it.lastSelectedDate]);
    expect(dates.sort()).toEqual([
      ['abc', TEST_START],
      ['other', TEST_START],
    ]);
  });

  const script = { id: 'match', name: 'Match', evaluatorVersion: '1.0' } as NonNullable<ReturnType<Scripts['find']>>;
  const scriptsThat = (outcome: string | undefined, seen: ScriptBindings[] = []): Scripts => ({
    find: (id) => (id === 'match' ? script : undefined),
    run: async (_script, bindings) => {
      seen.push(bindings);
      return outcome === 'throws'
        ? { failure: { kind: 'error', message: 'oops' }, logs: [] }
        : {
            result: {
              shared: {},
              transient: {},
              secure: [],
              callbacks: [],
              properties: [],
              presentation: {},
              identityChanges: [],
              ...(outcome !== undefined && { outcome }),
            },
            logs: [],
          };
    },
  });
  const scripted = (outcome: string | undefined, seen?: ScriptBindings[], config: object = { script: 'match' }) => {
    const given = with_({ demo: { deviceProfiles: [saved()] } }, { config: { useScript: true, ...config } });
    return runNode(deviceMatch, { ...given, ports: { ...given.ports, scripts: scriptsThat(outcome, seen) } });
  };

  test.each(['true', 'false', 'unknownDevice'])('takes the outcome %s that its script sets', async (outcome) => {
    const seen: ScriptBindings[] = [];
    expect((await scripted(outcome, seen)).action).toMatchObject({ outcome });
    expect(seen[0]?.shared).toMatchObject({
      'forgeRock.device.profile': profile,
      deviceProfiles: [{ identifier: 'abc' }],
    });
  });

  test('ends in error where the script is missing, fails, or decides on nothing known', async () => {
    await expect(scripted('true', [], {})).rejects.toThrow('Data validation failed for the attribute, Script');
    await expect(scripted('throws')).rejects.toThrow('The script "Match" failed: oops');
    await expect(scripted('maybe')).rejects.toThrow("Invalid outcome from script, 'maybe'");
    await expect(scripted(undefined)).rejects.toThrow("Invalid outcome from script, 'null'");
  });
});

describe('Device Location Match', () => {
  test.each(['ten', '', '-1'])('refuses the distance %j', async (distance) => {
    await expect(runNode(deviceLocationMatch, with_({ demo: {} }, { config: { distance } }))).rejects.toThrow(
      'distance',
    );
  });

  test.each([
    ['at its saved place', {}, saved(), profile, 'true'],
    ['27 km away', {}, saved({ location: POTSDAM }), profile, 'false'],
    ['27 km away of 30', { distance: '30.5' }, saved({ location: POTSDAM }), profile, 'true'],
    ['at its place, which is not nearer than nothing', { distance: '0' }, saved(), profile, 'false'],
    ['not known', {}, saved({ identifier: 'x' }), profile, 'unknownDevice'],
    ['saved without a place', {}, saved({ location: undefined }), profile, 'unknownDevice'],
    ['not told', {}, saved(), { ...profile, location: {} }, 'unknownDevice'],
    ['without identifier', {}, saved(), { location: BERLIN }, 'unknownDevice'],
  ])('the device is %s, %j', async (_what, config, stored, collected, outcome) => {
    const state = { username: 'demo', 'forgeRock.device.profile': collected };
    const result = await runNode(deviceLocationMatch, with_({ demo: { deviceProfiles: [stored] } }, { config, state }));
    expect(result.action).toEqual({ kind: 'goTo', outcome });
  });
});

describe('Device Geofencing', () => {
  test.each([[{}], [{ locations: [] }], [{ locations: ['here'] }], [{ locations: ['91,0'] }]])(
    'refuses the places of %j',
    async (config) => {
      const given = { config: config as { locations: string[] } };
      await expect(runNode(deviceGeoFencing, given)).rejects.toThrow('locations');
    },
  );
  test('refuses a distance that is no number', async () => {
    const config = { locations: ['1,1'], distance: 'far' };
    await expect(runNode(deviceGeoFencing, { config })).rejects.toThrow('distance');
  });

  test.each([
    [{ locations: ['52.3906,13.0645'] }, BERLIN, 'false'],
    [{ locations: ['52.3906,13.0645'], distance: '30' }, BERLIN, 'true'],
    [{ locations: ['0,0', ' 52.52, 13.405'] }, BERLIN, 'true'],
    [{ locations: ['52.52,13.405'], distance: '0' }, BERLIN, 'false'],
    [{ locations: ['52.52,13.405'] }, {}, 'false'],
  ])('with settings %j and the place %j goes to %s', async (config, location, outcome) => {
    const state = { 'forgeRock.device.profile': { location } };
    expect((await runNode(deviceGeoFencing, { config, state })).action).toEqual({ kind: 'goTo', outcome });
  });
});

describe('Device Tampering Verification', () => {
  test.each(['2', '-0.1', 'no', '', '1.01'])('refuses the score %j', async (score) => {
    await expect(runNode(deviceTamperingVerification, { config: { score } })).rejects.toThrow('score');
  });

  test.each([
    [{}, 0, 'true'],
    [{}, 0.1, 'false'],
    [{ score: '0.5' }, 0.5, 'true'],
    [{ score: '0.5' }, 0.51, 'false'],
    [{ score: '1' }, 1, 'true'],
    [{ score: '1' }, undefined, 'false'],
    [{ score: '1' }, '0', 'false'],
    [{ score: '1' }, -1, 'false'],
  ])('with settings %j and the score %j goes to %s', async (config, jailBreakScore, outcome) => {
    const state = { 'forgeRock.device.profile': { metadata: { platform: { jailBreakScore } } } };
    expect((await runNode(deviceTamperingVerification, { config, state })).action).toEqual({ kind: 'goTo', outcome });
  });
});
