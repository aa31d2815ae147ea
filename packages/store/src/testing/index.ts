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
export {
  /** @internal Tests of the server look for what is left of whom, in every table. */
  placesOfText,
} from './tables/places-of-text.ts';
export {
  /** @internal */
  tablesOfFile,
} from './tables/tables-of-file.ts';
