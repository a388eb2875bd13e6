export { AccessCodes } from './access-code/access-codes.ts';
export { type ApproverGroup, decidesFor, PATIENT_DECIDES } from './approval/approvers.ts';
export { type RequestedScope, readScope, ScopeError, SENSITIVITIES } from './approval/requested-scope.ts';
export { ApprovalError, stateOf, type ViewingRequest } from './approval/viewing-request.ts';
export { ViewingRequests } from './approval/viewing-requests.ts';
export { type BreakGlassParts, breakGlass, GLASS_REASONS, StaleAuthentication } from './break-glass/break-glass.ts';
export { type ConsentExplanation, type ConsentProblem, explainConsent } from './consent/explain-consent.ts';
export { type ReadConsentOptions, readConsent } from './consent/read-consent.ts';
export { categoryOf } from './decision/categories.ts';
export { DecisionTable } from './decision/decision-table.ts';
export {
  DEFAULT_POLICIES,
  type Decision,
  type DecisionClass,
  openPolicies,
  type Policies,
  PolicyError,
} from './decision/policies.ts';
export { purposeOf } from './decision/purposes.ts';
export type { Action, Category, Outcome, Purpose, Relation } from './decision/vocabulary.ts';
export { type Evidence, type EvidenceStore, storeEvidence } from './evidence.ts';
export { explain, type MayAnswer, type MayQuestion, type Remedy } from './explain/explain.ts';
export { type Grant, type Grants, isInForce } from './grants/grant.ts';
export { VaultGrants } from './grants/vault-grants.ts';
export { type HealthLink, HealthLinks, WrongPasscode } from './health-link/health-links.ts';
export { LABEL_RULES } from './labels/label-rules.ts';
export type { Flag, Notice, NoticeKind } from './notices/notice.ts';
export { type Deliver, Notices } from './notices/notices.ts';
export { type Preferences, PreferencesError, readPreferences } from './notices/preferences.ts';
export { type Seen, ViewWatch } from './notices/watch.ts';
export { type CareTerms, DEFAULT_CARE_TERMS } from './relations/care-facts.ts';
export { endOfParenthood } from './relations/relations.ts';
export { REVIEW_OUTCOMES, type Review } from './reviews/review.ts';
export { Reviews } from './reviews/reviews.ts';
export { ruleAdmits } from './rules/evaluate.ts';
export { type Permission, TokenScopes } from './scopes/scopes.ts';
export { type UnusualFlag, unusualFlags, type ViewFacts } from './unusual/unusual.ts';
export type * from './viewer.ts';
export { createVisibility, type Visibilities, type VisibilityOptions } from './visibility/visibility.ts';
export { auditEventOf, LOOKED_KINDS, TOLD_KINDS } from './who-looked/audit-event.ts';
