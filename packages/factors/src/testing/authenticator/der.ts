// As much of DER (ITU-T X.690) as certificates of authenticators need.

/** One value of DER: its tag, its length, and what is in it. */
export const der = (tag: number, ...contents: readonly Uint8Array[]): Uint8Array => {
  const content = Buffer.concat(contents);
  const { length } = content;
  if (length < 128) return Buffer.concat([Uint8Array.of(tag, length), content]);
  const digits = Buffer.from(length.toString(16).padStart(length < 256 ? 2 : length < 65_536 ? 4 : 6, '0'), 'hex');
  return Buffer.concat([Uint8Array.of(tag, 128 + digits.length), digits, content]);
};

export const sequence = (...contents: readonly Uint8Array[]): Uint8Array => der(0x30, ...contents);
export const set = (...contents: readonly Uint8Array[]): Uint8Array => der(0x31, ...contents);
export const octetString = (...contents: readonly Uint8Array[]): Uint8Array => der(0x04, ...contents);
export const bitString = (content: Uint8Array): Uint8Array => der(0x03, Uint8Array.of(0), content);
export const isTrue = (): Uint8Array => der(0x01, Uint8Array.of(0xff));
export const utf8String = (text: string): Uint8Array => der(0x0c, Buffer.from(text));
export const printableString = (text: string): Uint8Array => der(0x13, Buffer.from(text));

/** A number of no sign, of bytes whose first may be 0. */
export const integer = (bytes: Uint8Array): Uint8Array => {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const digits = bytes.subarray(start);
  return der(0x02, ...((digits[0] ?? 0) >= 0x80 ? [Uint8Array.of(0)] : []), digits);
};

/** A moment such as `20240101000000Z`, in the form that its year demands (RFC 5280 §4.1.2.5). */
export const time = (moment: string): Uint8Array =>
  Number(moment.slice(0, 4)) < 2_050 ? der(0x17, Buffer.from(moment.slice(2))) : der(0x18, Buffer.from(moment));

/** An object identifier such as `2.5.4.3`. */
export const objectIdentifier = (dotted: string): Uint8Array => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
};

function base128(number: number): readonly number[] {
  const digits = [number & 127];
  for (let left = number >>> 7; left > 0; left >>>= 7) digits.unshift((left & 127) | 128);
  return digits;
}
