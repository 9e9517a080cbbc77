import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { t } from '../texts/index.ts';
import { Icon } from '../ui/icon.tsx';

/** What stands in the place of a conversation. */
export function PageFrame({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <main className="talk page">
      <header className="head frame">
        <Link className="ibtn only-phone" to="/" search={{ list: true }} aria-label={t.side.back}>
          <Icon name="back" flips />
        </Link>
        <span className="kind" />
        <div className="title">
          <h1>{title}</h1>
        </div>
      </header>
      <div className="line">
        <div className="line-in frame top">
          <div className="page-in">{children}</div>
        </div>
      </div>
    </main>
  );
}
