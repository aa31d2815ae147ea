import type { Configuration, FactorKind, Identity } from '@assent/engine';
import type { Change } from '@assent/engine/host';
import { type FactorChange, SKIP_TYPES, skipAttribute } from '@assent/factors';
import type { DeviceChange } from '@assent/push';

const DELETE_ALL = {
  push: 'device.deleteAll',
  oath: 'oath.deleteAll',
  webauthn: 'passkey.deleteAll',
  binding: 'bound.deleteAll',
} as const satisfies Record<FactorKind, (DeviceChange | FactorChange)['type']>;

/** The value of a skip setting of somebody who has not decided (spec: nodes-mfa §2.5). */
const NOT_SET = '0';

/**
 * What takes all devices of some kinds from a user, and with them recovery codes, requests that wait, journeys under way, links and persistent
 * cookies (SEC-54, SEC-61). Refused where the user has changed since.
 */
export const factorReset = (
  configuration: Pick<Configuration, 'service'>,
  { id, realm, rev }: Pick<Identity, 'id' | 'realm' | 'rev'>,
  types: readonly FactorKind[],
): readonly Change[] => {
  const skippable = SKIP_TYPES.filter((type) => types.includes(type));
  const notSet = skippable.map((type) => [skipAttribute(configuration, realm, type), [NOT_SET]] as const);
  return [
    ...types.map((type): Change => ({ type: DELETE_ALL[type], userId: id })),
    { type: 'identity.attributes', id, seenRev: rev, attributes: Object.fromEntries(notSet) },
    { type: 'identity.revoke', id },
  ];
};
