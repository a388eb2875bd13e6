import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DetailedError } from '@cedar-policy/cedar-wasm/nodejs';
import cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { Label } from '../labels/label.ts';
import type { Role } from '../viewer.ts';
import { ACTIONS, type Action, type Category, type Outcome, type Purpose, type Relation } from './vocabulary.ts';

/** A finite class of requests: everything that a policy can tell apart. */
export interface DecisionClass {
  roles: readonly Role[];
  purpose: Purpose;
  relation: Relation;
  consent: Outcome;
  category: Category;
  /** One label; a record is open only if each of its labels is, and `normal` besides. */
  label: Label;
  action: Action;
}

export interface Decision {
  allowed: boolean;
  /** Names of the policies that decided, by file: `treating-person`, or `self-writes-2` for the second in a file. */
  policies: readonly string[];
}

/** A folder of policies that cannot be used. The message names file and line. */
export class PolicyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PolicyError';
  }
}

/** Loaded and checked policies. */
export interface Policies {
  /** Names of all policies. */
  names: readonly string[];
  schema: string;
  /** Decides one class with Cedar, without a cache. What Cedar cannot evaluate is denied. */
  decideClass(asked: DecisionClass): Decision;
}

/** The policies that come with this package. */
export const DEFAULT_POLICIES = fileURLToPath(new URL('../../policies', import.meta.url));

const MAX_FILES = 200;
const MAX_BYTES = 256 * 1024;

/**
 * Reads `*.cedar` and `schema.cedarschema` of a folder, and checks every policy against the schema. Throws PolicyError
 * where one does not parse, names something that the schema does not know, or could never apply: better no start than
 * a rule that silently does nothing.
 */
export function openPolicies(folder: string = DEFAULT_POLICIES): Policies {
  const schema = readText(folder, 'schema.cedarschema');
  const parsed = cedar.checkParseSchema(schema);
  if (parsed.type === 'failure') throw problem('schema.cedarschema', schema, parsed.errors[0]);
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.cedar'))
    .sort();
  if (files.length === 0 || files.length > MAX_FILES) {
    throw new PolicyError(
      `The policy folder must hold 1 to ${MAX_FILES} files named *.cedar; it holds ${files.length}.`,
    );
  }
  const policies = Object.assign({}, ...files.map((file) => checkedFile(file, readText(folder, file), schema)));
  return preparsed(policies, schema);
}

function readText(folder: string, file: string): string {
  let text: string;
  try {
    text = readFileSync(join(folder, file), 'utf8');
  } catch {
    throw new PolicyError(`${file} cannot be read; restore the policy folder.`);
  }
  if (text.length > MAX_BYTES) throw new PolicyError(`${file} is longer than ${MAX_BYTES} characters; split it.`);
  return text;
}

/** The policies of one file by name. */
function checkedFile(file: string, text: string, schema: string): Record<string, string> {
  const policies = { staticPolicies: text };
  const parsed = cedar.checkParsePolicySet(policies);
  if (parsed.type === 'failure') throw problem(file, text, parsed.errors[0]);
  const checked = cedar.validate({ validationSettings: { mode: 'strict' }, schema, policies });
  if (checked.type === 'failure') throw problem(file, text, checked.errors[0]);
  const [fault] = [...checked.validationErrors, ...checked.validationWarnings];
  if (fault) throw problem(file, text, fault.error);
  const parts = cedar.policySetTextToParts(text);
  if (parts.type === 'failure') throw problem(file, text, parts.errors[0]);
  if (parts.policy_templates.length > 0) throw new PolicyError(`${file} holds a template; write it out as policies.`);
  if (parts.policies.length === 0) throw new PolicyError(`${file} holds no policy; remove it.`);
  const name = file.slice(0, -'.cedar'.length);
  return Object.fromEntries(parts.policies.map((policy, n) => [n === 0 ? name : `${name}-${n + 1}`, policy]));
}

function problem(file: string, text: string, error: DetailedError | undefined): PolicyError {
  const start = error?.sourceLocations?.[0]?.start;
  const line = start === undefined ? '' : `:${Buffer.from(text).subarray(0, start).toString().split('\n').length}`;
  const help = error?.help ? ` (${error.help})` : '';
  return new PolicyError(`${file}${line} is not a valid policy: ${error?.message ?? 'unknown fault'}${help}`);
}

function preparsed(policies: Record<string, string>, schema: string): Policies {
  const sets = new Map(ACTIONS.map((action) => [action, preparsedFor(action, policies)]));
  return {
    names: Object.keys(policies),
    schema,
    decideClass: (asked) => {
      const id = sets.get(asked.action);
      return id === undefined ? FAILED : decide(id, asked);
    },
  };
}

/** One set for each action, of the policies that can apply to it: Cedar looks at every policy of a set. */
function preparsedFor(action: Action, policies: Record<string, string>): string {
  const own = Object.fromEntries(Object.entries(policies).filter(([, text]) => concerns(text, action)));
  // Cedar keeps parsed sets by name for the life of the process: the name is the content, so equal sets share one
  const id = createHash('sha256').update(JSON.stringify(own)).digest('hex');
  const answer = cedar.preparsePolicySet(id, { staticPolicies: own });
  if (answer.type === 'failure') throw new PolicyError(`The policies cannot be loaded: ${answer.errors[0]?.message}`);
  return id;
}

/** Whether the scope of a policy (`action`, `action == …`, `action in [ … ]`) lets it apply to an action. */
function concerns(text: string, action: Action): boolean {
  const parsed = cedar.policyToJson(text);
  if (parsed.type === 'failure') throw new PolicyError(`The policies cannot be loaded: ${parsed.errors[0]?.message}`);
  const scope = parsed.json.action;
  if (scope.op === 'All' || 'slot' in scope) return true;
  const named = 'entities' in scope ? scope.entities : [scope.entity];
  return named.some((entity) => ('__entity' in entity ? entity.__entity : entity).id === action);
}

function decide(id: string, asked: DecisionClass): Decision {
  const answer = cedar.statefulIsAuthorized({
    preparsedPolicySetId: id,
    principal: VIEWER,
    action: { type: 'Action', id: asked.action },
    resource: { type: 'Category', id: asked.category },
    context: {
      relation: { __entity: { type: 'Relation', id: asked.relation } },
      purpose: { __entity: { type: 'Purpose', id: asked.purpose } },
      consent: { __entity: { type: 'Outcome', id: asked.consent } },
      label: { __entity: { type: 'Label', id: asked.label } },
    },
    entities: [{ uid: VIEWER, attrs: {}, parents: asked.roles.map((role) => ({ type: 'Role', id: role })) }],
  });
  // an error in one policy makes Cedar skip it: a skipped forbid would open, so any error denies
  if (answer.type === 'failure' || answer.response.diagnostics.errors.length > 0) return FAILED;
  const { decision, diagnostics } = answer.response;
  return { allowed: decision === 'allow', policies: diagnostics.reason.toSorted() };
}

const VIEWER = { type: 'Viewer', id: 'viewer' };
const FAILED: Decision = { allowed: false, policies: [] };
