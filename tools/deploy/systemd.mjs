import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inScratch } from './files.mjs';
import { missingPrograms, runProgram } from './programs.mjs';

const UNIT = 'assent.service';

/** systemd's own figure, from 0 to 10, for what a service could do to its machine. */
const MAX_EXPOSURE = 2.5;

const linesOf = (text) => text.split('\n').filter((line) => line.trim() !== '');

/** What `assent-admin` hands over has to be what the unit does, or a command would work with other keys than the server. */
const adminProblems = (folder) => {
  const unit = readFileSync(join(folder, UNIT), 'utf8');
  const command = readFileSync(join(folder, 'assent-admin'), 'utf8');
  const dropIns = readdirSync(join(folder, `${UNIT}.d`)).map((name) =>
    readFileSync(join(folder, `${UNIT}.d`, name), 'utf8'),
  );
  const known = [unit, ...dropIns].join('\n');
  return [...command.matchAll(/--property=([^=\s]+=[^\s'\\]+)/g)]
    .map(([, property]) => property)
    .filter((property) => {
      const [name, value] = [property.slice(0, property.indexOf('=')), property.slice(property.indexOf('=') + 1)];
      return !linesOf(known).some(
        (line) =>
          line.startsWith(`${name}=`) &&
          line
            .slice(name.length + 1)
            .split(' ')
            .includes(value),
      );
    })
    .map((property) => `assent-admin: ${property} is nothing that ${UNIT} or a drop-in of it says`);
};

/** Whether systemd knows each line, and how much it holds back. */
export const checkSystemd = async (deploy) => {
  const folder = join(deploy, 'systemd');
  const problems = adminProblems(folder);
  const skipped = missingPrograms(['systemd-analyze']);
  if (skipped !== undefined) return { problems, skipped };
  return inScratch(async (scratch) => {
    cpSync(folder, scratch, { recursive: true });
    // The program has to be there, and is not on the machine of whoever looks.
    const unit = readFileSync(join(folder, UNIT), 'utf8').replaceAll('/usr/local/bin/assent', '/bin/true');
    writeFileSync(join(scratch, UNIT), unit);
    const env = { SYSTEMD_UNIT_PATH: `${scratch}:` };
    const verified = await runProgram(
      'systemd-analyze',
      ['verify', '--man=no', '--recursive-errors=no', join(scratch, UNIT)],
      { env },
    );
    problems.push(...linesOf(verified.said).map((line) => line.replace(`${scratch}/`, '')));
    const threshold = String(MAX_EXPOSURE * 10);
    const judged = await runProgram(
      'systemd-analyze',
      ['security', '--offline=true', '--no-pager', `--threshold=${threshold}`, join(scratch, UNIT)],
      { env },
    );
    const exposure = /exposure level for \S+ ([\d.]+)/.exec(judged.said)?.[1];
    if (exposure === undefined || !judged.isWell) {
      problems.push(`${UNIT}: systemd says an exposure of ${exposure ?? 'nothing'}, and ${MAX_EXPOSURE} is allowed`);
    }
    return { problems };
  });
};
