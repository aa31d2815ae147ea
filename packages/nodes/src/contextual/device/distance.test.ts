import { expect, test } from 'vitest';
import { distanceKm, parsePlace, placeIn } from './distance.ts';

const at = (text: string) => parsePlace(text) ?? { latitude: Number.NaN, longitude: Number.NaN };

// Published great-circle distances between city centres and airports, to a per cent.
test.each([
  ['51.5007,-0.1246', '40.6892,-74.0445', 5_574.8],
  ['52.5200,13.4050', '48.8566,2.3522', 877.5],
  ['35.6762,139.6503', '-33.8688,151.2093', 7_822],
  ['36.12,-86.67', '33.94,-118.40', 2_886.4],
  ['0,179.5', '0,-179.5', 111.2],
  ['90,0', '-90,77', 20_015.1],
])('from %s to %s it is %d km', (from, to, km) => {
  expect(Math.abs(distanceKm(at(from), at(to)) - km) / km).toBeLessThan(0.01);
  expect(distanceKm(at(from), at(to))).toBeCloseTo(distanceKm(at(to), at(from)), 6);
});

test('from a place to itself it is nothing', () => {
  expect(distanceKm(at('52.52,13.405'), at('52.52,13.405'))).toBe(0);
});

test.each(['', '1', '1,2,3', 'a,b', '91,0', '0,181', '1e1,2', '1;2', 'NaN,0'])('%j is no place', (text) => {
  expect(parsePlace(text)).toBeUndefined();
});

test.each([
  [{}],
  [null],
  ['1,2'],
  [{ latitude: '1', longitude: 2 }],
  [{ latitude: 1 }],
  [{ latitude: 90.1, longitude: 0 }],
])('what a client sent as %j is no place', (value) => {
  expect(placeIn(value)).toBeUndefined();
});
