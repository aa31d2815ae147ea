export { type FactorWorldOptions, factorWorld } from './factor-world.ts';
