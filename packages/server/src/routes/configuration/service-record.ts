import { settingsSchema } from '@assent/engine/host';
import { formatSettingsSchema, type JsonObject } from '@assent/wire';
import { z } from 'zod';
import { type Reader, shownTo } from '../../authorization/reader.ts';
import { contentRevision } from '../../realms/configuration-writes.ts';
import { type ServiceConfig, type ServiceType, secretsOf } from './service-types.ts';

export const without = (config: ServiceConfig, drop: (name: string) => boolean): ServiceConfig =>
  Object.fromEntries(Object.entries(config).filter(([name]) => !drop(name)));

export const withoutUnset = (config: ServiceConfig): ServiceConfig =>
  without(config, (name) => config[name] === null || config[name] === undefined);

export const typeRecord = ({ id, name }: ServiceType): JsonObject => ({ _id: id, name, collection: false });

export const defaultsOf = (type: ServiceType): ServiceConfig => {
  const secrets = secretsOf(type);
  return Object.fromEntries(
    Object.entries(type.schema.shape).map(([name, field]) => [
      name,
      secrets.has(name) ? null : z.safeParse(field as z.ZodType, undefined).data,
    ]),
  );
};

/** What a service says, with the defaults of what was stored without. */
const said = (type: ServiceType, config: ServiceConfig): ServiceConfig => {
  const secrets = secretsOf(type);
  return { ...defaultsOf(type), ...without(config, (name) => secrets.has(name)) };
};

export const revision = (type: ServiceType, config: ServiceConfig): string => contentRevision(said(type, config));

export const shown = (type: ServiceType, config: ServiceConfig, id: string, reader: Reader): JsonObject => ({
  ...shownTo(reader, said(type, config), (name) => Object.hasOwn(type.schema.shape, name)),
  _id: id,
  _rev: revision(type, config),
  _type: typeRecord(type),
});

/** Nothing is `required` there: a service that is made has its defaults, and what has none is asked for when it is saved. */
export const schemaOf = ({ schema }: ServiceType): JsonObject =>
  formatSettingsSchema({ ...settingsSchema({ config: schema }), required: [] });
