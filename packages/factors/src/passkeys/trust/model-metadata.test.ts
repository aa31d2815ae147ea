import { describe, expect, test } from 'vitest';
import { newAuthority } from '../../testing/authenticator/index.ts';
import { badStatusOf, levelOf, type ModelMetadata, reaches, readEdition, rootsOfModel } from './model-metadata.ts';

const AAGUID = '00112233-4455-6677-8899-aabbccddeeff';
const NOW = Date.UTC(2026, 0, 1);
type Report = readonly [status: string, effectiveDate?: string];

const modelWith = (...reports: readonly Report[]): ModelMetadata => {
  const [model] = readEdition({
    no: 1,
    nextUpdate: '2026-02-01',
    entries: [
      {
        aaguid: AAGUID,
        statuses: reports.map(([status, effectiveDate]) => ({ status, ...(effectiveDate && { effectiveDate }) })),
        roots: [],
        keyProtection: ['hardware'],
      },
    ],
  }).models;
  if (model === undefined) throw new TypeError('The model was left out.');
  return model;
};

describe('the level of a model', () => {
  test.each<[string, readonly Report[], string]>([
    [
      'is that of its last certification',
      [
        ['FIDO_CERTIFIED_L1', '2020-01-01'],
        ['FIDO_CERTIFIED_L2', '2022-01-01'],
      ],
      'FIDO_CERTIFIED_L2',
    ],
    [
      'falls with its last certification',
      [
        ['FIDO_CERTIFIED_L2', '2020-01-01'],
        ['FIDO_CERTIFIED_L1', '2022-01-01'],
      ],
      'FIDO_CERTIFIED_L1',
    ],
    [
      'is the higher of two of one day',
      [
        ['FIDO_CERTIFIED_L2', '2020-01-01'],
        ['FIDO_CERTIFIED', '2020-01-01'],
      ],
      'FIDO_CERTIFIED_L2',
    ],
    ['is the first one, of the time before there were levels', [['FIDO_CERTIFIED']], 'FIDO_CERTIFIED_L1'],
    ['is not there yet before its day', [['FIDO_CERTIFIED_L1', '2026-01-02']], 'OFF'],
    [
      'is over once it is said that there is none',
      [
        ['FIDO_CERTIFIED_L1', '2020-01-01'],
        ['NOT_FIDO_CERTIFIED', '2021-01-01'],
      ],
      'OFF',
    ],
    ['may be what its maker says', [['SELF_ASSERTION_SUBMITTED']], 'SELF_ASSERTION_SUBMITTED'],
    ['is no other certificate’s', [['FIPS140_CERTIFIED_L3'], ['UPDATE_AVAILABLE']], 'OFF'],
    ['is none where nothing is said', [], 'OFF'],
  ])('%s', (_what, reports, level) => {
    expect(levelOf(modelWith(...reports), NOW)).toBe(level);
  });

  test('is reached from above alone', () => {
    expect(reaches('FIDO_CERTIFIED_L2', 'FIDO_CERTIFIED_L1plus')).toBe(true);
    expect(reaches('FIDO_CERTIFIED_L1plus', 'FIDO_CERTIFIED_L1plus')).toBe(true);
    expect(reaches('FIDO_CERTIFIED_L1', 'FIDO_CERTIFIED_L1plus')).toBe(false);
    expect(reaches('SELF_ASSERTION_SUBMITTED', 'FIDO_CERTIFIED_L1')).toBe(false);
  });
});

describe('nobody relies on a model (WA-22)', () => {
  test.each([
    'REVOKED',
    'ATTESTATION_KEY_COMPROMISE',
    'USER_KEY_PHYSICAL_COMPROMISE',
    'USER_KEY_REMOTE_COMPROMISE',
    'USER_VERIFICATION_BYPASS',
  ])('of which %s is said, from that day on', (status) => {
    expect(badStatusOf(modelWith(['FIDO_CERTIFIED_L1', '2020-01-01'], [status, '2025-01-01']), NOW)).toBe(status);
    expect(badStatusOf(modelWith([status]), NOW)).toBe(status);
    expect(badStatusOf(modelWith([status, '2026-01-02']), NOW)).toBeUndefined();
  });

  test('unless it was certified since; but what is revoked stays so', () => {
    const since = ['FIDO_CERTIFIED_L1', '2025-06-01'] as const;
    expect(badStatusOf(modelWith(['USER_VERIFICATION_BYPASS', '2025-01-01'], since), NOW)).toBeUndefined();
    expect(badStatusOf(modelWith(['USER_VERIFICATION_BYPASS', '2025-06-01'], since), NOW)).toBeDefined();
    expect(
      badStatusOf(modelWith(['USER_VERIFICATION_BYPASS', '2025-01-01'], ['UPDATE_AVAILABLE', '2025-06-01']), NOW),
    ).toBeDefined();
    expect(badStatusOf(modelWith(['REVOKED', '2025-01-01'], since), NOW)).toBe('REVOKED');
  });
});

describe('an edition', () => {
  const entry = {
    aaguid: AAGUID.toUpperCase(),
    description: 'Key',
    statuses: [],
    roots: [],
    keyProtection: ['hardware'],
  };
  const edition = { no: 3, nextUpdate: '2026-02-01', entries: [entry] };

  test.each([
    ['no number', { ...edition, no: undefined }],
    ['a number that is none', { ...edition, no: -1 }],
    ['no date', { ...edition, nextUpdate: 'soon' }],
    ['a date that is none', { ...edition, nextUpdate: '2026-13-45' }],
    ['no entries', { ...edition, entries: {} }],
  ])('with %s is none', (_what, picked) => {
    expect(() => readEdition(picked)).toThrow();
  });

  test('leaves out models that it says nothing of that can be read, and keeps the others', () => {
    const bad = [null, {}, { ...entry, aaguid: 'x' }, { ...entry, statuses: [{}] }, { ...entry, roots: undefined }];
    const { no, nextUpdate, models } = readEdition({ ...edition, entries: [...bad, entry] });
    expect({ no, nextUpdate }).toEqual({ no: 3, nextUpdate: Date.UTC(2026, 1, 1) });
    expect(models).toMatchObject([{ aaguid: AAGUID, description: 'Key', isHardware: true }]);
  });

  test('knows models whose AAGUID is no UUID of any kind', () => {
    const aaguids = ['ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4', '30b5035e-d297-4ff1-010b-addc96ba6a98'];
    const { models } = readEdition({ ...edition, entries: aaguids.map((aaguid) => ({ ...entry, aaguid })) });
    expect(models.map(({ aaguid }) => aaguid)).toEqual(aaguids);
  });

  test('says of keys that lie in hardware where it says nothing else', () => {
    const of = (...keyProtection: readonly string[]) =>
      readEdition({ ...edition, entries: [{ ...entry, keyProtection }] }).models[0]?.isHardware;
    expect([of('hardware', 'tee'), of('software'), of('hardware', 'software'), of()]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test('has roots, of which one that cannot be read is left out', () => {
    const root = Buffer.from(newAuthority('Root').certificate).toString('base64');
    expect(rootsOfModel({ roots: ['AAAA', root.replace(/(.{64})/g, '$1\n')] })).toHaveLength(1);
  });
});
