/** By `<node type>.<text id>`; see node-texts.ts. */
export const fr: Readonly<Record<string, string>> = {
  'CombinedMultiFactorRegistrationNode.scanQRCode':
    'Scannez ce code avec l’application d’authentification de votre téléphone.',
  'GetAuthenticatorAppNode.appleStore': 'Apple App Store',
  'GetAuthenticatorAppNode.continueLabel': 'Continuer',
  'GetAuthenticatorAppNode.googlePlay': 'Google Play Store',
  'GetAuthenticatorAppNode.message':
    'Téléchargez une application d’authentification depuis l’{{appleLink}} ou le {{googleLink}}, puis continuez.',
  'MessageNode.message': 'Message par défaut',
  'MessageNode.no': 'Non',
  'MessageNode.yes': 'Oui',
  'MultiFactorRegistrationOptionsNode.getAppLabel': 'Obtenir l’application',
  'MultiFactorRegistrationOptionsNode.message':
    'Enregistrez votre téléphone pour approuver vos connexions avec lui. Si vous passez cette étape, la question vous sera posée de nouveau la prochaine fois. Si vous refusez, elle ne vous sera plus posée, ce que nous déconseillons.',
  'MultiFactorRegistrationOptionsNode.messageMandatory':
    'Enregistrez votre téléphone pour approuver vos connexions avec lui.',
  'MultiFactorRegistrationOptionsNode.optOutLabel': 'Refuser',
  'MultiFactorRegistrationOptionsNode.registerDeviceLabel': 'Enregistrer l’appareil',
  'MultiFactorRegistrationOptionsNode.skipStepLabel': 'Passer cette étape',
  'OathRegistrationNode.nextButtonLabel': 'Suivant',
  'OathRegistrationNode.scanQRCode': 'Scannez ce code avec l’application d’authentification de votre téléphone.',
  'OathTokenVerifierNode.message': 'Saisissez le code de vérification',
  'OathTokenVerifierNode.recoveryCodes': 'Utiliser un code de récupération',
  'OathTokenVerifierNode.submit': 'Envoyer',
  'OneTimePasswordCollectorDecisionNode.prompt': 'Mot de passe à usage unique',
  'OneTimePasswordSmtpSenderNode.content': 'Votre mot de passe à usage unique\u00a0: {{OTP}}',
  'OneTimePasswordSmtpSenderNode.subject': 'Mot de passe à usage unique',
  'PasswordCollectorNode.prompt': 'Mot de passe',
  'PollingWaitNode.exit': 'Annuler',
  'PollingWaitNode.waiting': 'Veuillez patienter…',
  'PushAuthenticationSenderNode.userMessage': 'Est-ce bien vous\u00a0? {{user}} se connecte à {{issuer}}.',
  'PushRegistrationNode.scanQRCode': 'Scannez ce code avec l’application d’authentification de votre téléphone.',
  'PushWaitNode.exit': 'Annuler',
  'PushWaitNode.tapped': 'Sur votre téléphone, choisissez {{challenge}}.',
  'PushWaitNode.typed': 'Sur votre téléphone, saisissez {{challenge}}.',
  'PushWaitNode.typedOrTapped':
    'Sur votre téléphone, saisissez {{challenge}} ou choisissez ses deux derniers chiffres.',
  'PushWaitNode.waiting': 'En attente de votre téléphone…',
  'RecoveryCodeCollectorDecisionNode.recoveryCode': 'Code de récupération',
  'RecoveryCodeDisplayNode.recoveryCodeDescription':
    'Conservez dès maintenant une copie de ces codes. Ils ne sont affichés que cette fois.',
  'RecoveryCodeDisplayNode.recoveryCodeDeviceIntroduction':
    'Chaque code vous permet de vous connecter une fois si vous perdez cet appareil\u00a0:',
  'RecoveryCodeDisplayNode.recoveryCodeTitle': 'Vos codes de récupération',
  'UsernameCollectorNode.prompt': 'Nom d’utilisateur',
  'ValidatedPasswordNode.prompt': 'Mot de passe',
  'ValidatedUsernameNode.prompt': 'Nom d’utilisateur',
};
