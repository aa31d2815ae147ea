import { type Placed, textOf } from '../step/step.ts';
import { deviceProfile, newDeviceIdentifier, type Place } from './device-profile.ts';

const identifierKey = 'assent-device-id';
const laterKey = 'assent-location-later';
const thirtyDays = 30 * 24 * 3600 * 1000;

/** What is to happen about the place before a profile is sent. */
export type LocationChoice = 'ask' | 'read' | 'leave-out';

/** Whether to ask for the place: only where the step wants it and this browser has not decided yet. @see ux.md §2.4 L */
export const locationChoice = async (profile: Placed): Promise<LocationChoice> => {
  if (textOf(profile.callback, 'location') !== 'true' || !window.isSecureContext || !('geolocation' in navigator))
    return 'leave-out';
  try {
    const { state } = await navigator.permissions.query({ name: 'geolocation' });
    if (state === 'granted') return 'read';
    return state === 'prompt' && !askedLately() ? 'ask' : 'leave-out';
  } catch {
    return 'leave-out';
  }
};

/** Remembers "Not now" for thirty days. */
export const notNow = (): void => remember(laterKey, String(Date.now()));

/** The place of this browser; `undefined` when it is refused, unknown, or takes longer than `limit`. */
export const readPlace = (limit: number): Promise<Place | undefined> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), limit);
    const done = (place: Place | undefined): void => {
      clearTimeout(timer);
      resolve(place);
    };
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => done({ latitude: coords.latitude, longitude: coords.longitude }),
      () => done(undefined),
      { timeout: 3000, maximumAge: 600_000, enableHighAccuracy: false },
    );
  });

/** The profile of this browser as the answer to a DeviceProfileCallback. */
export const profileOfThisBrowser = (profile: Placed, place: Place | undefined): string =>
  deviceProfile(profile, {
    identifier: identifier(),
    source: { navigator, screen: window.screen, timezoneOffset: new Date().getTimezoneOffset() },
    place,
  });

/** A random name for this browser: no secret, and the same each time where storage is allowed. */
const identifier = (): string => {
  const known = recall(identifierKey);
  if (known !== null && /^[0-9a-f-]{16,64}$/.test(known)) return known;
  const made = newDeviceIdentifier();
  remember(identifierKey, made);
  return made;
};

const askedLately = (): boolean => {
  const at = Number(recall(laterKey) ?? Number.NaN);
  return Number.isFinite(at) && Date.now() - at < thirtyDays;
};

// Storage may be switched off as a whole, in which case even touching it throws.
const recall = (key: string): string | null => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};

const remember = (key: string, value: string): void => {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The browser is asked again next time, which is all that remembering would have saved.
  }
};
