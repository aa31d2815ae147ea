import { imageSize } from 'image-size';

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
  const [, kind, base64 = ''] = /^data:image\/(png|jpeg|webp);base64,(.+)$/.exec(uri) ?? [];
  if (kind === undefined) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  const size = sizeOf(bytes);
  return { type: `image/${kind}`, bytes, ...(size && { size }) };
};

/** As long as the header of the smallest; of less, a size would be read from what is not there. */
const MIN_BYTES = 24;

/** A picture that is broken further in is shown all the same, without the room for it that its size would keep. */
const sizeOf = (bytes: Buffer): PictureSize | undefined => {
  if (bytes.length < MIN_BYTES) return undefined;
  try {
    const { width, height } = imageSize(bytes);
    return width > 0 && height > 0 ? { width, height } : undefined;
  } catch {
    return undefined;
  }
};
