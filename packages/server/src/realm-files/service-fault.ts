import { parseSettings } from '@assent/engine/host';
import { isPlaceholder } from '../routes/configuration/service-in-force.ts';
import type { ServiceConfig, ServiceType } from '../routes/configuration/service-types.ts';

/** What is wrong with the settings of a service, in words; what stands for a value that is given elsewhere is not judged. */
export const faultOfService = ({ schema, mayLack }: ServiceType, config: ServiceConfig): string | undefined => {
  const { lacking, issues } = parseSettings({ config: schema }, config);
  const [missing] = mayLack === true ? [] : lacking;
  if (missing !== undefined) return `${missing}: it is not set.`;
  const issue = issues.find(({ path }) => !isPlaceholder(config[path.split('.')[0] ?? '']));
  return issue && `${issue.path}: ${issue.message}`;
};
