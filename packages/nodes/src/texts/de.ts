/** By `<node type>.<text id>`; see node-texts.ts. */
export const de: Readonly<Record<string, string>> = {
  'CombinedMultiFactorRegistrationNode.scanQRCode':
    'Scannen Sie diesen Code mit dem Authenticator auf Ihrem Smartphone.',
  'GetAuthenticatorAppNode.appleStore': 'Apple App Store',
  'GetAuthenticatorAppNode.continueLabel': 'Weiter',
  'GetAuthenticatorAppNode.googlePlay': 'Google Play Store',
  'GetAuthenticatorAppNode.message':
    'Laden Sie eine Authenticator-App aus dem {{appleLink}} oder dem {{googleLink}} und fahren Sie dann fort.',
  'MessageNode.message': 'Standardnachricht',
  'MessageNode.no': 'Nein',
  'MessageNode.yes': 'Ja',
  'MultiFactorRegistrationOptionsNode.getAppLabel': 'App herunterladen',
  'MultiFactorRegistrationOptionsNode.message':
    'Registrieren Sie Ihr Smartphone, um damit Anmeldungen zu genehmigen. Wenn Sie diesen Schritt überspringen, werden Sie beim nächsten Mal wieder gefragt. Wenn Sie verzichten, werden Sie nicht mehr gefragt; davon raten wir ab.',
  'MultiFactorRegistrationOptionsNode.messageMandatory':
    'Registrieren Sie Ihr Smartphone, um damit Anmeldungen zu genehmigen.',
  'MultiFactorRegistrationOptionsNode.optOutLabel': 'Verzichten',
  'MultiFactorRegistrationOptionsNode.registerDeviceLabel': 'Gerät registrieren',
  'MultiFactorRegistrationOptionsNode.skipStepLabel': 'Diesen Schritt überspringen',
  'OathRegistrationNode.nextButtonLabel': 'Weiter',
  'OathRegistrationNode.scanQRCode': 'Scannen Sie diesen Code mit dem Authenticator auf Ihrem Smartphone.',
  'OathTokenVerifierNode.message': 'Bestätigungscode eingeben',
  'OathTokenVerifierNode.recoveryCodes': 'Wiederherstellungscode nutzen',
  'OathTokenVerifierNode.submit': 'Absenden',
  'OneTimePasswordCollectorDecisionNode.prompt': 'Einmalpasswort',
  'OneTimePasswordSmtpSenderNode.content': 'Ihr Einmalpasswort: {{OTP}}',
  'OneTimePasswordSmtpSenderNode.subject': 'Einmalpasswort',
  'PasswordCollectorNode.prompt': 'Passwort',
  'PollingWaitNode.exit': 'Abbrechen',
  'PollingWaitNode.waiting': 'Bitte warten…',
  'PushAuthenticationSenderNode.userMessage': 'Sind Sie das? {{user}} meldet sich bei {{issuer}} an.',
  'PushRegistrationNode.scanQRCode': 'Scannen Sie diesen Code mit dem Authenticator auf Ihrem Smartphone.',
  'PushWaitNode.exit': 'Abbrechen',
  'PushWaitNode.tapped': 'Wählen Sie auf Ihrem Smartphone {{challenge}}.',
  'PushWaitNode.typed': 'Geben Sie auf Ihrem Smartphone {{challenge}} ein.',
  'PushWaitNode.typedOrTapped':
    'Geben Sie auf Ihrem Smartphone {{challenge}} ein oder wählen Sie die letzten beiden Ziffern.',
  'PushWaitNode.waiting': 'Warten auf Ihr Smartphone…',
  'RecoveryCodeCollectorDecisionNode.recoveryCode': 'Wiederherstellungscode',
  'RecoveryCodeDisplayNode.recoveryCodeDescription':
    'Bewahren Sie jetzt eine Kopie dieser Codes auf. Sie werden nur dieses eine Mal angezeigt.',
  'RecoveryCodeDisplayNode.recoveryCodeDeviceIntroduction':
    'Mit jedem Code können Sie sich einmal anmelden, falls Sie dieses Gerät verlieren:',
  'RecoveryCodeDisplayNode.recoveryCodeTitle': 'Ihre Wiederherstellungscodes',
  'UsernameCollectorNode.prompt': 'Benutzername',
  'ValidatedPasswordNode.prompt': 'Passwort',
  'ValidatedUsernameNode.prompt': 'Benutzername',
};
