import { lazyScreens } from './lazy-screen.tsx';

/** Screens that no sign-in without a passkey needs. */
export const passkeyScreens = lazyScreens(async () => (await import('./passkey-chunk.ts')).screens);
