import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // The server puts a fresh one into the page at every request.
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    target: 'es2023',
    // Small pictures inside of styles would need "data:" in the policy for more than pictures.
    assetsInlineLimit: 0,
    manifest: true,
  },
});
