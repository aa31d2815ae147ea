import type { KeyState } from '@assent/store';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { counted } from '../command/counted.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import type { Stored } from '../command/stored.ts';
import { recordsOf, time } from './due-work.ts';

export interface ListOptions extends JsonOption {
  readonly records?: boolean;
}

interface Listed {
  readonly kind: string;
  readonly id: string;
  readonly status: string;
  readonly realm?: string;
  readonly since?: number;
  readonly goodUntil?: number;
  readonly records?: number;
}

const listedKey = ({ kind, id, status, since, goodUntil }: KeyState, records: number | undefined): Listed => ({
  kind,
  id: String(id),
  status,
  ...(since !== undefined && { since }),
  ...(goodUntil !== undefined && { goodUntil }),
  ...(records !== undefined && { records }),
});

/** All keys there are, by what they are for. */
const keysOf = async ({ store, options }: Stored<ListOptions>): Promise<readonly Listed[]> => {
  const master = await store.keys.master();
  const listed: Listed[] = [];
  if (master !== undefined) {
    const since = master.wrappedAt;
    listed.push({ kind: 'master', id: master.id, status: 'active', ...(since !== undefined && { since }) });
  }
  for (const key of await store.keys.list()) {
    const isReplaced = key.status === 'retiring' || key.status === 'retired';
    const records = options.records === true || isReplaced ? await recordsOf(store, key) : undefined;
    listed.push(listedKey(key, records));
  }
  for (const { realm } of (await store.configuration.load()).realms) {
    for (const { kid, algorithm, status, since } of await store.signingKeys.ofRealm(realm)) {
      listed.push({ kind: `oidc:${algorithm}`, id: kid, status, realm, since });
    }
  }
  return listed;
};

const lineOf = ({ kind, id, status, realm, since, goodUntil, records }: Listed): string =>
  [
    kind.padEnd(20),
    id.padEnd(8),
    status.padEnd(8),
    since === undefined ? 'from the start' : `since ${time(since)}`,
    ...(goodUntil === undefined ? [] : [`what it signed is good until ${time(goodUntil)}`]),
    ...(records === undefined ? [] : [counted(records, 'record')]),
    ...(realm === undefined ? [] : [`of the realm ${realm}`]),
  ].join('  ');

/** `assent key list`: which keys are next, in use, going and gone (SEC-75, SEC-76). */
export const listKeys = async (stored: Stored<ListOptions>): Promise<ExitCode> => {
  const { io, options } = stored;
  for (const key of await keysOf(stored)) {
    if (options.json === true) {
      const { since, goodUntil, ...others } = key;
      const times = {
        ...(since !== undefined && { since: time(since) }),
        ...(goodUntil !== undefined && { goodUntil: time(goodUntil) }),
      };
      printJson(io, { key: { ...others, ...times } });
    } else io.stdout.write(`${plainText(lineOf(key))}\n`);
  }
  return EXIT.done;
};
