import { hash } from 'node:crypto';
import { systemRandom } from '../platform/system-ports.ts';

/** 32 random bytes, base64url: usable as a cookie value and in a URL. */
export const newSessionToken = (): { readonly token: string; readonly tokenHash: string } => {
  const token = Buffer.from(systemRandom.bytes(32)).toString('base64url');
  return { token, tokenHash: hashSessionToken(token) };
};

/** What is stored of a token: its SHA-256 (SEC-62). */
export const hashSessionToken = (token: string): string => hash('sha256', token, 'base64url');
