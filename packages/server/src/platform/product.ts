/** What we are called, and which AM our REST contract is that of (spec: journeys-rest §2.2: below 8.1). */
export const PRODUCT = Object.freeze({
  name: 'Assent',
  version: '0.1.0',
  announcedVersion: '8.0.2',
  releaseDate: '2026-November-24',
});
