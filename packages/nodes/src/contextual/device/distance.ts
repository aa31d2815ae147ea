/** A point on the earth, in degrees. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** The mean radius of the earth (IUGG). */
const EARTH_RADIUS_KM = 6_371.0088;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** The great-circle distance by the haversine formula; exact to half a per cent, which a place from a browser is not. */
export const distanceKm = (a: Place, b: Place): number => {
  const haversine = (from: number, to: number): number => Math.sin(radians(to - from) / 2) ** 2;
  const h =
    haversine(a.latitude, b.latitude) +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * haversine(a.longitude, b.longitude);
  // Rounding may carry opposite ends of the earth a hair over 1.
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
};

const isWithin = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= most;

/** The place in what a client sent; undefined for `{}`, which stands for a user who would not tell. */
export const placeIn = (value: unknown): Place | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const { latitude, longitude } = value as Readonly<Record<string, unknown>>;
  return isWithin(latitude, 90) && isWithin(longitude, 180) ? { latitude, longitude } : undefined;
};

/** `lat,long` in degrees, as settings write it. */
export const parsePlace = (text: string): Place | undefined => {
  const [latitude, longitude, ...more] = text.split(',').map((part) => part.trim());
  if (latitude === undefined || longitude === undefined || more.length > 0) return undefined;
  if (![latitude, longitude].every((part) => /^[+-]?\d+(\.\d+)?$/.test(part))) return undefined;
  return placeIn({ latitude: Number(latitude), longitude: Number(longitude) });
};
