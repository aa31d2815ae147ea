import { join } from 'node:path';
import { assent, type ServerProcess } from './server-process.ts';

/** The password of users whose suite has no reason to choose another. */
export const PASSWORD = 'correct horse 7';

/** A user of the server under test. */
export const addUser = (server: Pick<ServerProcess, 'dataDir'>, name: string, password = PASSWORD): Promise<string> =>
  assent(['user', 'create', name, '--data-dir', server.dataDir, '--password-stdin'], { stdin: password });

/** The arguments of `assent phone …` on the phone with this name, which keeps its keys beside the data of the server. */
export const phoneArgs = (
  server: Pick<ServerProcess, 'scratch'>,
  name: string,
  ...args: readonly string[]
): readonly string[] => ['phone', ...args, '--store', join(server.scratch, `${name}.json`), '--json'];
