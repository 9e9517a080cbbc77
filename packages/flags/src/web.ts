export type { AnswerStorage } from './web/answer-cache.ts';
export type { Page } from './web/page.ts';
export { createWebFlagProvider } from './web/web-flag-provider.ts';
export type { WebFlagProvider, WebFlagProviderOptions } from './web/web-flag-provider.ts';
