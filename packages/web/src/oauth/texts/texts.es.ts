import { scopeTextsEs } from '../../kit/scopes/scopes.es.ts';
import type { OAuthCatalogue } from './texts.en.ts';

/** The provider's pages in Spanish. */
export const oauthTextsEs: OAuthCatalogue = {
  titleScreen: '{screen} – {realm}',
  titleError: 'Error: {screen} – {realm}',
  language: 'Idioma',
  apply: 'Cambiar idioma',
  newTab: '(se abre en una pestaña nueva)',
  continue: 'Continuar',

  consent: '¿Permitir {app}?',
  consentLead: '{app} pide acceso a su cuenta.',
  appSays: 'Lo que la aplicación dice de sí misma:',
  signedInAs: 'Ha iniciado sesión como {name}.',
  scopes: 'Con ello podrá:',
  ...scopeTextsEs,
  goesTo: 'Elija lo que elija, después irá a {host}.',
  policy: 'Política de privacidad',
  terms: 'Condiciones de uso',
  remember: 'No volver a preguntarme por esta aplicación',
  allow: 'Permitir',
  deny: 'Denegar',

  formPost: 'Un momento',
  formPostLead: 'Va de camino a {host}.',

  errorRequest: 'Esta solicitud no se puede completar',
  errorRequestText:
    'Vuelva a la aplicación y empiece de nuevo. Si no sirve, comunique a quien la gestiona lo que aparece abajo.',
  errorApp: 'Esta aplicación no se conoce aquí',
  errorAppText: 'No se le ha enviado nada. Comunique a quien la gestiona lo que aparece abajo.',
  errorRedirect: 'Este enlace lleva a un lugar desconocido',
  errorRedirectText:
    'Le habría enviado a una dirección que no pertenece a la aplicación, así que nos hemos detenido. Comunique a quien la gestiona lo que aparece abajo.',
  errorFault: 'Algo ha fallado por nuestra parte',
  errorFaultText: 'Vuelva a la aplicación e inténtelo de nuevo en un momento.',
  errorBusy: 'Mucha carga en este momento',
  errorBusyText: 'Espere un momento y vuelva a cargar esta página.',
  errorSignOut: 'No ha iniciado sesión aquí',
  errorSignOutText: 'Así que no hay ninguna sesión que cerrar. Puede cerrar esta página.',
  errorReference: 'Referencia: {id}',

  signOut: '¿Cerrar la sesión en {realm}?',
  signOutText:
    'Lo pide una aplicación o un enlace. Las aplicaciones que usa con esta sesión pueden pedirle que la inicie de nuevo.',
  signOutDo: 'Cerrar sesión',
  signOutStay: 'Seguir con la sesión',
  signedOut: 'Ha cerrado la sesión',
  signedOutText: 'Puede cerrar esta página.',
  signInAgain: 'Iniciar sesión de nuevo',

  deviceCode: 'Conectar un dispositivo',
  deviceCodeLead: 'Escriba el código que muestra su dispositivo.',
  deviceCodeField: 'Código',
  deviceCodeHint: 'Las mayúsculas, los espacios y los guiones no importan.',
  deviceCodeUnknown: 'Ese código no sirve. Mire su dispositivo: puede que su código haya caducado.',
  deviceCodeTooMany: 'Se han probado demasiados códigos. Espere un minuto e inténtelo de nuevo.',
  deviceConsent: '¿Es este su dispositivo?',
  deviceConsentLead: 'Un dispositivo pide usar {app} con su cuenta.',
  deviceConsentCode: 'Continúe solo si lo tiene delante y muestra este código:',
  deviceConsentNo: 'No, denegar',
  deviceConsentYes: 'Sí, permitir',
  deviceDone: 'Su dispositivo está conectado',
  deviceDoneText: 'Siga en su dispositivo. Puede cerrar esta página.',
  deviceDenied: 'El dispositivo no se ha conectado',
  deviceDeniedText: 'No tiene acceso a su cuenta. Puede cerrar esta página.',
};
