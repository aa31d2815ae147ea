import type { SNSClient } from '@aws-sdk/client-sns';
import { snsMessage } from '../../protocol/index.ts';
import type { PushNotificationService } from '../push-service.ts';
import type { DeliveryFailed, PushTransport } from '../push-transport.ts';
import { inTries, TRY_MILLIS, type TriesOptions } from './tries.ts';

export interface SnsTransportOptions extends TriesOptions {
  readonly settings: Pick<
    PushNotificationService,
    'accessKey' | 'secret' | 'appleEndpoint' | 'googleEndpoint' | 'region'
  >;
  /** Where SNS is, if not at Amazon's: what `AWS_ENDPOINT_URL_SNS` says. */
  readonly endpoint?: string;
}

/** The endpoint of the phone is switched off or gone: only a new token from the phone helps (REL-09). */
const DEAD_CHANNEL = new Set(['EndpointDisabled', 'EndpointDisabledException', 'NotFound', 'NotFoundException']);
const INVALID_PARAMETER = new Set(['InvalidParameter', 'InvalidParameterException']);

/** Amazon SNS as the documented Push Notification service uses it (spec/push-protocol.md §3.2, §3.5). */
export function snsTransport({ settings, endpoint, ...tries }: SnsTransportOptions): PushTransport {
  let loading: Promise<Sns> | undefined;
  const sns = (): Promise<Sns> => {
    loading ??= loadSns(settings, endpoint);
    return loading;
  };

  const attempt = <T>(call: (sns: Sns, signal: AbortSignal) => Promise<T>): Promise<T | DeliveryFailed> =>
    inTries(
      tries,
      async (signal) => call(await sns(), signal),
      (error) => ({ failure: failure(error), mayPass: mayPass(error) }),
    );

  const createEndpoint = (arn: string, token: string, enabled: 'true' | 'false') =>
    attempt(async ({ client, commands }, abortSignal) => {
      const Attributes = { Enabled: enabled, Token: token };
      const command = new commands.CreatePlatformEndpointCommand({
        PlatformApplicationArn: arn,
        Token: token,
        Attributes,
      });
      const { EndpointArn } = await client.send(command, { abortSignal });
      return EndpointArn ?? failed('NoEndpointArn');
    });

  return {
    serves: (communicationType) => communicationType === 'gcm' || communicationType === 'apns',
    isPulled: false,

    async register(deviceId, communicationType) {
      const arn = communicationType === 'apns' ? settings.appleEndpoint : settings.googleEndpoint;
      const created = await createEndpoint(arn, deviceId, 'true');
      if (typeof created === 'string') return { status: 'registered', communicationId: created };
      if (!INVALID_PARAMETER.has(created.cause)) return created;

      // The endpoint exists with other attributes, as after Amazon has switched it off: learn its ARN, then repair it.
      const existing = await createEndpoint(arn, deviceId, 'false');
      if (typeof existing !== 'string') return existing;
      const repaired = await attempt(async ({ client, commands }, abortSignal) => {
        const Attributes = { Enabled: 'true', Token: deviceId };
        await client.send(new commands.SetEndpointAttributesCommand({ EndpointArn: existing, Attributes }), {
          abortSignal,
        });
        return { status: 'registered', communicationId: existing } as const;
      });
      return repaired;
    },

    send: ({ communicationId, messageId, jwt, text, pushType }) =>
      attempt(async ({ client, commands }, abortSignal) => {
        const command = new commands.PublishCommand({
          TargetArn: communicationId,
          MessageStructure: 'json',
          Message: snsMessage({ messageId, message: jwt, text, pushType }),
        });
        await client.send(command, { abortSignal });
        return { status: 'sent' } as const;
      }),
  };
}

interface Sns {
  readonly client: SNSClient;
  readonly commands: typeof import('@aws-sdk/client-sns');
}

/** Loaded with the first use: a realm on the relay never pays for it. */
async function loadSns(settings: SnsTransportOptions['settings'], endpoint: string | undefined): Promise<Sns> {
  const commands = await import('@aws-sdk/client-sns');
  const client = new commands.SNSClient({
    region: settings.region,
    credentials: { accessKeyId: settings.accessKey, secretAccessKey: settings.secret },
    ...(endpoint !== undefined && { endpoint }),
    // Tries are counted here, where the ten seconds are.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: TRY_MILLIS },
  });
  return { client, commands };
}

const failed = (cause: string): DeliveryFailed => ({ status: 'failed', permanent: DEAD_CHANNEL.has(cause), cause });

function failure(error: unknown): DeliveryFailed {
  if (!(error instanceof Error)) return failed('Unknown');
  // Of a broken connection only the code says what it was.
  return failed('code' in error && typeof error.code === 'string' ? error.code : error.name);
}

/** Whether another try may do better: no answer, a server's fault, or too much at once. */
function mayPass(error: unknown): boolean {
  const metadata = error instanceof Error && '$metadata' in error ? error.$metadata : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : undefined;
  if (typeof status !== 'number') return !(error instanceof TypeError || error instanceof RangeError);
  return status >= 500 || status === 429 || (error instanceof Error && /^Throttl/.test(error.name));
}
