import { Unavailable } from '@assent/engine';

/** The directory cannot be asked now, or not by these settings: its realm answers 503 until it can (OPS-77). */
export class DirectoryUnavailable extends Unavailable {
  override readonly name = 'DirectoryUnavailable';
}

/** For a reason of ours, such as too many who ask at once: it says nothing of whether the directory can be asked. */
export class DirectoryBusy extends DirectoryUnavailable {}

/** The directory, or the settings of it, do not allow what was asked for; the caller is told. */
export class DirectoryRefusal extends Error {
  override readonly name = 'DirectoryRefusal';
}

/** The directory has more users than it shows at once, so that nobody can say who else is meant. */
export class DirectoryTooLarge extends Error {
  override readonly name = 'DirectoryTooLarge';
}
