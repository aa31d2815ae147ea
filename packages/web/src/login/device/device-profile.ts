import { type Placed, textOf } from '../step/step.ts';

/** The parts of a browser that a device profile is read from; handed in, so that it can be read without one. */
export interface ProfileSource {
  readonly navigator: Pick<
    Navigator,
    'userAgent' | 'platform' | 'language' | 'languages' | 'hardwareConcurrency' | 'maxTouchPoints' | 'cookieEnabled'
  > & {
    readonly deviceMemory?: number;
  };
  readonly screen: Pick<Screen, 'width' | 'height' | 'colorDepth' | 'pixelDepth'>;
  readonly timezoneOffset: number;
}

/** A rough place. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** A random name for a browser. */
export const newDeviceIdentifier = (): string =>
  [...crypto.getRandomValues(new Uint8Array(20))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** Hundredths of a degree, about a kilometre: enough to spot a sign-in from elsewhere, not enough to find a door. @see ux.md §2.3 */
const roughPlace = ({ latitude, longitude }: Place): Place => ({
  latitude: Math.round(latitude * 100) / 100,
  longitude: Math.round(longitude * 100) / 100,
});

/** The JSON text that a Device Profile Collector node expects. @see nodes-mfa.md §6.1 */
export const deviceProfile = (
  { callback }: Placed,
  given: { readonly identifier: string; readonly source: ProfileSource; readonly place: Place | undefined },
): string => {
  const { navigator, screen, timezoneOffset } = given.source;
  return JSON.stringify({
    identifier: given.identifier,
    ...(textOf(callback, 'metadata') === 'true'
      ? {
          metadata: {
            platform: {
              platform: navigator.platform,
              language: navigator.language,
              languages: [...navigator.languages].slice(0, 8),
              timezone: timezoneOffset,
            },
            hardware: {
              hardwareConcurrency: navigator.hardwareConcurrency,
              maxTouchPoints: navigator.maxTouchPoints,
              ...(navigator.deviceMemory === undefined ? {} : { deviceMemory: navigator.deviceMemory }),
              display: {
                width: screen.width,
                height: screen.height,
                colorDepth: screen.colorDepth,
                pixelDepth: screen.pixelDepth,
              },
            },
            browser: { userAgent: navigator.userAgent, cookieEnabled: navigator.cookieEnabled },
          },
        }
      : {}),
    ...(given.place === undefined || textOf(callback, 'location') !== 'true'
      ? {}
      : { location: roughPlace(given.place) }),
  });
};
