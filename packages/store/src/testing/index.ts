export { describeStoreContract } from './describe-store-contract.ts';

export { type Child, runInChild } from './run-in-child.ts';
