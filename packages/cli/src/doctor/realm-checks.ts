import { type PushTransport, realmTransports } from '@assent/push';
import type { Store } from '@assent/store';
import { type Finding, ok, problem, warning } from './check.ts';

/** More users than this are not looked at one by one. */
const MAX_USERS = 5_000;

/** Only asked whether it is there. */
const unused: PushTransport = {
  serves: () => false,
  isPulled: true,
  register: () => Promise.reject(new TypeError('The doctor registers nothing.')),
  send: () => Promise.reject(new TypeError('The doctor sends nothing.')),
};

/** Per realm: its push service, its default journeys, and whether every registered phone can be reached. */
export const checkRealms = async (store: Store): Promise<readonly Finding[]> => {
  const { realms, services, trees } = await store.configuration.load();
  if (realms.length === 0)
    return [warning('realms', 'There is no realm yet.', 'assent serve, which makes the root realm')];
  const service = (realm: string, type: string) => services.find((it) => it.realm === realm && it.type === type);
  const transports = realmTransports({
    configuration: { service },
    relay: unused,
    webpush: unused,
    sns: () => unused,
    fcm: () => unused,
    apns: () => unused,
  });
  const findings: Finding[] = [];
  for (const { realm, active, defaultTree, adminTree } of realms) {
    const name = `realm ${realm}`;
    const before = findings.length;
    if (!active) findings.push(warning(name, 'The realm is inactive: nobody can sign in.'));
    for (const tree of new Set([defaultTree, adminTree])) {
      if (trees.some((it) => it.realm === realm && it.name === tree)) continue;
      findings.push(problem(name, `The realm names the journey ${tree}, which it does not have.`));
    }
    if (!transports.hasService(realm)) {
      findings.push(warning(name, 'The realm has no usable pushNotification service, so no phone can be registered.'));
    }
    const { types, isComplete } = await registeredTypes(store, realm);
    for (const type of types) {
      if (transports.find(realm, type) === undefined) findings.push(problem(name, transports.missing(realm, type)));
    }
    if (!isComplete) findings.push(warning(name, `Only the first ${MAX_USERS} users were looked at.`));
    if (findings.length === before) findings.push(ok(name, 'Journeys and push are in order.'));
  }
  return findings;
};

const registeredTypes = async (store: Store, realm: string) => {
  const users = await store.identities.list(realm);
  const types = new Set<string>();
  for (const { id } of users.slice(0, MAX_USERS)) {
    for (const device of await store.devices.ofUser(id)) types.add(device.communicationType);
  }
  return { types, isComplete: users.length <= MAX_USERS };
};
