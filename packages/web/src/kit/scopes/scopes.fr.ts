import type { ScopeCatalogue } from './scopes.en.ts';

/** What the usual scopes let an application do, in French. */
export const scopeTextsFr: ScopeCatalogue = {
  scopeOpenid: 'Vous reconnaître à votre retour',
  scopeProfile: 'Voir votre nom, votre langue et votre fuseau horaire',
  scopeEmail: 'Voir votre adresse e-mail',
  scopeAddress: 'Voir votre adresse postale',
  scopePhone: 'Voir votre numéro de téléphone',
  scopeOffline: 'Garder cet accès quand vous êtes déconnecté',
};
