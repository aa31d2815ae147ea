import type { JourneyName } from './login.ts';
import type { World } from './world.ts';

/** One way through the example journey (spec: nodes-mfa §7.2). */
export interface Walk {
  readonly title: string;
  readonly journeys: readonly JourneyName[];
  /** `steering`: moves the clock or the configuration, which a server in production lets nobody do. */
  readonly needs: 'nothing' | 'steering';
  readonly go: (world: World, journey: JourneyName) => Promise<void>;
}

export const BOTH: readonly JourneyName[] = ['PushLogin', 'PushLoginBasic'];
