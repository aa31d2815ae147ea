/** By `<node type>.<text id>`; see node-texts.ts. */
export const es: Readonly<Record<string, string>> = {
  'CombinedMultiFactorRegistrationNode.scanQRCode':
    'Escanee este código con la aplicación de autenticación de su teléfono.',
  'GetAuthenticatorAppNode.appleStore': 'Apple App Store',
  'GetAuthenticatorAppNode.continueLabel': 'Continuar',
  'GetAuthenticatorAppNode.googlePlay': 'Google Play Store',
  'GetAuthenticatorAppNode.message':
    'Descargue una aplicación de autenticación de {{appleLink}} o de {{googleLink}} y después continúe.',
  'MessageNode.message': 'Mensaje predeterminado',
  'MessageNode.no': 'No',
  'MessageNode.yes': 'Sí',
  'MultiFactorRegistrationOptionsNode.getAppLabel': 'Obtener la aplicación',
  'MultiFactorRegistrationOptionsNode.message':
    'Registre su teléfono para aprobar con él los inicios de sesión. Si omite este paso, se le volverá a preguntar la próxima vez. Si renuncia, no se le volverá a preguntar, y no lo recomendamos.',
  'MultiFactorRegistrationOptionsNode.messageMandatory':
    'Registre su teléfono para aprobar con él los inicios de sesión.',
  'MultiFactorRegistrationOptionsNode.optOutLabel': 'Renunciar',
  'MultiFactorRegistrationOptionsNode.registerDeviceLabel': 'Registrar dispositivo',
  'MultiFactorRegistrationOptionsNode.skipStepLabel': 'Omitir este paso',
  'OathRegistrationNode.nextButtonLabel': 'Siguiente',
  'OathRegistrationNode.scanQRCode': 'Escanee este código con la aplicación de autenticación de su teléfono.',
  'OathTokenVerifierNode.message': 'Introduzca el código de verificación',
  'OathTokenVerifierNode.recoveryCodes': 'Usar un código de recuperación',
  'OathTokenVerifierNode.submit': 'Enviar',
  'OneTimePasswordCollectorDecisionNode.prompt': 'Contraseña de un solo uso',
  'OneTimePasswordSmtpSenderNode.content': 'Su contraseña de un solo uso: {{OTP}}',
  'OneTimePasswordSmtpSenderNode.subject': 'Contraseña de un solo uso',
  'PasswordCollectorNode.prompt': 'Contraseña',
  'PollingWaitNode.exit': 'Cancelar',
  'PollingWaitNode.waiting': 'Espere, por favor…',
  'PushAuthenticationSenderNode.userMessage': '¿Es usted? {{user}} está iniciando sesión en {{issuer}}.',
  'PushRegistrationNode.scanQRCode': 'Escanee este código con la aplicación de autenticación de su teléfono.',
  'PushWaitNode.exit': 'Cancelar',
  'PushWaitNode.tapped': 'En su teléfono, elija {{challenge}}.',
  'PushWaitNode.typed': 'En su teléfono, escriba {{challenge}}.',
  'PushWaitNode.typedOrTapped': 'En su teléfono, escriba {{challenge}} o elija sus dos últimas cifras.',
  'PushWaitNode.waiting': 'Esperando a su teléfono…',
  'RecoveryCodeCollectorDecisionNode.recoveryCode': 'Código de recuperación',
  'RecoveryCodeDisplayNode.recoveryCodeDescription':
    'Guarde ahora una copia de estos códigos. Solo se muestran esta vez.',
  'RecoveryCodeDisplayNode.recoveryCodeDeviceIntroduction':
    'Cada código le permite entrar una vez si pierde este dispositivo:',
  'RecoveryCodeDisplayNode.recoveryCodeTitle': 'Sus códigos de recuperación',
  'UsernameCollectorNode.prompt': 'Nombre de usuario',
  'ValidatedPasswordNode.prompt': 'Contraseña',
  'ValidatedUsernameNode.prompt': 'Nombre de usuario',
};
