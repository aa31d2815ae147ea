import { type PushDevice, type PushTransport, type PushTransports, realmTransports } from '@assent/push';
import type { Store } from '@assent/store';
import { type Finding, ok, problem, warning } from './check.ts';

/** More phones without an address than this are not counted. */
const MAX_COUNTED = 10_000;
/** More phones than this are not looked at one by one. */
const MAX_PHONES = 5_000;
const PHONES_AT_ONCE = 500;

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
    const { phones, isComplete } = await registeredPhones(store, realm);
    const unserved = new Map<string, number>();
    for (const { communicationType: type, communicationId } of phones) {
      if (transports.find(realm, type, communicationId) !== undefined) continue;
      unserved.set(type, (unserved.get(type) ?? 0) + 1);
    }
    for (const [type, count] of unserved) findings.push(unreached(name, count, type, transports, realm));
    const dead = await store.devices.countUnreachable(realm, MAX_COUNTED);
    if (dead > 0) findings.push(unreachable(name, dead));
    if (!isComplete) findings.push(warning(name, `Only ${MAX_PHONES} phones were looked at.`));
    if (findings.length === before) findings.push(ok(name, 'Journeys and push are in order.'));
  }
  return findings;
};

/** Phones that nothing rings (OPS-47): the realm has no provider for them, or another one than they are registered with. */
const unreached = (name: string, count: number, type: string, transports: PushTransports, realm: string): Finding => {
  const phones = count === 1 ? 'One phone' : `${count} phones`;
  return transports.find(realm, type) === undefined
    ? problem(name, `${phones} of type ${type} cannot be rung. ${transports.missing(realm, type)}`)
    : problem(
        name,
        `${phones} of type ${type} cannot be rung: they are registered with another provider than the realm has.`,
        'set that provider again until they have refreshed, or let their users register them anew',
      );
};

/** Phones whose provider says that their address is dead: no setting helps, the app has to be opened (OPS-49). */
const unreachable = (name: string, count: number): Finding =>
  warning(
    name,
    count === 1
      ? 'One phone is not rung any more: its provider says that its address is dead.'
      : `${count === MAX_COUNTED ? `${MAX_COUNTED} or more` : count} phones are not rung any more: their providers say that their addresses are dead.`,
    'their users have been told; the app has to be opened once on each, or the phone connected anew',
  );

const registeredPhones = async (store: Store, realm: string) => {
  const phones: PushDevice[] = [];
  let after: string | undefined;
  do {
    const page = await store.devices.page(realm, { limit: PHONES_AT_ONCE, ...(after !== undefined && { after }) });
    phones.push(...page.devices);
    after = page.next;
  } while (after !== undefined && phones.length < MAX_PHONES);
  return { phones, isComplete: after === undefined };
};
