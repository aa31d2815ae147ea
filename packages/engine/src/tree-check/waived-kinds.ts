import { FACTOR_KINDS, type FactorKind } from '../model/proven-factors.ts';

/**
 * What is known of the factors of a user at a place of a journey: 1 bit for each kind that the user does not have or has shown, and 1 bit that
 * is set where the user got there for want of a factor.
 */
export type WaivedKinds = number;

const WAIVED = 1 << FACTOR_KINDS.length;

/** The journey has taken no outcome for want of a factor. */
export const NOTHING_WAIVED: WaivedKinds = 0;

export const waivedFor = (kinds: readonly FactorKind[]): WaivedKinds =>
  kinds.reduce((bits, kind) => bits | (1 << FACTOR_KINDS.indexOf(kind)), WAIVED);

export const bothWaived = (one: WaivedKinds, other: WaivedKinds): WaivedKinds => one | other;

export const isWaived = (waived: WaivedKinds): boolean => (waived & WAIVED) !== 0;

/** Kinds that a user may have who gets there for want of another one. */
export const kindsLeftOut = (waived: WaivedKinds): readonly FactorKind[] =>
  isWaived(waived) ? FACTOR_KINDS.filter((_kind, at) => (waived & (1 << at)) === 0) : [];
