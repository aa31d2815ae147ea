import { type MappedClass, type TreeProofs, treeProofs } from '@assent/engine/host';
import { testOfClass } from '@assent/oidc';
import { type JsonObject, PROVIDER_SECTIONS } from '@assent/wire';
import { DocumentReader } from './document-reader.ts';

type TreesToRead = Omit<Parameters<typeof treeProofs>[0], 'only'>;

/** The journey to each class of sign-in that the document of a provider names. */
export const treeOfAcrIn = (document: JsonObject): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(new DocumentReader(PROVIDER_SECTIONS, document).textsByName('advancedOIDCConfig', 'loaMapping')),
  );

/** These classes as a check of trees reads them. */
export const mappedClasses = (treeOfAcr: ReadonlyMap<string, string>): readonly MappedClass[] =>
  [...treeOfAcr].map(([acr, tree]) => {
    const isMetBy = testOfClass(acr);
    return { acr, tree, ...(isMetBy && { isMetBy }) };
  });

/**
 * What the journeys of the classes prove (SEC-85). It is worked out when the first request asks for a class, from the trees of that time. A
 * journey that proves nothing on some path proves no class, and neither does one with a path round its second factor.
 */
export const waysOfClasses = (
  treeOfAcr: ReadonlyMap<string, string>,
  toRead: () => TreesToRead,
): ((acr: string) => TreeProofs['ways']) => {
  let proofs: ReadonlyMap<string, TreeProofs> | undefined;
  return (acr) => {
    proofs ??= treeProofs({ ...toRead(), only: [...new Set(treeOfAcr.values())] });
    const { ways, isEven } = proofs.get(treeOfAcr.get(acr) ?? '') ?? { ways: [], isEven: false };
    return isEven && ways.every(({ size }) => size > 0) ? ways : [];
  };
};
