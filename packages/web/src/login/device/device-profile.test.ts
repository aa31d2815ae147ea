import { expect, test } from 'vitest';
import type { Placed } from '../step/step.ts';
import { deviceProfile } from './device-profile.ts';

const asks = (metadata: boolean, location: boolean): Placed => ({
  callback: {
    type: 'DeviceProfileCallback',
    output: [
      { name: 'metadata', value: metadata },
      { name: 'location', value: location },
    ],
  },
  position: 0,
});
const given = {
  identifier: 'abc',
  source: {
    navigator: {
      userAgent: 'UA',
      platform: 'Linux',
      language: 'en',
      languages: ['en'],
      hardwareConcurrency: 8,
      maxTouchPoints: 0,
      cookieEnabled: true,
    },
    screen: { width: 1280, height: 800, colorDepth: 24, pixelDepth: 24 },
    timezoneOffset: -60,
  },
  place: { latitude: 48.137154, longitude: -11.576124 },
};

test('a place goes out only where the step asks for it, and never finer than a hundredth of a degree', () => {
  expect(JSON.parse(deviceProfile(asks(false, false), given))).toEqual({ identifier: 'abc' });
  expect(JSON.parse(deviceProfile(asks(false, true), given))).toEqual({
    identifier: 'abc',
    location: { latitude: 48.14, longitude: -11.58 },
  });
});

test('a place that is not known is left out', () => {
  expect(JSON.parse(deviceProfile(asks(false, true), { ...given, place: undefined }))).toEqual({ identifier: 'abc' });
});

test('the profile has the parts that the node and its matchers read', () => {
  expect(JSON.parse(deviceProfile(asks(true, false), given))).toMatchObject({
    identifier: 'abc',
    metadata: {
      platform: { platform: 'Linux', timezone: -60 },
      hardware: { display: { width: 1280 } },
      browser: { userAgent: 'UA' },
    },
  });
});
