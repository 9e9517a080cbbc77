import { Component, type ReactNode } from 'react';
import { t } from '../texts/index.ts';

/** In place of a page that broke: what is kept, and the way on. */
export class Fallen extends Component<
  { readonly children: ReactNode },
  { readonly error: Error | undefined }
> {
  override state: { readonly error: Error | undefined } = { error: undefined };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <div className="door">
        <main>
          <div className="frame" role="alert">
            <h1>{t.errors.title}</h1>
            <p className="lede">
              {t.errors.text} ({error.message})
            </p>
            <div className="do">
              <button type="button" className="btn btn-solid" onClick={() => window.location.reload()}>
                {t.errors.reload}
              </button>
            </div>
          </div>
        </main>
      </div>
    );
  }
}
