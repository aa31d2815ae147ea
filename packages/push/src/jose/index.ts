export { type AssertionKey, signAssertion } from './assertion.ts';
export { checkEcPublicKey, openEs256, signEs256 } from './es256.ts';
export { answerChallenge, openHs256, signHs256, signJsonHs256, verifyHs256 } from './hs256.ts';
export { newEcKeyPair } from './key-pair.ts';
export { keyIdOfJws, openKeyedHs256, signKeyedHs256, verifyKeyedHs256 } from './keyed-hs256.ts';
export type { OpenedJwt } from './opened-jwt.ts';
export { readPrivateKey } from './private-key.ts';
export { sameBytes } from './same-bytes.ts';
