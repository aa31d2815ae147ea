import type { Clock, NodeDefinition, PasswordHasher, Random } from '@assent/engine';
import type { Store } from '@assent/store';
import type { LoginView } from '@assent/wire';
import type { Logger } from '../platform/log.ts';
import type { Settings } from '../settings/settings.ts';

export interface ComposeOptions {
  readonly settings: Settings;
  /** What was found about them, for the log. */
  readonly warnings?: readonly string[];
  readonly log?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Opened by the settings where absent; the composition closes it either way. */
  readonly store?: Store;
  /** At OWASP's cost where absent; any other is for tests and measurements, and no setting chooses one. */
  readonly hasher?: PasswordHasher;
  /** Where placeholders in the settings of nodes get their values; of the process where absent. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Beside the catalogue and the modules that the settings name. */
  readonly nodes?: readonly NodeDefinition[];
  /** Resolves after that time, while the database is waited for; the timer of the process where absent. */
  readonly wait?: (millis: number) => Promise<unknown>;
  /** Renders the login page; of the built pages where absent. */
  readonly loginView?: LoginView;
}
