import type { Rule, ViewContext, Visibility } from '@meridian/records';

/**
 * The context of somebody who looks through another's eyes: "see my record as this person would". Shows only what both may
 * see, changes nothing, and stands in the record as the look of whoever looked.
 */
export function viewedAs(own: ViewContext, other: Visibility): ViewContext {
  return {
    ...own,
    visibility: {
      ruleFor: async (scope): Promise<Rule> => {
        const both = await Promise.all([own.visibility.ruleFor(scope), other.ruleFor(scope)]);
        return { kind: 'all', of: both };
      },
      refusesWrite: async () => 'While you look as somebody else would, nothing can be changed.',
    },
  };
}
