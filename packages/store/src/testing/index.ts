export type { OpenTwoStores } from './describe-races.ts';
export { describeStoreContract } from './describe-store-contract.ts';
export type { OpenStore } from './open-in-test.ts';
export { type Child, runInChild } from './run-in-child.ts';
