export type { Issue, IssueCode } from './issue.ts';
export { hasErrors, operationOutcome } from './issue.ts';
export type { Coding, Meta, Resource } from './resource.ts';
export type * from './search/index-value.ts';
export type { SearchParameter, SearchParameterType } from './search/parameter.ts';
export type * from './search/query.ts';
