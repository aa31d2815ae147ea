import { scopeTextsFr } from '../../kit/scopes/scopes.fr.ts';
import type { OAuthCatalogue } from './texts.en.ts';

/** The provider's pages in French. */
export const oauthTextsFr: OAuthCatalogue = {
  titleScreen: '{screen} – {realm}',
  titleError: 'Erreur : {screen} – {realm}',
  language: 'Langue',
  apply: 'Changer de langue',
  newTab: '(s’ouvre dans un nouvel onglet)',
  continue: 'Continuer',

  consent: 'Autoriser {app} ?',
  consentLead: '{app} demande l’accès à votre compte.',
  appSays: 'Ce que l’application dit d’elle-même :',
  signedInAs: 'Vous êtes connecté en tant que {name}.',
  scopes: 'Cela permettra de :',
  ...scopeTextsFr,
  goesTo: 'Quel que soit votre choix, vous irez ensuite sur {host}.',
  policy: 'Politique de confidentialité',
  terms: 'Conditions d’utilisation',
  remember: 'Ne plus me demander pour cette application',
  allow: 'Autoriser',
  deny: 'Refuser',

  formPost: 'Un instant',
  formPostLead: 'Vous êtes en route vers {host}.',

  errorRequest: 'Cette demande ne peut pas aboutir',
  errorRequestText:
    'Revenez à l’application et recommencez. Si cela n’aide pas, transmettez à son responsable ce qui figure ci-dessous.',
  errorApp: 'Cette application n’est pas connue ici',
  errorAppText: 'Rien ne lui a été envoyé. Transmettez à son responsable ce qui figure ci-dessous.',
  errorRedirect: 'Ce lien mène à un endroit inconnu',
  errorRedirectText:
    'Il vous aurait envoyé à une adresse qui n’appartient pas à l’application ; nous nous sommes donc arrêtés. Transmettez à son responsable ce qui figure ci-dessous.',
  errorFault: 'Un problème est survenu de notre côté',
  errorFaultText: 'Revenez à l’application et réessayez dans un instant.',
  errorBusy: 'Très chargé en ce moment',
  errorBusyText: 'Patientez un instant, puis rechargez cette page.',
  errorSignOut: 'Vous n’êtes pas connecté ici',
  errorSignOutText: 'Il n’y a donc rien à déconnecter. Vous pouvez fermer cette page.',
  errorReference: 'Référence : {id}',

  signOut: 'Se déconnecter de {realm} ?',
  signOutText:
    'Une application ou un lien le demande. Les applications que vous utilisez avec cette connexion pourront vous demander de vous reconnecter.',
  signOutDo: 'Se déconnecter',
  signOutStay: 'Rester connecté',
  signedOut: 'Vous êtes déconnecté',
  signedOutText: 'Vous pouvez fermer cette page.',
  signInAgain: 'Se reconnecter',

  deviceCode: 'Connecter un appareil',
  deviceCodeLead: 'Saisissez le code affiché sur votre appareil.',
  deviceCodeField: 'Code de l’appareil',
  deviceCodeHint: 'Les majuscules, les espaces et les tirets n’ont pas d’importance.',
  deviceCodeUnknown: 'Ce code ne fonctionne pas. Regardez votre appareil : son code a peut-être expiré.',
  deviceCodeTooMany: 'Trop de codes ont été essayés. Attendez une minute, puis réessayez.',
  deviceConsent: 'Est-ce votre appareil ?',
  deviceConsentLead: 'Un appareil demande à utiliser {app} avec votre compte.',
  deviceConsentCode: 'Ne continuez que si vous l’avez devant vous et qu’il affiche ce code :',
  deviceConsentNo: 'Non, refuser',
  deviceConsentYes: 'Oui, autoriser',
  deviceDone: 'Votre appareil est connecté',
  deviceDoneText: 'Poursuivez sur votre appareil. Vous pouvez fermer cette page.',
  deviceDenied: 'L’appareil n’a pas été connecté',
  deviceDeniedText: 'Il n’a aucun accès à votre compte. Vous pouvez fermer cette page.',
};
