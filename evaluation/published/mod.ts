/** What papers print, to lay our own figures beside: figures, and the sizes of the sets they were measured on. @module */
export {
  type NamedMethod,
  type Published,
  type PublishedDataset,
  publishedFor,
  type PublishedMetric,
} from "./published_figures.ts";
export { isWholeCategory, PUBLISHED_CATEGORIES, type PublishedSizes, publishedSizes } from "./published_sizes.ts";
