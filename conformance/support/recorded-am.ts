import {
  constants,
  createCipheriv,
  createHash,
  createHmac,
  createPublicKey,
  publicEncrypt,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

// What PingAM does and keeps of a phone, as far as the phone and an export of the users tell: the setup code that it shows, the profile that
// it writes into the entry of the user, and how it encrypts that. Written from the descriptions of the protocol and of AM's
// services; no AM was there.

/** A phone as AM stores it. */
export type Profile = Readonly<Record<string, unknown>>;

export interface RecordedAm {
  /** The setup code of a new phone of that user, whose answer comes here. */
  setupCode(user: string, path: string): string;
  /** What the phone has answered, as AM then stores it. */
  profile(codes: readonly string[]): Promise<Profile>;
  close(): Promise<void>;
}

const base64Url = (text: string): string => Buffer.from(text).toString('base64url');

/** The address that Amazon gives AM for a token. Who has signed that is for Amazon to know, which is not there either. */
const endpointOf = async (sns: string, application: string, token: string): Promise<string> => {
  const attributes = { Enabled: 'true', Token: token };
  const parameters = new URLSearchParams({
    Action: 'CreatePlatformEndpoint',
    Version: '2010-03-31',
    PlatformApplicationArn: application,
    Token: token,
  });
  Object.entries(attributes).forEach(([key, value], at) => {
    parameters.set(`Attributes.entry.${at + 1}.key`, key);
    parameters.set(`Attributes.entry.${at + 1}.value`, value);
  });
  const scope = 'Credential=am/20260101/us-east-1/sns/aws4_request, SignedHeaders=host;x-amz-date';
  const answer = await fetch(sns, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-amz-date': '20260101T000000Z',
      authorization: `AWS4-HMAC-SHA256 ${scope}, Signature=${'0'.repeat(64)}`,
    },
    body: parameters.toString(),
  });
  const [, arn] = /<EndpointArn>(.+)<\/EndpointArn>/.exec(await answer.text()) ?? [];
  if (arn === undefined) throw new Error(`There is no endpoint: ${answer.status}`);
  return arn;
};

/** Stands where AM is, and where Assent is to be; `applications` are those of AM's push service at Amazon, by kind of phone. */
export const startRecordedAm = async (
  port: number,
  sns: string,
  applications: Readonly<Record<string, string>>,
): Promise<RecordedAm> => {
  let secret = Buffer.alloc(0);
  let claims: Readonly<Record<string, string>> | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { jwt } = JSON.parse(Buffer.concat(chunks).toString()) as { jwt: string };
      const [head = '', payload = '', mac] = jwt.split('.');
      const isRight = createHmac('sha256', secret).update(`${head}.${payload}`).digest('base64url') === mac;
      if (isRight) claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as typeof claims;
      response.writeHead(isRight ? 200 : 400, { 'content-type': 'application/json' }).end('{}');
    });
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    setupCode(user, path) {
      secret = randomBytes(32);
      claims = undefined;
      const url = `http://localhost:${port}/am/json${path}/push/sns/message?_action=`;
      const parameters = {
        l: base64Url('amlbcookie=01'),
        issuer: base64Url('Acme'),
        m: `REGISTER:${randomUUID()}${Date.now()}`,
        s: secret.toString('base64url'),
        c: randomBytes(32).toString('base64url'),
        r: base64Url(`${url}register`),
        a: base64Url(`${url}authenticate`),
        b: '032b75',
      };
      const query = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
      return `pushauth://push/Acme:${user}?${query.join('&')}`;
    },
    async profile(codes) {
      if (claims === undefined) throw new Error('No phone has answered.');
      const { mechanismUid, deviceId = '', deviceType, communicationType = '', deviceName = 'Push Device' } = claims;
      return {
        uuid: randomUUID(),
        recoveryCodes: codes,
        sharedSecret: secret.toString('base64'),
        deviceName,
        communicationId: await endpointOf(sns, applications[communicationType] ?? '', deviceId),
        communicationType,
        deviceType,
        deviceId,
        deviceMechanismUID: mechanismUid,
        issuer: 'Acme',
        createdDate: Date.now(),
        lastAccessDate: Date.now(),
      };
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

/** A recovery code as AM stores it: the length of the salt, the salt, and SHA-512 over salt and code. */
export const storedCode = (code: string): string => {
  const salt = randomBytes(20);
  const digest = createHash('sha512').update(salt).update(code).digest();
  return `{SSHA-512}${Buffer.concat([Buffer.of(salt.length), salt, digest]).toString('base64')}`;
};

/** By AM's scheme RSAES_AES256CBC_HS512: a JWE by `RSA1_5` and `A256CBC-HS512` (RFC 7518 §5.2.5). */
export const sealedByAm = (profile: Profile, publicKey: string): string => {
  const content = randomBytes(64);
  const encryptedKey = publicEncrypt(
    { key: createPublicKey(publicKey), padding: constants.RSA_PKCS1_PADDING },
    content,
  );
  const head = base64Url('{"typ":"JWT","enc":"A256CBC-HS512","alg":"RSA1_5"}');
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', content.subarray(32), iv);
  const text = Buffer.concat([cipher.update(JSON.stringify(profile)), cipher.final()]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(head.length * 8));
  const mac = createHmac('sha512', content.subarray(0, 32)).update(head).update(iv).update(text).update(length);
  const parts = [encryptedKey, iv, text, mac.digest().subarray(0, 32)].map((part) => part.toString('base64url'));
  return [head, ...parts].join('.');
};

/** An entry of DS, with values in base 64 and folded, as its export writes long ones. */
export const entryOfDs = (user: string, attributes: Readonly<Record<string, readonly string[]>>): string => {
  const lines = Object.entries({ objectClass: ['top', 'person', 'inetOrgPerson'], uid: [user], ...attributes }).flatMap(
    ([name, values]) => values.map((value) => `${name}:: ${Buffer.from(value).toString('base64')}`),
  );
  const folded = [`dn: uid=${user},ou=people,dc=example,dc=com`, ...lines].map((line) =>
    line.replace(/.{75}(?=.)/g, '$&\n '),
  );
  return `${folded.join('\n')}\n\n`;
};
