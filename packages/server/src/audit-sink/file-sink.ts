import { access, constants, type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { textOf } from './audit-line.ts';
import type { AuditSink } from './audit-sink.ts';

const LINE_END = 10;

/** Whoever was killed, or had no room left, may have left half a line; the next one is not to be added to it. */
const endLine = async (file: FileHandle): Promise<void> => {
  const { size } = await file.stat();
  if (size === 0) return;
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1);
  if (last[0] !== LINE_END) await file.appendFile('\n');
};

const openFile = async (path: string): Promise<FileHandle> => {
  const file = await open(path, 'a+', 0o600);
  try {
    if (!(await file.stat()).isFile()) throw new Error(`${path} is no plain file.`);
    await endLine(file);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
};

/** Whether it could be written to, or made. */
const lookAt = async (path: string): Promise<void> => {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found?.isFile() === false) throw new Error(`${path} is no plain file.`);
  await access(found === undefined ? dirname(path) : path, constants.W_OK);
};

/** A line for each row, on the disk before it counts as sent. The file is this user's alone where we make it; after SIGHUP it is opened anew. */
export const fileSink = (path: string): AuditSink => {
  let file: FileHandle | undefined;
  let isWanted = false;
  const close = async () => {
    const before = file;
    file = undefined;
    await before?.close();
  };
  return {
    name: `file:${path}`,
    async send(batch) {
      try {
        if (isWanted) await close();
        isWanted = false;
        file ??= await openFile(path);
        await file.appendFile(textOf(batch));
        await file.datasync();
      } catch (error) {
        await close().catch(() => undefined);
        throw error;
      }
    },
    look: () => lookAt(path),
    reopen() {
      isWanted = true;
    },
    close,
  };
};
