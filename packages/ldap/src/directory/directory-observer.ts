/** What a directory is asked for. */
export type DirectoryOperation = 'search' | 'bind' | 'modify' | 'password';

/** Sees what directories are asked, for whoever counts or traces it. It changes nothing, and is told neither names nor values. */
export interface DirectoryObserver {
  /** A question to the directory of that realm: runs it, once and at once, and settles as it does. */
  ask<T>(realm: string, operation: DirectoryOperation, run: () => Promise<T>): Promise<T>;
}
