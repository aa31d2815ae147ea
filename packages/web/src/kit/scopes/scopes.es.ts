import type { ScopeCatalogue } from './scopes.en.ts';

/** What the usual scopes let an application do, in Spanish. */
export const scopeTextsEs: ScopeCatalogue = {
  scopeOpenid: 'Reconocerle cuando vuelva',
  scopeProfile: 'Ver su nombre, su idioma y su zona horaria',
  scopeEmail: 'Ver su dirección de correo electrónico',
  scopeAddress: 'Ver su dirección postal',
  scopePhone: 'Ver su número de teléfono',
  scopeOffline: 'Conservar este acceso cuando haya cerrado la sesión',
};
