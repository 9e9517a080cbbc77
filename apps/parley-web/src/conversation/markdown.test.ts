import { describe, expect, it } from 'vitest';
import { safeHref, tokensOf, type Token } from './markdown.ts';

/** All kinds of tokens in a text, however deep. */
function kindsIn(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token) => [
    token.type,
    ...kindsIn(('tokens' in token ? token.tokens : undefined) ?? []),
  ]);
}

function depthOf(tokens: readonly Token[]): number {
  const inner = tokens.map((token) => depthOf(('tokens' in token ? token.tokens : undefined) ?? []));
  return tokens.length === 0 ? 0 : 1 + Math.max(...inner);
}

describe('Markdown in messages', () => {
  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    'words <b onclick="x()">bold</b> words',
    '<iframe srcdoc="<script>1</script>">',
    '<!-- a comment -->',
    '<svg/onload=alert(1)>',
    '</div><style>*{display:none}</style>',
  ])('knows no HTML: %s', (body) => {
    expect(kindsIn(tokensOf(body))).not.toContain('html');
  });

  it('finds a person who is meant, and nobody inside of code', () => {
    const id = '11111111-1111-4111-8111-111111111111';
    expect(
      kindsIn(tokensOf(`hello <@${id}>, **<@${id}>**`)).filter((kind) => kind === 'mention'),
    ).toHaveLength(2);
    expect(kindsIn(tokensOf(`\`<@${id}>\``))).not.toContain('mention');
    expect(kindsIn(tokensOf('<@not-an-id>'))).not.toContain('mention');
  });

  it.each([
    ['https://example.org/a?b=c', 'https://example.org/a?b=c'],
    ['mailto:maja@saltmarsh.example', 'mailto:maja@saltmarsh.example'],
    ['/c/1?at=3', '/c/1?at=3'],
    ['javascript:alert(1)', undefined],
    ['JaVaScRiPt:alert(1)', undefined],
    [' javascript:alert(1)', undefined],
    ['java\nscript:alert(1)', undefined],
    ['data:text/html,<script>1</script>', undefined],
    ['vbscript:x', undefined],
    ['file:///etc/passwd', undefined],
    ['//evil.example', 'https://evil.example/'],
    ['relative', undefined],
  ])('lets a link lead from %j to %j', (href, expected) => {
    expect(safeHref(href)).toBe(expected);
  });

  it('shows what is nested to break the page as it was typed', () => {
    for (const body of [
      '>'.repeat(4_000),
      '> '.repeat(4_000),
      '**a '.repeat(2_000),
      '- '.repeat(8_000),
      '1. '.repeat(5_000),
    ]) {
      const tokens = tokensOf(body);
      expect(depthOf(tokens)).toBeLessThan(16);
      expect(tokens.map(({ raw }) => raw).join('')).toContain(body.slice(0, 10));
    }
  });

  it('reads thousands of opening brackets in no time', () => {
    for (const body of ['['.repeat(16_000), '*'.repeat(16_000), '>'.repeat(4_000), '`'.repeat(16_000)])
      expect(tokensOf(body).length).toBeGreaterThan(0);
  });
});
