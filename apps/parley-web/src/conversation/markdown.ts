import { Marked, type Token, type Tokens } from 'marked';

/** Inside of a text: a person who is meant. */
export interface MentionToken {
  readonly type: 'mention';
  readonly raw: string;
  readonly userId: string;
}

const mention = /^<@([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})>/;

const parser = new Marked({ gfm: true, breaks: true });
parser.use({
  extensions: [
    {
      name: 'mention',
      level: 'inline',
      start: (text) => text.indexOf('<@'),
      tokenizer(text) {
        const found = mention.exec(text);
        return found === null ? undefined : { type: 'mention', raw: found[0], userId: found[1] };
      },
    },
  ],
  tokenizer: {
    // What looks like HTML is words: nothing that somebody writes becomes an element of the page.
    html: () => undefined,
    tag: () => undefined,
    // Messages refer to nothing outside of themselves.
    def: () => undefined,
  },
});

/** Deeper than anybody means it: a message that is made to break the page is shown as it was typed. */
const deepest = 12;

/** What Markdown sees in a message. Never HTML. */
export function tokensOf(body: string): readonly Token[] {
  // Before it is parsed, since the parser itself goes down as deep as this does.
  if (/^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))){13}/mu.test(body)) return [asTyped(body)];
  const tokens = parser.lexer(body);
  return isDeep(tokens, deepest) ? [asTyped(body)] : tokens;
}

const asTyped = (body: string): Tokens.Text => ({ type: 'text', raw: body, text: body, escaped: false });

function isDeep(tokens: readonly Token[], left: number): boolean {
  return tokens.some((token) => {
    const items = token.type === 'list' ? (token as Tokens.List).items : [];
    const inner = 'tokens' in token ? (token.tokens ?? []) : items;
    return inner.length > 0 && (left === 0 || isDeep(inner, left - 1));
  });
}

/** Only where a link may lead: no script, no file, no data. undefined: it is shown as words. */
export function safeHref(href: string): string | undefined {
  try {
    const url = new URL(href, 'https://parley.invalid');
    const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
    if (isWeb && url.hostname === 'parley.invalid')
      return href.startsWith('/') && !href.startsWith('//') ? href : undefined;
    return isWeb || url.protocol === 'mailto:' ? url.href : undefined;
  } catch {
    // Not an address.
    return undefined;
  }
}

export type { Token, Tokens };
