export { nodeCatalogue } from './catalogue.ts';
export * from './state-keys.ts';
export { universalIdOf } from './universal-id.ts';
