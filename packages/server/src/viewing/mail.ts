import type { Notice, NoticeKind } from '@meridian/viewing';
import { createTransport } from 'nodemailer';

/** Sends a mail to one address. Rejects where the mail server did not take it. */
export type SendMail = (to: string, notice: Notice) => Promise<void>;

export interface MailSettings {
  /** `smtp://user:password@host:port` or `smtps://…`. */
  url: string;
  /** The sender's address. */
  from: string;
  /** Where the application is, for the link. */
  origin: string;
}

/** A mail says that something happened, never what stands in a record: mailboxes are read by others. */
export function mailSender({ url, from, origin }: MailSettings): SendMail {
  const transport = createTransport({ url, connectionTimeout: 10_000, socketTimeout: 20_000 });
  return async (to, notice) => {
    const [english, traditional, simplified] = SENTENCES[notice.kind];
    await transport.sendMail({
      from,
      to,
      subject: `${english} · ${traditional}`,
      text: `${english}\n${traditional}\n${simplified}\n\n${origin}/\n`,
    });
  };
}

const SENTENCES: Readonly<Record<NoticeKind, readonly [en: string, zhHant: string, zhHans: string]>> = {
  'approval-asked': [
    'Somebody asks to see your medical record.',
    '有人請求查看你的醫療記錄。',
    '有人请求查看你的医疗记录。',
  ],
  'approval-decided': ['Your request was answered.', '你的請求已有答覆。', '你的请求已有答复。'],
  'record-viewed': ['Your medical record was viewed.', '你的醫療記錄曾被查看。', '你的医疗记录曾被查看。'],
  'glass-broken': [
    'Your medical record was opened in an emergency.',
    '你的醫療記錄曾因緊急情況被開啟。',
    '你的医疗记录曾因紧急情况被打开。',
  ],
  'review-closed': [
    'An access to your medical record was reviewed.',
    '一次查看你醫療記錄的行為已完成覆核。',
    '一次查看你医疗记录的行为已完成复核。',
  ],
  'consent-changed': ['Your sharing settings were changed.', '你的分享設定已更改。', '你的分享设置已更改。'],
  'result-released': ['A new result is in your record.', '你的記錄有新的結果。', '你的记录有新的结果。'],
  'critical-result': [
    'A critical result waits for you to take it over.',
    '有一份危急結果等待你跟進。',
    '有一份危急结果等待您跟进。',
  ],
  'link-used': ['A link to your summary was opened.', '你的摘要連結曾被開啟。', '你的摘要链接曾被打开。'],
  digest: ['Your daily summary of views is ready.', '每日查看摘要已備妥。', '每日查看摘要已准备好。'],
};
