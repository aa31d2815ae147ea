/** Outcome ids with their titles, in the order in which they are shown. */
export type Outcomes = Readonly<Record<string, string>>;

/** An outcome that exists only with certain settings, or that they name. */
export interface ConditionalOutcome<Config> {
  readonly title: string;
  /** Always where absent. */
  readonly when?: (config: Config) => boolean;
  /** What the settings call it, before the title. */
  readonly titleOf?: (config: Config) => string;
}
export type OutcomeMap<Config> = Readonly<Record<string, string | ConditionalOutcome<Config>>>;
/** For ids that only the settings, or the nodes inside, know; a node that wraps another has that for a node inside. */
export type OutcomeFunction<Config> = (config: Config, children: readonly NodeInside[]) => Outcomes;

/** What is known of a node inside another, whose outcomes they decide together. */
export interface NodeInside {
  readonly outcomes: Outcomes;
  /** It is answered in place of the others, or they decide. */
  readonly isStandalone?: boolean;
}
