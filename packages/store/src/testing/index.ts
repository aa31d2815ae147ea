export {
  /** @internal What every store must pass, ours here and those of others. */
  describeStoreContract,
} from './describe-store-contract.ts';
export {
  /** @internal Tests of the server stop it in the middle of its first start. */
  type Child,
  /** @internal */
  runInChild,
} from './processes/run-in-child.ts';

export { configuring } from './rows.ts';
