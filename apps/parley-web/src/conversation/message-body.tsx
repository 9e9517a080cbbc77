import { Fragment, memo, type ReactNode } from 'react';
import { CodeBlock } from './code-block.tsx';
import { safeHref, tokensOf, type MentionToken, type Token, type Tokens } from './markdown.ts';
import { Mention } from './mention.tsx';

/** What somebody wrote, as elements that we made: their words are only ever text in them. */
export const MessageBody = memo(function MessageBody({ body }: { readonly body: string }) {
  return <>{tokensOf(body).map((token, at) => block(token, at))}</>;
});

function block(token: Token, key: number): ReactNode {
  switch (token.type) {
    case 'space':
    case 'def':
      return null;
    case 'code': {
      const { text, lang = '' } = token as Tokens.Code;
      return <CodeBlock key={key} text={text} language={lang} />;
    }
    case 'heading': {
      const { tokens } = token as Tokens.Heading;
      // A message is no document: its headings are not the page's.
      return (
        <div key={key} className="t" dir="auto">
          <strong>{inline(tokens)}</strong>
        </div>
      );
    }
    case 'blockquote': {
      const { tokens } = token as Tokens.Blockquote;
      return (
        <blockquote key={key} className="t" dir="auto">
          {tokens.map((inner, at) => block(inner, at))}
        </blockquote>
      );
    }
    case 'list': {
      const { ordered, start, items } = token as Tokens.List;
      const all = items.map((item, at) => <li key={at}>{listItem(item)}</li>);
      return (
        <div key={key} className="t" dir="auto">
          {ordered ? <ol start={start === '' ? 1 : start}>{all}</ol> : <ul>{all}</ul>}
        </div>
      );
    }
    case 'table':
      return table(token as Tokens.Table, key);
    case 'hr':
      return <hr key={key} />;
    case 'paragraph':
    case 'text': {
      const { tokens, text } = token as Tokens.Paragraph | Tokens.Text;
      return (
        <div key={key} className="t" dir="auto">
          {tokens === undefined ? text : inline(tokens)}
        </div>
      );
    }
    default:
      return (
        <div key={key} className="t" dir="auto">
          {token.raw}
        </div>
      );
  }
}

function listItem({ tokens, task, checked }: Tokens.ListItem): ReactNode {
  const mark = task ? (
    <input type="checkbox" checked={checked === true} disabled readOnly aria-label="" />
  ) : null;
  const parts = tokens.map((token, at) => {
    if (token.type === 'text' || token.type === 'paragraph') {
      const { tokens: inner, text } = token as Tokens.Text;
      return <Fragment key={at}>{inner === undefined ? text : inline(inner)}</Fragment>;
    }
    return block(token, at);
  });
  return (
    <>
      {mark}
      {parts}
    </>
  );
}

function table({ header, rows }: Tokens.Table, key: number): ReactNode {
  return (
    <div key={key} className="t table" dir="auto" tabIndex={0} role="region" aria-label="">
      <table>
        <thead>
          <tr>
            {header.map(({ tokens }, at) => (
              <th key={at}>{inline(tokens)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.map(({ tokens }, column) => (
                <td key={column}>{inline(tokens)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inline(tokens: readonly Token[]): ReactNode {
  return tokens.map((token, at) => <Fragment key={at}>{span(token)}</Fragment>);
}

function span(token: Token | MentionToken): ReactNode {
  switch (token.type) {
    case 'mention':
      return <Mention userId={(token as MentionToken).userId} />;
    case 'strong':
      return <strong>{inline((token as Tokens.Strong).tokens)}</strong>;
    case 'em':
      return <em>{inline((token as Tokens.Em).tokens)}</em>;
    case 'del':
      return <del>{inline((token as Tokens.Del).tokens)}</del>;
    case 'codespan':
      return <code>{(token as Tokens.Codespan).text}</code>;
    case 'br':
      return <br />;
    case 'link':
    case 'image': {
      const { href, text, tokens } = token as Tokens.Link;
      const safe = safeHref(href);
      const words = token.type === 'link' ? inline(tokens) : text === '' ? href : text;
      if (safe === undefined) return token.raw;
      return (
        <a className="textlink" href={safe} target="_blank" rel="noopener noreferrer nofollow ugc">
          {words}
        </a>
      );
    }
    case 'text': {
      const { tokens, text } = token as Tokens.Text;
      return tokens === undefined ? text : inline(tokens);
    }
    case 'escape':
      return (token as Tokens.Escape).text;
    default:
      return token.raw;
  }
}
