import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resourceTypes } from '../definitions.ts';
import { searchParametersOf } from './parameters.ts';
import { parseSearch } from './parse.ts';
import type { Filter, SearchQuery } from './query.ts';
import { SearchError } from './search-error.ts';

const baseUrl = 'https://a.example/fhir';
const codes = [{ system: 's', code: 'c' }, { code: 'd' }];
const expandValueSet = (url: string): { system?: string; code: string }[] | undefined =>
  url === 'http://two' ? codes : url === 'http://none' ? [] : undefined;

function search(type: string | undefined, query: string, handling: 'strict' | 'lenient' = 'strict'): SearchQuery {
  const parameters = [...new URLSearchParams(query)];
  return parseSearch(type === undefined ? undefined : [type], parameters, { handling, baseUrl, expandValueSet });
}

function refusal(type: string | undefined, query: string, handling: 'strict' | 'lenient' = 'strict'): string[] {
  try {
    search(type, query, handling);
  } catch (error) {
    if (error instanceof SearchError) return error.issues.map((issue) => issue.diagnostics);
    throw error;
  }
  throw new Error(`not refused: ${query}`);
}

/** The filters with parameters by name, to compare. */
function filters(type: string | undefined, query: string): unknown {
  return JSON.parse(
    JSON.stringify(search(type, query).filters, (key, value) => (key === 'parameter' ? value.name : value)),
  );
}

const value = (parameter: string, values: unknown[], negated = false): unknown => ({
  kind: 'value',
  parameter,
  negated,
  values,
});

