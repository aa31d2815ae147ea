import type { QrReader } from './qr-reader.ts';

/** Why no code came from the camera. `off`: nobody showed it a code, or the page was hidden. */
export type CameraEnd = 'denied' | 'none' | 'off' | 'stopped';

/** A camera is bright and hungry: off after this long. @see ux.md §3.2 "Scan" */
const MAX_MILLIS = 60_000;
const FRAME_MILLIS = 120;

/**
 * Shows the camera in `video` until a code comes into its sight. Its light goes off the moment that there is one, and when
 * the page is hidden. @see ux.md §7.5, 18
 */
export const scanWithCamera = async (
  video: HTMLVideoElement,
  loadReader: () => Promise<QrReader>,
  signal: AbortSignal,
): Promise<{ readonly text: string } | { readonly end: CameraEnd }> => {
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' }, audio: false });
  } catch (error) {
    return { end: error instanceof DOMException && error.name === 'NotAllowedError' ? 'denied' : 'none' };
  }
  const hidden = new AbortController();
  const hide = (): void => {
    if (document.visibilityState === 'hidden') hidden.abort();
  };
  document.addEventListener('visibilitychange', hide);
  const timedOut = AbortSignal.any([hidden.signal, AbortSignal.timeout(MAX_MILLIS)]);
  try {
    video.srcObject = stream;
    const [read] = await Promise.all([loadReader(), video.play()]);
    while (!signal.aborted && !timedOut.aborted) {
      const text = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? await readFrame(video, read) : undefined;
      if (text !== undefined) return { text };
      await new Promise((resolve) => setTimeout(resolve, FRAME_MILLIS));
    }
    return { end: signal.aborted ? 'stopped' : 'off' };
  } catch {
    return { end: signal.aborted ? 'stopped' : 'none' };
  } finally {
    document.removeEventListener('visibilitychange', hide);
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
};

const readFrame = async (video: HTMLVideoElement, read: QrReader): Promise<string | undefined> => {
  const frame = await createImageBitmap(video);
  try {
    return await read(frame);
  } finally {
    frame.close();
  }
};
