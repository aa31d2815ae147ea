export { type FactorWorldOptions, factorWorld } from './factor-world.ts';
export {
  ATTACKS,
  type Attack,
  askFromKnownAddresses,
  askFromStolenBrowsers,
  attack,
  type Reaction,
  simulatedAccount,
} from './fatigue-simulation.ts';
export { type PushWorldOptions, pushWorld } from './push-world.ts';
