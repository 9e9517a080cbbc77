export { gateCatalog } from './catalog.ts';