describe('values by type of parameter', () => {
  it.each<[string, string, string, unknown[]]>([
    ['Patient', 'identifier', 's|v', [{ kind: 'token', system: 's', code: 'v' }]],
    ['Patient', 'identifier', '|v', [{ kind: 'token', system: null, code: 'v' }]],
    ['Patient', 'identifier', 's|', [{ kind: 'token', system: 's' }]],
    [
      'Patient',
      'identifier',
      'a,b\\,c',
      [
        { kind: 'token', code: 'a' },
        { kind: 'token', code: 'b,c' },
      ],
    ],
    ['Patient', 'identifier', 'a\\|b\\\\|c\\$', [{ kind: 'token', system: 'a|b\\', code: 'c$' }]],
    ['Patient', 'identifier:of-type', 's|t|v', [{ kind: 'of-type', system: 's', code: 't', value: 'v' }]],
    ['Observation', 'code:text', 'glu', [{ kind: 'token-text', text: 'glu' }]],
    ['Observation', 'code:missing', 'true', [{ kind: 'missing', missing: true }]],
    ['Patient', 'name', 'a', [{ kind: 'string', value: 'a', match: 'starts' }]],
    ['Patient', 'name:exact', 'a', [{ kind: 'string', value: 'a', match: 'exact' }]],
    ['Patient', 'name:contains', 'a', [{ kind: 'string', value: 'a', match: 'contains' }]],
    ['Observation', 'patient', '1', [{ kind: 'reference', types: ['Patient'], id: '1' }]],
    ['Observation', 'subject:Group', '1', [{ kind: 'reference', types: ['Group'], id: '1' }]],
    ['Observation', 'subject', `${baseUrl}/Patient/1`, [{ kind: 'reference', types: ['Patient'], id: '1' }]],
    ['Observation', 'subject', 'http://b/Patient/1', [{ kind: 'reference-url', url: 'http://b/Patient/1' }]],
    ['Observation', 'subject:identifier', 's|v', [{ kind: 'reference-identifier', system: 's', value: 'v' }]],
    ['QuestionnaireResponse', 'questionnaire', 'http://q|2', [{ kind: 'reference-url', url: 'http://q' }]],
    ['ValueSet', 'url:below', 'http://a/', [{ kind: 'uri', value: 'http://a/', match: 'below' }]],
    ['RiskAssessment', 'probability', 'ge0.5', [{ kind: 'number', prefix: 'ge', value: 0.5, low: 0.45, high: 0.55 }]],
    ['RiskAssessment', 'probability', '1e2', [{ kind: 'number', prefix: 'eq', value: 100, low: 95, high: 105 }]],
    ['RiskAssessment', 'probability', 'ap100', [{ kind: 'number', prefix: 'ap', value: 100, low: 90, high: 110 }]],
    [
      'Observation',
      'value-quantity',
      'lt5.40|http://unitsofmeasure.org|mg',
      [
        {
          kind: 'quantity',
          prefix: 'lt',
          value: 5.4,
          low: 5.395,
          high: 5.405,
          system: 'http://unitsofmeasure.org',
          code: 'mg',
          canonical: { value: 0.0054, low: 0.005395, high: 0.005405, code: 'g' },
        },
      ],
    ],
    [
      'Observation',
      'value-quantity',
      '5||mg',
      [{ kind: 'quantity', prefix: 'eq', value: 5, low: 4.5, high: 5.5, code: 'mg' }],
    ],
    [
      'Patient',
      'birthdate',
      '2024-02',
      [{ kind: 'date', prefix: 'eq', low: Date.UTC(2024, 1), high: Date.UTC(2024, 2) }],
    ],
    [
      'Observation',
      'date',
      'ge2024-05-07T10:30:00 08:00',
      [{ kind: 'date', prefix: 'ge', low: Date.UTC(2024, 4, 7, 2, 30), high: Date.UTC(2024, 4, 7, 2, 30, 1) }],
    ],
    [
      'Observation',
      'code-value-quantity',
      's|c$gt3',
      [
        {
          kind: 'composite',
          components: [
            { kind: 'token', system: 's', code: 'c' },
            { kind: 'quantity', prefix: 'gt', value: 3, low: 2.5, high: 3.5 },
          ],
        },
      ],
    ],
  ])('%s?%s=%s', (type, name, text, expected) => {
    const query = new URLSearchParams([[name, text]]).toString().replace('+08', ' 08');
    expect(filters(type, query)).toEqual([value(name.split(':')[0] as string, expected)]);
  });

  it('negates with :not and :not-in, and expands value sets', () => {
    const tokens = [
      { kind: 'token', system: 's', code: 'c' },
      { kind: 'token', code: 'd' },
    ];
    expect(filters('Patient', 'gender:not=male')).toEqual([value('gender', [{ kind: 'token', code: 'male' }], true)]);
    expect(filters('Observation', 'code:in=http://two')).toEqual([value('code', tokens)]);
    expect(filters('Observation', 'code:not-in=http://two')).toEqual([value('code', tokens, true)]);
    expect(filters('Observation', 'code:in=http://none')).toEqual([{ kind: 'never' }]);
    expect(filters('Observation', 'code:not-in=http://none')).toEqual([]);
  });

  it('reads _id, _lastUpdated and the parameters of meta', () => {
    expect(filters('Patient', '_id=a,b&_lastUpdated=ge2024,lt2000&_tag=s|c')).toEqual([
      { kind: 'id', ids: ['a', 'b'], negated: false },
      {
        kind: 'lastUpdated',
        values: [
          { prefix: 'ge', low: Date.UTC(2024), high: Date.UTC(2025) },
          { prefix: 'lt', low: Date.UTC(2000), high: Date.UTC(2001) },
        ],
      },
      value('_tag', [{ kind: 'token', system: 's', code: 'c' }]),
    ]);
  });

  it('widens ap on dates by a tenth of the time since, where it is told the time', () => {
    const now = Date.UTC(2030);
    const query = parseSearch(['Patient'], [['birthdate', 'ap2020']], { handling: 'strict', baseUrl, now });
    const slack = (now - Date.UTC(2020)) / 10;
    expect(query.filters[0]).toMatchObject({
      values: [{ prefix: 'ap', low: Date.UTC(2020) - slack, high: Date.UTC(2021) + slack }],
    });
  });

  it('ANDs repeats and ORs commas', () => {
    expect(filters('Patient', 'given=a,b&given=c')).toEqual([
      value(
        'given',
        ['a', 'b'].map((text) => ({ kind: 'string', value: text, match: 'starts' })),
      ),
      value('given', [{ kind: 'string', value: 'c', match: 'starts' }]),
    ]);
  });
});

