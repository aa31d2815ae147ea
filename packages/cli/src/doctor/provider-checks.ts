import { randomInt } from 'node:crypto';
import type { ProviderCheck } from '@assent/push';
import type { Settings } from '@assent/server';
import type { Store } from '@assent/store';
import { plainText } from '../command/plain-text.ts';
import type { Server } from '../command/stored.ts';
import { type Finding, ok, problem, warning } from './check.ts';

type Push = typeof import('@assent/push');

/** A service of a realm that names a vendor, and how to ask that vendor. */
interface Provider {
  readonly realm: string;
  readonly service: string;
  readonly vendor: string;
  check(): Promise<ProviderCheck>;
}

/** What to do about a setting that a vendor refuses. */
const REMEDIES: Readonly<Record<string, string>> = {
  'pushNotification.accessKey':
    'give the access key the right to publish in IAM, or set the id of one that is in force',
  'pushNotification.secret': 'set the secret that goes with the access key',
  'pushNotification.googleEndpoint': 'set the ARN of a platform application for FCM in this region, and enable it',
  'pushNotification.appleEndpoint': 'set the ARN of a platform application for APNs in this region, and enable it',
  'pushFcm.projectId': 'set the project id of the app that the phones have, as the Firebase console shows it',
  'pushFcm.serviceAccount':
    'make a new key of a service account that may send messages (cloudmessaging.messages.create) in this project, with the FCM API switched on; and look at the clock of this machine',
  'pushFcm.endpoint':
    'leave it empty for Google’s; one on this machine needs --insecure, a private one --private-hosts',
  'pushApns.key': 'set the text of the .p8 file that goes with the key id; and look at the clock of this machine',
  'pushApns.keyId': 'set the id of a key of this team that is for APNs',
  'pushApns.topic': 'set the bundle id of the app that the phones have, for which the key is allowed',
  'pushApns.sandbox': 'switch it on for an app that Xcode installed, off for one of the App Store or TestFlight',
  'pushApns.endpoint':
    'leave it empty for Apple’s; one on this machine needs --insecure, a private one --private-hosts',
};

/** Whether the providers of push know the realms, found out by calls that send nothing (OPS-51). */
export const checkProviders = async (
  { lacksSecret }: Pick<Server, 'lacksSecret'>,
  store: Store,
  settings: Pick<Settings, 'insecure' | 'privateHosts' | 'snsEndpoint'>,
  now: () => number,
): Promise<readonly Finding[]> => {
  const push = await import('@assent/push');
  const requests = push.guardedRequests({
    allowsLoopback: settings.insecure,
    privateHosts: settings.privateHosts,
  });
  try {
    const { services } = await store.configuration.load();
    const options = {
      clock: { now },
      random: { int: (below: number) => randomInt(below) },
      requests: requests.of(push.OF_OPERATOR),
      alarm: () => undefined,
    };
    const found = services.flatMap((service) => {
      const { realm, type, config } = service;
      if (lacksSecret(service)) return [];
      const provider = providerOf(push, options, settings.snsEndpoint, type, config);
      if (provider === undefined) return [];
      return [
        typeof provider === 'string'
          ? unusable(realm, type, provider)
          : askedFor({ realm, service: type, ...provider }),
      ];
    });
    return await Promise.all(found);
  } finally {
    requests.close();
  }
};

type Options = Omit<Parameters<Push['fcmTransport']>[0], 'settings'> &
  Omit<Parameters<Push['apnsTransport']>[0], 'settings'>;

/** Undefined for a service of no vendor; a text where its settings cannot be used. */
const providerOf = (
  push: Push,
  options: Options,
  snsEndpoint: string | undefined,
  type: string,
  config: unknown,
): Pick<Provider, 'vendor' | 'check'> | string | undefined => {
  if (type === push.FCM_SERVICE) {
    const read = push.fcmService.safeParse(config);
    return read.success
      ? { vendor: 'Google', check: push.fcmTransport({ ...options, settings: read.data }).check }
      : firstFault(read.error);
  }
  if (type === push.APNS_SERVICE) {
    const read = push.apnsService.safeParse(config);
    return read.success
      ? { vendor: 'Apple', check: push.apnsTransport({ ...options, settings: read.data }).check }
      : firstFault(read.error);
  }
  if (type !== push.PUSH_SERVICE) return undefined;
  const read = push.pushNotificationService.safeParse(config);
  // One that cannot be used is told of with its realm.
  if (!read.success || read.data.accessKey === '' || read.data.secret === '') return undefined;
  const endpoint = snsEndpoint === undefined ? {} : { endpoint: snsEndpoint };
  return { vendor: 'Amazon', check: push.snsTransport({ ...options, ...endpoint, settings: read.data }).check };
};

const firstFault = ({
  issues,
}: {
  readonly issues: readonly { readonly path: PropertyKey[]; readonly message: string }[];
}): string => issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`)[0] ?? '';

const unusable = async (realm: string, service: string, fault: string): Promise<Finding> =>
  problem(
    `realm ${realm}`,
    plainText(`The service ${service} cannot be used: ${fault}.`),
    `assent realm set-service ${service}`,
  );

const askedFor = async ({ realm, service, vendor, check }: Provider): Promise<Finding> => {
  const name = `realm ${realm}`;
  const result = await check();
  switch (result.status) {
    case 'right':
      return ok(name, `${vendor} knows the realm by its service ${service}.`);
    case 'wrong': {
      const { setting, cause } = result;
      const { SNS_CLIENT, SNS_CLIENT_MISSING } = await import('@assent/push');
      if (cause === SNS_CLIENT_MISSING) {
        return problem(
          name,
          `The service ${service} sends by Amazon, whose client is not installed: its phones are not rung.`,
          `npm install ${SNS_CLIENT}`,
        );
      }
      const what = setting === undefined ? 'what the doctor asked' : `the setting ${setting}`;
      const hint = setting === undefined ? undefined : REMEDIES[`${service}.${setting}`];
      return problem(
        name,
        `${vendor} refuses ${what} of the service ${service} (${cause}): its phones are not rung.`,
        hint,
      );
    }
    case 'untold':
      return service === 'pushApns'
        ? warning(
            name,
            `Apple takes no other token of the service ${service} so soon after the last one (${result.cause}).`,
            'ask again in 20 minutes',
          )
        : warning(
            name,
            `${vendor} knows the access key of the service ${service}, which may not look at the applications (${result.cause}).`,
            'allow it sns:GetPlatformApplicationAttributes, if they are to be checked',
          );
    case 'unreachable':
      return problem(
        name,
        `${vendor} could not be asked about the service ${service} (${result.cause}).`,
        `let this machine call ${vendor} by https, and try again`,
      );
  }
};
