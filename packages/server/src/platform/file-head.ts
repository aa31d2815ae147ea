import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** As long as a file with keys may be. */
export const MAX_KEY_FILE_BYTES = 256 * 1024;

export interface FileHead {
  readonly bytes: Buffer;
  /** False where the file goes on after these bytes. */
  readonly isWhole: boolean;
}

/**
 * Reads the first bytes of a regular file, so that memory does not depend on the size of the file. Undefined for directories, pipes and devices: opening
 * them does not block (`O_NONBLOCK`), and nothing is read from them.
 */
export const readFileHead = async (path: string, maxBytes: number): Promise<FileHead | undefined> => {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!(await file.stat()).isFile()) return undefined;
    const buffer = Buffer.allocUnsafe(maxBytes + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return { bytes: buffer.subarray(0, Math.min(length, maxBytes)), isWhole: length <= maxBytes };
  } finally {
    await file.close();
  }
};