describe('chains and _has', () => {
  it('follow references through one or several types', () => {
    const name = value('name', [{ kind: 'string', value: 'x', match: 'starts' }]);
    expect(filters('Observation', 'subject:Patient.name=x')).toEqual([
      { kind: 'chain', parameter: 'subject', targets: ['Patient'], next: [name] },
    ]);
    expect(filters('Observation', 'subject.name=x')).toEqual([
      { kind: 'chain', parameter: 'subject', targets: ['Patient', 'Location'], next: [name, name] },
    ]);
    expect(filters('Observation', 'patient.organization.name=x')).toEqual([
      {
        kind: 'chain',
        parameter: 'patient',
        targets: ['Patient'],
        next: [{ kind: 'chain', parameter: 'organization', targets: ['Organization'], next: [name] }],
      },
    ]);
  });

  it('read _has, nested and with chains', () => {
    expect(filters('Patient', '_has:Observation:patient:code=c')).toEqual([
      { kind: 'has', type: 'Observation', parameter: 'patient', next: value('code', [{ kind: 'token', code: 'c' }]) },
    ]);
    expect(filters('Patient', '_has:Observation:patient:_has:AuditEvent:entity:agent.name=x')).toMatchObject([
      {
        kind: 'has',
        type: 'Observation',
        next: { kind: 'has', type: 'AuditEvent', next: { kind: 'chain', parameter: 'agent' } },
      },
    ]);
  });

  it('are bounded in depth and breadth', () => {
    const tooDeep = `${'partof.'.repeat(5)}name=x`;
    expect(refusal('Organization', tooDeep)).toEqual([expect.stringMatching(/more than 4 references/)]);
    expect(filters('Organization', `${'partof.'.repeat(4)}name=x`)).toHaveLength(1);
    expect(refusal('Basic', 'subject.subject.subject.subject.name=x')).toEqual([expect.stringMatching(/name them/)]);
  });
});

describe('what is not a filter', () => {
  it('reads paging, sorting and shaping', () => {
    const query = search(
      'Observation',
      '_count=20&_sort=-date,_id&_total=accurate&_elements=code,subject&_format=json&_cursor=x',
    );
    expect(query).toMatchObject({
      count: 20,
      total: 'accurate',
      summary: 'false',
      elements: ['code', 'subject'],
      cursor: 'x',
    });
    expect(query.sort).toMatchObject([
      { descending: true, by: 'parameter', parameter: { name: 'date' } },
      { descending: false, by: '_id' },
    ]);
    expect(query.filters).toEqual([]);
    expect(query.applied.map(([name]) => name)).not.toContain('_cursor');
    expect(search('Observation', '_count=0').summary).toBe('count');
  });

  it('reads includes', () => {
    const query = search(
      'Observation',
      '_include=Observation:subject:Patient&_include:iterate=Patient:organization&_include=*&_revinclude=Provenance:target',
    );
    expect(query.include).toMatchObject([
      { source: 'Observation', parameter: { name: 'subject' }, target: 'Patient', iterate: false },
      { source: 'Patient', parameter: { name: 'organization' }, iterate: true },
      { source: 'Observation', iterate: false },
    ]);
    expect(query.include[2]).not.toHaveProperty('parameter');
    expect(query.revinclude).toMatchObject([{ source: 'Provenance', parameter: { name: 'target' } }]);
  });

  it('narrows a search at the base by _type, and unites the index keys of the types', () => {
    const query = search(undefined, '_type=Observation,AllergyIntolerance&patient=1');
    expect(query.types).toEqual(['Observation', 'AllergyIntolerance']);
    expect(query.filters).toMatchObject([{ parameter: { name: 'patient', index: ['subject', 'patient'] } }]);
    expect(search(undefined, '_id=1').types).toEqual(resourceTypes());
  });

  it('searches compartments', () => {
    const of = (types: string[] | undefined): SearchQuery =>
      parseSearch(types, [], { handling: 'strict', baseUrl, compartment: { owner: 'Patient', id: '1' } });
    expect(of(['Observation']).filters).toMatchObject([
      {
        kind: 'compartment',
        owner: 'Patient',
        id: '1',
        parameters: { Observation: [{ name: 'subject' }, { name: 'performer' }] },
      },
    ]);
    expect(of(undefined).types).not.toContain('Medication');
    expect(() => of(['Medication'])).toThrow(SearchError);
  });
});

