import type { Json } from '../walk.ts';
import { each, has, hasChoice, isDistinct, part, strings } from './reading.ts';
import type { Rule } from './rule.ts';

const REQUEST_TYPES = ['batch', 'transaction', 'history'];
const RESPONSE_TYPES = ['batch-response', 'transaction-response', 'history'];

/** Rules of Bundle and Parameters. */
export const exchangeRules: Readonly<Record<string, Rule>> = {
  'bdl-1': (n) => !has(n, 'total') || n.type === 'searchset' || n.type === 'history',
  'bdl-2': (n) => n.type === 'searchset' || !each(n, 'entry').some(({ search }) => search !== undefined),
  'bdl-3': (n) => {
    const wanted = REQUEST_TYPES.includes(String(n.type));
    return each(n, 'entry').every(({ request }) => (request !== undefined) === wanted);
  },
  'bdl-4': (n) => {
    const wanted = RESPONSE_TYPES.includes(String(n.type));
    return each(n, 'entry').every(({ response }) => (response !== undefined) === wanted);
  },
  'bdl-5': (n) => n.resource !== undefined || n.request !== undefined || n.response !== undefined,
  'bdl-7': (n) => n.type === 'history' || isDistinct(versionedUrls(n)),
  'bdl-8': (n) => typeof n.fullUrl !== 'string' || !n.fullUrl.includes('/_history/'),
  'bdl-9': (n) =>
    n.type !== 'document' || (has(part(n, 'identifier'), 'system') && has(part(n, 'identifier'), 'value')),
  'bdl-10': (n) => n.type !== 'document' || typeof n.timestamp === 'string',
  'bdl-11': (n) => n.type !== 'document' || firstType(n) === 'Composition',
  'bdl-12': (n) => n.type !== 'message' || firstType(n) === 'MessageHeader',
  'inv-1@Parameters.parameter': (n) =>
    n.part === undefined
      ? hasChoice(n, 'value') !== (n.resource !== undefined)
      : !hasChoice(n, 'value') && n.resource === undefined,
};

/** entry.where(fullUrl.exists()).select(fullUrl & resource.meta.versionId) */
function versionedUrls(bundle: Json): string[] {
  return each(bundle, 'entry')
    .filter((entry) => has(entry, 'fullUrl'))
    .map((entry) => `${entry.fullUrl ?? ''}${part(part(entry, 'resource'), 'meta').versionId ?? ''}`);
}

function firstType(bundle: Json): unknown {
  return part(each(bundle, 'entry')[0] ?? {}, 'resource').resourceType;
}

/** Rules of the resources that test systems. */
export const testingRules: Readonly<Record<string, Rule>> = {
  'inv-1@TestReport.setup.action': (n) => isOperationOrAssert(n),
  'inv-2': (n) => isOperationOrAssert(n),
  'tst-1': (n) => isOperationOrAssert(n),
  'tst-2': (n) => isOperationOrAssert(n),
  'tst-3': (n) => !(has(n, 'expression') && has(n, 'headerField') && has(n, 'path')),
  'tst-4': (n) => each(n, 'capability').some((one) => has(one, 'required') || has(one, 'validated')),
  'tst-5': (n) => n.extension !== undefined || assertions(n) <= 1,
  'tst-6': (n) => n.extension !== undefined || assertions(n) <= 1,
  'tst-7': (n) => isTargeted(n),
  'tst-8': (n) => isTargeted(n),
  'tst-9': (n) => isTargeted(n),
  'tst-10': (n) => isComparison(n),
  'tst-11': (n) => isComparison(n),
  'tst-12': (n) => isResponseAssertion(n),
  'tst-13': (n) => isResponseAssertion(n),
};

function isOperationOrAssert(action: Json): boolean {
  return (action.operation !== undefined) !== (action.assert !== undefined);
}

const ASSERTIONS = [
  ...['contentType', 'expression', 'headerField', 'minimumId', 'navigationLinks', 'path', 'requestMethod'],
  ...['resource', 'responseCode', 'response', 'validateProfileId'],
];

function assertions(node: Json): number {
  return ASSERTIONS.filter((name) => has(node, name)).length;
}

function isTargeted(operation: Json): boolean {
  const targets = ['targetId', 'url', 'params'].filter((name) => has(operation, name)).length;
  const { code } = part(operation, 'type');
  return (
    has(operation, 'sourceId') ||
    targets === 1 ||
    code === undefined ||
    ['capabilities', 'search', 'transaction', 'history'].includes(String(code))
  );
}

/** compareToSourceId.empty() xor (compareToSourceExpression.exists() or compareToSourcePath.exists()) */
function isComparison(assertion: Json): boolean {
  const compared = has(assertion, 'compareToSourceExpression') || has(assertion, 'compareToSourcePath');
  return has(assertion, 'compareToSourceId') === compared;
}

function isResponseAssertion(assertion: Json): boolean {
  const direction = strings(assertion, 'direction')[0];
  if (direction === undefined || direction === 'response') return true;
  return !has(assertion, 'response') && !has(assertion, 'responseCode');
}
