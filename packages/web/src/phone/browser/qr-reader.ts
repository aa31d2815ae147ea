/** Reads the text of a QR code in a picture or a frame; undefined where it finds none. */
export type QrReader = (picture: ImageBitmap | Blob) => Promise<string | undefined>;
