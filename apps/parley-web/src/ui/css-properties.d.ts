import 'react';

declare module 'react' {
  interface CSSProperties {
    /** The hue of an avatar. */
    '--h'?: number;
  }
}
