import { startControl } from './control-server.ts';
import { libraryServer } from './library.ts';

const [port = '', controlPort = ''] = process.argv.slice(2);
const server = await libraryServer(`http://localhost:${port}`);
server.listen(Number(port), '127.0.0.1', () => startControl(Number(controlPort)));
// Ends by itself, so that a profile is written.
process.once('SIGTERM', () => process.exit());
