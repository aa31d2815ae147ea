import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { CliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { printJson } from '../command/command-run.ts';
import { plainText } from '../command/plain-text.ts';
import { type Notice, type Reason, sentenceOf } from './people/notice.ts';

/** What became of the entries of a file. */
export interface ImportCounts {
  created: number;
  updated: number;
  /** They are as the file says already. */
  unchanged: number;
  /** An import has brought them before. */
  before: number;
  /** Users who did not come. */
  refused: number;
  groups: number;
  /** Branches of the tree, references: nobody. */
  noUsers: number;
}

const MAX_NAMES = 10;
const MAX_GROUPS = 100;

/** Tells what does not come along: each notice as it is found, to a file or as JSON, and for people how many of each kind. */
export class ImportReport {
  readonly counts: ImportCounts = {
    created: 0,
    updated: 0,
    unchanged: 0,
    before: 0,
    refused: 0,
    groups: 0,
    noUsers: 0,
  };
  readonly #io: CliIo;
  readonly #asJson: boolean;
  readonly #file: number | undefined;
  readonly #reasons = new Map<Reason, { count: number; readonly names: Set<string>; readonly details: Set<string> }>();
  readonly #groups = new Set<string>();

  constructor(io: CliIo, options: { readonly json?: boolean; readonly report?: string; readonly goesOn: boolean }) {
    this.#io = io;
    this.#asJson = options.json === true;
    if (options.report === undefined) return;
    try {
      this.#file = openSync(resolve(io.cwd, options.report), options.goesOn ? 'a' : 'wx', 0o600);
    } catch (cause) {
      throw new CliError(
        'USAGE',
        `The report cannot be written to ${plainText(options.report)}.`,
        'name a file that does not exist, in a directory that does',
        { cause },
      );
    }
  }

  tell(notice: Notice): void {
    const known = this.#reasons.get(notice.reason) ?? { count: 0, names: new Set(), details: new Set() };
    this.#reasons.set(notice.reason, known);
    known.count += 1;
    if (known.names.size < MAX_NAMES) known.names.add(notice.user);
    if (notice.detail !== undefined && known.details.size < MAX_NAMES) known.details.add(notice.detail);
    if (this.#file !== undefined) writeSync(this.#file, `${JSON.stringify(notice)}\n`);
    if (this.#asJson) printJson(this.#io, { notice });
  }

  /** The user does not come at all. */
  refuse(notice: Notice): void {
    this.counts.refused += 1;
    this.tell(notice);
  }

  /** Groups are not taken over; their names are told, the first hundred of them. */
  passOver(groups: readonly string[]): void {
    for (const group of groups) if (this.#groups.size < MAX_GROUPS) this.#groups.add(group);
  }

  finish(facts: { readonly realm: string; readonly isDry: boolean; readonly seconds: number }): void {
    if (this.#asJson) {
      printJson(this.#io, { import: { ...facts, ...this.counts, groupNames: [...this.#groups] } });
      return;
    }
    this.#io.stdout.write(`${[this.#outcome(facts), ...this.#lines()].join('\n')}\n`);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }

  #outcome({ realm, isDry, seconds }: Parameters<ImportReport['finish']>[0]): string {
    const { created, updated, unchanged, before, refused } = this.counts;
    const what = [
      `${created} created`,
      ...(updated > 0 ? [`${updated} updated`] : []),
      ...(unchanged > 0 ? [`${unchanged} as they are`] : []),
      ...(before > 0 ? [`${before} imported before`] : []),
      `${refused} refused`,
    ].join(', ');
    return isDry
      ? `Nothing was changed. Users in ${realm} would be: ${what}.`
      : `Users in ${realm}: ${what}, in ${seconds} s.`;
  }

  #lines(): readonly string[] {
    const reasons = [...this.#reasons].map(([reason, { count, names, details }]) => {
      const about = details.size === 0 ? '' : ` [${[...details].map(plainText).join(', ')}]`;
      const more = count > names.size ? ', …' : '';
      return `  ${reason} ${count}${about}: ${sentenceOf(reason)}\n    ${[...names].map(plainText).join(', ')}${more}`;
    });
    const groups = [...this.#groups].map(plainText);
    return [
      ...(reasons.length > 0 ? ['What does not come along:', ...reasons] : []),
      ...(groups.length > 0 ? [`Groups are not taken over: ${groups.join('; ')}`] : []),
    ];
  }
}
