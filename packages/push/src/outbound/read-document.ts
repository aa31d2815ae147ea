import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { RealmRequests } from './guarded-requests.ts';

export interface DocumentReading {
  readonly requests: Pick<RealmRequests, 'send'>;
  readonly timeoutMillis: number;
  readonly maxBytes: number;
  /** Only for an address that the operator of the server has named: files are none of a realm's business. */
  readonly mayBeFile?: boolean;
}

/**
 * A document at an address: of http or https under the guard of addresses, or of a file that the operator has named. Rejects where it is not
 * there, and where it is longer.
 */
export const readDocument = async (
  address: string,
  { requests, timeoutMillis, maxBytes, mayBeFile = false }: DocumentReading,
): Promise<Buffer> => {
  const url = new URL(address);
  if (url.protocol === 'file:') {
    if (!mayBeFile) throw new Error('Only the operator of the server names files.');
    return readFileUpTo(url, maxBytes);
  }
  const { status, body } = await requests.send(url, {
    method: 'GET',
    headers: { accept: '*/*' },
    signal: AbortSignal.timeout(timeoutMillis),
    maxBytes,
  });
  if (status !== 200) throw new Error(`The answer has the status ${status}.`);
  return body;
};

/** A pipe or a device would never end; one that nobody writes to would not even open, and hold one of the few threads that read files. */
const readFileUpTo = async (url: URL, maxBytes: number): Promise<Buffer> => {
  const file = await open(url, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new Error('It is no file.');
    if (found.size > maxBytes) throw new Error(`It has more than ${maxBytes} bytes.`);
    const bytes = await file.readFile();
    if (bytes.length > maxBytes) throw new Error(`It has more than ${maxBytes} bytes.`);
    return bytes;
  } finally {
    await file.close();
  }
};
