export type { Extent } from './data-set.ts';
export { fhirDate } from './dates.ts';
export { tagOfKeyword } from './dictionary.ts';
export { frameBytes, frameExtents, type PixelShape, pixelShape } from './frames.ts';
export { IMAGING_STUDY_CONVERTER, imagingFidelity, imagingStudy } from './imaging-study.ts';
export { type InstanceIndex, instanceIndex, isUid } from './instance.ts';
export {
  type JsonAttribute,
  type JsonDataSet,
  type JsonPersonName,
  type JsonValue,
  jsonItems,
  jsonName,
  jsonNumber,
  jsonText,
  jsonTexts,
} from './json-model.ts';
export { type Presentation, presentationOf, type Window } from './presentation.ts';
export { DicomReader } from './read.ts';
export type { RenderJob } from './render.ts';
export { Renderer, RendererBusy } from './renderer.ts';
export {
  isStructuredReport,
  type ReportResult,
  STRUCTURED_REPORT_CONVERTER,
  structuredReport,
} from './structured-report.ts';
export {
  EXPLICIT_BIG,
  EXPLICIT_LITTLE,
  frameMediaType,
  IMPLICIT_LITTLE,
  TRANSFER_SYNTAXES,
  type TransferSyntax,
  transferSyntax,
} from './transfer-syntax.ts';
