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
export type OutcomeFunction<Config> = (
  config: Config,
  children: readonly { readonly outcomes: Outcomes }[],
) => Outcomes;
