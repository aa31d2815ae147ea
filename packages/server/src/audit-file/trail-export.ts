import type { AuditEvent } from '@assent/engine/host';
import { type ChainPlace, type CheckpointPublicKey, digestOf, type ReadableChain, type TrailRow } from '@assent/store';
import { asAscii, auditLine } from '../audit-sink/audit-line.ts';
import { isProof, isWanted, type TrailFilter } from './trail-filter.ts';

/** What the lines of a file are, beside those of rows. */
export const FILE_FORMATS = {
  head: 'assent-audit-export/1',
  link: 'assent-audit-link/1',
  end: 'assent-audit-end/1',
} as const;

const ROWS_AT_ONCE = 500;

export interface TrailExportOptions {
  readonly chain: ReadableChain;
  readonly filter: TrailFilter;
  readonly keys: readonly CheckpointPublicKey[];
  /** Of the export, in milliseconds since 1970. */
  readonly now: number;
}

/** What was written; how many rows that were asked for, and up to where they are signed. */
export interface TrailExported {
  readonly rows: number;
  readonly links: number;
  readonly to: ChainPlace;
}

/** The sealed rows behind a place, some hundred at a time. */
async function* sealedRows(
  chain: ReadableChain,
  behind: ChainPlace,
  upTo: number,
): AsyncGenerator<readonly TrailRow[]> {
  let last: { readonly position: number; readonly id?: string } = { position: behind.position };
  for (;;) {
    const rows = await chain.rows(last, ROWS_AT_ONCE);
    yield rows.filter(({ position }) => position <= upTo);
    const next = rows.at(-1);
    if (next === undefined || rows.length < ROWS_AT_ONCE || next.position > upTo) return;
    last = next;
  }
}

interface Extent {
  /** Behind which row the file begins. */
  readonly from: ChainPlace;
  /** The last row of it. */
  readonly upTo: number;
}

/**
 * From the first row that is wanted to the last, and on to the checkpoint that signs it; up to the row `ERASE` that tells why details of
 * wanted rows are gone, where that comes later.
 */
const extentOf = async ({ chain, filter }: TrailExportOptions): Promise<Extent> => {
  const { begins, head } = await chain.state();
  let [from, before]: [ChainPlace | undefined, ChainPlace] = [undefined, begins];
  let upTo = head.position;
  let isSigned = false;
  const emptied = new Set<string>();
  for await (const rows of sealedRows(chain, begins, head.position)) {
    for (const { position, event, seal } of rows) {
      const isAsked = event === undefined || isWanted(filter, event);
      if (isAsked) {
        from ??= before;
        isSigned = false;
        if (event?.detail === undefined && seal?.detailHash !== undefined) emptied.add(event?.userId ?? '');
      }
      if (from !== undefined && event?.event === 'ERASE' && emptied.delete(event.userId ?? '')) isSigned = false;
      if (event?.event === 'AUDIT_CHECKPOINT' && !isSigned && emptied.size === 0) {
        isSigned = true;
        upTo = position;
      }
      before = { position, hash: seal?.hash ?? before.hash };
    }
  }
  return from === undefined ? { from: head, upTo: head.position } : { from, upTo: isSigned ? upTo : head.position };
};

const lineOf = (value: object): string => `${asAscii(JSON.stringify(value))}\n`;

/**
 * The trail as lines of JSON, a batch of rows at a time, so that its length takes no memory: rows that are wanted as a sink has them, and of
 * those between a digest, by which anybody can see that the chain is whole (SEC-80).
 */
export async function* exportedTrail(options: TrailExportOptions): AsyncGenerator<string, TrailExported> {
  const { chain, filter, keys, now } = options;
  const { from, upTo } = await extentOf(options);
  const time = (millis: number | undefined) => (millis === undefined ? undefined : new Date(millis).toISOString());
  const { from: since, to: until, ...asked } = filter;
  yield lineOf({
    format: FILE_FORMATS.head,
    time: time(now),
    filter: { from: time(since), to: time(until), ...asked },
    begins: from,
    keys,
  });
  let [rows, links, last] = [0, 0, from];
  for await (const batch of sealedRows(chain, from, upTo)) {
    let text = '';
    for (const row of batch) {
      const { event, seal } = row;
      // What nobody can read, or has not been sealed, is in the file all the same: it is what somebody looks for.
      const stands = event === undefined || seal === undefined || isWanted(filter, event) || isProof(filter, event);
      if (stands) {
        text += `${auditLine({ ...(event ?? UNREADABLE), id: row.id, position: row.position, previous: last.hash, ...(seal && { seal }) })}\n`;
        if (event !== undefined && isWanted(filter, event)) rows += 1;
      } else {
        text += lineOf({ format: FILE_FORMATS.link, position: row.position, digest: digestOf(row, seal.detailHash) });
        links += 1;
      }
      last = { position: row.position, hash: seal?.hash ?? last.hash };
    }
    yield text;
  }
  yield lineOf({ format: FILE_FORMATS.end, ...last, rows, links });
  return { rows, links, to: last };
}

/** Stands for a row that somebody has made unreadable: no hash fits it. */
const UNREADABLE: AuditEvent = { at: 0, event: 'UNREADABLE', realm: '/', transactionId: '' };
