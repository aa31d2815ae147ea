/** A public key of another party, with the algorithm that it says to sign by. */
export interface ForeignKey {
  readonly jwk: Readonly<Record<string, string>>;
  readonly algorithm: string;
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const base64Url = (bytes: Uint8Array): string => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = Array.from({ length: Math.ceil(bits.length / 6) }, (_, at) => bits.slice(at * 6, at * 6 + 6));
  return groups.map((group) => DIGITS[Number.parseInt(group.padEnd(6, '0'), 2)]).join('');
};

/** An odd number of so many bits. */
const modulus = (bits: number): string => {
  const bytes = new Uint8Array(Math.ceil(bits / 8)).fill(0xff);
  bytes[0] = 0xff >> (bytes.length * 8 - bits);
  return base64Url(bytes);
};
const rsa = (bits: number, e = 'AQAB'): ForeignKey => ({
  jwk: { kty: 'RSA', n: modulus(bits), e },
  algorithm: 'RS256',
});

const P256 = {
  kty: 'EC',
  crv: 'P-256',
  x: '2uCd-VIyVY3em8_Xptk81Pqf9WbQe_LH1mvMI4KPqJc',
  y: 'MQwYRqi-qDPZXFgspEalU14XjVilnbaO23Fz8DjV7jA',
};
const P384 = {
  kty: 'EC',
  crv: 'P-384',
  x: '8WejWvatTvgWvhBDEcA4ZAIzp0VIxh9DzrmrDpKG-MDnQspLLQZz4YOYeRN_uRbZ',
  y: 'FahzUfBhUQFAJGPOKO9SESOIed9yy2kq7EDYfih2jbXH1PS-IsRvpUuxo8Xfv9p_',
};
const P521 = {
  kty: 'EC',
  crv: 'P-521',
  x: 'Aak7326-ZZIySEENYmglqwHu4s-26nL3vbEs67_MF0x8JNzV_kPNSzxAKlN-RxMqZ5p5_6nEu_xHo2nX3e3WKBXZ',
  y: 'AHnlRUIUKC9TqI7bXYSPbUaoQqWke8YcpXd6ttKolHIlFU3_w_nhu055SUZ_hyn34RWR4qCcGw9Kzujzjl8DjZ42',
};
const ED25519 = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };

/** Keys that an entry accepts where it knows their kind (SEC-95). */
export const ACCEPTED_KEYS: readonly (readonly [name: string, key: ForeignKey])[] = [
  ['RSA of 2,048 bits', rsa(2_048)],
  ['RSA of 4,096 bits', rsa(4_096)],
  ['RSA with the exponent 3', rsa(2_048, 'Aw')],
  ['RSA with an exponent of 32 bits', rsa(2_048, '_____w')],
  ['P-256', { jwk: P256, algorithm: 'ES256' }],
  ['P-384', { jwk: P384, algorithm: 'ES384' }],
  ['P-521', { jwk: P521, algorithm: 'ES512' }],
  ['Ed25519', { jwk: ED25519, algorithm: 'EdDSA' }],
];

/** Keys that every entry refuses (SEC-95). */
export const REFUSED_KEYS: readonly (readonly [name: string, key: ForeignKey])[] = [
  ['RSA of 1,024 bits', rsa(1_024)],
  ['RSA of 2,047 bits', rsa(2_047)],
  ['RSA of 4,097 bits', rsa(4_097)],
  ['RSA of 8,192 bits', rsa(8_192)],
  ['RSA with the exponent 1', rsa(2_048, 'AQ')],
  ['RSA with an even exponent', rsa(2_048, 'BA')],
  ['RSA with an exponent of 33 bits', rsa(2_048, 'AQAAAAE')],
  ['RSA with an exponent as long as its modulus', rsa(2_048, modulus(2_048))],
  [
    'RSA with an even modulus',
    {
      jwk: { kty: 'RSA', n: base64Url(new Uint8Array(256).fill(0xff).with(255, 0xfe)), e: 'AQAB' },
      algorithm: 'RS256',
    },
  ],
  [
    'secp256k1',
    {
      jwk: {
        kty: 'EC',
        crv: 'secp256k1',
        x: '_dPiEfTyDJpiOxMIBKU2JkIT4CLrT_saHmROlPJCVSI',
        y: '3NQDU3Ln5tYL2byLP_c1hSCXgZV6i4Mpv5q67jwh2IA',
      },
      algorithm: 'ES256',
    },
  ],
  [
    'Ed448',
    {
      jwk: {
        kty: 'OKP',
        crv: 'Ed448',
        x: 'VY6ge98pmsAscZCdAtXmNWUIRKLlhxBLKaEwXzpwsl3MLEpBtYqd9Z5PPjfymfRbtoU6A5WyZ_SA',
      },
      algorithm: 'EdDSA',
    },
  ],
  ['X25519', { jwk: { ...ED25519, crv: 'X25519' }, algorithm: 'EdDSA' }],
  ['P-384 that says to be P-256', { jwk: { ...P384, crv: 'P-256' }, algorithm: 'ES256' }],
  ['half a point', { jwk: { kty: 'EC', crv: 'P-256', x: P256.x }, algorithm: 'ES256' }],
];

/** A point of no curve, which is found where the key is imported. */
export const OFF_CURVE: ForeignKey = { jwk: { ...P256, y: base64Url(new Uint8Array(32).fill(1)) }, algorithm: 'ES256' };
