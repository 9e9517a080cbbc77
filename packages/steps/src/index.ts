export { stepCatalog } from './catalog.ts';
export { catalogDigest, type CatalogDigest } from './schema/catalog-digest.ts';
