export {
  ATTACKS,
  type Attack,
  askFromKnownAddresses,
  askFromStolenBrowsers,
  attack,
  type Reaction,
  simulatedAccount,
} from './fatigue-simulation.ts';
export { type PushWorldOptions, pushWorld, type WillingProvider } from './push-world.ts';
export type { StoredPushPorts } from './stored-push-ports.ts';
