import { boundTo, compoundExtension, invariant, simpleExtension } from './definition.ts';

/** The extensions that our profiles use. */
export function tcmExtensions() {
  return [
    simpleExtension(
      {
        id: 'tcm-herb-role',
        title: 'Role of a herb in its formula 君臣佐使',
        description: 'Whether a herb is sovereign, minister, assistant or envoy in the formula.',
      },
      { type: [{ code: 'Coding' }], ...boundTo('tcm-herb-role') },
    ),
    simpleExtension(
      {
        id: 'tcm-handling',
        title: 'Handling of a herb in decoction 煎煮法',
        description: 'That a herb is decocted first, added later, wrapped, melted or taken in another way of its own.',
      },
      { type: [{ code: 'Coding' }], ...boundTo('tcm-handling') },
    ),
    simpleExtension(
      {
        id: 'tcm-granule-equivalence',
        title: 'Raw herb in one gram of granules 飲片當量',
        description: 'Grams of raw herb that one gram of the concentrated granules stands for, as the maker states it.',
      },
      { type: [{ code: 'decimal' }], minValueDecimal: 0.1 },
    ),
    compoundExtension(
      {
        id: 'tcm-decoction',
        title: 'How a pack is decocted 煎服法',
        description: 'Water, time and number of decoctions of one pack, and the volume that is left to drink.',
      },
      {
        water: { type: [{ code: 'Quantity' }] },
        minutes: { type: [{ code: 'positiveInt' }] },
        times: { type: [{ code: 'positiveInt' }] },
        volume: { type: [{ code: 'Quantity' }] },
      },
    ),
    simpleExtension(
      {
        id: 'tcm-pulse-depth',
        title: 'Depth at which a pulse was felt 取脈深淺',
        description: 'Whether the pulse was felt at superficial, middle or deep pressing.',
      },
      { type: [{ code: 'Coding' }], ...boundTo('tcm-pulse-depth') },
    ),
    treatedPoint(),
  ];
}

function treatedPoint() {
  const depth = invariant(
    'tcm-point-1',
    'A depth of needling is in millimetres, above 0 and at most 150.',
    "code = 'mm' and value > 0 and value <= 150",
  );
  const retention = invariant(
    'tcm-point-2',
    'A retention is in minutes, above 0 and at most 240.',
    "code = 'min' and value > 0 and value <= 240",
  );
  return compoundExtension(
    {
      id: 'tcm-treated-point',
      title: 'Treated point 取穴',
      description:
        'A point with its side, depth of needling, stimulation and the time the needle, cup or moxa was kept.',
    },
    {
      point: { min: 1, type: [{ code: 'Coding' }], ...boundTo('acupuncture-point') },
      side: { type: [{ code: 'Coding' }], ...boundTo('tcm-side') },
      depth: { type: [{ code: 'Quantity' }], constraint: [depth] },
      stimulation: { type: [{ code: 'Coding' }], ...boundTo('tcm-stimulation') },
      retention: { type: [{ code: 'Quantity' }], constraint: [retention] },
    },
  );
}
