import { scopeTextsJa } from '../../kit/scopes/scopes.ja.ts';
import type { OAuthCatalogue } from './texts.en.ts';

/** The provider's pages in Japanese. */
export const oauthTextsJa: OAuthCatalogue = {
  titleScreen: '{screen} – {realm}',
  titleError: 'エラー: {screen} – {realm}',
  language: '言語',
  apply: '言語を変更',
  newTab: '（新しいタブで開きます）',
  continue: '続ける',

  consent: '{app} を許可しますか？',
  consentLead: '{app} がアカウントへのアクセスを求めています。',
  appSays: 'アプリによる説明:',
  signedInAs: '{name} としてサインインしています。',
  scopes: '許可すると、次のことができるようになります。',
  ...scopeTextsJa,
  goesTo: 'どちらを選んでも、その後 {host} に進みます。',
  policy: 'プライバシーポリシー',
  terms: '利用規約',
  remember: 'このアプリについて今後は確認しない',
  allow: '許可する',
  deny: '拒否する',

  formPost: 'しばらくお待ちください',
  formPostLead: '{host} に移動しています。',

  errorRequest: 'このリクエストは完了できません',
  errorRequestText:
    'アプリに戻って、もう一度始めてください。解決しない場合は、下の内容をアプリの管理者に伝えてください。',
  errorApp: 'このアプリはここに登録されていません',
  errorAppText: 'アプリには何も送られていません。下の内容をアプリの管理者に伝えてください。',
  errorRedirect: 'このリンクは不明な場所につながっています',
  errorRedirectText:
    'アプリのものではないアドレスに移動するところだったため、中止しました。下の内容をアプリの管理者に伝えてください。',
  errorFault: 'サーバー側で問題が発生しました',
  errorFaultText: 'アプリに戻り、少し待ってからもう一度試してください。',
  errorBusy: 'ただいま混み合っています',
  errorBusyText: '少し待ってから、このページを再読み込みしてください。',
  errorSignOut: 'ここではサインインしていません',
  errorSignOutText: 'サインアウトする必要はありません。このページは閉じてかまいません。',
  errorReference: '照会番号: {id}',

  signOut: '{realm} からサインアウトしますか？',
  signOutText:
    'アプリまたはリンクがサインアウトを求めています。このサインインで使っているアプリでは、再度サインインが必要になることがあります。',
  signOutDo: 'サインアウト',
  signOutStay: 'サインインしたままにする',
  signedOut: 'サインアウトしました',
  signedOutText: 'このページは閉じてかまいません。',
  signInAgain: 'もう一度サインイン',

  deviceCode: 'デバイスを接続',
  deviceCodeLead: 'デバイスに表示されているコードを入力してください。',
  deviceCodeField: 'コード',
  deviceCodeHint: '大文字と小文字、スペース、ハイフンは区別しません。',
  deviceCodeUnknown: 'このコードは使えません。デバイスを確認してください。コードの期限が切れている可能性があります。',
  deviceCodeTooMany: '試したコードが多すぎます。1 分待ってから、もう一度試してください。',
  deviceConsent: 'これはあなたのデバイスですか？',
  deviceConsentLead: 'デバイスが、あなたのアカウントで {app} を使うことを求めています。',
  deviceConsentCode: 'デバイスが手元にあり、次のコードが表示されている場合にだけ進んでください。',
  deviceConsentNo: 'いいえ、拒否する',
  deviceConsentYes: 'はい、許可する',
  deviceDone: 'デバイスが接続されました',
  deviceDoneText: 'デバイスで続けてください。このページは閉じてかまいません。',
  deviceDenied: 'デバイスは接続されませんでした',
  deviceDeniedText: 'アカウントへのアクセスはできません。このページは閉じてかまいません。',
};
