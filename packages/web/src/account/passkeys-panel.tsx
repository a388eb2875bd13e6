import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { EmptyState } from '../design/empty-state.tsx';
import { ErrorState } from '../design/error-state.tsx';
import { Icon } from '../design/icon.tsx';
import { Panel } from '../design/panel.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { useFormat } from '../i18n/format.ts';
import { plain } from '../records/words.ts';
import styles from './account-page.module.css';
import { Failure } from './again.tsx';
import { useAccountClient } from './use-account-client.ts';

/** Passkeys: the way to sign in that cannot be given away by mistake. */
export function PasskeysPanel() {
  const { t } = useLingui();
  const format = useFormat();
  const client = useAccountClient();
  const queries = useQueryClient();
  const passkeys = useQuery({ queryKey: ['passkeys'], queryFn: ({ signal }) => client.passkeys(signal) });
  const refresh = () => queries.invalidateQueries({ queryKey: ['passkeys'] });
  const add = useMutation({ mutationFn: () => client.addPasskey(t`Passkey`), onSuccess: refresh });
  const remove = useMutation({ mutationFn: (id: string) => client.removePasskey(id), onSuccess: refresh });
  return (
    <Panel
      actions={
        passkeysCanBeMade() && (
          <Button
            leftSection={<Icon name="plus" size={18} />}
            loading={add.isPending}
            size="md"
            onClick={() => add.mutate()}
          >
            <Trans>New passkey</Trans>
          </Button>
        )
      }
      title={<Trans>Passkeys</Trans>}
    >
      <Failure error={add.error ?? remove.error} />
      {passkeys.isPending && <Skeleton lines={1} />}
      {passkeys.isError && <ErrorState error={passkeys.error} onRetry={() => void passkeys.refetch()} />}
      {passkeys.data?.length === 0 && (
        <EmptyState icon="key" title={<Trans>No passkey yet</Trans>}>
          <Trans>Sign in with your finger, your face or a key, on this device. Nobody can ask it of you.</Trans>
        </EmptyState>
      )}
      <ul>
        {passkeys.data?.map(({ id, name, created, used }) => {
          const [since, last] = [format.date(created), format.date(used)];
          return (
            <li className={styles.line} key={id}>
              <div>
                <p className={styles.name}>
                  <bdi>{plain(name)}</bdi>
                </p>
                <p className={styles.meta}>
                  {last === '' ? (
                    <Trans>Made on {since}</Trans>
                  ) : (
                    <Trans>
                      Made on {since}, last used on {last}
                    </Trans>
                  )}
                </p>
              </div>
              <Button
                color="red"
                loading={remove.isPending && remove.variables === id}
                size="md"
                variant="default"
                onClick={() => remove.mutate(id)}
              >
                <Trans>Remove</Trans>
              </Button>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function passkeysCanBeMade(): boolean {
  return (
    typeof PublicKeyCredential === 'function' && typeof PublicKeyCredential.parseCreationOptionsFromJSON === 'function'
  );
}