describe('refusals', () => {
  it.each<[string, string, RegExp]>([
    ['Patient', 'birthdate=soon', /"birthdate" has an invalid value; use a date/],
    ['Patient', 'birthdate=2024-02-30', /"birthdate"/],
    ['Patient', 'gender:foo=x', /"gender:foo" does not take the modifier "foo"; use one of :missing/],
    ['Patient', 'name:not=x', /does not take the modifier/],
    ['Patient', 'active:missing=maybe', /true or false/],
    ['Patient', 'identifier=a|b|c', /system\|code/],
    ['Patient', 'identifier:of-type=a|b', /type-system/],
    ['Patient', 'given=a,,b', /empty value/],
    ['Patient', 'general-practitioner=Patient/1', /never points to a Patient/],
    ['Observation', 'subject=Nothing/1', /not a FHIR R4 resource type/],
    ['Observation', 'subject=a/b/c', /use Type\/id/],
    ['Observation', 'value-quantity=5|mg', /number\|system\|code/],
    ['Observation', 'value-quantity=much', /number/],
    ['Observation', 'code-value-quantity=a', /code\$value-quantity/],
    ['Observation', 'code:in=http://unknown', /value set/],
    ['Observation', 'code.name=x', /not a reference/],
    ['Patient', '_has:Observation:code:code=x', /not a reference/],
    ['Patient', '_has:Observation:specimen:code=x', /never points/],
    ['Patient', '_has:Observation=x', /_has:Type/],
    ['Patient', '_id=*', /ids have/],
    ['Patient', '_count=-1', /"_count"/],
    ['Patient', '_total=all', /none, estimate, accurate/],
    ['Patient', '_sort=a,b,c,d,e,f,g,h,i', /not one of Patient/],
    ['Patient', '_elements=a b', /"_elements"/],
    ['Patient', '_include=Observation', /Type:parameter/],
    ['Patient', '_revinclude=*', /needs a type/],
    ['Observation', '_sort=code-value-quantity', /composite/],
  ])('%s?%s', (type, query, sentence) => {
    expect(refusal(type, query)).toEqual([expect.stringMatching(sentence)]);
  });

  it('tells all that is wrong at once, and never the values', () => {
    const found = refusal('Patient', 'birthdate=Chan&nope=Tai&gender:foo=Man');
    expect(found).toHaveLength(3);
    expect(found.join()).not.toMatch(/Chan|Tai|Man/);
  });

  it('warns of unknown parameters under lenient handling, and still refuses invalid values', () => {
    const query = search('Patient', 'nope=1&_text=x&near=1&_filter=x&organization.nope=1&name=a', 'lenient');
    expect(query.warnings).toHaveLength(5);
    expect(query.warnings.every(({ severity }) => severity === 'warning')).toBe(true);
    expect(query.applied).toEqual([['name', 'a']]);
    expect(query.filters).toHaveLength(1);
    expect(refusal('Patient', 'nope=1')).toHaveLength(1);
    expect(refusal('Patient', 'nope=1&birthdate=x', 'lenient')).toHaveLength(1);
  });

  it('bounds parameters, values and lengths', () => {
    expect(refusal('Patient', 'name=a&'.repeat(101))).toEqual([expect.stringMatching(/at most 100/)]);
    expect(refusal('Patient', `name=${'a,'.repeat(500)}a`)).toEqual([expect.stringMatching(/more than 500/)]);
    expect(refusal('Patient', `name=${'a'.repeat(8193)}`)).toEqual([expect.stringMatching(/longer than 8192/)]);
    expect(refusal('Nothing', '')).toEqual([expect.stringMatching(/not a FHIR R4 resource type/)]);
  });

  it('answers any query with a result or a SearchError', () => {
    const names = searchParametersOf('Observation').map(({ name }) => name);
    const name = fc.oneof(
      fc.constantFrom(...names, '_sort', '_include', '_has', '_count', '_type', '__proto__', 'constructor'),
      fc.string(),
    );
    const suffix = fc.constantFrom(
      '',
      ':',
      ':missing',
      ':not',
      ':Patient',
      ':Patient.name',
      '.',
      '.name',
      ':of-type',
      ':in',
      ':x:y',
    );
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('|', '$', 'ge', '1|2|3', 'Patient/1', '\\', '*', 'a:b:c', '2024'),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, suffix, text), { maxLength: 4 }), fc.boolean(), (parts, strict) => {
        const parameters = parts.map(([one, two, three]) => [`${one}${two}`, three] as const);
        try {
          parseSearch(['Observation'], parameters, {
            handling: strict ? 'strict' : 'lenient',
            baseUrl,
            expandValueSet,
          });
        } catch (error) {
          expect(error).toBeInstanceOf(SearchError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('every parameter of every type', () => {
  it('can be asked for', () => {
    const sample: Record<string, string> = {
      number: '1',
      date: '2024',
      string: 'a',
      token: 'a',
      reference: 'http://a',
      quantity: '1',
      uri: 'a',
    };
    for (const type of resourceTypes()) {
      for (const parameter of searchParametersOf(type)) {
        const text =
          parameter.components.map((component) => sample[component.type]).join('$') ||
          (sample[parameter.type] as string);
        const found: readonly Filter[] = parseSearch([type], [[parameter.name, text]], {
          handling: 'strict',
          baseUrl,
        }).filters;
        expect([type, parameter.name, found.length]).toEqual([type, parameter.name, 1]);
      }
    }
  });
});
