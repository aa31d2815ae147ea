import type { QrReader } from './qr-reader.ts';

interface NativeDetector {
  detect(picture: ImageBitmap): Promise<readonly { readonly rawValue: string }[]>;
}

interface NativeDetectorClass {
  new (options: { readonly formats: readonly string[] }): NativeDetector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** The browser's own reader where it has one, else ours in WebAssembly, which is loaded with the first use. @see ux.md §3.2 "Scan" */
export const loadQrReader = async (): Promise<QrReader> =>
  (await nativeReader()) ?? (await import('./wasm-qr-reader.ts')).wasmQrReader();

const nativeReader = async (): Promise<QrReader | undefined> => {
  const { BarcodeDetector } = globalThis as { readonly BarcodeDetector?: NativeDetectorClass };
  if (BarcodeDetector === undefined) return undefined;
  try {
    if (!(await BarcodeDetector.getSupportedFormats()).includes('qr_code')) return undefined;
  } catch {
    return undefined;
  }
  const detector = new BarcodeDetector({ formats: ['qr_code'] });
  return async (picture) => {
    const bitmap = picture instanceof Blob ? await createImageBitmap(picture) : picture;
    return (await detector.detect(bitmap))[0]?.rawValue;
  };
};
