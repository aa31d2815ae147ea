import type { RealmPlan } from '@assent/server';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { plainText } from '../command/plain-text.ts';

export const countsOf = ({ documents }: Pick<RealmPlan, 'documents'>) => {
  const count = (wanted: string) => documents.filter(({ becomes }) => becomes === wanted).length;
  return { created: count('created'), changed: count('changed'), same: count('same') };
};

interface PlanOptions extends JsonOption {
  readonly dryRun?: boolean;
}

/** Prints what an import does, or would do. */
export const printPlan = (io: CliIo, options: PlanOptions, realm: string, plan: RealmPlan): void => {
  const { documents, kept, toSet, keptSecrets, leftOut, unknownTypes, missingValues, usedValues, withheldValues } =
    plan;
  const counts = countsOf(plan);
  if (options.json === true) {
    const isDryRun = options.dryRun === true;
    const found = {
      documents,
      kept,
      toSet,
      keptSecrets,
      leftOut,
      unknownTypes,
      missingValues,
      usedValues,
      withheldValues,
    };
    printJson(io, { import: { realm, isDryRun, ...counts, ...found } });
    return;
  }
  const lines = (title: string, all: readonly string[]): void => {
    if (all.length === 0) return;
    io.stdout.write(`${title}\n${all.map((it) => `  ${plainText(it)}\n`).join('')}`);
  };
  const isPlan = options.dryRun === true ? ', if it is imported' : '';
  io.stdout.write(
    `Realm ${realm}${isPlan}: ${counts.created} created, ${counts.changed} changed, ${counts.same} the same.\n`,
  );
  const written = documents.filter(({ becomes }) => becomes !== 'same');
  for (const { name, becomes } of written) io.stdout.write(`  ${becomes.padEnd(7)}  ${plainText(name)}\n`);
  lines('There and not in the file; it stays:', kept);
  lines('Secrets that the realm has, and keeps:', keptSecrets);
  lines('Secrets to be set:', toSet);
  lines('Services that are left out: set them by assent realm set-service, with their secrets:', leftOut);
  lines('Values of this server that it names, and may send wherever it says:', usedValues);
  lines('Values to be given here, such as by variables of the environment:', missingValues);
  lines('Secrets of this server that the realm may not use; ASSENT_REALM_SECRETS allows it:', withheldValues);
};
