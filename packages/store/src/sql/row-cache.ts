/**
 * What a topic has read or written last, and would read again from the same rows. A verb that changes a row sets it anew or
 * deletes it; what else makes an entry out of date, as a commit of another process, is for the database to know (ADR 30).
 */
export interface RowCache<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  clear(): void;
}
