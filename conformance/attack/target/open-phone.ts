import { randomUUID } from 'node:crypto';
import {
  Phone,
  type PhoneOptions,
  type PushRequest,
  readRegistrationUri,
  signHs256,
  solve,
} from '../../support/phone.ts';
import type { RestAnswer } from '../../support/rest-client.ts';
import type { Send } from '../../support/wire.ts';

type Claims = Readonly<Record<string, unknown>>;

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A compact JWS with a header and a signature of somebody's own choice. */
export const forged = (header: Claims, claims: unknown, signature = ''): string =>
  `${encoded(header)}.${typeof claims === 'string' ? claims : encoded(claims)}.${signature}`;

/** What somebody knows who has read a setup code: all that an official app has. */
export class SetupCode {
  readonly uri: string;
  readonly messageId: string;
  readonly secret: Buffer;
  readonly challenge: Buffer;

  constructor(uri: string) {
    const { messageId, secret, challenge } = readRegistrationUri(uri);
    this.uri = uri;
    this.messageId = messageId;
    this.secret = secret;
    this.challenge = challenge;
  }

  get response(): string {
    return solve(this.challenge, this.secret);
  }

  /** The claims of a phone that registers. */
  claims(more: Claims = {}): Claims {
    return {
      response: this.response,
      mechanismUid: randomUUID(),
      deviceId: `token-${randomUUID()}`,
      deviceName: 'Some phone',
      deviceType: 'cli',
      communicationType: 'relay',
      ...more,
    };
  }

  /** The body of a registration. */
  body(claims: Claims = this.claims(), key: Uint8Array = this.secret): { messageId: string; jwt: string } {
    return { messageId: this.messageId, jwt: signHs256(claims, key) };
  }
}

/** A phone whose secret lies open, so that anything can be signed by it that an official app would not. */
export class OpenPhone {
  readonly phone: Phone;
  readonly code: SetupCode;

  constructor(phone: Phone, code: SetupCode) {
    this.phone = phone;
    this.code = code;
  }

  static async register(
    world: { readonly send: Send; now(): number },
    uri: string,
    options: PhoneOptions,
  ): Promise<OpenPhone> {
    const phone = new Phone(world, options);
    const { status, body } = await phone.register(uri);
    if (status !== 200) throw new Error(`The phone was refused with ${status}: ${JSON.stringify(body)}`);
    return new OpenPhone(phone, new SetupCode(uri));
  }

  get secret(): Buffer {
    return this.code.secret;
  }

  get mechanismUid(): string {
    return this.phone.token.replace('token-', '');
  }

  /** The claims of a good answer of an official app. */
  claims(request: PushRequest, number?: string, more: Claims = {}): Claims {
    return {
      response: solve(request.challenge, this.secret),
      ...(number !== undefined && { challengeResponse: number }),
      ...more,
    };
  }

  sign(claims: Claims, key: Uint8Array = this.secret): string {
    return signHs256(claims, key);
  }
}

/** A person of the world under attack. */
export interface Person {
  readonly name: string;
  readonly realm: string;
}

/** One who has a phone. */
export interface Enrolled extends Person {
  readonly open: OpenPhone;
  readonly codes: readonly string[];
}

/** A login that waits for a phone. */
export interface Waiting {
  readonly wait: RestAnswer;
  readonly request: PushRequest;
  /** What the page shows, to be said to the phone. */
  readonly number: string;
}
