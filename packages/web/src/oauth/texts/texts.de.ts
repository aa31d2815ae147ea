import { scopeTextsDe } from '../../kit/scopes/scopes.de.ts';
import type { OAuthCatalogue } from './texts.en.ts';

/** The provider's pages in German. */
export const oauthTextsDe: OAuthCatalogue = {
  titleScreen: '{screen} – {realm}',
  titleError: 'Fehler: {screen} – {realm}',
  language: 'Sprache',
  apply: 'Sprache ändern',
  newTab: '(öffnet einen neuen Tab)',
  continue: 'Weiter',

  consent: '{app} erlauben?',
  consentLead: '{app} bittet um Zugriff auf Ihr Konto.',
  appSays: 'Was die App über sich sagt:',
  signedInAs: 'Sie sind angemeldet als {name}.',
  scopes: 'Das wird damit möglich:',
  ...scopeTextsDe,
  goesTo: 'Wie Sie sich auch entscheiden: Danach geht es weiter zu {host}.',
  policy: 'Datenschutzerklärung',
  terms: 'Nutzungsbedingungen',
  remember: 'Für diese App nicht mehr fragen',
  allow: 'Erlauben',
  deny: 'Ablehnen',

  formPost: 'Einen Moment',
  formPostLead: 'Sie sind auf dem Weg zu {host}.',

  errorRequest: 'Diese Anfrage lässt sich nicht abschließen',
  errorRequestText:
    'Gehen Sie zurück zur App und beginnen Sie von vorn. Wenn das nicht hilft, geben Sie dem Betreiber der App weiter, was unten steht.',
  errorApp: 'Diese App ist hier nicht bekannt',
  errorAppText: 'Es wurde nichts an sie gesendet. Geben Sie dem Betreiber der App weiter, was unten steht.',
  errorRedirect: 'Dieser Link führt an einen unbekannten Ort',
  errorRedirectText:
    'Er hätte Sie zu einer Adresse geführt, die nicht zur App gehört; deshalb haben wir angehalten. Geben Sie dem Betreiber der App weiter, was unten steht.',
  errorFault: 'Bei uns ist etwas schiefgegangen',
  errorFaultText: 'Gehen Sie zurück zur App und versuchen Sie es gleich noch einmal.',
  errorBusy: 'Gerade stark ausgelastet',
  errorBusyText: 'Warten Sie einen Moment und laden Sie diese Seite dann neu.',
  errorSignOut: 'Sie sind hier nicht angemeldet',
  errorSignOutText: 'Es gibt also nichts abzumelden. Sie können diese Seite schließen.',
  errorReference: 'Referenz: {id}',

  signOut: 'Von {realm} abmelden?',
  signOutText:
    'Eine App oder ein Link bittet darum. Apps, die Sie über diese Anmeldung nutzen, können eine neue Anmeldung verlangen.',
  signOutDo: 'Abmelden',
  signOutStay: 'Angemeldet bleiben',
  signedOut: 'Sie sind abgemeldet',
  signedOutText: 'Sie können diese Seite schließen.',
  signInAgain: 'Erneut anmelden',

  deviceCode: 'Gerät verbinden',
  deviceCodeLead: 'Geben Sie den Code ein, den Ihr Gerät zeigt.',
  deviceCodeField: 'Gerätecode',
  deviceCodeHint: 'Großbuchstaben, Leerzeichen und Bindestriche spielen keine Rolle.',
  deviceCodeUnknown: 'Dieser Code geht nicht. Sehen Sie auf Ihr Gerät: Sein Code könnte abgelaufen sein.',
  deviceCodeTooMany: 'Es wurden zu viele Codes probiert. Warten Sie eine Minute und versuchen Sie es dann noch einmal.',
  deviceConsent: 'Ist das Ihr Gerät?',
  deviceConsentLead: 'Ein Gerät möchte {app} mit Ihrem Konto nutzen.',
  deviceConsentCode: 'Fahren Sie nur fort, wenn Sie es vor sich haben und es diesen Code zeigt:',
  deviceConsentNo: 'Nein, ablehnen',
  deviceConsentYes: 'Ja, erlauben',
  deviceDone: 'Ihr Gerät ist verbunden',
  deviceDoneText: 'Weiter geht es an Ihrem Gerät. Sie können diese Seite schließen.',
  deviceDenied: 'Das Gerät wurde nicht verbunden',
  deviceDeniedText: 'Es bekommt keinen Zugriff auf Ihr Konto. Sie können diese Seite schließen.',
};
