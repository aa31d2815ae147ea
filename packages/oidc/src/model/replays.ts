/** What must not be seen twice, or is over before its time: by hash, until it would be over anyway. */
export interface ReplayReader {
  has(hash: string): Promise<boolean>;
}
