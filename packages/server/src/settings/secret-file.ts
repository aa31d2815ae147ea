import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** What a secret file says; or why it is refused, to end the sentence "the file …". */
export type SecretFile =
  /** `warning` ends the same sentence. */
  { readonly text: string; readonly warning?: string } | { readonly fault: string };

const MAX_BYTES = 64 * 1024;
const OTHERS_WRITE = 0o022;
const OTHERS_READ = 0o044;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined for other bytes, of which many would become the same text. */
const textOf = (bytes: Buffer): string | undefined => {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
};

/**
 * A secret out of a file, as systemd, Docker and Kubernetes mount it or an operator has put it there (OPS-59). One line end after it is no part
 * of it. Whoever may write the file chooses the secret, so that nobody else may; who else may read it is for the operator to say
 * where the file is ours, and not where a platform has mounted it for us under another user (ADR 95).
 */
export const readSecretFile = (path: string, ownUser: number | undefined = process.getuid?.()): SecretFile => {
  let descriptor: number;
  try {
    // One that is a pipe would have us wait for somebody who writes.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return { fault: `cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
  try {
    const { mode, uid, size } = fstatSync(descriptor);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) return { fault: 'is no plain file' };
    if ((mode & OTHERS_WRITE) !== 0) return { fault: 'can be written by others: chmod go-w' };
    if (size > MAX_BYTES) return { fault: `is larger than ${MAX_BYTES} bytes` };
    const text = textOf(readFileSync(descriptor))?.replace(/\r?\n$/, '');
    if (text === undefined) return { fault: 'is not UTF-8' };
    if (text === '') return { fault: 'is empty' };
    return uid === ownUser && (mode & OTHERS_READ) !== 0
      ? { text, warning: 'can be read by others: chmod 600' }
      : { text };
  } catch (error) {
    return { fault: `cannot be read (${(error as NodeJS.ErrnoException).code})` };
  } finally {
    closeSync(descriptor);
  }
};

/** What is done about a file that is refused, in a sentence of its own. */
export const secretFileProblem = (called: string, path: string, fault: string): string =>
  `The file that ${called} names, ${path}, ${fault}. It has to hold the secret alone, in a file that our user can read and nobody else write.`;
