import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startControl } from '../control-server.ts';
import { floorMemory } from './memory-store.ts';
import { floorServer } from './server.ts';
import { addFloorUsers } from './store.ts';

/** The floor of P6 and P7: a server written for nothing but these two journeys. */
const [port = '', controlPort = '', database = '', directory = ''] = process.argv.slice(2);

const openSqlite = async () => {
  mkdirSync(directory, { recursive: true });
  const { floorSqlite } = await import('./sqlite-store.ts');
  return floorSqlite(join(directory, 'floor.db'));
};
const store = database === 'sqlite' ? await openSqlite() : floorMemory();
floorServer(store).listen(Number(port), '127.0.0.1', () =>
  startControl(Number(controlPort), (users) => addFloorUsers(store, users)),
);
// Ends by itself, so that a profile is written.
process.once('SIGTERM', () => process.exit());
