import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([\w+/=-]+)\/(\d{8})\/([a-z0-9-]+)\/sns\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** What a request says of who signed it. */
export interface AwsSignature {
  readonly accessKey: string;
  /** Whether the secret signed this very request. @see AWS, "Signature Version 4 signing process" */
  isBy(secret: string): boolean;
}

/** Undefined where there is no signature, or one that covers too little. */
export const readAwsSignature = (request: IncomingMessage, body: string): AwsSignature | undefined => {
  const { headers, method = '', url = '' } = request;
  const [, accessKey, date, region, names, signature] = AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  const moment = String(headers['x-amz-date']);
  if (accessKey === undefined || date === undefined || region === undefined || names === undefined) return undefined;
  if (method !== 'POST' || !/^\d{8}T\d{6}Z$/.test(moment) || !names.split(';').includes('host')) return undefined;
  const signed = names.split(';').map((name) => `${name}:${String(headers[name] ?? '').trim()}\n`);
  const canonical = [method, url, '', signed.join(''), names, sha256(body)].join('\n');
  const scope = `${date}/${region}/sns/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', moment, scope, sha256(canonical)].join('\n');
  return {
    accessKey,
    isBy(secret) {
      const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), 'sns'), 'aws4_request');
      return hmac(key, toSign).toString('hex') === signature;
    },
  };
};
