import { once } from 'node:events';
import { CliError } from '../command/cli-error.ts';
import type { CliIo, TextSink } from '../command/cli-io.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { realmPath, type Stored } from '../command/stored.ts';
import { fileOfOut, writePrivateFile } from '../realm-files/private-file.ts';
import { publicKeyOf } from './trail-keys.ts';

export interface ExportTrailOptions extends JsonOption {
  readonly out?: string;
  readonly force?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly realm?: string;
  readonly event?: readonly string[];
  readonly user?: string;
}

/** A day, or a moment of it; as RFC 3339 has them. */
const TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;
const EVENT = /^[A-Z][A-Z_]{1,63}$/;
const USER_ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

const timeFrom = (flag: string, given: string | undefined): number | undefined => {
  if (given === undefined) return undefined;
  const time = TIME.test(given) ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new CliError(
      'USAGE',
      `${flag} ${plainText(given)} is no time: it takes a day in UTC, such as 2026-03-01, or a moment, such as 2026-03-01T08:30:00Z.`,
      'assent audit export --help',
    );
  }
  return time;
};

const filterOf = async ({ store, server, options }: Stored<ExportTrailOptions>) => {
  const [from, to] = [timeFrom('--from', options.from), timeFrom('--to', options.to)];
  if (from !== undefined && to !== undefined && from >= to)
    throw new CliError('USAGE', '--from has to be before --to.', 'assent audit export --help');
  const wrong = options.event?.find((name) => !EVENT.test(name));
  if (wrong !== undefined) {
    throw new CliError(
      'USAGE',
      `--event ${plainText(wrong)} is no name of an event, such as JOURNEY_END.`,
      'docs/reference/audit.md',
    );
  }
  // Of a realm that is no more, there are rows all the same.
  const realm = options.realm === undefined ? undefined : realmPath(options.realm);
  if (realm !== undefined && realm !== '/' && !server.isUsableRealmPath(realm)) {
    throw new CliError(
      'USAGE',
      `--realm ${plainText(options.realm ?? '')} is no path of a realm, such as /alpha.`,
      'assent realm list',
    );
  }
  const user = options.user === undefined ? undefined : await userIdOf(store, options.user, realm ?? '/');
  return {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(realm !== undefined && { realm }),
    ...(options.event !== undefined && { events: options.event }),
    ...(user !== undefined && { user }),
  };
};

/** Who was deleted or erased has an id, and no name any more. */
const userIdOf = async ({ identities }: Stored<unknown>['store'], given: string, realm: string): Promise<string> => {
  const found = await identities.find(realm, given);
  if (found !== undefined) return found.id;
  if (USER_ID.test(given)) return given;
  throw new CliError(
    'NO_USER',
    `--user ${plainText(given)} is no user of the realm ${realm}, and no id of one who is no more.`,
    `assent user list --realm ${realm}`,
  );
};

/** Waits where whoever reads is slower, so that no more than a batch is held. */
const writeTo = async (stdout: TextSink, text: string): Promise<void> => {
  const isTaken = stdout.write(text);
  if (isTaken === false && stdout === process.stdout) await once(process.stdout, 'drain');
};

const said = (io: CliIo, { json }: JsonOption, isFile: boolean, report: object, sentence: string): void => {
  if (json === true && isFile) printJson(io, report);
  else (isFile ? io.stdout : io.stderr).write(`${sentence}\n`);
};

/** `assent audit export`: lines of JSON that prove themselves (SEC-80), a batch of rows at a time. */
export const exportTrail = async (stored: Stored<ExportTrailOptions>): Promise<ExitCode> => {
  const { io, server, store, options } = stored;
  const file = fileOfOut(io, options);
  const filter = await filterOf(stored);
  const key = await publicKeyOf(stored);
  const lines = server.exportedTrail({
    chain: store.auditChain,
    filter,
    keys: key === undefined ? [] : [key],
    now: io.now(),
  });
  let exported: Awaited<ReturnType<typeof lines.next>>['value'] | undefined;
  const texts = async function* () {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) {
        exported = value;
        return;
      }
      yield value;
    }
  };
  if (file === undefined) for await (const text of texts()) await writeTo(io.stdout, text);
  else await writePrivateFile(file, texts(), options.force === true, '--out');
  if (typeof exported === 'string' || exported === undefined) return EXIT.no;
  const { rows, links, to } = exported;
  const where = options.out === undefined ? '' : ` in ${plainText(options.out)}`;
  const between = links === 0 ? '' : ` Of ${links} others, a digest stands between them.`;
  const sentence = `Rows of the audit trail${where}: ${rows}, up to position ${to.position}.${between}`;
  said(io, options, file !== undefined, { exported: { file, rows, links, to } }, sentence);
  const waiting = await store.auditChain.oldestUnsealed();
  if (waiting !== undefined)
    io.stderr.write(
      `Rows since ${new Date(waiting.at).toISOString()} are not sealed yet, and not among them; a server does that within seconds.\n`,
    );
  return EXIT.done;
};
