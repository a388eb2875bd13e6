import { useLingui } from '@lingui/react/macro';

/** What was done, in words. */
export function useActNames(): (act: string) => string {
  const { t } = useLingui();
  const names: Readonly<Record<string, string>> = {
    read: t`Opened`,
    vread: t`Opened`,
    search: t`Found by a search`,
    export: t`Taken out`,
    disclosure: t`Given to somebody outside`,
    refusal: t`Tried to open`,
    'break-glass': t`Opened in an emergency`,
  };
  return (act) => names[act] ?? act;
}

/** Purposes of v3-ActReason (PurposeOfUse), in words. */
export function usePurposeNames(): (code: string) => string {
  const { t } = useLingui();
  const names: Readonly<Record<string, string>> = {
    TREAT: t`For treatment`,
    ETREAT: t`For an emergency`,
    BTG: t`For an emergency`,
    PATRQT: t`At the patient's wish`,
    HOPERAT: t`For running the service`,
    HPAYMT: t`For payment`,
    PUBHLTH: t`For public health`,
    HRESCH: t`For research`,
    HLEGAL: t`For a court or the law`,
  };
  return (code) => names[code] ?? code;
}
