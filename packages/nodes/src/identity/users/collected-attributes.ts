import type { StateCompartments } from '@assent/engine';

type Values = Readonly<Record<string, unknown>>;

const membersOf = (value: unknown): Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {};

/**
 * What the journey has collected about its user: the container `objectAttributes`, the secret members of it before those
 * that are shared (spec: journeys-rest §5.3, `getObject`).
 */
export const collectedAttributes = ({ shared, secure, transient }: StateCompartments): Values => ({
  ...membersOf(shared.objectAttributes),
  ...membersOf(secure.objectAttributes),
  ...membersOf(transient.objectAttributes),
});
