/** The picture of a realm, out of its `data:` URI. */
export interface RealmLogo {
  /** `image/png`, `image/jpeg` or `image/webp`. */
  readonly type: string;
  readonly bytes: Buffer;
  /** In pixels; absent where the picture does not say. */
  readonly size?: PictureSize;
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Reads a logo that was checked when it was saved; undefined for none. */
export const readLogo = (uri: string): RealmLogo | undefined => {
  const [, kind = '', base64 = ''] = /^data:image\/(png|jpeg|webp);base64,(.+)$/.exec(uri) ?? [];
  const sizeOf = SIZES[kind];
  if (sizeOf === undefined) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  const size = sizeOf(bytes);
  const isSize = size !== undefined && size.width > 0 && size.height > 0;
  return { type: `image/${kind}`, bytes, ...(isSize && { size }) };
};

/** @see PNG specification §11.2.1: the first chunk is the header. */
const pngSize = (bytes: Buffer): PictureSize | undefined =>
  bytes.length < 24 ? undefined : { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };

/** @see RFC 9649 §2.5 to §2.7: each of the three kinds of first chunk has its own place for it. */
const webpSize = (bytes: Buffer): PictureSize | undefined => {
  if (bytes.length < 30) return undefined;
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
};

/** Segments that begin a frame; those between them (C4, C8, CC) do not. @see ITU-T T.81, table B.1 */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

const jpegSize = (bytes: Buffer): PictureSize | undefined => {
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    if (isFrame(bytes[at + 1] ?? 0)) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
};

const SIZES: Readonly<Record<string, (bytes: Buffer) => PictureSize | undefined>> = {
  png: pngSize,
  jpeg: jpegSize,
  webp: webpSize,
};
