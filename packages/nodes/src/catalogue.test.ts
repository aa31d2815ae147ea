import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { NodeDefinition } from '@assent/engine';
import { secretSettings, settingsWithSecret } from '@assent/engine/host';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { nodeCatalogue } from './catalogue.ts';
import { mailService } from './mail/mail-service.ts';

const source = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.node.ts'));
const definitions = [...nodeCatalogue.values()];

test('every node file is in the catalogue, and nothing else is', async () => {
  const exported = await Promise.all(
    files.map(async (file) => Object.values((await import(`${source}${file}`)) as Record<string, NodeDefinition>)),
  );
  expect(exported.map((values) => values.length)).toEqual(files.map(() => 1));
  expect(new Set(exported.flat())).toEqual(new Set(definitions));
});

test('the catalogue is sorted by type and names each type once', () => {
  const types = definitions.map(({ type }) => type);
  expect([...nodeCatalogue.keys()]).toEqual([...types].sort());
  expect(new Set(types).size).toBe(files.length);
});

test('a setting that a later version has brought names one of its type, and may be missing', () => {
  for (const { type, version, earlier, config, template } of definitions) {
    const versions = [version, ...earlier.map((it) => it.version)];
    for (const [name, field] of Object.entries(config.shape)) {
      const since = (field as z.ZodType).meta()?.since;
      if (since === undefined) continue;
      expect(versions.slice(0, -1), `${type}.${name}`).toContain(since);
      expect(Object.keys(template)).not.toContain(name);
    }
  }
});

test('what a secret goes with are settings beside it', () => {
  const secrets = [...definitions, { type: 'email', config: mailService }].flatMap((definition) =>
    [...secretSettings(definition)].map((name) => [definition, name] as const),
  );
  expect(secrets.length).toBeGreaterThan(3);
  for (const [definition, name] of secrets) {
    const beside = Object.keys(definition.config.shape).filter((it) => it !== name);
    expect(beside, definition.type).toEqual(expect.arrayContaining([...settingsWithSecret(definition, name)]));
  }
});

describe.each(definitions.map((definition) => [definition.type, definition] as const))('%s', (type, definition) => {
  test('has every setting explained, and its defaults are valid settings', () => {
    for (const [name, schema] of Object.entries(definition.config.shape)) {
      expect(schema.meta(), `${type}.${name}`).toMatchObject({
        title: expect.any(String),
        description: expect.any(String),
      });
    }
    // Without a setting that has no default, such as the tree to run, a node cannot be saved; all others are optional.
    const { required = [] } = z.toJSONSchema(definition.config, { io: 'input', target: 'draft-7' });
    for (const settings of [{}, definition.template]) {
      const { error } = definition.config.safeParse(settings);
      expect(error?.issues.map(({ path }) => path.join('.')) ?? [], type).toEqual(
        required.filter((name) => !(name in settings)),
      );
    }
  });

  test('has settings that the admin schema can spell', () => {
    const schema = z.toJSONSchema(definition.config, { io: 'input', target: 'draft-7' });
    expect(Object.keys(schema.properties ?? {})).toEqual(Object.keys(definition.config.shape));
  });

  test('speaks our own words: no product names, and no words that clients take for a list of codes', () => {
    for (const [id, text] of Object.entries(definition.texts)) {
      expect(text, `${type}.${id}`).not.toMatch(/\b(ping\w*|forgerock|openam)\b/i);
      if (type !== 'RecoveryCodeDisplayNode') expect(text, `${type}.${id}`).not.toMatch(/[Rr]ecovery [Cc]odes/);
    }
  });

  test('has only fields that a map of settings can tell apart', () => {
    const keys = definition.outputs.map(({ keyName, ownedByNode, compartment }) => [keyName, ownedByNode, compartment]);
    expect(new Set(keys.map(String)).size).toBe(keys.length);
  });
});
