import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url';
import type { QrReader } from './qr-reader.ts';

/** zxing-cpp in WebAssembly, from our own origin: its default address is a public CDN. */
export const wasmQrReader = async (): Promise<QrReader> => {
  await prepareZXingModule({ overrides: { locateFile: () => wasmUrl }, fireImmediately: true });
  return async (picture) => {
    const input = picture instanceof Blob ? picture : pixelsOf(picture);
    const [found] = await readBarcodes(input, { formats: ['QRCode'], maxNumberOfSymbols: 1, tryHarder: true });
    return found?.isValid === true ? found.text : undefined;
  };
};

const pixelsOf = (bitmap: ImageBitmap): ImageData => {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new TypeError('This browser draws no pictures.');
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
};
