import { CLIENT_SECTIONS, isClientId, isJsonObject, type JsonObject, parseClient, withoutUnknown } from '@assent/wire';
import { CliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { readJsonFile } from '../command/read-file.ts';
import { obstacles, sentenceOf } from './client-output.ts';
import { digestedSecret } from './client-secret.ts';
import type { OpenedClients, StoredClient } from './open-clients.ts';

/** The clients of a file by their ids: an export of frodo, or one client as AM's REST has it. */
const readExport = async (io: CliIo, file: string): Promise<ReadonlyMap<string, JsonObject>> => {
  const value = await readJsonFile(io, file);
  const exported = isJsonObject(value) ? value : {};
  const ofOne = typeof exported._id === 'string' ? { [exported._id]: exported } : {};
  const clients = Object.entries(isJsonObject(exported.application) ? exported.application : ofOne);
  const documents = clients.filter((entry): entry is [string, JsonObject] => isJsonObject(entry[1]));
  if (documents.length > 0) return new Map(documents);
  throw new CliError(
    'USAGE',
    `The file ${plainText(file)} has no clients in it.`,
    'frodo oauth client export -a, and name the file that it writes',
  );
};

/** Takes over the clients of an export, all that can be kept of them, and says what of each does not work here. */
export const importClients = async (opened: OpenedClients, file: string): Promise<ExitCode> => {
  const { io, options } = opened;
  const exported = await readExport(io, file);
  for (const id of exported.keys()) {
    if (!isClientId(id)) {
      throw new CliError(
        'USAGE',
        `${plainText(id)} cannot be the id of a client: it has 1 to 255 printable letters of ASCII.`,
      );
    }
  }
  for (const [id, given] of exported) {
    const { isNew, unknown } = await importOne(opened, id, given);
    const findings = opened.clients.read(opened.realm, id)?.findings ?? [];
    if (options.json === true) {
      printJson(io, { client: { id, realm: opened.realm, isNew, findings: findings.map(sentenceOf), unknown } });
      continue;
    }
    io.stdout.write(`${plainText(id)} was ${isNew ? 'imported' : 'replaced; it keeps its secret'}.\n`);
    if (unknown.length > 0) {
      io.stdout.write(`  Attributes that are none here, and are not kept: ${unknown.map(plainText).join(', ')}\n`);
    }
    io.stdout.write(obstacles(findings));
    if (findings.some(({ field }) => field.endsWith('.userpassword'))) {
      io.stdout.write(`  Give it a secret: assent client rotate-secret ${plainText(id)} --realm ${opened.realm}\n`);
    }
  }
  return EXIT.done;
};

const importOne = async (opened: OpenedClients, id: string, given: JsonObject) => {
  const { server, configuration, writes, realm, actor } = opened;
  const { body, unknown } = withoutUnknown(CLIENT_SECTIONS, given);
  const input = parseClient(body, { keepsLongLists: true });
  if ('reason' in input) throw new CliError('USAGE', `The client ${plainText(id)} cannot be read: ${input.reason}`);
  const { secret } = input;
  const brought = secret === undefined ? undefined : await digestedSecret(opened, { text: secret, isGenerated: false });
  const { isNew } = await writes.decided(() => {
    const before = configuration.client(realm, id);
    const secretDigest = brought === undefined ? before?.secretDigest : server.withSecret(before, brought);
    const client: StoredClient = {
      realm,
      id,
      document: input.document,
      ...(secretDigest !== undefined && { secretDigest }),
    };
    return { isNew: before === undefined, ...server.savedClient(before, client, actor) };
  });
  return { isNew, unknown };
};
