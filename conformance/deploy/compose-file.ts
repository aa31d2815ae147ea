import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export const DEPLOY = fileURLToPath(new URL('../../deploy/', import.meta.url));

export interface Healthcheck {
  readonly test: readonly [string, ...string[]];
  readonly interval: string;
  readonly retries: number;
  readonly start_period: string;
  readonly start_interval: string;
}

type Condition = 'service_started' | 'service_healthy' | 'service_completed_successfully';

export interface Service {
  readonly command: readonly string[];
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly configs?: readonly { readonly source: string; readonly target: string }[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, { readonly condition: Condition }>>;
  readonly healthcheck?: Healthcheck;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly configs: Readonly<Record<string, { readonly file: string }>>;
}

/** What Compose puts in place of `${NAME:?…}` and `${NAME-…}`. */
const filledIn = (text: string, variables: Readonly<Record<string, string>>): string =>
  text.replace(/\$\{(\w+)[^}]*\}/g, (_all, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new Error(`compose.yaml asks for ${name}.`);
    return value;
  });

/** The `compose.yaml` that we give, with the folder in which its files are looked for. */
export class ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly #folder: string;
  readonly #compose: Compose;

  /** `folder`: where `./secrets` and the files beside it are. */
  constructor(folder: string, variables: Readonly<Record<string, string>>) {
    const text = readFileSync(join(DEPLOY, 'compose/compose.yaml'), 'utf8');
    this.#compose = parse(filledIn(text, variables), { merge: true }) as Compose;
    this.services = this.#compose.services;
    this.#folder = folder;
  }

  service(name: string): Service {
    const service = this.services[name];
    if (service === undefined) throw new Error(`compose.yaml has no service ${name}.`);
    return service;
  }

  /** The file of a secret outside of the containers. */
  secretFile(name: string): string {
    return join(this.#folder, this.#compose.secrets[name]?.file ?? name);
  }

  /** With the files that a service finds under these names, where they are outside of its container. */
  withFiles(service: Service, text: string): string {
    const configs = (service.configs ?? []).map(
      ({ source, target }) => [target, join(DEPLOY, 'compose', this.#compose.configs[source]?.file ?? source)] as const,
    );
    const secrets = (service.secrets ?? []).map((name) => [`/run/secrets/${name}`, this.secretFile(name)] as const);
    // The longer first, so that none is taken for the beginning of another.
    return [...configs, ...secrets]
      .sort(([a], [b]) => b.length - a.length)
      .reduce((result, [inside, outside]) => result.replaceAll(inside, outside), text);
  }

  /** Which services have to be how far before this one is started. */
  needs({ depends_on = [] }: Service): readonly (readonly [string, Condition])[] {
    return Array.isArray(depends_on)
      ? depends_on.map((name) => [name, 'service_started'])
      : Object.entries(depends_on as Exclude<Service['depends_on'], readonly string[] | undefined>).map(
          ([name, { condition }]) => [name, condition],
        );
  }
}
