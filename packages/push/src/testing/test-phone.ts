import { type KeyObject, randomUUID } from 'node:crypto';
import { answerChallenge, newEcKeyPair, signEs256, signHs256 } from '../jose/index.ts';
import {
  authenticationClaims,
  type CommunicationType,
  type DenyReason,
  type DeviceType,
  decodeJwsPayload,
  encodeBase64,
  parseEcPublicJwk,
  parsePushClaims,
  parseRegistrationUri,
  type ReceivedPush,
  registrationClaims,
  type ScannedRegistration,
  splitCompactJws,
} from '../protocol/index.ts';

export interface TestPhoneOptions {
  readonly communicationType?: CommunicationType;
  readonly deviceType?: DeviceType;
  /** A key of its own, as our phone has. */
  readonly hasKey?: boolean;
  readonly deviceId?: string;
  readonly deviceName?: string;
  /** The secret of a registration that a fixture has stored; that of the code that it scans where absent. */
  readonly secret?: Uint8Array;
}

/** The phone's side of the ceremonies, as small as a test needs it. */
export class TestPhone {
  readonly mechanismUid: string = randomUUID();
  readonly deviceId: string;
  readonly #options: TestPhoneOptions;
  readonly #keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | undefined;
  #secret: Uint8Array;

  constructor(options: TestPhoneOptions = {}) {
    this.#options = options;
    this.#secret = options.secret ?? new Uint8Array(32);
    this.deviceId = options.deviceId ?? `token-${this.mechanismUid}`;
    this.#keys = options.hasKey ? newEcKeyPair() : undefined;
  }

  get secret(): Uint8Array {
    return this.#secret;
  }

  get publicJwk() {
    return this.#keys && parseEcPublicJwk(this.#keys.publicKey.export({ format: 'jwk' }));
  }

  scan(uri: string): ScannedRegistration {
    const scanned = parseRegistrationUri(uri);
    if (!scanned.ok) throw new Error(scanned.reason);
    this.#secret = scanned.value.secret;
    return scanned.value;
  }

  /** The body of a registration; `claims` are added to or replace the phone's own. */
  registration(
    scanned: ScannedRegistration,
    claims: object = {},
  ): { readonly messageId: string; readonly jwt: string } {
    const jwk = this.publicJwk;
    const own = registrationClaims({
      deviceId: this.deviceId,
      ...(this.#options.deviceName !== undefined && { deviceName: this.#options.deviceName }),
      deviceType: this.#options.deviceType ?? 'web',
      communicationType: this.#options.communicationType ?? 'relay',
      mechanismUid: this.mechanismUid,
      response: encodeBase64(answerChallenge(scanned.secret, scanned.challenge)),
      ...(jwk !== undefined && { xKey: jwk }),
    });
    return { messageId: scanned.messageId, jwt: signHs256({ ...own, ...claims }, scanned.secret) };
  }

  /** What a push JWT says; the test trusts its own server. */
  read(jwt: string): ReceivedPush {
    const jws = splitCompactJws(jwt);
    const claims = jws.ok ? decodeJwsPayload(jws.value.payload) : jws;
    const push = claims.ok ? parsePushClaims(claims.value) : claims;
    if (!push.ok) throw new Error(push.reason);
    return push.value;
  }

  answer(
    messageId: string,
    jwt: string,
    {
      now,
      deny,
      reason,
      number,
      claims = {},
    }: {
      readonly now: number;
      readonly deny?: true;
      readonly reason?: DenyReason;
      readonly number?: string;
      readonly claims?: object;
    },
  ): { readonly messageId: string; readonly jwt: string } {
    const { challenge } = this.read(jwt);
    const own = authenticationClaims({
      response: encodeBase64(answerChallenge(this.#secret, challenge)),
      ...(deny && { deny }),
      ...(reason && { reason }),
      ...(number !== undefined && { number }),
      ...(this.#keys && { bound: { iat: Math.floor(now / 1000), jti: randomUUID(), mid: messageId } }),
    });
    return { messageId, jwt: this.sign({ ...own, ...claims }) };
  }

  refresh(now: number, claims: object = {}, body: object = {}): object {
    const own = {
      deviceId: `new-${this.deviceId}`,
      deviceType: this.#options.deviceType ?? 'web',
      communicationType: this.#options.communicationType ?? 'relay',
      ...(this.#keys && { iat: Math.floor(now / 1000), jti: randomUUID() }),
    };
    return { mechanismUid: this.mechanismUid, jwt: this.sign({ ...own, ...claims }), ...body };
  }

  relayToken(aud: string, now: number, claims: object = {}): string {
    const own = { iat: Math.floor(now / 1000), jti: randomUUID(), mechanismUid: this.mechanismUid, aud };
    return this.sign({ ...own, ...claims });
  }

  /** By its own key where it has one. */
  sign(claims: object): string {
    return this.#keys === undefined ? signHs256(claims, this.#secret) : signEs256(claims, this.#keys.privateKey);
  }
}
