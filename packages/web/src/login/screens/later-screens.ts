import { lazyScreens } from './lazy-screen.tsx';

/** Screens that few sign-ins begin with. */
export const laterScreens = lazyScreens(async () => (await import('./later-chunk.ts')).screens);
