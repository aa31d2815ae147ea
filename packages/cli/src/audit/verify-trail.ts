import {
  type ChainPlace,
  type CheckpointPublicKey,
  type TrailProblem,
  type TrailReport,
  verifyStored,
} from '@assent/store';
import { CliError } from '../command/cli-error.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { counted } from '../command/counted.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import type { Stored } from '../command/stored.ts';
import { publicKeyOf } from './trail-keys.ts';

export interface VerifyOptions extends JsonOption {
  readonly sinceCheckpoint?: string;
}

export const time = (millis: number): string => new Date(millis).toISOString();

/** `1234:` and 32 bytes in base64url. */
const PLACE = /^(\d{1,15}):([\w-]{43})$/;

export const placeFrom = (flag: string, given: string): ChainPlace => {
  const [, position, hash] = PLACE.exec(given) ?? [];
  if (position === undefined || hash === undefined) {
    throw new CliError(
      'USAGE',
      `${given === '' ? 'Nothing' : plainText(given)} is no place of the audit trail: ${flag} takes a position and the hash there, such as 1234:HASH.`,
      'take both from the detail of a row AUDIT_CHECKPOINT that you have kept',
    );
  }
  return { position: Number(position), hash };
};

/** `assent audit verify`: the rows of the database, one batch after the other (SEC-80). */
export const verifyTrail = async ({ io, server, store, options }: Stored<VerifyOptions>): Promise<ExitCode> => {
  const since =
    options.sinceCheckpoint === undefined ? undefined : placeFrom('--since-checkpoint', options.sinceCheckpoint);
  const key = await publicKeyOf({ store });
  const keys = key === undefined ? [] : [key];
  const now = (store.clock ?? io).now();
  // Where no server runs, nobody seals what other commands have written meanwhile.
  const isServed = (await store.instances.list()).some((instance) => !server.isGone(instance, now));
  const report = await verifyStored({
    chain: store.auditChain,
    keys,
    ...(since !== undefined && { since }),
    ...(isServed && { sealedBefore: now - server.SEALED_WITHIN_MILLIS }),
  });
  const waiting = await store.auditChain.oldestUnsealed();
  printReport({ io, options }, report, keys, waiting?.at);
  return report.faults === 0 ? EXIT.done : EXIT.no;
};

const printReport = (
  { io, options }: Pick<Stored<JsonOption>, 'io' | 'options'>,
  report: TrailReport,
  keys: readonly CheckpointPublicKey[],
  unsealedSince: number | undefined,
): void => {
  const { problems, lastCheckpoint, ...counts } = report;
  if (options.json === true) {
    for (const problem of problems) printJson(io, { problem });
    const last = lastCheckpoint && { lastCheckpoint: { ...lastCheckpoint, at: time(lastCheckpoint.at) } };
    const waits = unsealedSince !== undefined && { unsealedSince: time(unsealedSince) };
    printJson(io, { trail: { ...counts, ...last, ...waits, keys } });
    return;
  }
  for (const problem of problems) io.stdout.write(`${textOfProblem(problem)}\n`);
  for (const line of linesOf(report, keys, 'the audit trail')) io.stdout.write(`${line}\n`);
  if (unsealedSince !== undefined)
    io.stdout.write(`Rows since ${time(unsealedSince)} are not sealed yet; a server does that within seconds.\n`);
};

export const textOfProblem = ({ fault, position, id, message }: TrailProblem): string => {
  const place = position === undefined ? '' : `  position ${position}`;
  return plainText(`${fault.toUpperCase()}${place}${id === undefined ? '' : `  id ${id}`}  ${message}`);
};

export const linesOf = (report: TrailReport, keys: readonly CheckpointPublicKey[], what: string): readonly string[] => {
  const { rows, links, from, to, erased, checkpoints, lastCheckpoint, faults, problems } = report;
  const looked =
    rows === 0 ? 'no sealed row is in it' : `${rows} rows, from position ${from.position + 1} to ${to.position}`;
  const others = faults - problems.length;
  return [
    faults === 0
      ? `Nothing is wrong with ${what}: ${looked}.`
      : `${what.charAt(0).toUpperCase()}${what.slice(1)} is not what was sealed: ${counted(faults, 'fault')}${others > 0 ? `, of which ${others} are not listed` : ''}; ${looked}.`,
    ...(from.position > 0 ? [`Rows up to position ${from.position} are not part of it.`] : []),
    ...(links > 0 ? [`Rows that are not in it, but for a digest: ${links}.`] : []),
    ...(erased > 0 ? [`Details that were erased at the wish of their users: ${erased}.`] : []),
    lastCheckpoint === undefined
      ? 'No checkpoint was found: nothing that is signed says what is there.'
      : `Checkpoints: ${checkpoints}, the last of position ${lastCheckpoint.position}, at ${time(lastCheckpoint.at)}.`,
    ...(lastCheckpoint === undefined ? [] : keys).map((key) => `Signed with the key ${JSON.stringify(key)}.`),
  ];
};
