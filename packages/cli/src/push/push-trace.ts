import type { PushTrace, TracedStep } from '@assent/push';
import { CliError } from '../command/cli-error.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { realmPath, type Stored } from '../command/stored.ts';

export interface TraceOptions extends JsonOption {
  readonly user?: string;
  readonly realm?: string;
  readonly after?: string;
}

const PAGE = 20;
const time = (millis: number): string => new Date(millis).toISOString();

/** What became of one request, or of the newest of a user (OPS-50). */
export const tracePushes = async (stored: Stored<TraceOptions>, id: string | undefined): Promise<ExitCode> => {
  const { io, store, options } = stored;
  if ((id === undefined) === (options.user === undefined)) {
    throw new CliError('USAGE', 'Say which: the id of one request, or --user.', 'assent push trace --user NAME');
  }
  const { pushTraces } = await import('@assent/push');
  const traces = pushTraces({ messages: store.messages, audit: store.audit, clock: { now: () => io.now() } });
  if (id !== undefined) {
    const trace = await traces.find(id);
    if (trace === undefined) {
      throw new CliError(
        'NO_REQUEST',
        `There is no request ${plainText(id)}: nobody has sent it, or it is longer ago than 30 days.`,
        'assent push trace --user NAME',
      );
    }
    await printTrace(stored, trace);
    return EXIT.done;
  }
  const realm = realmPath(options.realm ?? '/');
  const user = await store.identities.find(realm, options.user ?? '');
  if (user === undefined) {
    throw new CliError('NO_USER', `There is no user ${plainText(options.user ?? '')} in realm ${plainText(realm)}.`);
  }
  const page = await traces.ofUser(user.id, { limit: PAGE, before: options.after });
  for (const trace of page.traces) await printTrace(stored, trace);
  if (options.json === true) return EXIT.done;
  if (page.traces.length === 0) io.stdout.write('No request was sent to this user within 30 days.\n');
  if (page.next !== undefined) io.stdout.write(`There is more: go on with --after ${page.next}\n`);
  return EXIT.done;
};

const lineOf = ({ at, by, device }: TracedStep, text: string): string => {
  const where = [device && `phone ${device}`, by && `instance ${by}`].filter((it) => it !== undefined).join(', ');
  return plainText(`  ${time(at)}  ${text}${where === '' ? '' : `  [${where}]`}`);
};

const printTrace = async ({ io, options }: Stored<TraceOptions>, trace: PushTrace): Promise<void> => {
  const { stepInWords, whatToDo } = await import('@assent/push');
  if (options.json === true) {
    const steps = trace.steps.map((step) => ({ ...step, at: time(step.at), text: stepInWords(step) }));
    printJson(io, { request: { ...trace, createdAt: time(trace.createdAt), steps, todo: whatToDo(trace) } });
    return;
  }
  io.stdout.write(`${trace.id}\n`);
  for (const step of trace.steps) io.stdout.write(`${lineOf(step, stepInWords(step))}\n`);
  if (!trace.isComplete) io.stdout.write('  This is what the audit trail has; the message itself is gone.\n');
  io.stdout.write(`  What to do: ${whatToDo(trace)}\n`);
};
