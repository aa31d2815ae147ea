import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readAwsSignature } from './aws-signature.ts';

/** What the fake has taken in, as `GET /captured` shows it. */
export interface CapturedPublish {
  readonly targetArn: string;
  readonly token: string;
  /** By platform, parsed twice: text in JSON in text. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** By platform, the bytes that its provider would be given. */
  readonly texts: Readonly<Record<string, string>>;
}

export interface FakeEndpoint {
  readonly arn: string;
  readonly applicationArn: string;
  readonly token: string;
  enabled: boolean;
}

/** What the next calls of an action get instead of an answer. */
export interface ScriptedFailure {
  readonly action: 'Publish' | 'CreatePlatformEndpoint' | 'SetEndpointAttributes' | 'GetPlatformApplicationAttributes';
  /** An SNS error code such as `InternalError`, or `hang` for no answer at all. */
  readonly code: string;
  readonly httpStatus?: number;
  /** So often; without it always. */
  readonly times?: number;
}

export interface SnsFake {
  readonly port: number;
  readonly endpoint: string;
  readonly published: readonly CapturedPublish[];
  readonly endpoints: readonly FakeEndpoint[];
  /** Actions in the order in which they came, also the failed ones. */
  readonly calls: readonly string[];
  fail(failure: ScriptedFailure): void;
  /** Back to working. */
  repair(): void;
  close(): Promise<void>;
}

const APPLICATION_ARN = /^arn:aws:sns:([a-z0-9-]+):(\d{12}):app\/(GCM|APNS|APNS_SANDBOX)\/([\w.-]+)$/;
const ENDPOINT_ARN = /^arn:aws:sns:[a-z0-9-]+:\d{12}:endpoint\/(GCM|APNS|APNS_SANDBOX)\/[\w.-]+\/[0-9a-f-]{36}$/;
const MAX_BODY_LENGTH = 300_000;
const MAX_PAYLOAD = 4_096;

class SnsError extends Error {
  readonly code: string;
  readonly httpStatus: number;

  constructor(code: string, message: string, httpStatus = 400) {
    super(message);
    this.code = code;
    this.httpStatus = httpStatus;
  }
}

const invalid = (what: string) => new SnsError('InvalidParameter', `Invalid parameter: ${what}`);

export interface SnsFakeOptions {
  readonly port?: number;
  /** Secrets by access key: only these are let in. Without them whoever signs is. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Whether each application takes messages; without them all that could be one are there, and do. */
  readonly applications?: Readonly<Record<string, boolean>>;
}

/**
 * Amazon SNS as far as push needs it, and stricter: what Amazon would refuse or a phone would drop is refused here.
 * `POST /script` with a {@link ScriptedFailure} makes it fail, `POST /repair` ends that, `GET /captured` shows everything.
 */
