/** The part of `@lhncbc/ucum-lhc` that Meridian uses; the package brings no types. */
declare module '@lhncbc/ucum-lhc' {
  export interface BaseUnits {
    status: 'succeeded' | 'failed' | 'invalid' | 'error';
    magnitude?: number;
    /** Base unit → exponent. Moles count as pure numbers here. */
    unitToExp?: Record<string, number>;
    fromUnitIsSpecial?: boolean;
  }

  export interface SpecifiedUnit {
    unit?: { moleExp_?: number; equivalentExp_?: number } | null;
  }

  export class UcumLhcUtils {
    static getInstance(): UcumLhcUtils;
    convertToBaseUnits(unit: string, value: number): BaseUnits;
    getSpecifiedUnit(unit: string, purpose: 'validate'): SpecifiedUnit;
  }
}
