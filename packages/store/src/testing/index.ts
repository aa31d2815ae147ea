export { describeStoreContract } from './describe-store-contract.ts';
export type { OpenStore } from './open-in-test.ts';
