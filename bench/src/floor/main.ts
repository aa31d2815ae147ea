import { startControl } from '../control-server.ts';
import { floorServer } from './server.ts';
import { floorSqlite } from './sqlite-store.ts';
import { addFloorUsers } from './store.ts';

/** The floor of P6 and P7: a server written for nothing but these two journeys. */
const [port = '', controlPort = '', file = ''] = process.argv.slice(2);

const store = floorSqlite(file);
floorServer(store).listen(Number(port), '127.0.0.1', () =>
  startControl(Number(controlPort), (users) => addFloorUsers(store, users)),
);
// Ends by itself, so that a profile is written.
process.once('SIGTERM', () => process.exit());
