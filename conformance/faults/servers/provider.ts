import { type PushRequest, readPush } from '../../support/phone.ts';
import { inPackages, startReady } from '../../support/ready-process.ts';

/** Who brings messages to the phones of official apps, as a process of its own. */
export interface Provider {
  /** By which a realm gets in. */
  readonly service: { readonly type: string; readonly config: unknown };
  /** What instances are told of it. */
  readonly env: Readonly<Record<string, string>>;
  /** The newest message for the phone with that token. */
  delivered(token: string): Promise<PushRequest | undefined>;
  steer(command: 'script' | 'mode' | 'late' | 'repair', given: unknown): Promise<void>;
  stop(): Promise<void>;
}

interface Delivery {
  readonly token: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** How long one look serves all who ask meanwhile. */
const LOOK_MILLIS = 250;

const provider = async (
  script: string,
  told: (ready: Readonly<Record<string, unknown>>) => Pick<Provider, 'service' | 'env'> & { readonly control: string },
  deliveriesIn: (captured: never) => readonly Delivery[],
): Promise<Provider> => {
  const child = await startReady(inPackages(`push/dist/testing/providers/${script}`), []);
  const { service, env, control } = told(child.ready);
  let looking: Promise<readonly Delivery[]> | undefined;
  const look = async (): Promise<readonly Delivery[]> => {
    const response = await fetch(`${control}/captured`);
    return deliveriesIn((await response.json()) as never);
  };
  return {
    service,
    env,
    async delivered(token) {
      looking ??= look().finally(() => setTimeout(() => (looking = undefined), LOOK_MILLIS));
      const data = (await looking).findLast((it) => it.token === token)?.data;
      return data === undefined ? undefined : readPush(String(data.messageId), String(data.message));
    },
    async steer(command, given) {
      await fetch(`${control}/${command}`, { method: 'POST', body: JSON.stringify(given) });
    },
    stop: () => child.stop(),
  };
};

export const startGoogle = (): Promise<Provider> =>
  provider(
    'fcm-fake-main.js',
    ({ control, settings }) => ({
      control: String(control),
      service: { type: 'pushFcm', config: settings },
      env: {},
    }),
    ({ delivered }: { readonly delivered: readonly Delivery[] }) => delivered,
  );

interface Published {
  readonly token: string;
  readonly payload: { readonly GCM?: { readonly data?: Delivery['data'] } };
}

/** For versions from before ADR 67, too, which know no other. */
export const startAmazon = (): Promise<Provider> =>
  provider(
    'sns-fake-main.js',
    ({ endpoint }) => ({
      control: String(endpoint),
      service: {
        type: 'pushNotification',
        config: {
          accessKey: 'key-of-faults',
          secret: 'secret-of-faults',
          appleEndpoint: 'arn:aws:sns:us-east-1:000000000000:app/APNS/faults',
          googleEndpoint: 'arn:aws:sns:us-east-1:000000000000:app/GCM/faults',
        },
      },
      env: { AWS_ENDPOINT_URL_SNS: String(endpoint) },
    }),
    ({ published }: { readonly published: readonly Published[] }) =>
      published.map(({ token, payload }) => ({ token, ...(payload.GCM?.data && { data: payload.GCM.data }) })),
  );
