import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { RealmUnderCheck, Settings } from '@assent/server';
import { type ExportedTree, parseTreeExport } from '@assent/wire';
import { CliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { counted } from '../command/counted.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { realmPath, type Server, type Stored } from '../command/stored.ts';

export interface CheckOptions extends JsonOption {
  readonly realm?: string;
  readonly strict?: boolean;
}

type Finding = ReturnType<Server['treeFindings']>[number];

/** How far a check looks: into the files alone, or into a realm as it would be with them. */
interface Check {
  readonly io: CliIo;
  readonly server: Server;
  readonly settings: Settings;
  readonly options: CheckOptions;
}

type ExportedScript = ExportedTree['scripts'][number];

/** What `-` stands for. */
const STDIN = '-';

/** Checks the journeys of files by themselves. */
export const checkFiles = async (check: Check, files: readonly string[]): Promise<ExitCode> => {
  const { trees, scripts } = await readFiles(check, files);
  const realm = { realm: '/', treeFindings: 'warn' as const };
  return report(
    check,
    {
      realm,
      trees,
      hasScript: (id) => scripts.has(id),
      scriptObstacle: (id) => scripts.get(id)?.obstacle,
      scriptCaveat: (id) => scripts.get(id)?.caveat,
    },
    trees.map(({ name }) => name),
  );
};

/** Checks the journeys of a realm, or those of files as they would be in it: they find there what they do not bring. */
export const checkRealm = async (stored: Stored<CheckOptions>, files: readonly string[]): Promise<ExitCode> => {
  const { server, store, options } = stored;
  const path = realmPath(options.realm ?? '/');
  const under = server.realmsUnderCheck(await store.configuration.load()).find((it) => it.realm.realm === path);
  if (under === undefined) {
    throw new CliError('NO_REALM', `There is no realm ${plainText(path)}.`, 'assent realm list');
  }
  if (files.length === 0)
    return report(
      stored,
      under,
      under.trees.map(({ name }) => name),
    );
  const { trees, scripts } = await readFiles(stored, files);
  const names = new Set(trees.map(({ name }) => name));
  const merged: RealmUnderCheck = {
    ...under,
    trees: [...under.trees.filter(({ name }) => !names.has(name)), ...trees],
    hasScript: (id) => scripts.has(id) || under.hasScript(id),
    scriptObstacle: (id) => (scripts.get(id) ?? { obstacle: under.scriptObstacle(id) }).obstacle,
    scriptCaveat: (id) => (scripts.get(id) ?? { caveat: under.scriptCaveat(id) }).caveat,
  };
  return report(stored, merged, [...names]);
};

const readFiles = async (
  { io }: Check,
  files: readonly string[],
): Promise<{ readonly trees: RealmUnderCheck['trees']; readonly scripts: ReadonlyMap<string, ExportedScript> }> => {
  const exported: ExportedTree[] = [];
  for (const file of files) exported.push(...(await readExport(io, file)));
  // A later file has the last word, as it would in an import.
  const byName = new Map(exported.map((tree) => [tree.name, tree]));
  return {
    trees: [...byName.values()].map(({ name, tree, nodes }) => ({ name, tree, nodes })),
    scripts: new Map(exported.flatMap(({ scripts }) => scripts.map((script) => [script.id, script]))),
  };
};

const readExport = async (io: CliIo, file: string): Promise<readonly ExportedTree[]> => {
  const name = file === STDIN ? 'stdin' : plainText(file);
  let text: string;
  try {
    text = file === STDIN ? await io.readAll() : await readFile(resolve(io.cwd, file), 'utf8');
  } catch (cause) {
    throw new CliError('USAGE', `The file ${name} cannot be read.`, 'name a file that exists', { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CliError('USAGE', `${name} is no JSON: ${plainText(String((cause as Error).message))}`, undefined, {
      cause,
    });
  }
  const trees = parseTreeExport(value);
  if ('reason' in trees) {
    throw new CliError(
      'USAGE',
      `${name} is no export of journeys. ${plainText(trees.reason)}`,
      'frodo journey export -a',
    );
  }
  return trees;
};

const report = async (
  { io, server, settings, options }: Check,
  under: RealmUnderCheck,
  names: readonly string[],
): Promise<ExitCode> => {
  const catalogue = server.catalogueWith(await server.loadCustomNodes(settings.nodes, io.cwd));
  const found = server
    .treeFindings(under, { catalogue }, names)
    .map((finding) =>
      options.strict === true && server.isFault(finding) ? { ...finding, severity: 'error' as const } : finding,
    );
  const strengths = server.strengthsOf(under, { catalogue }, names);
  for (const name of names) {
    const findings = found.filter(({ tree }) => tree === name);
    const count = (severity: Finding['severity']) => findings.filter((it) => it.severity === severity).length;
    const [errors, warnings, infos] = [count('error'), count('warning'), count('info')];
    const strength = strengths.get(name) ?? 'none';
    if (options.json === true) {
      for (const finding of findings) printJson(io, { finding });
      printJson(io, { journey: { name, errors, warnings, infos, strength } });
    } else {
      const head = `${plainText(name)}: ${summary(errors, warnings, infos)}; ${STRENGTH[strength]}`;
      io.stdout.write(`${head}\n${findings.map(findingText).join('')}`);
    }
  }
  return found.some(({ severity }) => severity === 'error') ? EXIT.no : EXIT.done;
};

/** What every way to Success proves. */
const STRENGTH = {
  phishingResistant: 'every way in resists phishing',
  secondFactor: 'every way in takes a second factor, and can be phished',
  none: 'not every way in takes a second factor',
} as const;

const summary = (errors: number, warnings: number, infos: number): string => {
  const those = (count: number, word: string) => (count === 0 ? [] : [counted(count, word)]);
  return (
    [...those(errors, 'error'), ...those(warnings, 'warning'), ...those(infos, 'info')].join(', ') || 'nothing found'
  );
};

const findingText = ({ severity, code, message, fix, accepted }: Finding): string =>
  `  ${severity.padEnd(7)}  ${code}  ${plainText(message)}\n                ${
    accepted === undefined ? `Try: ${plainText(fix)}` : `Accepted: ${plainText(accepted)}`
  }\n`;
