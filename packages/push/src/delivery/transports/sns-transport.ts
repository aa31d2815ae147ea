import type { SNSClient } from '@aws-sdk/client-sns';
import { snsMessage } from '../../protocol/index.ts';
import type { PushNotificationService } from '../push-service.ts';
import type { DeliveryFailed, ProviderCheck, ProviderTransport } from '../push-transport.ts';
import { asCause } from './provider-answer.ts';
import { providerCheck } from './provider-check.ts';
import {
  deadAddress,
  judgeFailure,
  ProviderSaidNo,
  providerDown,
  refusedMessage,
  wrongSettings,
} from './provider-failure.ts';
import { oncePerMinute, type RealmAlarm } from './realm-alarm.ts';
import { type FailedTry, inTries, TRY_MILLIS, type TriesOptions } from './tries.ts';

export interface SnsTransportOptions extends TriesOptions {
  readonly settings: Pick<
    PushNotificationService,
    'accessKey' | 'secret' | 'appleEndpoint' | 'googleEndpoint' | 'region'
  >;
  /** Where SNS is, if not at Amazon's: what `AWS_ENDPOINT_URL_SNS` says. */
  readonly endpoint?: string;
  readonly alarm: RealmAlarm;
  /** Where Amazon's client comes from: an optional package, unless a test hands in another. */
  readonly loadClient?: () => Promise<unknown>;
}

type SnsClientModule = typeof import('@aws-sdk/client-sns');

/** The endpoint of the phone is switched off or gone: only a new token from the phone helps (REL-09). */
const DEAD_CHANNEL = new Set(['EndpointDisabled', 'EndpointDisabledException', 'NotFound', 'NotFoundException']);
/** The cause where Amazon's client is not installed: a realm that sends by Amazon needs it, and all others do without (OPS-67). */
export const SNS_CLIENT_MISSING = 'SnsClientNotInstalled';
/** What to install beside Assent then. */
export const SNS_CLIENT = '@aws-sdk/client-sns@3.1169.0';

/** Amazon does not know the key, or it is not the one that signed. */
const REFUSED_KEY = new Map([
  ['InvalidClientTokenId', 'accessKey'],
  ['UnrecognizedClientException', 'accessKey'],
  ['InvalidSecurity', 'accessKey'],
  ['InvalidSecurityException', 'accessKey'],
  ['SignatureDoesNotMatch', 'secret'],
  ['InvalidSignatureException', 'secret'],
]);
/** Amazon knows the key, which may not do this. */
const NO_RIGHT = new Set([
  'AuthorizationError',
  'AuthorizationErrorException',
  'AccessDenied',
  'AccessDeniedException',
]);
const INVALID_PARAMETER = new Set(['InvalidParameter', 'InvalidParameterException']);

/** Amazon SNS as the documented Push Notification service uses it (spec/push-protocol.md §3.2, §3.5). */
export function snsTransport({
  settings,
  endpoint,
  alarm,
  loadClient,
  ...tries
}: SnsTransportOptions): ProviderTransport {
  const tell = oncePerMinute(alarm, tries.clock);
  let loading: Promise<Sns> | undefined;
  const sns = (): Promise<Sns> => {
    loading ??= loadSns(settings, endpoint, loadClient);
    return loading;
  };

  const attempt = <T>(call: (sns: Sns, signal: AbortSignal) => Promise<T>): Promise<T | DeliveryFailed> =>
    inTries(
      tries,
      async (signal) => call(await sns(), signal),
      (error) => {
        const judged = judgeSns(error);
        if (judged.alarm !== undefined) tell({ ...judged.alarm, cause: judged.failure.cause });
        return judged;
      },
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

    check: () => providerCheck(tries, async (signal) => lookAt(await sns(), signal), judgeSns),
  };

  /** Reads what Amazon knows of both applications. Who may publish need not be allowed to look. */
  async function lookAt({ client, commands }: Sns, abortSignal: AbortSignal): Promise<ProviderCheck> {
    for (const setting of ['googleEndpoint', 'appleEndpoint'] as const) {
      if (settings[setting] === '') continue;
      const command = new commands.GetPlatformApplicationAttributesCommand({
        PlatformApplicationArn: settings[setting],
      });
      try {
        const { Attributes } = await client.send(command, { abortSignal });
        if (Attributes?.Enabled === 'false') return { status: 'wrong', setting, cause: 'ApplicationDisabled' };
      } catch (error) {
        const name = error instanceof Error ? error.name : '';
        if (NO_RIGHT.has(name)) return { status: 'untold', cause: name };
        if (DEAD_CHANNEL.has(name) || INVALID_PARAMETER.has(name)) return { status: 'wrong', setting, cause: name };
        throw error;
      }
    }
    return { status: 'right' };
  }
}

interface Sns {
  readonly client: SNSClient;
  readonly commands: SnsClientModule;
}

/** Loaded with the first use: a realm on the relay never pays for it. */
async function loadSns(
  settings: SnsTransportOptions['settings'],
  endpoint: string | undefined,
  loadClient: SnsTransportOptions['loadClient'] = () => import('@aws-sdk/client-sns'),
): Promise<Sns> {
  const commands = (await loadClient().catch((error: unknown) => {
    if (!isNotInstalled(error)) throw error;
    throw new ProviderSaidNo({ ...wrongSettings(SNS_CLIENT_MISSING), alarm: {} });
  })) as SnsClientModule;
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

const isNotInstalled = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';

const failed = (cause: string): DeliveryFailed => ({ status: 'failed', permanent: false, cause });

function judgeSns(error: unknown): FailedTry {
  const status = httpStatusOf(error);
  if (status === undefined || !(error instanceof Error)) return judgeFailure(error);
  const cause = asCause(error.name);
  if (DEAD_CHANNEL.has(cause)) return deadAddress(cause);
  if (status >= 500 || status === 429 || /^Throttl/.test(cause)) return providerDown(cause);
  const setting = REFUSED_KEY.get(cause) ?? (NO_RIGHT.has(cause) ? 'accessKey' : undefined);
  return setting === undefined ? refusedMessage(cause) : { ...wrongSettings(cause), alarm: { setting } };
}

/** Of an answer by Amazon; undefined where there was none. */
function httpStatusOf(error: unknown): number | undefined {
  const metadata = error instanceof Error && '$metadata' in error ? error.$metadata : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : undefined;
  return typeof status === 'number' ? status : undefined;
}
