import type { Adapter } from '@assent/engine/host';
import type { JourneyMetrics } from '@assent/nodes';

/** The figures under one name. Times are in milliseconds. */
export interface JourneyFigure {
  readonly name: string;
  readonly kind: 'summary' | 'timer';
  readonly count: number;
  readonly total: number;
  readonly min: number;
  readonly max: number;
}

/** More names than the authors of a realm think of; a script that makes up names must not fill the memory. */
const MAX_NAMES = 1_000;

/** What meters and timers of journeys have recorded since this process began, by realm and name. */
export class JourneyFigures {
  readonly #byRealm = new Map<string, Map<string, JourneyFigure>>();

  /** The port for nodes: what a unit of work records counts once its commit stands. */
  readonly bind: Adapter<JourneyMetrics> = (unit) => ({
    count: (name) => unit.afterCommit(() => this.#add(unit.realm.realm, 'summary', name, 0)),
    time: (name, millis) => unit.afterCommit(() => this.#add(unit.realm.realm, 'timer', name, millis)),
  });

  /** The figures of a realm, by kind and name. */
  read(realm: string): readonly JourneyFigure[] {
    return [...(this.#byRealm.get(realm) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, figure]) => figure);
  }

  #add(realm: string, kind: JourneyFigure['kind'], name: string, value: number): void {
    const byName = this.#byRealm.get(realm) ?? new Map<string, JourneyFigure>();
    this.#byRealm.set(realm, byName);
    const key = `${kind} ${name}`;
    const known = byName.get(key);
    if (known === undefined && byName.size >= MAX_NAMES) return;
    byName.set(key, {
      name,
      kind,
      count: (known?.count ?? 0) + 1,
      total: (known?.total ?? 0) + value,
      min: Math.min(known?.min ?? value, value),
      max: Math.max(known?.max ?? value, value),
    });
  }
}
