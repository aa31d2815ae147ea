import { afterAll, expect, test } from 'vitest';
import { SETTLED_MILLIS } from '../ports/key-kinds.ts';
import { masterKeyId } from '../sealing/sealer.ts';
import { deviceRow, mustCommit, NOW, newUser } from '../testing/rows.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { openSqliteStore } from './sqlite-store.ts';

afterAll(removeScratch);

const open = (file: string, masterKey: Parameters<typeof openSqliteStore>[0]['masterKey']) =>
  openSqliteStore({ file, masterKey, random: systemRandom });
const [before, after, another] = ['before', 'after', 'another'].map(masterKeyOf) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const ORDER = { at: NOW, transactionId: 'rotation' };
const CHANGE = { ...ORDER, from: masterKeyId(before) };

test('all data keys go under another master key at once, and a start with the one before is told so (SEC-75, F38)', async () => {
  const file = scratchFile();
  const running = await open(file, before);
  await mustCommit(running, newUser(), { type: 'device.insert', row: deviceRow({ uuid: 'd1' }), maxDevices: 5 });
  const cli = await open(file, before);
  const first = await cli.keys.master();
  await cli.keys.changeMaster(after, CHANGE);
  const second = await cli.keys.master();
  expect(second).toEqual({ id: expect.stringMatching(/^[\w-]{8}$/), formerId: first?.id, wrappedAt: NOW });
  // Who did not hear that it was done, and does it once more, changes nothing.
  await cli.keys.changeMaster(after, { ...CHANGE, at: NOW + 1 });
  expect(await cli.keys.master()).toEqual(second);
  await cli.close();

  // A server that runs goes on: what it needs of the master key it has read.
  expect(await running.devices.get('d1')).toBeDefined();
  await mustCommit(running, { type: 'device.insert', row: deviceRow({ uuid: 'd2' }), maxDevices: 5 });
  // But it makes no key under the one that is gone, which nobody could open.
  await expect(running.keys.announce('sealing:device', ORDER)).rejects.toThrow('start it anew with the new one');
  await running.close();

  await expect(open(file, before)).rejects.toThrow(
    /was replaced at 2\d{3}-.*since then it is the one called [\w-]{8}\. This is the one before\./,
  );
  await expect(open(file, another)).rejects.toThrow(/This is another one \([\w-]{8}\)/);
  const anew = await open(file, after);
  for (const uuid of ['d1', 'd2']) expect(await anew.devices.get(uuid)).toBeDefined();
  await anew.close();
});

test('which master key was before is still told when no data key of its time is left (SEC-75, F17)', async () => {
  const file = scratchFile();
  const first = await open(file, before);
  await first.keys.changeMaster(after, CHANGE);
  await first.close();
  const store = await open(file, after);
  const master = await store.keys.master();
  const sealing = (await store.keys.list()).filter(({ kind }) => kind.startsWith('sealing:'));
  for (const { kind, id } of sealing) {
    await store.keys.announce(kind, ORDER);
    await store.keys.activate(kind, { ...ORDER, goodFor: 0 });
    const at = NOW + SETTLED_MILLIS;
    for (let turn = 0; turn < 20; turn += 1) await store.keys.reseal({ ...ORDER, at, holder: 'test' }, 50);
    expect(await store.keys.destroy(kind, id, ORDER)).toBe(true);
  }
  expect(sealing.length).toBeGreaterThan(4);
  expect(await store.keys.master()).toEqual(master);
  await store.close();
  await expect(open(file, before)).rejects.toThrow('This is the one before');
});

test('of two that may be it the one that opens is taken, as after a crash between the database and the file (SEC-75, F17)', async () => {
  const file = scratchFile();
  const store = await open(file, before);
  await store.keys.changeMaster(after, CHANGE);
  await store.close();
  const either = await open(file, () => [before, after]);
  expect(await either.keys.announce('sealing:outbox', ORDER)).toMatchObject({ status: 'next' });
  await either.close();
  await (await open(file, after)).close();
});

test('a server whose file has the new master key by now opens the keys that come after it (SEC-75)', async () => {
  const file = scratchFile();
  let inFile = before;
  const running = await open(file, () => [inFile]);
  const cli = await open(file, before);
  await cli.keys.changeMaster(after, CHANGE);
  await cli.close();
  const next = await open(file, after);
  const { id } = await next.keys.announce('sealing:device', ORDER);
  const knew = running.keys.version();
  expect(await running.keys.refresh()).toBe(knew);
  inFile = after;
  expect(await running.keys.refresh()).toBe(await next.keys.refresh());
  await next.keys.activate('sealing:device', { ...ORDER, goodFor: 0 });
  await mustCommit(next, newUser(), { type: 'device.insert', row: deviceRow({ uuid: 'd1' }), maxDevices: 5 });
  expect(await running.devices.get('d1')).toBeDefined();
  expect(await running.keys.records('sealing:device', id)).toBe(1);
  await Promise.all([running.close(), next.close()]);
});

test('of two that put another master key in the place of the same one, one does, and the other changes nothing (SEC-75, F17)', async () => {
  const file = scratchFile();
  const [one, other] = [await open(file, () => [before, after]), await open(file, () => [before, after])];
  expect(await one.keys.changeMaster(after, CHANGE)).toBe(true);
  const done = await one.keys.master();
  expect(await other.keys.changeMaster(another, { ...CHANGE, at: NOW + 1 })).toBe(false);
  expect(await one.keys.master()).toEqual(done);
  await Promise.all([one.close(), other.close()]);
  await (await open(file, after)).close();
});