export async function startSnsFake({ port = 0, keys, applications }: SnsFakeOptions = {}): Promise<SnsFake> {
  const endpoints = new Map<string, FakeEndpoint>();
  const published: CapturedPublish[] = [];
  const calls: string[] = [];
  let failures: { readonly failure: ScriptedFailure; left: number }[] = [];

  const applicationOf = (parameters: URLSearchParams): string => {
    const arn = required(parameters, 'PlatformApplicationArn');
    if (!APPLICATION_ARN.test(arn)) throw invalid('PlatformApplicationArn');
    if (applications !== undefined && !Object.hasOwn(applications, arn))
      throw new SnsError('NotFound', 'PlatformApplication does not exist', 404);
    return arn;
  };

  const actions: Readonly<Record<string, (parameters: URLSearchParams) => string>> = {
    GetPlatformApplicationAttributes(parameters) {
      const isEnabled = applications?.[applicationOf(parameters)] ?? true;
      return `<Attributes><entry><key>Enabled</key><value>${isEnabled}</value></entry></Attributes>`;
    },

    CreatePlatformEndpoint(parameters) {
      const applicationArn = applicationOf(parameters);
      const token = required(parameters, 'Token');
      const attributes = readAttributes(parameters);
      if (attributes.Token !== token) throw invalid('Token Reason: the attribute differs');
      const enabled = attributes.Enabled === 'true';
      const existing = [...endpoints.values()].find((it) => it.applicationArn === applicationArn && it.token === token);
      if (existing !== undefined && existing.enabled !== enabled) {
        throw invalid(
          `Token Reason: Endpoint ${existing.arn} already exists with the same Token, but different attributes.`,
        );
      }
      const arn = existing?.arn ?? `${applicationArn.replace(':app/', ':endpoint/')}/${randomUUID()}`;
      if (existing === undefined) endpoints.set(arn, { arn, applicationArn, token, enabled });
      return `<EndpointArn>${arn}</EndpointArn>`;
    },

    SetEndpointAttributes(parameters) {
      const endpoint = endpoints.get(required(parameters, 'EndpointArn'));
      if (endpoint === undefined) throw new SnsError('NotFound', 'Endpoint does not exist', 404);
      const { Enabled, Token } = readAttributes(parameters);
      endpoints.set(endpoint.arn, { ...endpoint, token: Token, enabled: Enabled === 'true' });
      return '';
    },

    Publish(parameters) {
      const targetArn = required(parameters, 'TargetArn');
      if (!ENDPOINT_ARN.test(targetArn)) throw invalid('TargetArn');
      if (parameters.has('Subject')) throw invalid('Subject: a push message has none');
      if (required(parameters, 'MessageStructure') !== 'json') throw invalid('MessageStructure');
      const endpoint = endpoints.get(targetArn);
      if (endpoint === undefined) throw new SnsError('NotFound', 'Endpoint does not exist', 404);
      if (!endpoint.enabled) throw new SnsError('EndpointDisabled', 'Endpoint is disabled');
      published.push({ targetArn, token: endpoint.token, ...readMessage(required(parameters, 'Message')) });
      return `<MessageId>${randomUUID()}</MessageId>`;
    },
  };

  const scripted = (action: string): ScriptedFailure | undefined => {
    const found = failures.find((it) => it.failure.action === action && it.left > 0);
    if (found !== undefined) found.left -= 1;
    return found?.failure;
  };

  const answerSns = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const reply = (status: number, xml: string) => response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
    try {
      const body = await readBody(request);
      checkSigned(request, body, keys);
      if (request.headers['content-type']?.split(';', 1)[0] !== 'application/x-www-form-urlencoded') {
        throw new SnsError('InvalidAction', 'The body is not a form');
      }
      const parameters = new URLSearchParams(body);
      const action = required(parameters, 'Action');
      calls.push(action);
      if (parameters.get('Version') !== '2010-03-31') throw new SnsError('InvalidAction', 'Unknown version');
      const failure = scripted(action);
      if (failure?.code === 'hang') return;
      if (failure !== undefined) throw new SnsError(failure.code, 'as the test wants', failure.httpStatus);
      const run = Object.hasOwn(actions, action) ? actions[action] : undefined;
      if (run === undefined) throw new SnsError('InvalidAction', 'Unknown action');
      reply(200, inEnvelope(action, run(parameters)));
    } catch (error) {
      const { code, httpStatus, message } =
        error instanceof SnsError ? error : new SnsError('InternalError', String(error), 500);
      reply(httpStatus, errorXml(code, message, httpStatus));
    }
  };

  const server = createServer((request, response) => {
    const json = (value: unknown) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    const route = `${request.method} ${request.url}`;
    if (route === 'GET /captured') return json({ published, endpoints: [...endpoints.values()], calls });
    if (route === 'POST /repair') {
      failures = [];
      return json({});
    }
    if (route === 'POST /script') {
      return void readBody(request).then((body) => {
        fake.fail(JSON.parse(body) as ScriptedFailure);
        json({});
      });
    }
    return void answerSns(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;

  const fake: SnsFake = {
    port: bound,
    endpoint: `http://127.0.0.1:${bound}`,
    published,
    get endpoints() {
      return [...endpoints.values()];
    },
    calls,
    fail(failure) {
      failures.push({ failure, left: failure.times ?? Number.POSITIVE_INFINITY });
    },
    repair() {
      failures = [];
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}

/** A request without a signature, or one that signs too little, is refused; with keys, also one that another secret signed. */
function checkSigned(request: IncomingMessage, body: string, keys: SnsFakeOptions['keys']): void {
  const signature = readAwsSignature(request, body);
  if (signature === undefined) {
    throw new SnsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  }
  if (keys === undefined) return;
  const secret = Object.hasOwn(keys, signature.accessKey) ? keys[signature.accessKey] : undefined;
  if (secret === undefined) throw new SnsError('InvalidClientTokenId', 'The security token is invalid', 403);
  if (!signature.isBy(secret)) throw new SnsError('SignatureDoesNotMatch', 'The signature does not match', 403);
}

const required = (parameters: URLSearchParams, name: string): string => {
  const value = parameters.get(name) ?? '';
  if (value === '') throw invalid(`${name} Reason: it is missing`);
  return value;
};

/** `Attributes.entry.N.key` and `.value`; exactly the two that push sets. */
function readAttributes(parameters: URLSearchParams): { readonly Enabled: string; readonly Token: string } {
  const attributes = new Map<string, string>();
  for (let n = 1; parameters.has(`Attributes.entry.${n}.key`); n += 1) {
    attributes.set(
      required(parameters, `Attributes.entry.${n}.key`),
      required(parameters, `Attributes.entry.${n}.value`),
    );
  }
  const Enabled = attributes.get('Enabled');
  const Token = attributes.get('Token');
  if (Enabled !== 'true' && Enabled !== 'false') throw invalid('Attributes Reason: Enabled');
  if (Token === undefined || attributes.size !== 2) throw invalid('Attributes Reason: Token');
  return { Enabled, Token };
}

/** Text in JSON in text, for every platform that push may address. */
function readMessage(text: string): Pick<CapturedPublish, 'payload' | 'texts'> {
  const message = parseObject(text, 'Message');
  if (typeof message.default !== 'string') throw invalid('Message Structure - No default entry in JSON message body');
  const texts = Object.fromEntries(
    (['GCM', 'APNS', 'APNS_SANDBOX'] as const).map((platform) => {
      const given = message[platform];
      if (typeof given !== 'string') throw invalid(`Message Reason: ${platform} is not text`);
      if (Buffer.byteLength(given) > MAX_PAYLOAD) throw invalid(`Message Reason: ${platform} is too long`);
      return [platform, given];
    }),
  );
  const payload = Object.fromEntries(
    Object.entries(texts).map(([platform, given]) => [platform, parseObject(given, platform)]),
  );
  return { payload, texts };
}

function parseObject(text: string, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(`${what} Reason: not JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`${what} Reason: not an object`);
  return value as Record<string, unknown>;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_LENGTH) throw new SnsError('RequestEntityTooLarge', 'The body is too long', 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';
const metadata = () => `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`;

const inEnvelope = (action: string, result: string): string =>
  `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${result}</${action}Result>${metadata()}</${action}Response>`;

const errorXml = (code: string, message: string, status: number): string =>
  `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type>` +
  `<Code>${code}</Code><Message>${message.replace(/[<&]/g, ' ')}</Message></Error>` +
  `<RequestId>${randomUUID()}</RequestId></ErrorResponse>`;
