import type { StateCompartments } from '@assent/engine';

type Values = Readonly<Record<string, unknown>>;

const membersOf = (value: unknown): Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {};

/** One collected attribute, where the others need not be read. */
export const collectedAttribute = ({ shared, secure, transient }: StateCompartments, name: string): unknown => {
  for (const { objectAttributes } of [transient, secure, shared]) {
    const members = membersOf(objectAttributes);
    if (Object.hasOwn(members, name)) return members[name];
  }
  return undefined;
};

/**
 * What the journey has collected about its user: the container `objectAttributes`, the secret members of it before those
 * that are shared (spec: journeys-rest §5.3, `getObject`).
 */
export const collectedAttributes = ({ shared, secure, transient }: StateCompartments): Values => ({
  ...membersOf(shared.objectAttributes),
  ...membersOf(secure.objectAttributes),
  ...membersOf(transient.objectAttributes),
});
