import { Command } from 'commander';
import { CliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, perform, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';

interface HealthOptions extends JsonOption {
  readonly url?: string;
  readonly live?: boolean;
}

/** Less than what asks us waits for us: three seconds in a container. */
const ANSWER_MILLIS = 2_000;
const MAX_REASON = 100;
/** Beyond it nothing is read. */
const MAX_ANSWER = 4_096;

/** Where a server listens that was told to listen there, as one of the same machine asks it. */
const hostOf = (host: string | undefined): string => {
  if (host === undefined || host === '' || host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
};

/** The health of the server that has this environment: at its management port where it has one, else beside its pages. */
export const healthUrl = (env: CliIo['env']): string => {
  const { ASSENT_MANAGEMENT_PORT: management, ASSENT_PORT: port = '8080' } = env;
  if (management) return `http://${hostOf(env.ASSENT_MANAGEMENT_HOST)}:${management}/health`;
  const context = env.ASSENT_PUBLIC_URL ? new URL(env.ASSENT_PUBLIC_URL).pathname.replace(/\/$/, '') : '/am';
  return `http://${hostOf(env.ASSENT_HOST)}:${port}${context}/health`;
};

/**
 * `assent health`: asks the server beside it whether it is ready, for the health check of a container (OPS-69). It reads no settings but from the
 * environment, and loads nothing of the server, since it is asked every few seconds.
 */
export const healthCommand = async (io: CliIo): Promise<Command> =>
  new Command('health')
    .description(
      'Ask the server that runs here whether it is ready. Exit 0 for yes, 1 for no, 3 where it does not answer.',
    )
    .option(
      '--url <url>',
      'where its health is, such as http://127.0.0.1:9464/health; else by ASSENT_MANAGEMENT_PORT, or ASSENT_PORT and ASSENT_PUBLIC_URL',
    )
    .option('--live', 'ask whether it lives, which it also does while it cannot serve')
    .option('--json', 'print one JSON object and nothing else')
    .action((options: HealthOptions) => perform(io, options, () => tellHealth(io, options)));

const tellHealth = async (io: CliIo, { url, live, json }: HealthOptions): Promise<ExitCode> => {
  const asked = live === true ? 'live' : 'ready';
  const { isWell, status } = await ask(io, `${addressOf(io, url).replace(/\/$/, '')}/${asked}`);
  if (json === true) printJson(io, { health: { asked, isWell, status } });
  else io.stdout.write(`${isWell ? asked : `not ${asked}: ${status}`}\n`);
  return isWell ? EXIT.done : EXIT.no;
};

const addressOf = (io: CliIo, given: string | undefined): string => {
  try {
    const url = given ?? healthUrl(io.env);
    if (/^https?:$/.test(new URL(url).protocol)) return url;
  } catch {
    // It is said below.
  }
  const name = given === undefined ? 'ASSENT_PUBLIC_URL, ASSENT_PORT and ASSENT_MANAGEMENT_PORT make' : '--url is';
  throw new CliError('USAGE', `${name} no address of http.`, 'assent health --url http://127.0.0.1:8080/am/health');
};

const ask = async (io: CliIo, url: string): Promise<{ readonly isWell: boolean; readonly status: string }> => {
  try {
    const response = await io.fetch(url, { signal: AbortSignal.timeout(ANSWER_MILLIS), redirect: 'manual' });
    const text = await beginningOf(response);
    return { isWell: response.status === 200, status: wordOf(text) ?? `status ${response.status}` };
  } catch (cause) {
    throw new CliError('UNREACHABLE', `Nobody answers at ${url}.`, 'assent doctor', { cause });
  }
};

/** What listens there need not be ours, and need not come to an end. */
const beginningOf = async ({ body }: Response): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_ANSWER) break;
  }
  return Buffer.concat(chunks).toString();
};

/** The word of a server of ours; whatever else listens there may say anything. */
const wordOf = (text: string): string | undefined => {
  try {
    const { status } = JSON.parse(text) as { readonly status?: unknown };
    return typeof status === 'string' ? plainText(status.slice(0, MAX_REASON)) : undefined;
  } catch {
    return undefined;
  }
};
