import { FACTOR_KINDS, type FactorKind } from '@assent/engine';
import { z } from 'zod';

/** Of the nodes that let a user go on without a device: whether they look for factors of every kind (SEC-88). */
export const considersAllFactors = z.boolean().default(false).meta({
  title: 'Consider all factors',
  description:
    'Let a user go without only if they have no factor at all: no phone, no code app, no passkey and no bound device. Otherwise only devices of the kind that the journey asks for count, as in AM.',
});

/** The kinds that a user lacks who goes without: all of them, or those that the node looks for anyway. */
export const lackedKinds = (
  config: { readonly considersAllFactors: boolean },
  otherwise: readonly FactorKind[] = [],
): readonly FactorKind[] => (config.considersAllFactors ? FACTOR_KINDS : otherwise);

/** The kinds that remain when these are taken away. */
export const kindsBut = (...kinds: readonly FactorKind[]): readonly FactorKind[] =>
  FACTOR_KINDS.filter((kind) => !kinds.includes(kind));
