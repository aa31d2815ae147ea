/** One value of DER (X.690 §10): of a tag below 31, and shorter than 64 KiB. */
export const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};

export const derSequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
export const derOid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
export const derTime = (text: string): Buffer => der(0x17, Buffer.from(text));
