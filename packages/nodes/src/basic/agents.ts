import type { Identity } from '@assent/engine';

/** The attribute that makes an identity an agent, as AM's agent profiles have it: `WebAgent`, `J2EEAgent`, … */
const AGENT_ATTRIBUTE = 'AgentType';

export const isAgent = ({ attributes }: Pick<Identity, 'attributes'>): boolean =>
  (attributes[AGENT_ATTRIBUTE] ?? []).length > 0;
