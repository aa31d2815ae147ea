export { type ChainFlaws, type DescribedKey, TestAttester } from './attestation-chain.ts';
export * from './authenticator/index.ts';
export { type AskedToSign, BoundPhone, type BoundPhoneOptions, type OtherWords } from './bound-phone.ts';
